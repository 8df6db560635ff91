/**
 * What an earlier run had made and left for this one to use, where the earlier one was rolled back first: its tables
 * held rows of this one then, and nothing is in them any more.
 */
import { CoreError } from '../errors';
import type { SqliteConnection } from '../sqlite/engine';
import { foldName, quoteIdentifier as q } from '../sqlite/identifiers';
import { readTable } from '../sqlite/schema';
import { assertCopiesIntact, readCopiedDatabase } from './copies';
import { assertFitsRecomputing } from './memory-forecast';
import type { PastRun } from './past-runs';
import { recompute } from './recompute';
import { dropLedger, type Removal } from './remove-run';
import type { KeptReport } from './report';
import { rollbackOf } from './rollback-of';
import { dropMadeObjects, narrowSidecar, otherLedgerLines, putSequenceBack, virtualTablesOf } from './run-objects';
import { readLedgerLines } from './run-rows';
import { states } from './states';
import type { UndoContext } from './undo';

/** Earlier runs that wrote the database, and were rolled back since this one was made; newest first. */
export function rolledBackBeneath(runs: readonly PastRun[], run: PastRun, database: string): readonly PastRun[] {
  const at = runs.indexOf(run);
  const isBeneath = (earlier: PastRun): boolean => {
    const rollback = rollbackOf(runs, earlier.run);
    return (
      rollback !== null &&
      runs.indexOf(rollback) > at &&
      earlier.manifest.files.some(({ path, sha256After }) => path === database && sha256After !== null)
    );
  };
  return runs.slice(0, at).filter(isBeneath).reverse();
}

/** Takes what earlier runs had left out of the database too. @returns the removal, with that in it */
export async function takeLeftovers(
  context: UndoContext,
  run: PastRun,
  database: string,
  working: SqliteConnection,
  removal: Removal,
): Promise<Removal> {
  let { dropped, rewritten } = removal;
  for (const earlier of rolledBackBeneath(context.runs, run, database)) {
    try {
      const found = await takeFrom(context, earlier, database, working);
      dropped = [...dropped, ...found.dropped];
      rewritten = new Set([...rewritten, ...found.rewritten]);
      for (const { table, reason } of found.stays)
        context.warn('left-behind', `${table} of ${database}, which run ${earlier.run} had made, stays: ${reason}.`);
    } catch (error) {
      // Its tables are empty at most: no reason to leave the rows of this run where they are.
      if (!(error instanceof CoreError)) throw error;
      const what = `What run ${earlier.run} had made in ${database} and run ${run.run} used may still be there`;
      context.warn('left-behind', `${what}: ${error.message}`);
    }
  }
  return { ...removal, dropped, rewritten };
}

async function takeFrom(
  { ports, request }: UndoContext,
  earlier: PastRun,
  database: string,
  working: SqliteConnection,
): Promise<Leftovers> {
  await assertCopiesIntact(ports.files, earlier);
  await assertFitsRecomputing(ports, earlier, request);
  const { images } = await recompute(ports, earlier, new Set([database]));
  const left = images.get(database);
  const file = earlier.manifest.files.find(({ path }) => path === database);
  if (left === undefined || file === undefined) return { dropped: [], rewritten: new Set(), stays: [] };
  const copy = await readCopiedDatabase(ports.files, earlier, file);
  const before = ports.engine.open(copy.bytes, database, { access: 'shared' });
  try {
    const after = ports.engine.open(left, database, { access: 'shared' });
    try {
      return removeLeftovers(working, before, after, earlier.run);
    } finally {
      after.close();
    }
  } finally {
    before.close();
  }
}

interface Leftovers extends Pick<Removal, 'dropped' | 'rewritten'> {
  /** What could be dropped but for something else. */
  readonly stays: readonly KeptReport[];
}

/**
 * @param connection the database without the rows of both runs
 * @param before the database before the earlier run
 * @param after the database as the earlier run left it
 * @param run the earlier run
 */
function removeLeftovers(
  connection: SqliteConnection,
  before: SqliteConnection,
  after: SqliteConnection,
  run: string,
): Leftovers {
  connection.attach(before, states.before);
  connection.attach(after, states.after);
  try {
    const lines = readLedgerLines(connection, run, states.after);
    const virtual = virtualTablesOf(connection, lines);
    const partsOfVirtual = new Set(virtual.flatMap(({ name, shadows }) => [name, ...shadows]).map(foldName));
    const rewritten = new Set<string>();
    for (const name of new Set(lines.flatMap(({ sidecar }) => sidecar ?? [])))
      if (narrowSidecar(connection, name) === 'narrowed') rewritten.add(foldName(name));
    for (const name of new Set(lines.map(({ table }) => table)))
      if (isBelowMark(connection, name)) putSequenceBack(connection, name);
    const { dropped, kept: stays } = dropMadeObjects(connection, otherLedgerLines(connection, run), partsOfVirtual);
    dropLedger(connection);
    return { dropped, rewritten, stays };
  } finally {
    connection.detach(states.before);
    connection.detach(states.after);
  }
}

/** No row of a table has a number above the AUTOINCREMENT mark that it had before the run. */
function isBelowMark(connection: SqliteConnection, name: string): boolean {
  const table = readTable(connection, name);
  if (table === null || readTable(connection, name, states.before) === null || table.rowidAlias === null) return false;
  const marks = connection.all(
    `SELECT 1 FROM ${states.before}.sqlite_schema WHERE name = 'sqlite_sequence' AND type = 'table'`,
  );
  if (marks.length === 0) return false;
  return (
    connection.count(
      `SELECT coalesce((SELECT max(${q(table.rowidAlias)}) FROM main.${q(name)}), 0)` +
        ` <= coalesce((SELECT seq FROM ${states.before}.sqlite_sequence WHERE name = ? COLLATE NOCASE), 0)`,
      [table.name],
    ) === 1
  );
}
