/** One legacy row beside its consolidated row: what the plan makes of it, and what the target holds. */
import { resolve } from 'node:path';
import { readLiterals } from '../compare/cell-literal';
import { loadPlan } from '../plan/load-plan';
import { targetDatabaseOf, type Plan, type PlanStep } from '../plan/schema';
import type { Domain, RunPhase } from '../report/model';
import type { SqliteConnection, SqliteEngine } from '../sqlite/engine';
import { quoteIdentifier as q, sameName } from '../sqlite/identifiers';
import type { FileStore } from '../storage/file-store';
import { displayPath } from '../storage/paths';
import { readInvolved } from './involved';
import { assertFitsMemory } from './memory-forecast';
import { cellPairs, sidecarPairs, type ComparedPair } from './step/mismatches';
import { rehearse } from './rehearse';
import type { RowStates } from './step/row-states';
import type { StepPlace, StepSql } from './step/step-sql';

export interface RowComparisonRequest {
  /** Absolute. */
  readonly workspace: string;
  /** Absolute, or relative to the workspace folder. */
  readonly dataFolder: string;
  readonly planFile: string | null;
  readonly rateLimits: 'file' | 'database';
  /** The legacy database as plans name it, or by the absolute path of its file. */
  readonly database: string;
  readonly table: string;
  /** The rowid, in decimal digits. */
  readonly key: string;
  /** Also more than fits the memory. */
  readonly openAnyway: boolean;
}

/**
 * `present` and `changed` have cells to show, and so has `taken`: the target has a row of its own under that key.
 * `notMigrated` has not been brought yet, `gone` was, and is no longer there; `rejected` the target refuses it.
 * `leftBehind` by the plan; `inFile` its table goes into a configuration file; `unplanned` no step names its table;
 * `missing` the legacy table has no such row (any more).
 */
export type RowOutcome =
  | 'present'
  | 'changed'
  | 'taken'
  | 'notMigrated'
  | 'gone'
  | 'rejected'
  | 'leftBehind'
  | 'inFile'
  | 'unplanned'
  | 'missing';

export interface RowComparison {
  readonly outcome: RowOutcome;
  /** Database and table, or configuration file, where the row goes; null where it goes nowhere. */
  readonly target: { readonly database: string; readonly table: string } | { readonly file: string } | null;
  /** Why a row is left behind or rejected; null for the others. */
  readonly reason: string | null;
  /** SQL literals on one line. */
  readonly cells: readonly { readonly column: string; readonly legacy: string; readonly consolidated: string }[];
}

export interface RowComparisonPorts {
  readonly files: FileStore;
  readonly engine: SqliteEngine;
  readonly availableMemory: () => number;
}

const allDomains: readonly Domain[] = ['core', 'analytics', 'cache'];
/** Bytes of one value that are shown: a row is one diff, and this is what a line of it can be. */
const mostBytes = 20_000;

/** Writes nothing. @throws CoreError where plan or databases cannot be read */
export async function compareRow(
  { files, engine, availableMemory }: RowComparisonPorts,
  request: RowComparisonRequest,
  onPhase: (phase: RunPhase, message: string) => Promise<void>,
): Promise<RowComparison> {
  const { workspace } = request;
  const dataFolder = resolve(workspace, request.dataFolder);
  const { plan } = await loadPlan(files, { ...request, dataFolder: displayPath(workspace, dataFolder) });
  const path = resolve(workspace, request.database);
  const step = plan.steps.find(
    ({ legacy }) => resolve(workspace, legacy.database) === path && sameName(legacy.table, request.table),
  );
  const nothing = { target: null, reason: null, cells: [] };
  if (step === undefined) return { ...nothing, outcome: 'unplanned' };
  if (step.strategy === 'skip') return { ...nothing, outcome: 'leftBehind', reason: step.reason };
  if (step.strategy === 'config') return { ...nothing, outcome: 'inFile', target: { file: step.target.file } };
  const narrow = planOf(plan, step);
  const { openAnyway } = request;
  await assertFitsMemory({ files, availableMemory }, narrow, {
    workspace,
    domains: allDomains,
    mode: 'validate',
    openAnyway,
    together: true,
  });
  const involved = await readInvolved(
    files,
    workspace,
    dataFolder,
    narrow,
    allDomains,
    (database) => onPhase('read', database),
    { openAnyway },
  );
  const { database } = step.target;
  const seen: { found: RowComparison | null } = { found: null };
  await rehearse(
    { engine, checker: null },
    {
      plan: narrow,
      mustHaveTables: false,
      domains: allDomains,
      snapshots: involved.snapshots,
      files: new Map(),
      run: '',
      at: '',
      tool: '',
      intent: 'look',
      preparation: null,
      rejects: 'fail',
      inspector: {
        database: step.legacy.database,
        table: step.legacy.table,
        look: (connection, sql, rows, place, table) => {
          seen.found = inspect(connection, sql, rows, place, request.key, { database, table });
        },
      },
    },
    onPhase,
  );
  const table = step.strategy === 'map' ? step.target.table : (step.target.table ?? step.legacy.table);
  return seen.found ?? { ...nothing, outcome: 'notMigrated', target: { database, table } };
}

/** The steps that write the same target: references of a row follow the keys of the others. */
function planOf(plan: Plan, step: PlanStep): Plan {
  const database = targetDatabaseOf(step);
  return { ...plan, steps: plan.steps.filter((other) => targetDatabaseOf(other) === database), criteria: [] };
}

function inspect(
  connection: SqliteConnection,
  sql: StepSql,
  rows: RowStates,
  place: StepPlace | null,
  key: string,
  target: { readonly database: string; readonly table: string },
): RowComparison {
  const found = sql.step.identity.isRowid ? rows.stateOf(key) : null;
  if (found === null) return { outcome: 'missing', target, reason: null, cells: [] };
  const { state, reason } = found;
  switch (state) {
    case 'new':
      return { outcome: 'notMigrated', target, reason: null, cells: [] };
    case 'gone':
      return { outcome: 'gone', target, reason: null, cells: [] };
    case 'rejected':
      return { outcome: 'rejected', target, reason, cells: [] };
    case 'present':
    case 'changed':
    case 'aside':
    case 'taken': {
      const outcome = state === 'aside' ? 'changed' : state;
      return {
        outcome,
        target,
        reason: null,
        cells: place === null ? [] : readPair(connection, sql, rows, place, key),
      };
    }
  }
}

function readPair(
  connection: SqliteConnection,
  sql: StepSql,
  rows: RowStates,
  place: StepPlace,
  key: string,
): RowComparison['cells'] {
  const pairs: readonly Omit<ComparedPair, 'equal'>[] = [
    ...keyPairs(sql, rows),
    ...cellPairs(sql),
    ...(place.sidecar === null ? [] : sidecarPairs(sql, place)),
  ];
  const sidecar =
    place.sidecar === null ? '' : ` LEFT JOIN main.${q(place.sidecar.table)} AS s ON ${sql.sidecarMeets(place)}`;
  const states = ['present', 'changed', 'aside', 'taken'] as const;
  const from = `FROM ${rows.pairs(place.table, ...states)}${sidecar} WHERE ${sql.identity} = CAST(? AS INTEGER)`;
  const read = (expressions: readonly string[]): readonly string[] =>
    readLiterals(connection, expressions, from, [key], mostBytes)[0] ?? [];
  const [legacy, consolidated] = [read(pairs.map((pair) => pair.legacy)), read(pairs.map((pair) => pair.consolidated))];
  return pairs.map(({ column }, index) => ({
    column,
    legacy: legacy[index] ?? '',
    consolidated: consolidated[index] ?? '',
  }));
}

/** The key where it is the rowid: that is no cell, since both rows meet by it. A run may have shifted it. */
function keyPairs({ step, key }: StepSql, rows: RowStates): readonly Omit<ComparedPair, 'equal'>[] {
  const [column] = step.key;
  if (!step.keyIsRowid || column === undefined) return [];
  const [planned = key] = rows.targetKey;
  return [{ column: column.target, legacy: planned, consolidated: `t.${q(column.target)}` }];
}
