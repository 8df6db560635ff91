/**
 * One state of one database file, open for reading in memory, with the queries that viewers look at.
 *
 * Besides the image, which is read in place and cannot be written, the connection has a temporary database of its own
 * for the orders of rows.
 */
import { CoreError, messageOf } from '../errors';
import type { SqliteConnection } from '../sqlite/engine';
import { foldName } from '../sqlite/identifiers';
import { readTableRows } from '../sqlite/table-btree';
import { damaged } from '../storage/judge';
import { readCellContent } from './cell-content';
import { encodingOf, readDisplayedCells, readExactCells, type ExactCell, type TextEncodingName } from './cell-sql';
import { filterCondition, findCondition, matchFunction, type Condition, type ConditionScope } from './filter-sql';
import type { CellContent, FileVersion, OpenedTable, RowData, TableQuery } from './model';
import { profileColumn, type ColumnProfile } from './profile';
import { compileExpression, type Matcher } from './regular-expression';
import { openRelation, type Relation } from './relation';
import { KeyList, KeyOrder, Matches, stale, unbrokenKeys, type KeyPositions, type RowOrder } from './row-order';

/** A query as one viewer has it open. */
interface OpenQuery {
  readonly id: string;
  readonly order: RowOrder;
  search: { readonly text: string; readonly columns: string; readonly matches: Matches } | null;
}

export class BrowseSession {
  private readonly relations = new Map<string, { readonly relation: Relation; readonly order: KeyOrder }>();
  private readonly queries = new Map<string, OpenQuery>();
  private readonly matchers: Matcher[] = [];
  private readonly encoding: TextEncodingName;
  private names = 0;
  private open = true;

  /** @param image what the connection reads; it stays as it is until the session is closed */
  constructor(
    readonly connection: SqliteConnection,
    private readonly image: Uint8Array,
    readonly state: FileVersion,
  ) {
    // Only for the temporary database: a write to the image throws.
    connection.execute('PRAGMA query_only = OFF');
    connection.define(matchFunction, (number, text) => this.matchers[Number(number)]?.test(String(text)) === true);
    this.encoding = encodingOf(connection);
  }

  get closed(): boolean {
    return !this.open;
  }

  openTable(name: string): OpenedTable {
    const { relation } = this.relationOf(name);
    const { kind, columns, keyed, limit } = relation;
    return { table: relation.name, kind, columns, keyed, limit, state: this.state };
  }

  /** The limit of a view or virtual table that may have more rows than were read; null where all were. */
  limitReached(table: string): number | null {
    const { limit, rows } = this.relationOf(table).relation;
    return limit !== null && 'copied' in rows && rows.copied >= limit ? limit : null;
  }

  /** Shows what is no table of the file under its own name. */
  adopt(relation: Relation): void {
    this.relations.set(foldName(relation.name), { relation, order: this.allRows(relation) });
  }

  /** @throws CoreError `query-invalid` */
  order(viewer: string, table: string, query: TableQuery): RowOrder {
    return this.queryOf(viewer, table, query).order;
  }

  /** Rows that there are without a filter; null until somebody has needed to know: filtering does. */
  totalOf(table: string): number | null {
    const { order } = this.relationOf(table);
    return order.complete ? order.rows : null;
  }

  /** Positions of the rows in which one of the columns contains the text. */
  matches(viewer: string, table: string, query: TableQuery, text: string, columns: readonly string[]): Matches {
    const open = this.queryOf(viewer, table, query);
    const searched = JSON.stringify(columns);
    if (open.search?.text === text && open.search.columns === searched) return open.search.matches;
    open.search?.matches.drop();
    const { relation } = this.relationOf(table);
    const scope = this.scopeOf(relation);
    const expressions = columns.map((column) => scope.expressionOf(column)).filter((one) => one !== undefined);
    const condition = findCondition(text, expressions, scope);
    open.search = {
      text,
      columns: searched,
      matches: new Matches(this.connection, open.order, condition, this.newName()),
    };
    return open.search.matches;
  }

  displayedRows(table: string, order: RowOrder, from: number, count: number): RowData[] {
    const { relation } = this.relationOf(table);
    const keys = relation.keyed
      ? this.read(order, `CAST(${relation.key} AS TEXT) AS k`, from, count).map((row) => String(row['k']))
      : [];
    return readDisplayedCells(
      this.connection,
      relation.expressions,
      (columns) => order.page(columns, from, count),
      this.encoding,
    ).map((cells, index) => ({ key: keys[index] ?? null, cells }));
  }

  exactRows(
    table: string,
    order: RowOrder,
    columns: readonly string[],
    from: number,
    count: number,
  ): readonly (readonly ExactCell[])[] {
    const { relation } = this.relationOf(table);
    const expressions = columns.map((column) => expressionOf(relation, column));
    return readExactCells(this.connection, expressions, (selected) => order.page(selected, from, count), this.encoding);
  }

  /** Null where there is no such row. */
  cellContent(table: string, order: RowOrder, position: number, column: string): CellContent | null {
    const { relation } = this.relationOf(table);
    const expression = expressionOf(relation, column);
    return readCellContent(this.connection, expression, (columns) => order.page(columns, position, 1), this.encoding);
  }

  profile(table: string, column: string): ColumnProfile {
    const { relation } = this.relationOf(table);
    return profileColumn(this.connection, relation, expressionOf(relation, column), this.encoding, this.newName());
  }

  /** Forgets what a viewer had open. */
  release(viewer: string): void {
    const query = this.queries.get(viewer);
    if (query === undefined) return;
    this.queries.delete(viewer);
    query.search?.matches.drop();
    query.order.drop();
  }

  close(): void {
    if (!this.open) return;
    this.open = false;
    this.connection.close();
  }

  /** @throws CoreError `changed-since` where the session was closed while its caller waited */
  assertOpen(): void {
    if (!this.open) throw stale(this.connection.label);
  }

  relationOf(name: string): { readonly relation: Relation; readonly order: KeyOrder } {
    this.assertOpen();
    const key = foldName(name);
    let known = this.relations.get(key);
    if (known === undefined) {
      const relation = openRelation(this.connection, name, this.newName());
      known = { relation, order: this.allRows(relation) };
      this.relations.set(key, known);
    }
    return known;
  }

  private allRows(relation: Relation): KeyOrder {
    return new KeyOrder(this.connection, relation, () => this.positionsOf(relation));
  }

  private positionsOf({ name, rows }: Relation): KeyPositions {
    if ('copied' in rows) return unbrokenKeys(rows.copied);
    const read = readTableRows(this.image, rows.root);
    if (!('fault' in read)) return read;
    throw damaged(this.connection.label, `is damaged: the table ${name} ${read.fault}`);
  }

  private queryOf(viewer: string, table: string, query: TableQuery): OpenQuery {
    this.assertOpen();
    const id = JSON.stringify([table, query.sort, query.filters]);
    const open = this.queries.get(viewer);
    if (open?.id === id) return open;
    const { relation, order } = this.relationOf(table);
    const next: OpenQuery = { id, order: this.makeOrder(relation, order, query), search: null };
    this.release(viewer);
    this.queries.set(viewer, next);
    return next;
  }

  private makeOrder(relation: Relation, all: KeyOrder, { sort, filters }: TableQuery): RowOrder {
    if (sort.length === 0 && filters.length === 0) return all;
    const scope = this.scopeOf(relation);
    const condition = filters.length === 0 ? null : filterCondition(filters, scope);
    if (condition !== null) this.check(relation, condition);
    const orderBy = sort.map(({ column, descending }) => {
      const expression = scope.expressionOf(column);
      if (expression === undefined)
        throw new CoreError('query-invalid', `There is no column ${column} to sort by.`, { hint: 'Sort by another.' });
      return `${this.sortable(relation, expression)}${descending ? ' DESC' : ''}`;
    });
    return new KeyList(this.connection, relation, all, condition, orderBy, this.newName());
  }

  /** By the column's own collation; bytewise where that is one which only its application knows. */
  private sortable(relation: Relation, expression: string): string {
    try {
      this.connection.all(`SELECT 1 FROM ${relation.source} WHERE 0 ORDER BY ${expression}`);
      return expression;
    } catch {
      return `${expression} COLLATE BINARY`;
    }
  }

  /** A condition that SQLite cannot take is told at once, not in the middle of the work. */
  private check(relation: Relation, { sql, parameters }: Condition): void {
    try {
      this.connection.all(`SELECT 1 FROM ${relation.source} WHERE 0 AND ${sql}`, parameters);
    } catch (error) {
      throw new CoreError('query-invalid', `SQLite cannot filter so: ${messageOf(error)}`, { cause: error });
    }
  }

  private scopeOf(relation: Relation): ConditionScope {
    return {
      expressionOf: (column) => relation.expressions[relation.columns.findIndex(({ name }) => name === column)],
      registerExpression: (source) => this.matchers.push(compileExpression(source)) - 1,
    };
  }

  private read(order: RowOrder, columns: string, from: number, count: number): ReturnType<SqliteConnection['all']> {
    const { sql, parameters } = order.page(columns, from, count);
    return this.connection.all(sql, parameters);
  }

  private newName(): string {
    return `jarvis_${++this.names}`;
  }
}

/** @throws CoreError `query-invalid` where the column is gone: a NULL in its place would be taken for its value */
function expressionOf({ name, columns, expressions }: Relation, column: string): string {
  const expression = expressions[columns.findIndex((one) => one.name === column)];
  if (expression !== undefined) return expression;
  throw new CoreError('query-invalid', `${name} has no column ${column} any more.`, {
    hint: 'Try again: the table has changed.',
  });
}
