/** Small plans on databases made for one test: rehearsed on real files, published by writing the proven bytes. */
import { writeFile } from 'node:fs/promises';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { readInvolved } from '../../src/core/migration/involved';
import type { Rehearsal, RehearsalRequest } from '../../src/core/migration/rehearsal';
import { rehearse } from '../../src/core/migration/rehearse';
import type { Plan, PlanStep } from '../../src/core/plan/schema';
import type { SqliteEngine } from '../../src/core/sqlite/engine';
import { loadSqlJs } from '../../src/core/sqlite/sql-js-engine';
import { nodeFileStore } from '../../src/core/storage/node-file-store';
import { create } from './sqlite';
import { wasmPath } from './workspace';

let loading: Promise<SqliteEngine> | undefined;

export function loadEngine(): Promise<SqliteEngine> {
  return (loading ??= readFile(wasmPath).then(loadSqlJs));
}

export function adopt(table: string, database = 'legacy.db'): PlanStep {
  return {
    domain: 'analytics',
    strategy: 'adopt',
    legacy: { database, table },
    target: { database: 'target.db' },
  };
}

export function map(
  table: string,
  target: string,
  columns: Readonly<Record<string, string>>,
  rebuild: Readonly<Record<string, string>> = {},
): PlanStep {
  return {
    domain: 'analytics',
    strategy: 'map',
    legacy: { database: 'legacy.db', table },
    target: { database: 'target.db', table: target },
    columns: { ...columns },
    rebuild: { ...rebuild },
    residual: 'sidecar',
  };
}

/** `legacy.db` and `target.db` in a folder, from SQL. */
export async function makePair(
  folder: string,
  legacy: Parameters<typeof create>[1],
  target: Parameters<typeof create>[1] = 'CREATE TABLE other (a); DROP TABLE other',
): Promise<void> {
  await create(join(folder, 'legacy.db'), legacy);
  await create(join(folder, 'target.db'), target);
}

/** The whole migration in memory, by the steps given. */
export async function rehearsePlan(
  folder: string,
  steps: readonly PlanStep[],
  intent: RehearsalRequest['intent'] = 'write',
): Promise<Rehearsal> {
  const plan: Plan = { version: 1, steps: [...steps], criteria: [] };
  const { snapshots } = await readInvolved(nodeFileStore, folder, folder, plan, ['analytics'], () => Promise.resolve());
  return rehearse(
    await loadEngine(),
    {
      plan,
      domains: ['analytics'],
      snapshots,
      run: '20260126_130239',
      at: '2026-01-26T13:02:39.000Z',
      tool: 'test',
      intent,
    },
    () => Promise.resolve(),
  );
}

/** Rehearses and, where every tier passed, puts the proven bytes in the target's place. */
export async function migratePlan(folder: string, steps: readonly PlanStep[]): Promise<Rehearsal> {
  const rehearsal = await rehearsePlan(folder, steps);
  if (rehearsal.failure === null)
    for (const { snapshot, image } of rehearsal.successors) {
      if (dirname(snapshot.database) !== '.') throw new Error('a target of a small plan lies in the folder itself');
      await writeFile(join(folder, snapshot.database), image);
    }
  return rehearsal;
}
