/** Tables that the run left under a name that is not there any more. */
import type { SqliteConnection } from '../sqlite/engine';
import { hasTable, readObjects, readTable } from '../sqlite/schema';
import { states } from './states';

/**
 * The tables that a missing one may be now: neither the database before the run nor that after it had them, and their
 * columns are the same. SQLite keeps no record of a name that was changed.
 *
 * @param name a table that is in the state after the run, and not in `main`
 */
export function renamedTo(connection: SqliteConnection, name: string): readonly string[] {
  const columns = JSON.stringify(readTable(connection, name, states.after)?.columns);
  return readObjects(connection)
    .filter(({ type }) => type === 'table')
    .map((table) => table.name)
    .filter((other) => ![states.before, states.after].some((schema) => hasTable(connection, other, schema)))
    .filter((other) => JSON.stringify(readTable(connection, other)?.columns) === columns);
}

/** Why a table that was renamed is kept. */
export function renamedReason(names: readonly string[]): string {
  return `it is not there any more: ${names.join(' or ')} has its columns, and stays as it is`;
}
