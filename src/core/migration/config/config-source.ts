/** The legacy table of a `config` step: its columns, and how its rows are told apart. */
import { cellExpression, keyExpression, type TextEncoding } from '../../config/value';
import { CoreError } from '../../errors';
import type { ConfigStep } from '../../plan/schema';
import type { SqliteConnection } from '../../sqlite/engine';
import { quoteIdentifier as q } from '../../sqlite/identifiers';
import { countRows, primaryKeyOf, readTable, storedColumns, type TableSchema } from '../../sqlite/schema';

/** Rows that a file is written for: beyond, nobody edits it, and a database is the better place. */
const maximumRows = 100_000;

/** The legacy table, and how its rows are told apart. */
export interface Source {
  readonly table: TableSchema;
  readonly columns: readonly string[];
  readonly encoding: TextEncoding;
  readonly rows: number;
  /** Positions in `columns`. */
  readonly key: readonly number[];
  /** The key is the primary key: no two rows share it. */
  readonly isUnique: boolean;
}

export function describeSource(legacy: SqliteConnection, step: ConfigStep): Source {
  const table = readTable(legacy, step.legacy.table);
  if (table === null) throw new TypeError('The caller has seen to it that the table is there.');
  const rows = countRows(legacy, table.name);
  if (rows > maximumRows) {
    throw new CoreError(
      'too-large',
      `${step.legacy.database} ${table.name} has ${rows.toLocaleString('en')} rows, more than the ${maximumRows.toLocaleString('en')} that a configuration file is written for.`,
      { path: step.legacy.database, hint: 'Use the strategy "adopt" for this table.' },
    );
  }
  const columns = storedColumns(table);
  const declared = primaryKeyOf(table).map((name) => columns.indexOf(name));
  // SQLite allows NULLs in most primary keys, any number of them: such a key tells no rows apart.
  const isUnique = declared.length > 0 && !declared.includes(-1) && !holdsNull(legacy, table.name, columns, declared);
  return {
    table,
    columns,
    encoding: String(legacy.all('PRAGMA encoding')[0]?.['encoding']) as TextEncoding,
    rows,
    key: isUnique ? declared : columns.map((_, index) => index),
    isUnique,
  };
}

function holdsNull(
  legacy: SqliteConnection,
  table: string,
  columns: readonly string[],
  key: readonly number[],
): boolean {
  const nulls = key.map((index) => `${q(columns[index] ?? '')} IS NULL`).join(' OR ');
  return legacy.count(`SELECT count(*) FROM main.${q(table)} WHERE ${nulls}`) > 0;
}

export function keyOf(source: Source, names: readonly string[]): string {
  return joined(source.key.map((index) => (source.isUnique ? keyExpression : cellExpression)(names[index] ?? 'NULL')));
}

/** Texts with commas between; a balanced tree, since SQLite limits the depth of an expression. */
export function joined(terms: readonly string[]): string {
  if (terms.length <= 1) return `(${terms[0] ?? "''"})`;
  const middle = terms.length >> 1;
  return `(${joined(terms.slice(0, middle))} || ',' || ${joined(terms.slice(middle))})`;
}
