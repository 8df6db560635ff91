/**
 * Takes everything that one run brought out of a target, in memory: its rows, its ledger, the tables that it made.
 * What was changed since, or is referred to by rows that stay, is left where it is and listed.
 */
import type { SqliteConnection } from '../sqlite/engine';
import { foldName, sameName } from '../sqlite/identifiers';
import { countRows, hasTable } from '../sqlite/schema';
import { historyTable, registerKeys, rowsTable } from '../migration/ledger/ledger';
import type { KeptReport } from './report';
import {
  dropMadeObjects,
  narrowSidecar,
  otherLedgerLines,
  putSequenceBack,
  undoVirtual,
  virtualTablesOf,
} from './run-objects';
import { readLedgerLines, RunRows, type LedgerLine, type RowReference } from './run-rows';
import { states } from './states';

export interface Removal {
  readonly removed: readonly { readonly table: string; readonly rows: number }[];
  readonly dropped: readonly string[];
  /** The first of what stays. */
  readonly kept: readonly KeptReport[];
  readonly keptCount: number;
  /** Folded names of tables that were changed otherwise than by taking rows out: full-text indexes, narrowed sidecars. */
  readonly rewritten: ReadonlySet<string>;
  /** Tables with rows of the run that are not there any more, under no name that can be told. */
  readonly gone: readonly string[];
  /** The ledger knows nothing of the run: none of its rows is there. */
  readonly isUnknown: boolean;
  /** Something that came later depends on what the run brought, so that it stays. */
  readonly isBuiltUpon: boolean;
}

/**
 * @param connection a private copy of the database as it is now
 * @param before the database before the run
 * @param after the database as the run left it
 * @param references what the plan knows of references, besides the schema's own
 */
export function removeRun(
  connection: SqliteConnection,
  before: SqliteConnection,
  after: SqliteConnection,
  run: string,
  references: readonly RowReference[],
): Removal {
  const lines = readLedgerLines(connection, run);
  if (lines.length === 0)
    return {
      removed: [],
      dropped: [],
      kept: [],
      keptCount: 0,
      rewritten: new Set(),
      gone: [],
      isUnknown: true,
      isBuiltUpon: false,
    };
  connection.attach(before, states.before);
  connection.attach(after, states.after);
  try {
    return remove(connection, run, lines, references);
  } finally {
    connection.detach(states.before);
    connection.detach(states.after);
  }
}

function remove(
  connection: SqliteConnection,
  run: string,
  lines: readonly LedgerLine[],
  references: readonly RowReference[],
): Removal {
  const virtual = virtualTablesOf(connection, lines);
  const partsOfVirtual = new Set(virtual.flatMap(({ name, shadows }) => [name, ...shadows]).map(foldName));
  const rows = new RunRows(connection, lines, partsOfVirtual);
  rows.spareReferredTo(references);
  const kept: KeptReport[] = [];
  const stale = new Set<string>();
  for (const table of virtual) {
    const reason = undoVirtual(connection, table);
    if (reason === null) continue;
    stale.add(foldName(table.name));
    kept.push({ table: table.name, key: null, reason });
  }
  const removed = rows.delete();
  const rewritten = new Set(partsOfVirtual);
  for (const name of new Set(lines.map(({ sidecar }) => sidecar))) {
    const outcome = name === null ? 'asItWas' : narrowSidecar(connection, name);
    if (name === null || outcome === 'asItWas') continue;
    if (outcome === 'narrowed') rewritten.add(foldName(name));
    else kept.push({ table: name, key: null, reason: outcome.stays });
  }
  for (const name of rows.names) if (rows.isClear(name)) putSequenceBack(connection, name);
  strikeFromLedger(connection, rows, lines, stale);
  const objects = dropMadeObjects(connection, otherLedgerLines(connection, run), partsOfVirtual);
  const { listed, count } = rows.kept();
  // A table that was renamed is told once, whether it had rows of the run or was only made by it.
  const isTold = (name: string): boolean => listed.some(({ table, key }) => key === null && sameName(table, name));
  const keptObjects = objects.kept.filter(({ table }) => !isTold(table));
  dropLedger(connection);
  const dropped = virtual.filter(({ name }) => !hasTable(connection, name)).map(({ name }) => name);
  return {
    removed,
    dropped: [...objects.dropped, ...dropped],
    kept: [...listed, ...kept, ...keptObjects],
    keptCount: count + kept.length + keptObjects.length,
    rewritten,
    gone: rows.missing.filter((name) => !isTold(name)),
    isUnknown: false,
    isBuiltUpon: rows.referredTo || rows.reshaped || stale.size > 0,
  };
}

/** The rows that stay, stay registered: a later run would bring them a second time. */
function strikeFromLedger(
  connection: SqliteConnection,
  rows: RunRows,
  lines: readonly LedgerLine[],
  stale: ReadonlySet<string>,
): void {
  for (const line of lines) {
    if (stale.has(foldName(line.table)) || rows.isOpaque(line)) continue;
    const still = rows.stillRegistered(line);
    connection.execute('DROP TABLE IF EXISTS temp.jarvis_still');
    const left = still === null ? 0 : keepKeys(connection, still);
    connection.execute(`DELETE FROM main.${rowsTable} WHERE history = ?`, [line.id]);
    if (still === null || left === 0) {
      connection.execute(`DELETE FROM main.${historyTable} WHERE id = ?`, [line.id]);
      continue;
    }
    registerKeys(connection, line.id, 'temp.jarvis_still', 'k', still.isInteger);
    connection.execute(`UPDATE main.${historyTable} SET inserted = ? WHERE id = ?`, [left, line.id]);
  }
  connection.execute('DROP TABLE IF EXISTS temp.jarvis_still');
}

function keepKeys(
  connection: SqliteConnection,
  { relation, key }: { readonly relation: string; readonly key: string },
): number {
  connection.execute(`CREATE TEMP TABLE jarvis_still AS SELECT ${key} AS k FROM ${relation}`);
  return connection.count('SELECT count(*) FROM temp.jarvis_still');
}

/** The ledger goes where the first of all runs was undone, and there was none before it. */
export function dropLedger(connection: SqliteConnection): void {
  const tables = [rowsTable, historyTable];
  if (tables.some((table) => !hasTable(connection, table) || hasTable(connection, table, states.before))) return;
  if (tables.some((table) => countRows(connection, table) > 0)) return;
  for (const table of tables) connection.execute(`DROP TABLE main.${table}`);
}
