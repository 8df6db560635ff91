/**
 * Which row stands at which position, for any query of a table. Positions are found by key, never by counting from the
 * beginning: at a million rows the last page costs what the first one does.
 *
 * The work is done in slices of some milliseconds, while somebody asks: whoever stops asking has cancelled it.
 */
import { CoreError } from '../errors';
import type { SqliteConnection, SqlValue } from '../sqlite/engine';
import { quoteIdentifier } from '../sqlite/identifiers';
import type { Condition } from './filter-sql';
import type { Relation } from './relation';

export interface Statement {
  readonly sql: string;
  readonly parameters: readonly SqlValue[];
}

export interface RowOrder {
  /** Rows known so far. */
  readonly rows: number;
  /** Whether all rows are known. */
  readonly complete: boolean;
  /** Rows whose positions can be read without further work. */
  readonly reached: number;
  /** One slice of work; does nothing where it is complete. */
  work(): void;
  /** Selects from rows at these positions, which must have been reached; `t` is the relation. */
  page(columns: string, from: number, count: number): Statement;
  /** Inserts the positions in `[from, to)` whose rows satisfy a condition into a table of one column; how many those are. */
  collect(into: string, condition: Condition, from: number, to: number): number;
  /** The position of the row with this key, or of the row that stands where it would; null where that is not known. */
  locate(key: string): number | null;
  drop(): void;
}

/** Rows between two anchors of a {@link KeyOrder}: what a page skips at most. */
export const anchorDistance = 500;
/** Rows of one slice when a condition is looked at. */
const sliceRows = 5_000;

const keyParameter = 'CAST(? AS INTEGER)';

/**
 * All rows in the order of their keys. Where the keys have no gap, as those of most tables, a position is arithmetic;
 * else every five hundredth key is remembered.
 */
export class KeyOrder implements RowOrder {
  /** Keys as text: a 64-bit integer does not survive as a JavaScript number. */
  private readonly anchors: string[] = [];
  /** The first of keys without a gap. */
  private dense: bigint | null = null;
  private count: number | null = null;
  private end: number | null = null;

  constructor(
    private readonly connection: SqliteConnection,
    private readonly relation: Relation,
  ) {}

  get rows(): number {
    return this.end ?? this.count ?? this.anchors.length * anchorDistance;
  }

  get complete(): boolean {
    return this.end !== null;
  }

  /** The first rows need no anchor. */
  get reached(): number {
    return this.end ?? Math.max(1, this.anchors.length) * anchorDistance;
  }

  work(): void {
    if (this.complete) return;
    if (this.count === null) this.measure();
    else this.walk();
  }

  page(columns: string, from: number, count: number): Statement {
    const { source, key } = this.relation;
    const index = Math.floor(from / anchorDistance);
    const anchor = this.anchorAt(index);
    const where = anchor === undefined ? '' : ` WHERE ${key} >= ${keyParameter}`;
    const skipped = anchor === undefined ? from : from - index * anchorDistance;
    return {
      sql: `SELECT ${columns} FROM ${source}${where} ORDER BY ${key} LIMIT ${count} OFFSET ${skipped}`,
      parameters: anchor === undefined ? [] : [anchor],
    };
  }

  /** Between two anchors: `from` must be a multiple of their distance. Most slices of a search hold no match at all. */
  collect(into: string, condition: Condition, from: number, to: number): number {
    const { source, key } = this.relation;
    const { where, parameters } = this.between(from, to);
    const [hit] = this.connection.all(
      `SELECT 1 FROM ${source}${where === '' ? ' WHERE' : `${where} AND`} ${condition.sql} LIMIT 1`,
      [...parameters, ...condition.parameters],
    );
    if (hit === undefined) return 0;
    this.connection.execute(
      `INSERT INTO ${into} SELECT ${from - 1} + n FROM (SELECT row_number() OVER (ORDER BY ${key}) AS n,` +
        ` ${condition.sql} AS hit FROM ${source}${where}) WHERE hit`,
      [...condition.parameters, ...parameters],
    );
    return this.connection.changes();
  }

  /** The keys of the rows between two anchors: the condition that a slice of a {@link KeyList} puts before its own. */
  between(from: number, to: number): { readonly where: string; readonly parameters: readonly SqlValue[] } {
    const { key } = this.relation;
    const first = this.anchorAt(from / anchorDistance);
    const behind = to >= this.rows ? undefined : this.anchorAt(to / anchorDistance);
    const bounds = [
      ...(first === undefined ? [] : [{ sql: `${key} >= ${keyParameter}`, value: first }]),
      ...(behind === undefined ? [] : [{ sql: `${key} < ${keyParameter}`, value: behind }]),
    ];
    return {
      where: bounds.length === 0 ? '' : ` WHERE ${bounds.map(({ sql }) => sql).join(' AND ')}`,
      parameters: bounds.map(({ value }) => value),
    };
  }

  locate(key: string): number | null {
    const wanted = BigInt(key);
    if (this.dense !== null) {
      const position = wanted - this.dense;
      return position < 0n ? 0 : Math.min(Number(position), this.rows);
    }
    let [low, high] = [0, this.anchors.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (BigInt(this.anchors[middle] ?? '0') <= wanted) low = middle + 1;
      else high = middle;
    }
    if (low === 0) return 0;
    const { source, key: column } = this.relation;
    const [found] = this.connection.all(
      `SELECT count(*) AS n FROM ${source} WHERE ${column} >= ${keyParameter} AND ${column} < ${keyParameter}`,
      [this.anchors[low - 1] ?? '', key],
    );
    return (low - 1) * anchorDistance + Number(found?.['n'] ?? 0);
  }

  drop(): void {
    // Nothing lies in the connection.
  }

  private anchorAt(index: number): string | undefined {
    return this.dense === null ? this.anchors[index] : String(this.dense + BigInt(index * anchorDistance));
  }

  /** SQLite counts page by page, and finds the first and the last key at once. */
  private measure(): void {
    const { source, key } = this.relation;
    const bound = (which: string): string => `(SELECT CAST(${which}(${key}) AS TEXT) FROM ${source})`;
    const [row] = this.connection.all(
      `SELECT ${bound('min')} AS first, ${bound('max')} AS last, (SELECT count(*) FROM ${source}) AS n`,
    );
    this.count = Number(row?.['n'] ?? 0);
    const [first, last] = [row?.['first'], row?.['last']];
    if (typeof first !== 'string' || typeof last !== 'string') {
      this.end = 0;
      return;
    }
    this.anchors.push(first);
    if (BigInt(last) - BigInt(first) + 1n === BigInt(this.count)) this.dense = BigInt(first);
    if (this.dense !== null || this.count <= anchorDistance) this.end = this.count;
  }

  /** From one anchor to the next. */
  private walk(): void {
    const { source, key } = this.relation;
    const [next] = this.connection.all(
      `SELECT CAST(${key} AS TEXT) AS k FROM ${source} WHERE ${key} > ${keyParameter} ORDER BY ${key} LIMIT 1 OFFSET ${anchorDistance - 1}`,
      [this.anchors[this.anchors.length - 1] ?? ''],
    );
    if (next === undefined) this.end = this.count;
    else this.anchors.push(String(next['k']));
  }
}

/** Rows that a filter leaves, or that are sorted: their keys in a table, by position. */
export class KeyList implements RowOrder {
  private looked = 0;
  private sorted: boolean;
  private readonly filtered: boolean;
  private found = 0;
  private current: string;

  /** @param orderBy what stands behind ORDER BY, empty for the order of the keys */
  constructor(
    private readonly connection: SqliteConnection,
    private readonly relation: Relation,
    private readonly all: KeyOrder,
    private readonly condition: Condition | null,
    private readonly orderBy: readonly string[],
    private readonly name: string,
  ) {
    this.filtered = condition !== null;
    this.sorted = orderBy.length === 0;
    this.current = `${name}_found`;
    if (this.filtered) this.create(this.current);
  }

  get rows(): number {
    return this.found;
  }

  get complete(): boolean {
    return this.sorted && this.whollyFiltered;
  }

  /** Before they are sorted, rows have no positions. */
  get reached(): number {
    return this.sorted ? this.found : 0;
  }

  work(): void {
    if (this.complete) return;
    if (!this.whollyFiltered) this.filterSlice();
    else this.sort();
  }

  page(columns: string, from: number, count: number): Statement {
    const { source, key } = this.relation;
    return {
      sql: `SELECT ${columns} FROM ${this.list} AS o CROSS JOIN ${source} ON ${key} = o.k WHERE o.rowid BETWEEN ? AND ? ORDER BY o.rowid`,
      parameters: [from + 1, from + count],
    };
  }

  collect(into: string, condition: Condition, from: number, to: number): number {
    const { source, key } = this.relation;
    this.connection.execute(
      `INSERT INTO ${into} SELECT o.rowid - 1 FROM ${this.list} AS o CROSS JOIN ${source} ON ${key} = o.k WHERE o.rowid BETWEEN ? AND ? AND ${condition.sql}`,
      [from + 1, to, ...condition.parameters],
    );
    return this.connection.changes();
  }

  locate(key: string): number | null {
    const [found] = this.connection.all(`SELECT rowid AS n FROM ${this.list} WHERE k = ${keyParameter} LIMIT 1`, [key]);
    return found === undefined ? null : Number(found['n']) - 1;
  }

  drop(): void {
    for (const name of [`${this.name}_found`, `${this.name}_sorted`])
      this.connection.execute(`DROP TABLE IF EXISTS temp.${quoteIdentifier(name)}`);
  }

  private get list(): string {
    return `temp.${quoteIdentifier(this.current)}`;
  }

  private get whollyFiltered(): boolean {
    return !this.filtered || (this.all.complete && this.looked >= this.all.rows);
  }

  private create(name: string): void {
    this.connection.execute(`CREATE TEMP TABLE ${quoteIdentifier(name)} (k INTEGER)`);
  }

  private filterSlice(): void {
    const { source, key } = this.relation;
    const to = this.looked + sliceRows;
    if (!this.all.complete && this.all.reached <= to) {
      this.all.work();
      return;
    }
    const { where, parameters } = this.all.between(this.looked, to);
    const condition = this.condition ?? { sql: '1', parameters: [] };
    this.connection.execute(
      `INSERT INTO ${this.list} SELECT ${key} FROM ${source}${where === '' ? ' WHERE' : `${where} AND`} ${condition.sql} ORDER BY ${key}`,
      [...parameters, ...condition.parameters],
    );
    this.found += this.connection.changes();
    this.looked = to;
  }

  /** The one statement that cannot be cut into slices. */
  private sort(): void {
    const { source, key } = this.relation;
    const from = this.filtered ? `${this.list} AS o CROSS JOIN ${source} ON ${key} = o.k` : source;
    const name = `${this.name}_sorted`;
    this.create(name);
    this.connection.execute(
      `INSERT INTO temp.${quoteIdentifier(name)} SELECT ${key} FROM ${from} ORDER BY ${[...this.orderBy, key].join(', ')}`,
    );
    this.found = this.connection.changes();
    if (this.filtered) this.connection.execute(`DROP TABLE ${this.list}`);
    this.current = name;
    this.sorted = true;
  }
}

/** Positions of the rows that a search finds, in the order of a query. */
export class Matches {
  private readonly table: string;
  private looked = 0;
  private found = 0;

  constructor(
    private readonly connection: SqliteConnection,
    private readonly order: RowOrder,
    private readonly condition: Condition,
    name: string,
  ) {
    this.table = `temp.${quoteIdentifier(name)}`;
    connection.execute(`CREATE TEMP TABLE ${quoteIdentifier(name)} (position INTEGER PRIMARY KEY)`);
  }

  get count(): number {
    return this.found;
  }

  get complete(): boolean {
    return this.order.complete && this.looked >= this.order.rows;
  }

  /** Positions below this one are known. */
  get reached(): number {
    return this.looked;
  }

  work(): void {
    if (this.complete) return;
    const to = this.looked + sliceRows;
    if (!this.order.complete && this.order.reached <= to) {
      this.order.work();
      return;
    }
    this.found += this.order.collect(this.table, this.condition, this.looked, to);
    this.looked = to;
  }

  /** The first match at or behind a position. */
  next(position: number): number | null {
    return this.pick(`min(position) AS p FROM ${this.table} WHERE position >= ?`, position);
  }

  /** The last match at or before a position. */
  previous(position: number): number | null {
    return this.pick(`max(position) AS p FROM ${this.table} WHERE position <= ?`, position);
  }

  /** How many matches there are up to and with this one. */
  ordinal(position: number): number {
    const [row] = this.connection.all(`SELECT count(*) AS n FROM ${this.table} WHERE position <= ?`, [position]);
    return Number(row?.['n'] ?? 0);
  }

  drop(): void {
    this.connection.execute(`DROP TABLE ${this.table}`);
  }

  private pick(sql: string, position: number): number | null {
    const [row] = this.connection.all(`SELECT ${sql}`, [position]);
    const found = row?.['p'];
    return typeof found === 'number' ? found : null;
  }
}

/** A query whose rows changed under it: what a reader that was overtaken by a refresh gets. */
export function stale(label: string): CoreError {
  return new CoreError('changed-since', `${label} was read again meanwhile.`, { path: label });
}
