/** Rows of one table in two attached databases, and the key by which they meet. */
import { allOf, sameCells } from '../sqlite/cells';
import type { SqliteConnection } from '../sqlite/engine';
import { quoteIdentifier as q } from '../sqlite/identifiers';
import { countRows, primaryKeyOf, type TableSchema } from '../sqlite/schema';

/**
 * The columns that tell the rows of a table apart: its rowid where that has a name of its own, else its primary key
 * (a VACUUM numbers hidden rowids anew), else its rowid; none where there is nothing of the kind.
 *
 * @param schemas the attached databases that are compared: a NULL in the primary key of any of them tells nothing apart
 */
export function rowKey(
  connection: SqliteConnection,
  table: TableSchema,
  schemas: readonly string[],
): readonly string[] {
  if (table.rowidAlias !== null) return [table.rowidAlias];
  const key = primaryKeyOf(table);
  if (key.length > 0 && !schemas.some((schema) => holdsNull(connection, schema, table.name, key))) return key;
  return table.rowidName === null ? [] : [table.rowidName];
}

function holdsNull(connection: SqliteConnection, schema: string, table: string, key: readonly string[]): boolean {
  const whole = allOf(key.map((column) => `${q(column)} IS NOT NULL`));
  return connection.count(`SELECT EXISTS (SELECT 1 FROM ${q(schema)}.${q(table)} WHERE NOT ${whole})`) === 1;
}

/** `a.k = b.k` for every part of the key. */
export function meets(key: readonly string[], a: string, b: string): string {
  return allOf(key.map((column) => `${a}.${q(column)} = ${b}.${q(column)}`));
}

/** Every cell of the table equal, value and storage class. */
export function sameRow({ columns }: TableSchema, a: string, b: string): string {
  return sameCells(columns.map(({ name }) => [`${a}.${q(name)}`, `${b}.${q(name)}`] as const));
}

/** Rows of `a` that have no equal in `b`. */
export function countMissing(connection: SqliteConnection, table: TableSchema, a: string, b: string): number {
  const [left, right] = [`${q(a)}.${q(table.name)}`, `${q(b)}.${q(table.name)}`];
  const key = rowKey(connection, table, [a, b]);
  if (key.length === 0)
    return connection.count(`SELECT count(*) FROM (SELECT * FROM ${left} EXCEPT SELECT * FROM ${right})`);
  return connection.count(
    `SELECT count(*) FROM ${left} AS a WHERE NOT EXISTS (SELECT 1 FROM ${right} AS b WHERE ${meets(key, 'b', 'a')} AND ${sameRow(table, 'a', 'b')})`,
  );
}

/** Equal in number, and each row of one has its equal in the other: by a key, that is both directions. */
export function sameRows(connection: SqliteConnection, table: TableSchema, a: string, b: string): boolean {
  return (
    countRows(connection, table.name, a) === countRows(connection, table.name, b) &&
    countMissing(connection, table, a, b) === 0
  );
}

/** The SQL that made an object; null where there is none of that name. */
export function sqlOf(connection: SqliteConnection, type: string, name: string, schema: string): string | null {
  const [row] = connection.all(
    `SELECT sql FROM ${q(schema)}.sqlite_schema WHERE type = ? AND name = ? COLLATE NOCASE`,
    [type, name],
  );
  return row === undefined ? null : String(row['sql']);
}
