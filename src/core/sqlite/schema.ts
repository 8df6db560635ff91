/** What stands in a database: tables, columns, indexes and triggers, read from the schema table and the table pragmas. */
import type { SqliteConnection, SqlRow } from './engine';
import { quoteIdentifier, quoteText, sameName } from './identifiers';

export interface SchemaObject {
  readonly type: 'table' | 'index' | 'trigger' | 'view';
  readonly name: string;
  /** The table that an index or trigger belongs to. */
  readonly table: string;
  /** Null for the automatic indexes of constraints. */
  readonly sql: string | null;
}

export interface ColumnSchema {
  readonly name: string;
  readonly type: string;
  readonly notNull: boolean;
  readonly defaultSql: string | null;
  /** Position in the primary key from 1; 0 where the column is not part of it. */
  readonly primaryKey: number;
  readonly generated: boolean;
}

export interface TableSchema {
  readonly name: string;
  readonly columns: readonly ColumnSchema[];
  readonly withoutRowid: boolean;
  readonly strict: boolean;
  /** The column that is the rowid under another name (`INTEGER PRIMARY KEY`); null where there is none. */
  readonly rowidAlias: string | null;
  /** A name by which the rowid can be reached (`rowid`, `_rowid_`, `oid`); null where columns hide all three. */
  readonly rowidName: string | null;
}

/** Every object of the schema but SQLite's own `sqlite_…` tables, in the order of creation. */
export function readObjects(connection: SqliteConnection, schema = 'main'): readonly SchemaObject[] {
  return queryObjects(connection, schema, '');
}

/** A table itself, its indexes and its triggers, however the schema table spells its name there. */
export function readObjectsOf(connection: SqliteConnection, table: string, schema = 'main'): readonly SchemaObject[] {
  // NOCASE folds what SQLite folds in names: ASCII.
  return queryObjects(connection, schema, ` WHERE tbl_name = ${quoteText(table)} COLLATE NOCASE`);
}

function queryObjects(connection: SqliteConnection, schema: string, where: string): readonly SchemaObject[] {
  return connection
    .all(`SELECT type, name, tbl_name, sql FROM ${quoteIdentifier(schema)}.sqlite_schema${where} ORDER BY rowid`)
    .filter((row) => !(row['type'] === 'table' && /^sqlite_/i.test(String(row['name']))))
    .map((row) => ({
      type: row['type'] as SchemaObject['type'],
      name: String(row['name']),
      table: String(row['tbl_name']),
      sql: row['sql'] === null ? null : String(row['sql']),
    }));
}

/** Whether there is a table of that name, whatever kind of table. */
export function hasTable(connection: SqliteConnection, table: string, schema = 'main'): boolean {
  const from = `${quoteIdentifier(schema)}.sqlite_schema`;
  return (
    connection.count(
      `SELECT count(*) FROM ${from} WHERE type = 'table' AND name = ${quoteText(table)} COLLATE NOCASE`,
    ) > 0
  );
}

/** One ordinary table; null where there is none of that name (a view, a virtual or a shadow table is not one). */
export function readTable(connection: SqliteConnection, table: string, schema = 'main'): TableSchema | null {
  // The argument is what keeps this fast among thousands of tables: without it, each call lists them all.
  const [listed] = connection.all(
    `SELECT name, wr, strict FROM pragma_table_list(?) WHERE schema = ? AND type = 'table'`,
    [table, schema],
  );
  return listed === undefined ? null : readListedTable(connection, listed, schema);
}

/** Every table of a schema that has rows of its own, shadow tables included: one look at the list, however many. */
export function* readTables(connection: SqliteConnection, schema = 'main'): Generator<TableSchema> {
  const listed = connection.all(
    `SELECT name, wr, strict FROM pragma_table_list WHERE schema = ? AND type IN ('table', 'shadow') AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'`,
    [schema],
  );
  for (const row of listed) yield readListedTable(connection, row, schema);
}

function readListedTable(connection: SqliteConnection, listed: SqlRow, schema: string): TableSchema {
  const name = String(listed['name']);
  const columns = readColumns(connection, name, schema);
  const withoutRowid = listed['wr'] === 1;
  const keyed = columns.filter((column) => column.primaryKey > 0);
  const [key] = keyed;
  // An INTEGER PRIMARY KEY that is the rowid has no index; `INTEGER PRIMARY KEY DESC` and every other key has one.
  const isAlias = !withoutRowid && keyed.length === 1 && !hasPrimaryKeyIndex(connection, name, schema);
  const rowidName = ['rowid', '_rowid_', 'oid'].find(
    (alias) => !columns.some((column) => sameName(column.name, alias)),
  );
  return {
    name,
    columns,
    withoutRowid,
    strict: listed['strict'] === 1,
    rowidAlias: isAlias && key !== undefined ? key.name : null,
    rowidName: withoutRowid ? null : (rowidName ?? null),
  };
}

export function readColumns(connection: SqliteConnection, table: string, schema = 'main'): readonly ColumnSchema[] {
  return connection
    .all(
      `SELECT name, type, "notnull", dflt_value, pk, hidden FROM pragma_table_xinfo(${quoteText(table)}, ${quoteText(schema)})` +
        ' WHERE hidden <> 1 ORDER BY cid',
    )
    .map(columnOf);
}

/** A row of `pragma_table_xinfo`. */
export function columnOf(row: SqlRow): ColumnSchema {
  return {
    name: String(row['name']),
    type: String(row['type'] ?? ''),
    notNull: row['notnull'] === 1,
    defaultSql: row['dflt_value'] === null ? null : String(row['dflt_value']),
    primaryKey: Number(row['pk']),
    generated: row['hidden'] === 2 || row['hidden'] === 3,
  };
}

/** Rows of a table or view. */
export function countRows(connection: SqliteConnection, table: string, schema = 'main'): number {
  return connection.count(`SELECT count(*) FROM ${quoteIdentifier(schema)}.${quoteIdentifier(table)}`);
}

/** Columns of one table, or of one query (https://sqlite.org/limits.html#max_column). */
export const mostColumns = 2000;

export function primaryKeyOf(table: TableSchema): readonly string[] {
  return table.columns
    .filter((column) => column.primaryKey > 0)
    .sort((a, b) => a.primaryKey - b.primaryKey)
    .map((column) => column.name);
}

/** Columns that hold values of their own: what an INSERT names. */
export function storedColumns(table: TableSchema): readonly string[] {
  return table.columns.filter((column) => !column.generated).map((column) => column.name);
}

function hasPrimaryKeyIndex(connection: SqliteConnection, table: string, schema: string): boolean {
  return (
    connection.count(
      `SELECT count(*) FROM pragma_index_list(${quoteText(table)}, ${quoteText(schema)}) WHERE origin = 'pk'`,
    ) > 0
  );
}

export interface ForeignKey {
  /** The table it refers to, as the child spells it. */
  readonly parent: string;
  /** Child column and parent column; the parent's is null where the declaration leaves it to the primary key. */
  readonly columns: readonly { readonly child: string; readonly parent: string | null }[];
}

export function readForeignKeys(connection: SqliteConnection, table: string, schema = 'main'): readonly ForeignKey[] {
  const keys = new Map<string, { parent: string; columns: { child: string; parent: string | null }[] }>();
  for (const row of connection.all(
    `SELECT id, "table" AS parent, "from" AS child, "to" AS key FROM pragma_foreign_key_list(${quoteText(table)}, ${quoteText(schema)}) ORDER BY id, seq`,
  )) {
    const id = String(row['id']);
    const key = keys.get(id) ?? { parent: String(row['parent']), columns: [] };
    key.columns.push({ child: String(row['child']), parent: row['key'] === null ? null : String(row['key']) });
    keys.set(id, key);
  }
  return [...keys.values()];
}

/** Each set of columns that a table keeps unique over all of its rows: its primary key and its full UNIQUE indexes. */
export function readUniqueKeys(connection: SqliteConnection, table: TableSchema, schema = 'main'): readonly string[][] {
  const indexes = connection
    .all(
      `SELECT name FROM pragma_index_list(${quoteText(table.name)}, ${quoteText(schema)}) WHERE "unique" = 1 AND partial = 0`,
    )
    .map((index) =>
      connection
        .all(`SELECT name FROM pragma_index_info(${quoteText(String(index['name']))}, ${quoteText(schema)})`)
        .map(({ name }) => (name === null || name === undefined ? '' : String(name))),
    )
    .filter((columns) => !columns.includes(''));
  return table.rowidAlias === null ? indexes : [[table.rowidAlias], ...indexes];
}

export type Affinity = 'integer' | 'text' | 'blob' | 'real' | 'numeric';

/** The affinity of a declared type, by the rules of https://sqlite.org/datatype3.html#determination_of_column_affinity. */
export function affinityOf(type: string): Affinity {
  if (/int/i.test(type)) return 'integer';
  if (/char|clob|text/i.test(type)) return 'text';
  if (type === '' || /blob/i.test(type)) return 'blob';
  if (/real|floa|doub/i.test(type)) return 'real';
  return 'numeric';
}

/** The affinity of a column of a table: ANY keeps every value as it is in a STRICT table, and prefers numbers elsewhere. */
export function affinityIn({ strict }: Pick<TableSchema, 'strict'>, type: string): Affinity {
  return strict && /^any$/i.test(type) ? 'blob' : affinityOf(type);
}
