/**
 * What a viewer reads rows from: an ordinary table in place, by its rowid; anything else (a view, a virtual table, a
 * table without rowid) from a copy of its rows in memory, made when it is opened.
 */
import { CoreError, messageOf } from '../errors';
import { sqliteWords, type SqliteConnection } from '../sqlite/engine';
import { quoteIdentifier, quoteText, sameName } from '../sqlite/identifiers';
import { affinityOf, readColumns, readForeignKeys, type ColumnSchema } from '../sqlite/schema';
import type { BrowseColumn, RelationKind } from './model';

export interface Relation {
  readonly name: string;
  readonly kind: RelationKind;
  readonly columns: readonly BrowseColumn[];
  /** What stands behind FROM, under the alias `t`. */
  readonly source: string;
  /** The SQL of the row's key, an integer. */
  readonly key: string;
  /** Whether the key is the table's own, so that it outlives a change of the file. */
  readonly keyed: boolean;
  /** The root page of the table's b-tree in the file; of a copy, how many rows it has: their keys begin with 1. */
  readonly rows: { readonly root: number } | { readonly copied: number };
  /** Rows at most; null where all rows are read. */
  readonly limit: number | null;
  /** The SQL of each column's value, in the order of `columns`. */
  readonly expressions: readonly string[];
}

/** Rows that are read of a view or a virtual table, which may have no end. */
export const mostCopiedRows = 1_000_000;

/**
 * @param copyName a name that no other copy in this connection has
 * @throws CoreError `table-missing`, or `sql-failed` where its rows cannot be read at all
 */
export function openRelation(connection: SqliteConnection, name: string, copyName: string): Relation {
  const [listed] = connection.all(`SELECT name, type, wr FROM pragma_table_list(?) WHERE schema = 'main'`, [name]);
  if (listed === undefined) {
    throw new CoreError('table-missing', `${connection.label} has no table ${name} any more.`, {
      path: connection.label,
      hint: 'Close this tab, or wait until the table is back.',
    });
  }
  const kind = listed['type'] as RelationKind;
  try {
    return readRelation(connection, name, kind, listed['wr'] === 1, copyName);
  } catch (error) {
    if (!(error instanceof CoreError) || error.code !== 'sql-failed') throw error;
    const words = `${connection.label}: ${name} cannot be read: ${sqliteWords(error)}.`;
    throw new CoreError('sql-failed', words, { path: connection.label, cause: error });
  }
}

function readRelation(
  connection: SqliteConnection,
  name: string,
  kind: RelationKind,
  withoutRowid: boolean,
  copyName: string,
): Relation {
  const schema = readColumns(connection, name);
  const rowid =
    (kind === 'table' || kind === 'shadow') && !withoutRowid
      ? ['rowid', '_rowid_', 'oid'].find((alias) => !schema.some((column) => sameName(column.name, alias)))
      : undefined;
  const source = `main.${quoteIdentifier(name)} AS t`;
  if (rowid === undefined) {
    const limit = kind === 'view' || kind === 'virtual' ? mostCopiedRows : null;
    return copyRows(connection, { name, kind, columns: describeColumns(connection, name, schema), limit }, copyName);
  }
  const columns = describeColumns(connection, name, schema).map((column) => ({
    ...column,
    problem: column.generated ? problemOf(connection, source, inPlace(column.name)) : null,
  }));
  return {
    name,
    kind,
    columns,
    source,
    key: `t.${rowid}`,
    keyed: true,
    rows: { root: rootOf(connection, name) },
    limit: null,
    expressions: columns.map((column) => (column.problem === null ? inPlace(column.name) : 'NULL')),
  };
}

/** The columns of the copy have no declared type, so that no value is converted. */
function copyRows(
  connection: SqliteConnection,
  relation: Pick<Relation, 'name' | 'kind' | 'columns' | 'limit'>,
  copyName: string,
): Relation {
  const copy = `temp.${quoteIdentifier(copyName)}`;
  const names = relation.columns.map((_, index) => `c${index}`);
  const listed = relation.columns.map(({ name }) => quoteIdentifier(name)).join(', ');
  const bound = relation.limit === null ? '' : ` LIMIT ${relation.limit}`;
  connection.execute(`CREATE TEMP TABLE ${quoteIdentifier(copyName)} (${names.join(', ')})`);
  try {
    connection.execute(`INSERT INTO ${copy} SELECT ${listed} FROM main.${quoteIdentifier(relation.name)}${bound}`);
  } catch (error) {
    connection.execute(`DROP TABLE ${copy}`);
    throw error;
  }
  return {
    ...relation,
    source: `${copy} AS t`,
    key: 't.rowid',
    keyed: false,
    rows: { copied: connection.changes() },
    expressions: names.map((name) => `t.${name}`),
  };
}

/** The schema table, which does not list itself, begins on page 1. */
function rootOf(connection: SqliteConnection, table: string): number {
  const [listed] = connection.all(
    `SELECT rootpage FROM main.sqlite_schema WHERE type = 'table' AND name = ? COLLATE NOCASE`,
    [table],
  );
  return Number(listed?.['rootpage'] ?? 1);
}

function describeColumns(
  connection: SqliteConnection,
  table: string,
  schema: readonly ColumnSchema[],
): readonly BrowseColumn[] {
  const references = new Map<string, BrowseColumn['references']>();
  for (const { parent, columns } of readForeignKeys(connection, table)) {
    const [only] = columns;
    if (columns.length === 1 && only !== undefined) references.set(only.child, { table: parent, column: only.parent });
  }
  return schema.map(({ name, type, notNull, primaryKey, generated }) => ({
    name,
    type,
    notNull,
    primaryKey,
    generated,
    numeric: ['integer', 'real', 'numeric'].includes(affinityOf(type)),
    references: references.get(name) ?? null,
    problem: null,
  }));
}

/** A generated column may call a function that only its application knows: it hides no other column. */
function problemOf(connection: SqliteConnection, source: string, expression: string): string | null {
  try {
    connection.all(`SELECT typeof(${expression}) FROM ${source} LIMIT 1`);
    return null;
  } catch (error) {
    return messageOf(error instanceof Error && error.cause !== undefined ? error.cause : error);
  }
}

function inPlace(column: string): string {
  return `t.${quoteIdentifier(column)}`;
}

/** Names and kinds of everything that a viewer can open, in the order of their names. */
export function listRelations(
  connection: SqliteConnection,
): readonly { readonly name: string; readonly kind: RelationKind }[] {
  return connection
    .all(
      `SELECT name, type FROM pragma_table_list WHERE schema = ${quoteText('main')} AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name COLLATE NOCASE`,
    )
    .map((row) => ({ name: String(row['name']), kind: row['type'] as RelationKind }));
}
