/** What the values of one column are like: measured on demand, since it reads the whole column. */
import type { Relation } from './relation';
import { readDisplayedCells, type TextEncodingName } from './cell-sql';
import type { Cell, StorageClass } from './model';
import type { SqliteConnection } from '../sqlite/engine';
import { quoteIdentifier } from '../sqlite/identifiers';

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

/**
 * @param e the SQL of the column's value
 * @param scratch a name for a temporary table, which is gone afterwards: the column is read once, however much is told
 */
export function profileColumn(
  connection: SqliteConnection,
  relation: Relation,
  e: string,
  encoding: TextEncodingName,
  scratch: string,
): ColumnProfile {
  const values = `temp.${quoteIdentifier(scratch)}`;
  connection.execute(`CREATE TEMP TABLE ${quoteIdentifier(scratch)} (v, n INTEGER)`);
  try {
    connection.execute(
      `INSERT INTO ${values} SELECT ${e}, count(*) FROM ${relation.source} GROUP BY ${e} COLLATE BINARY, typeof(${e})`,
    );
    const classes = connection
      .all(`SELECT typeof(v) AS c, sum(n) AS n FROM ${values} GROUP BY 1 ORDER BY 2 DESC`)
      .map((row) => ({ type: row['c'] as StorageClass, rows: Number(row['n']) }));
    const cells = (rest: string): readonly Cell[] =>
      readDisplayedCells(
        connection,
        ['v'],
        (columns) => ({ sql: `SELECT ${columns} FROM ${values} ${rest}`, parameters: [] }),
        encoding,
      ).flatMap((row) => row);
    const frequent = `ORDER BY n DESC, v LIMIT ${mostTopValues}`;
    const counts = connection.all(`SELECT n FROM ${values} ${frequent}`).map((row) => Number(row['n']));
    return {
      rows: classes.reduce((sum, { rows }) => sum + rows, 0),
      distinct: connection.count(`SELECT count(*) FROM ${values} WHERE v IS NOT NULL`),
      classes,
      least: cells('WHERE v IS NOT NULL ORDER BY v LIMIT 1')[0] ?? null,
      greatest: cells('WHERE v IS NOT NULL ORDER BY v DESC LIMIT 1')[0] ?? null,
      top: cells(frequent).map((cell, index) => ({ cell, rows: counts[index] ?? 0 })),
    };
  } finally {
    connection.execute(`DROP TABLE ${values}`);
  }
}
