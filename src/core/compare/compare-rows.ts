/**
 * The rows of one table on both sides, by SQL between attached databases: by primary key where both sides have the same
 * one, else as multisets of whole rows (a VACUUM numbers hidden rowids anew: they tell nothing).
 *
 * Two cells are equal where storage class and bytes are. Generated columns are left out: they follow from the others.
 */
import { allOf, sameCells } from '../sqlite/cells';
import type { SqliteConnection } from '../sqlite/engine';
import { quoteIdentifier as q, sameName } from '../sqlite/identifiers';
import { primaryKeyOf, type TableSchema } from '../sqlite/schema';
import { readLiterals } from './cell-literal';
import type { CellDifference, RowDifference, TableComparison } from './model';

export const leftSchema = 'main';
export const rightSchema = 'jarvis_right';

/** A column of both sides, as each of them spells it. */
interface SharedColumn {
  readonly left: string;
  readonly right: string;
}

interface ComparedTable {
  readonly connection: SqliteConnection;
  readonly left: TableSchema;
  readonly right: TableSchema;
  readonly columns: readonly SharedColumn[];
}

type Counts = Pick<TableComparison, 'onlyLeft' | 'onlyRight' | 'different' | 'equal'>;

/**
 * @param connection the left database, with the right one attached as {@link rightSchema}; its temporary database is used
 * @param most rows that are shown of each kind
 * @throws CoreError `sql-failed` where a row cannot be read
 */
export function compareRows(
  connection: SqliteConnection,
  left: TableSchema,
  right: TableSchema,
  most: number,
): TableComparison {
  const [ours, theirs] = [stored(left), stored(right)];
  const columns = ours.flatMap((name) => {
    const other = theirs.find((candidate) => sameName(candidate, name));
    return other === undefined ? [] : [{ left: name, right: other }];
  });
  const table: ComparedTable = { connection, left, right, columns };
  const key = sharedKey(table);
  // Rows counted in an index want its collation, which may be one that only the application knows.
  const count = (schema: string, { name }: TableSchema): number =>
    connection.count(`SELECT count(*) FROM ${q(schema)}.${q(name)} NOT INDEXED`);
  const [leftRows, rightRows] = [count(leftSchema, left), count(rightSchema, right)];
  const facts = {
    table: left.name,
    columns: columns.map((column) => column.left),
    leftColumns: ours.filter((name) => !columns.some((column) => column.left === name)),
    rightColumns: theirs.filter((name) => !columns.some((column) => column.right === name)),
    leftRows,
    rightRows,
  };
  const none = { onlyLeft: 0, onlyRight: 0, different: 0, equal: 0, shown: [] };
  if (columns.length === 0) return { ...facts, ...none, key: null, problem: 'The two tables share no column.' };
  const counts = key.length > 0 ? countByKey(table, key, leftRows, rightRows) : countBags(table, leftRows, rightRows);
  const shown = key.length > 0 ? showByKey(table, key, counts, most) : showBags(table, counts, most);
  return { ...facts, ...counts, key: key.map((column) => column.left), problem: null, shown };
}

function stored(table: TableSchema): readonly string[] {
  return table.columns.filter(({ generated }) => !generated).map(({ name }) => name);
}

/** The primary key, where both sides have the same one and no row of either leaves a part of it NULL. */
function sharedKey({ connection, left, right, columns }: ComparedTable): readonly SharedColumn[] {
  const [ours, theirs] = [primaryKeyOf(left), primaryKeyOf(right)];
  if (ours.length !== theirs.length) return [];
  const key = columns.filter((column) => ours.includes(column.left));
  if (key.length !== ours.length || !key.every((column) => theirs.includes(column.right))) return [];
  const holdsNull = (schema: string, table: TableSchema, names: readonly string[]): boolean =>
    table.rowidAlias === null &&
    connection.count(
      `SELECT EXISTS (SELECT 1 FROM ${q(schema)}.${q(table.name)} WHERE NOT ${allOf(names.map((name) => `${q(name)} IS NOT NULL`))})`,
    ) === 1;
  return holdsNull(leftSchema, left, ours) || holdsNull(rightSchema, right, theirs) ? [] : key;
}

function sides({ left, right }: ComparedTable): { readonly a: string; readonly b: string } {
  return { a: `${q(leftSchema)}.${q(left.name)} AS a`, b: `${q(rightSchema)}.${q(right.name)} AS b` };
}

/** The plain comparison finds the row by an index, and may convert; the storage classes take back what it took for equal. */
function meets(key: readonly SharedColumn[]): string {
  return allOf(
    key.map(
      ({ left, right }) =>
        `(a.${q(left)} = b.${q(right)} COLLATE BINARY AND typeof(a.${q(left)}) = typeof(b.${q(right)}))`,
    ),
  );
}

function sameRow(columns: readonly SharedColumn[]): string {
  return sameCells(columns.map(({ left, right }) => [`a.${q(left)}`, `b.${q(right)}`] as const));
}

function countByKey(table: ComparedTable, key: readonly SharedColumn[], leftRows: number, rightRows: number): Counts {
  const { a, b } = sides(table);
  const [row] = table.connection.all(
    `SELECT count(*) AS n, count(*) FILTER (WHERE ${sameRow(table.columns)}) AS same FROM ${a} JOIN ${b} ON ${meets(key)}`,
  );
  const [met, equal] = [Number(row?.['n']), Number(row?.['same'])];
  return { onlyLeft: leftRows - met, onlyRight: rightRows - met, different: met - equal, equal };
}

function showByKey(
  table: ComparedTable,
  key: readonly SharedColumn[],
  counts: Counts,
  most: number,
): readonly RowDifference[] {
  const { connection, columns } = table;
  const { a, b } = sides(table);
  const order = (alias: 'a' | 'b'): string =>
    `ORDER BY ${key.map((column) => `${alias}.${q(alias === 'a' ? column.left : column.right)} COLLATE BINARY`).join(', ')} LIMIT ?`;
  const shown: RowDifference[] = [];
  const [k, n] = [key.length, columns.length];
  if (counts.different > 0) {
    const from = `FROM ${a} JOIN ${b} ON ${meets(key)} WHERE NOT ${sameRow(columns)} ${order('a')}`;
    // Read at once, for finding the rows is what takes the time.
    const expressions = [
      ...key.map(({ left }) => `a.${q(left)}`),
      ...columns.map(({ left }) => `a.${q(left)}`),
      ...columns.map(({ right }) => `b.${q(right)}`),
      ...columns.map(({ left, right }) => sameCells([[`a.${q(left)}`, `b.${q(right)}`]])),
    ];
    for (const literals of readLiterals(connection, expressions, from, [most])) {
      const cells = columns.flatMap((column, index): CellDifference[] => {
        if (literals[k + 2 * n + index] === '1') return [];
        return [pairOf(column.left, literals[k + index] ?? '', literals[k + n + index] ?? '')];
      });
      shown.push({ kind: 'different', key: literals.slice(0, k), times: 1, cells });
    }
  }
  const alone = (kind: 'onlyLeft' | 'onlyRight', here: string, there: string, alias: 'a' | 'b'): void => {
    const side = alias === 'a' ? 'left' : 'right';
    const from = `FROM ${here} WHERE NOT EXISTS (SELECT 1 FROM ${there} WHERE ${meets(key)}) ${order(alias)}`;
    const expressions = [...key, ...columns].map((column) => `${alias}.${q(column[side])}`);
    for (const literals of readLiterals(connection, expressions, from, [most]))
      shown.push({
        kind,
        key: literals.slice(0, k),
        times: 1,
        cells: cellsOfOneSide(columns, side, literals.slice(k)),
      });
  };
  if (counts.onlyLeft > 0) alone('onlyLeft', a, b, 'a');
  if (counts.onlyRight > 0) alone('onlyRight', b, a, 'b');
  return shown;
}

/** Both are cut where they are long: that they differ must be seen none the less. */
function pairOf(column: string, left: string, right: string): CellDifference {
  return { column, left, right: left === right ? `${right} (differs further on)` : right };
}

function cellsOfOneSide(
  columns: readonly SharedColumn[],
  side: 'left' | 'right',
  literals: readonly string[],
): readonly CellDifference[] {
  return columns.map((column, index) => {
    const literal = literals[index] ?? '';
    return { column: column.left, left: side === 'left' ? literal : null, right: side === 'right' ? literal : null };
  });
}

/**
 * Every row that is there at least once, with how often on each side: `c0, c1, …, l, r`.
 *
 * The storage classes are part of what rows are grouped by, since 1 and 1.0 would be one group.
 */
function bags({ left, right, columns }: ComparedTable): string {
  const names = columns.map((_, index) => `c${index}`);
  const rows = (side: 'left' | 'right', schema: string, table: string, counts: string): string =>
    `SELECT ${columns.map((column, index) => `+${q(column[side])} COLLATE BINARY AS c${index}`).join(', ')}, ${counts} FROM ${q(schema)}.${q(table)}`;
  const union = `${rows('left', leftSchema, left.name, '1 AS l, 0 AS r')} UNION ALL ${rows('right', rightSchema, right.name, '0, 1')}`;
  const classes = joined(names.map((name) => `substr(typeof(${name}), 1, 1)`));
  const by = names.map((name) => `${name} COLLATE BINARY`);
  return `SELECT ${names.join(', ')}, sum(l) AS l, sum(r) AS r FROM (${union}) GROUP BY ${[...by, classes].join(', ')}`;
}

/** A concatenation whose tree is balanced: SQLite limits the depth of an expression. */
function joined(expressions: readonly string[]): string {
  if (expressions.length <= 1) return expressions[0] ?? "''";
  const middle = expressions.length >> 1;
  return `(${joined(expressions.slice(0, middle))} || ${joined(expressions.slice(middle))})`;
}

function countBags(table: ComparedTable, leftRows: number, rightRows: number): Counts {
  if (leftRows === rightRows && (leftRows === 0 || countAtSamePlace(table) === leftRows))
    return { onlyLeft: 0, onlyRight: 0, different: 0, equal: leftRows };
  const [row] = table.connection.all(
    `SELECT total(max(l - r, 0)) AS a, total(max(r - l, 0)) AS b, total(min(l, r)) AS same FROM (${bags(table)})`,
  );
  return { onlyLeft: Number(row?.['a']), onlyRight: Number(row?.['b']), different: 0, equal: Number(row?.['same']) };
}

/** Rows that equal the one with the same rowid. Where that is every row, nothing has to be sorted. */
function countAtSamePlace(table: ComparedTable): number {
  const { connection, left, right, columns } = table;
  if (left.rowidName === null || right.rowidName === null) return 0;
  const { a, b } = sides(table);
  return connection.count(
    `SELECT count(*) FROM ${a} JOIN ${b} ON a.${left.rowidName} = b.${right.rowidName} WHERE ${sameRow(columns)}`,
  );
}

const shownBags = 'jarvis_bags';

function showBags(table: ComparedTable, counts: Counts, most: number): readonly RowDifference[] {
  const { connection, columns } = table;
  const show = (kind: 'onlyLeft' | 'onlyRight', more: string): readonly RowDifference[] => {
    connection.execute(
      `CREATE TEMP TABLE ${shownBags} AS SELECT * FROM (${bags(table)}) WHERE ${more} > 0 LIMIT ${most}`,
    );
    try {
      const from = `FROM temp.${shownBags} ORDER BY rowid`;
      const times = connection.all(`SELECT ${more} AS n ${from}`);
      const side = kind === 'onlyLeft' ? 'left' : 'right';
      return readLiterals(
        connection,
        columns.map((_, index) => `c${index}`),
        from,
      ).map((literals, at) => ({
        kind,
        key: [],
        times: Number(times[at]?.['n']),
        cells: cellsOfOneSide(columns, side, literals),
      }));
    } finally {
      connection.execute(`DROP TABLE temp.${shownBags}`);
    }
  };
  return [
    ...(counts.onlyLeft > 0 ? show('onlyLeft', 'l - r') : []),
    ...(counts.onlyRight > 0 ? show('onlyRight', 'r - l') : []),
  ];
}
