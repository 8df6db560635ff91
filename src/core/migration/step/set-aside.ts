/** What stands in the way of a bulk insert, taken away for it and put back as it was. */
import type { SqliteConnection } from '../../sqlite/engine';
import { quoteIdentifier as q, quoteText } from '../../sqlite/identifiers';
import { hasTable, readObjectsOf, type SchemaObject } from '../../sqlite/schema';

/** Drops a table's triggers, which must not see migrated rows. @returns what puts them back with the same SQL */
export function setTriggersAside(connection: SqliteConnection, table: string): () => void {
  const triggers = readObjectsOf(connection, table).filter(({ type }) => type === 'trigger');
  return setAside(connection, triggers);
}

/**
 * Drops a table's indexes but the unique ones, which are constraints: built once over all rows, an index costs a
 * fraction of what maintaining it row by row does. @returns what puts them back with the same SQL
 */
export function setIndexesAside(connection: SqliteConnection, table: string): () => void {
  // Dropping an index takes the statistics that ANALYZE has gathered for it along.
  if (hasTable(connection, 'sqlite_stat1')) return () => undefined;
  const unique = new Set(
    connection
      .all(`SELECT name FROM pragma_index_list(${quoteText(table)}, 'main') WHERE "unique" = 1`)
      .map(({ name }) => String(name)),
  );
  const indexes = readObjectsOf(connection, table).filter(
    ({ type, sql, name }) => type === 'index' && sql !== null && !unique.has(name),
  );
  const putBack = setAside(connection, indexes);
  return () => {
    // Sorting for an index is quicker in a small cache (measured: 2 MB takes two thirds of the time of 64 MB).
    const [cache] = connection.all('PRAGMA main.cache_size');
    connection.execute('PRAGMA main.cache_size = -2000');
    putBack();
    connection.execute(`PRAGMA main.cache_size = ${String(cache?.['cache_size'])}`);
  };
}

function setAside(connection: SqliteConnection, objects: readonly SchemaObject[]): () => void {
  for (const { type, name } of objects) connection.execute(`DROP ${type} main.${q(name)}`);
  return () => {
    for (const { sql } of objects) if (sql !== null) connection.execute(sql);
  };
}
