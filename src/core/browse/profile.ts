/** What the values of one column are like: measured on demand, since it reads the whole column. */
import type { StorageClass } from './model';
import type { Relation } from './relation';
import { readDisplayedCells, type TextEncodingName } from './cell-sql';
import type { Cell } from './model';
import type { SqliteConnection } from '../sqlite/engine';

export interface ColumnProfile {
  readonly rows: number;
  readonly distinct: number;
  readonly classes: readonly { readonly type: StorageClass; readonly rows: number }[];
  /** By SQLite's order of values; null where every value is NULL. */
  readonly least: Cell | null;
  readonly greatest: Cell | null;
  /** The most frequent values, most frequent first. */
  readonly top: readonly { readonly cell: Cell; readonly rows: number }[];
}

const mostTopValues = 10;

export function profileColumn(
  connection: SqliteConnection,
  relation: Relation,
  column: string,
  encoding: TextEncodingName,
): ColumnProfile {
  const e = relation.expressions[relation.columns.findIndex(({ name }) => name === column)] ?? 'NULL';
  const binary = `${e} COLLATE BINARY`;
  const classes = connection
    .all(`SELECT typeof(${e}) AS c, count(*) AS n FROM ${relation.source} GROUP BY 1 ORDER BY 2 DESC`)
    .map((row) => ({ type: row['c'] as StorageClass, rows: Number(row['n']) }));
  const counted = `(SELECT ${e} AS v, count(*) AS n FROM ${relation.source} GROUP BY ${binary}, typeof(${e}))`;
  const cell = (select: string): Cell | null =>
    readDisplayedCells(
      connection,
      ['v'],
      (columns) => ({ sql: `SELECT ${columns} FROM ${select}`, parameters: [] }),
      encoding,
    )[0]?.[0] ?? null;
  const rest = `(SELECT ${e} AS v FROM ${relation.source} WHERE ${e} IS NOT NULL ORDER BY ${binary}`;
  const order = `ORDER BY n DESC, v COLLATE BINARY LIMIT ${mostTopValues}`;
  const counts = connection.all(`SELECT n FROM ${counted} ${order}`).map((row) => Number(row['n']));
  const top = readDisplayedCells(
    connection,
    ['v'],
    (columns) => ({ sql: `SELECT ${columns} FROM ${counted} ${order}`, parameters: [] }),
    encoding,
  );
  return {
    rows: classes.reduce((sum, { rows }) => sum + rows, 0),
    distinct: connection.count(`SELECT count(*) FROM ${counted} WHERE v IS NOT NULL`),
    classes,
    least: cell(`${rest} LIMIT 1)`),
    greatest: cell(`${rest} DESC LIMIT 1)`),
    top: top.flatMap(([value], index) => (value === undefined ? [] : [{ cell: value, rows: counts[index] ?? 0 }])),
  };
}
