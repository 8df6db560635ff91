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

/** Rows that are read before anybody knows their positions: the first ones. */
const firstRows = 500;
/** Rows of one slice when a condition is looked at. */
const sliceRows = 5_000;

const keyParameter = 'CAST(? AS INTEGER)';

/** Which key stands where, and the other way about. */
export interface KeyPositions {
  readonly count: number;
  keyAt(position: number): bigint;
  /** The position of the first key that is not below this one. */
  positionOf(key: bigint): number;
}

/** Keys from 1 on without a gap, as a copy of rows has them. */
export function unbrokenKeys(count: number): KeyPositions {
  return {
    count,
    keyAt: (position) => BigInt(position) + 1n,
    positionOf: (key) => Math.max(0, Math.min(Number(key) - 1, count)),
  };
}

/** All rows in the order of their keys. */
export class KeyOrder implements RowOrder {
  private positions: KeyPositions | null = null;

  /** @param readPositions may throw, where the table is damaged: its first rows can be read all the same */
  constructor(
    private readonly connection: SqliteConnection,
    private readonly relation: Relation,
    private readonly readPositions: () => KeyPositions,
  ) {}

  get rows(): number {
    return this.positions?.count ?? 0;
  }

  get complete(): boolean {
    return this.positions !== null;
  }

  get reached(): number {
    return this.positions?.count ?? firstRows;
  }

  work(): void {
    this.positions ??= this.readPositions();
  }

  page(columns: string, from: number, count: number): Statement {
    const { source, key } = this.relation;
    const { where, parameters } = this.between(from, from + count);
    const skipped = this.positions === null ? ` OFFSET ${from}` : '';
    return { sql: `SELECT ${columns} FROM ${source}${where} ORDER BY ${key} LIMIT ${count}${skipped}`, parameters };
  }

  /** Most slices of a search hold no match at all. */
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

  /** The keys of the rows in `[from, to)`: the condition that a slice of a {@link KeyList} puts before its own. */
  between(from: number, to: number): { readonly where: string; readonly parameters: readonly SqlValue[] } {
    const { positions } = this;
    if (positions === null) return { where: '', parameters: [] };
    if (from >= positions.count) return { where: ' WHERE 0', parameters: [] };
    const { key } = this.relation;
    const last = Math.min(to, positions.count) - 1;
    return {
      where: ` WHERE ${key} BETWEEN ${keyParameter} AND ${keyParameter}`,
      // As text: a 64-bit integer does not survive as a JavaScript number.
      parameters: [String(positions.keyAt(from)), String(positions.keyAt(last))],
    };
  }

  locate(key: string): number | null {
    return this.positions?.positionOf(BigInt(key)) ?? null;
  }

  drop(): void {
    // Nothing lies in the connection.
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
    if (!this.all.complete) {
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
