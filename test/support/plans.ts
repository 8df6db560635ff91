/** Small plans on databases made for one test: rehearsed on real files, published by writing the proven bytes. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { readInvolved } from '../../src/core/migration/involved';
import type { Rehearsal, RehearsalRequest } from '../../src/core/migration/rehearsal';
import { rehearse } from '../../src/core/migration/rehearse';
import { planSchema, type AdoptStep, type MapStep, type Plan, type PlanStep } from '../../src/core/plan/schema';
import type { Domain } from '../../src/core/report/model';
import type { SqliteEngine } from '../../src/core/sqlite/engine';
import { loadSqlJs } from '../../src/core/sqlite/sql-js-engine';
import { nodeFileStore } from '../../src/core/storage/node-file-store';
import { create } from './sqlite';

const wasmPath = resolve('node_modules', 'sql.js', 'dist', 'sql-wasm.wasm');

let loading: Promise<SqliteEngine> | undefined;

export function loadEngine(): Promise<SqliteEngine> {
  return (loading ??= readFile(wasmPath).then(loadSqlJs));
}

export function adopt(table: string, database = 'legacy.db', target = 'target.db'): AdoptStep {
  return { domain: 'analytics', strategy: 'adopt', legacy: { database, table }, target: { database: target } };
}

/** Every default of a map step. */
const [blank] = planSchema.parse({
  version: 1,
  steps: [
    {
      domain: 'analytics',
      strategy: 'map',
      legacy: { database: 'legacy.db', table: 't' },
      target: { database: 'target.db', table: 'm' },
      columns: {},
    },
  ],
}).steps;

/** @param more whatever else the step says */
export function map(
  table: string,
  target: string,
  columns: Readonly<Record<string, string>>,
  rebuild: Readonly<Record<string, string>> = {},
  more: Partial<MapStep> = {},
): MapStep {
  if (blank?.strategy !== 'map') throw new TypeError('A map step is parsed as one.');
  return {
    ...blank,
    legacy: { database: 'legacy.db', table },
    target: { database: 'target.db', table: target },
    columns: { ...columns },
    rebuild: { ...rebuild },
    ...more,
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

export interface RehearsalOptions {
  readonly intent?: RehearsalRequest['intent'];
  readonly rejects?: RehearsalRequest['rejects'];
  readonly criteria?: readonly Plan['criteria'][number][];
  readonly domains?: readonly Domain[];
  readonly run?: string;
  /** The steps are those of a plan file, whose author is told what does not fit. */
  readonly fromFile?: boolean;
  /** In the place of sql.js as it is. */
  readonly engine?: SqliteEngine;
}

/** The whole migration in memory, by the steps given. */
export async function rehearsePlan(
  folder: string,
  steps: readonly PlanStep[],
  {
    intent = 'write',
    rejects = 'fail',
    criteria = [],
    domains = ['analytics'],
    run,
    fromFile = false,
    engine,
  }: RehearsalOptions = {},
): Promise<Rehearsal> {
  const plan: Plan = { version: 1, steps: [...steps], criteria: [...criteria] };
  const { snapshots, files } = await readInvolved(nodeFileStore, folder, folder, plan, domains, () =>
    Promise.resolve(),
  );
  return rehearse(
    { engine: engine ?? (await loadEngine()), checker: null },
    {
      plan,
      mustHaveTables: fromFile,
      domains,
      snapshots,
      files,
      run: run ?? '20260126_130239',
      at: '2026-01-26T13:02:39.000Z',
      tool: 'test',
      intent,
      rejects,
      preparation: null,
    },
    () => Promise.resolve(),
  );
}

/** Rehearses and, where every tier passed, puts the proven bytes in the targets' places: databases and files. */
export async function migratePlan(
  folder: string,
  steps: readonly PlanStep[],
  options: RehearsalOptions = {},
): Promise<Rehearsal> {
  const rehearsal = await rehearsePlan(folder, steps, options);
  if (rehearsal.failure !== null) return rehearsal;
  for (const { snapshot, image } of rehearsal.successors) {
    if (dirname(snapshot.database) !== '.') throw new Error('a target of a small plan lies in the folder itself');
    await writeFile(join(folder, snapshot.database), image);
  }
  for (const { name, bytes } of rehearsal.files) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), bytes);
  }
  return rehearsal;
}
