/** What one database holds: tables, views, columns, row counts. A table that cannot be read never hides the others. */
import { messageOf } from '../errors';
import type { SqliteConnection } from '../sqlite/engine';
import { quoteText } from '../sqlite/identifiers';
import { countRows, readColumns, readObjects } from '../sqlite/schema';
import type { ColumnInfo, DatabaseDescription, TableInfo } from './model';

/** Views are not counted: one can take for ever. */
export function describeDatabase(connection: SqliteConnection, database: string): DatabaseDescription {
  const indexes = new Map<string, string[]>();
  for (const object of readObjects(connection)) {
    if (object.type !== 'index') continue;
    const names = indexes.get(object.table) ?? [];
    names.push(object.name);
    indexes.set(object.table, names);
  }
  const listed = connection.all(
    `SELECT name, type FROM pragma_table_list WHERE schema = 'main' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name COLLATE NOCASE`,
  );
  return {
    database,
    tables: listed.map(({ name, type }) => describeTable(connection, String(name), type as TableInfo['kind'], indexes)),
  };
}

function describeTable(
  connection: SqliteConnection,
  name: string,
  kind: TableInfo['kind'],
  indexes: ReadonlyMap<string, readonly string[]>,
): TableInfo {
  const table = { name, kind, indexes: indexes.get(name) ?? [] };
  try {
    const columns = describeColumns(connection, name);
    const rows = kind === 'view' ? null : countRows(connection, name);
    return { ...table, columns, rows, problem: null };
  } catch (error) {
    return { ...table, columns: [], rows: null, problem: messageOf(error) };
  }
}

function describeColumns(connection: SqliteConnection, table: string): readonly ColumnInfo[] {
  const references = new Map<string, string[]>();
  for (const row of connection.all(`SELECT "from", "table", "to" FROM pragma_foreign_key_list(${quoteText(table)})`)) {
    const column = String(row['from']);
    const parent = row['to'] === null ? String(row['table']) : `${String(row['table'])}(${String(row['to'])})`;
    references.set(column, [...(references.get(column) ?? []), parent]);
  }
  return readColumns(connection, table).map((column) => ({
    name: column.name,
    type: column.type,
    notNull: column.notNull,
    primaryKey: column.primaryKey,
    generated: column.generated,
    defaultValue: column.defaultSql,
    references: references.get(column.name) ?? [],
  }));
}
