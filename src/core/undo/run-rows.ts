/**
 * The rows that a run brought into a target: which of them are still as it left them, and may go.
 *
 * Three states of the database are attached: `main` as it is now, `before` as it was before the run, `after` as the run
 * left it. A row is the run's where `after` has it and `before` has not, and the ledger in `main` says so; it may go
 * where every cell of it is as in `after`, and no row that stays has come to refer to it.
 */
import { allOf, keyValue, sameCells } from '../sqlite/cells';
import type { SqliteConnection } from '../sqlite/engine';
import { foldName, quoteIdentifier as q, sameName } from '../sqlite/identifiers';
import { primaryKeyOf, readTable, type TableSchema } from '../sqlite/schema';
import { hasLedger, historyTable, rowsTable } from '../migration/ledger/ledger';
import { setTriggersAside } from '../migration/step/set-aside';
import { listedRows } from '../report/model';
import type { KeptReport } from './report';
import { meets, rowKey, sameRow, sqlOf } from './compare-tables';
import { readReferences } from './read-references';
import { renamedReason, renamedTo } from './renamed';
import { states } from './states';

/** A line of the ledger: one step of the run. */
export interface LedgerLine {
  readonly id: number;
  readonly table: string;
  readonly sidecar: string | null;
  readonly keyColumns: readonly string[];
  /** A SQL literal. */
  readonly keyOffset: string;
}

export function readLedgerLines(connection: SqliteConnection, run: string, schema = 'main'): readonly LedgerLine[] {
  if (!hasLedger(connection)) return [];
  return connection
    .all(
      `SELECT id, target_table, sidecar_table, key_columns, quote(key_offset) AS o FROM ${q(schema)}.${historyTable} WHERE run = ? ORDER BY id`,
      [run],
    )
    .map((row) => {
      const keyColumns: unknown = JSON.parse(String(row['key_columns']));
      return {
        id: Number(row['id']),
        table: String(row['target_table']),
        sidecar: row['sidecar_table'] === null ? null : String(row['sidecar_table']),
        keyColumns: Array.isArray(keyColumns) ? keyColumns.map(String) : [],
        keyOffset: String(row['o']),
      };
    });
}

/** A column (or several) of one table that refers to a row of another. */
export interface RowReference {
  readonly child: string;
  readonly parent: string;
  readonly columns: readonly { readonly child: string; readonly parent: string }[];
}

/** A table with rows of the run. */
interface RunTable {
  readonly schema: TableSchema;
  readonly key: readonly string[];
  /** The temporary table of the run's rows: their keys, and why they are kept, if they are. */
  readonly rows: string;
}

/** Why a row is kept; what another row's fate decides is not listed on its own. */
const reasons = {
  changed: 'changed since the run',
  sidecarChanged: 'its residual values changed since the run',
  belongs: 'belongs to a row that is kept',
} as const;

export class RunRows {
  private readonly tables = new Map<string, RunTable>();
  private readonly keptWhole: KeptReport[] = [];
  /** Tables with rows of the run that are not there any more. */
  readonly missing: string[] = [];
  /** Tables that refer to others, as they are now. */
  private readonly schemas = new Map<string, TableSchema | null>();
  /** Rows are referred to by rows that stay. */
  referredTo = false;
  /** The schema of a table is no longer that of the run. */
  reshaped = false;

  /** @param skip folded names of tables that are parts of something else, such as a full-text index */
  constructor(
    private readonly connection: SqliteConnection,
    private readonly lines: readonly LedgerLine[],
    skip: ReadonlySet<string>,
  ) {
    const names = new Map<string, string>();
    // A step of an empty table has no rows to look for.
    const filled = new Set(
      connection.all(`SELECT DISTINCT history FROM main.${rowsTable}`).map(({ history }) => history),
    );
    for (const { id, table, sidecar } of lines)
      for (const name of filled.has(id) ? [table, sidecar] : []) if (name !== null) names.set(foldName(name), name);
    for (const [folded, name] of names) if (!skip.has(folded)) this.find(folded, name);
    if (this.tables.size > 0) this.spare();
  }

  private find(folded: string, name: string): void {
    const { connection } = this;
    const schema = readTable(connection, name, states.after);
    if (schema === null) return;
    if (readTable(connection, name) === null) {
      this.missing.push(schema.name);
      const names = renamedTo(connection, schema.name);
      if (names.length > 0) this.keptWhole.push({ table: schema.name, key: null, reason: renamedReason(names) });
      return;
    }
    if (sqlOf(connection, 'table', name, 'main') !== sqlOf(connection, 'table', name, states.after)) {
      this.reshaped = true;
      this.keptWhole.push({
        table: schema.name,
        key: null,
        reason: 'the table has another schema than the run left it',
      });
      return;
    }
    const wasThere = readTable(connection, name, states.before) !== null;
    const schemas = ['main', states.after, ...(wasThere ? [states.before] : [])];
    const key = rowKey(connection, schema, schemas);
    if (key.length === 0) {
      this.keptWhole.push({ table: schema.name, key: null, reason: 'its rows have no key that tells them apart' });
      return;
    }
    const rows = `temp.jarvis_run_${this.tables.size}`;
    const keys = key.map((column, index) => `c.${q(column)} AS k${index}`).join(', ');
    const isOld = `EXISTS (SELECT 1 FROM ${states.before}.${q(name)} AS b WHERE ${meets(key, 'b', 'a')})`;
    connection.execute(
      `CREATE TEMP TABLE ${rows.slice(5)} AS SELECT ${keys}, CASE WHEN ${sameRow(schema, 'c', 'a')} THEN NULL ELSE '${reasons.changed}' END AS kept` +
        ` FROM main.${q(name)} AS c JOIN ${states.after}.${q(name)} AS a ON ${meets(key, 'c', 'a')}` +
        ` WHERE ${wasThere ? `NOT ${isOld}` : '1'} AND ${this.isRegistered(schema)};` +
        ` CREATE INDEX ${rows}_key ON ${rows.slice(5)} (${key.map((_, index) => `k${index}`).join(', ')})`,
    );
    this.tables.set(folded, { schema, key, rows });
  }

  /** The condition that the ledger has a row `c` as one of the run's. */
  private isRegistered(schema: TableSchema): string {
    const conditions = this.lines.flatMap((line) => {
      if (sameName(line.table, schema.name)) return [registered(line, schema, line.keyColumns)];
      // A sidecar's key is that of the rows that it completes, part by part.
      if (line.sidecar !== null && sameName(line.sidecar, schema.name))
        return [registered(line, schema, primaryKeyOf(schema))];
      return [];
    });
    return conditions.length === 0 ? '0' : `(${conditions.join(' OR ')})`;
  }

  /** Keeps rows that others, which stay, depend on; until nothing changes any more. */
  private spare(): void {
    const references = this.declaredReferences();
    for (let before = -1, now = this.countGoing(); now !== before; before = now, now = this.countGoing()) {
      for (const line of this.lines) this.spareTogether(line);
      for (const reference of references) this.spareParents(reference);
    }
  }

  /** Further references that only the plan knows. */
  spareReferredTo(references: readonly RowReference[]): void {
    if (references.length === 0 || this.tables.size === 0) return;
    for (let before = -1, now = this.countGoing(); now !== before; before = now, now = this.countGoing()) {
      for (const reference of references) this.spareParents(reference);
      this.spare();
    }
  }

  /** References of the schema to tables with rows of the run. */
  private declaredReferences(): readonly RowReference[] {
    return readReferences(this.connection).flatMap(({ child, parent, columns }) => {
      const table = this.tables.get(foldName(parent));
      if (table === undefined) return [];
      const key = primaryKeyOf(table.schema);
      const pairs = columns.map((pair, index) => ({ child: pair.child, parent: pair.parent ?? key[index] ?? '' }));
      return [{ child, parent, columns: pairs }];
    });
  }

  private spareParents({ child, parent, columns }: RowReference): void {
    const { connection } = this;
    const table = this.tables.get(foldName(parent));
    if (table === undefined || this.countOf(table.rows, 'kept IS NULL') === 0) return;
    const childSchema = this.schemaOf(child);
    const isThere = (schema: TableSchema, name: string): boolean =>
      schema.columns.some((column) => sameName(column.name, name));
    if (childSchema === null) return;
    if (!columns.every((pair) => isThere(childSchema, pair.child) && isThere(table.schema, pair.parent))) return;
    const refers = allOf(columns.map((pair) => `p.${q(pair.parent)} = x.${q(pair.child)}`));
    const going = this.tables.get(foldName(child));
    const goes =
      going === undefined
        ? '0'
        : `EXISTS (SELECT 1 FROM ${going.rows} AS g WHERE ${meetsKey(going, 'g', 'x')} AND g.kept IS NULL)`;
    const referred = this.referredBefore(
      childSchema,
      columns.map((pair) => pair.child),
    );
    connection.execute(
      `UPDATE ${table.rows} SET kept = ? WHERE kept IS NULL AND rowid IN (SELECT u.rowid FROM main.${q(child)} AS x` +
        ` CROSS JOIN main.${q(table.schema.name)} AS p ON ${refers} CROSS JOIN ${table.rows} AS u ON ${meetsKey(table, 'u', 'p')}` +
        ` WHERE u.kept IS NULL AND NOT ${goes} AND NOT ${referred})`,
      [`a row of ${childSchema.name} refers to it`],
    );
    if (connection.changes() > 0) this.referredTo = true;
  }

  /** The condition that a row `x` stood before the run as it refers now: to nothing, since what the run brought was not there. */
  private referredBefore({ name }: TableSchema, columns: readonly string[]): string {
    const was = readTable(this.connection, name, states.before);
    const isThere = (column: string): boolean => was?.columns.some((other) => sameName(other.name, column)) ?? false;
    if (was === null || !columns.every(isThere)) return '0';
    const key = rowKey(this.connection, was, ['main', states.before]);
    if (key.length === 0) return '0';
    const same = sameCells(columns.map((column) => [`w.${q(column)}`, `x.${q(column)}`] as const));
    return `EXISTS (SELECT 1 FROM ${states.before}.${q(name)} AS w WHERE ${meets(key, 'w', 'x')} AND ${same})`;
  }

  /** A row and its residual values go together, or stay together. */
  private spareTogether(line: LedgerLine): void {
    const { table: name, sidecar: sidecarName, keyColumns } = line;
    if (sidecarName === null) return;
    const table = this.tables.get(foldName(name));
    const sidecar = this.tables.get(foldName(sidecarName));
    if (sidecar === undefined) return;
    if (table === undefined) {
      if (this.isOpaque(line)) this.spareAll(sidecar, line);
      return;
    }
    const sidecarKey = primaryKeyOf(sidecar.schema);
    const meet = allOf(keyColumns.map((column, index) => `t.${q(column)} = s.${q(sidecarKey[index] ?? column)}`));
    const pairs =
      `SELECT %.rowid FROM ${table.rows} AS tr JOIN main.${q(table.schema.name)} AS t ON ${meetsKey(table, 'tr', 't')}` +
      ` JOIN main.${q(sidecar.schema.name)} AS s ON ${meet} JOIN ${sidecar.rows} AS sr ON ${meetsKey(sidecar, 'sr', 's')}`;
    this.connection.execute(
      `UPDATE ${table.rows} SET kept = ? WHERE rowid IN (${pairs.replace('%', 'tr')} WHERE tr.kept IS NULL AND sr.kept = ?)`,
      [reasons.sidecarChanged, reasons.changed],
    );
    this.connection.execute(
      `UPDATE ${sidecar.rows} SET kept = ? WHERE rowid IN (${pairs.replace('%', 'sr')} WHERE sr.kept IS NULL AND tr.kept IS NOT NULL)`,
      [reasons.belongs],
    );
  }

  /** The rows stay in a table that is left whole: so does what completes them. */
  private spareAll(sidecar: RunTable, line: LedgerLine): void {
    const { rows, schema } = sidecar;
    this.connection.execute(
      `UPDATE ${rows} SET kept = ? WHERE kept IS NULL AND rowid IN (SELECT u.rowid FROM ${rows} AS u` +
        ` JOIN main.${q(schema.name)} AS c ON ${meetsKey(sidecar, 'u', 'c')} WHERE ${registered(line, schema, primaryKeyOf(schema))})`,
      [reasons.belongs],
    );
  }

  private schemaOf(name: string): TableSchema | null {
    const folded = foldName(name);
    const known = this.schemas.get(folded);
    if (known !== undefined) return known;
    const schema = readTable(this.connection, name);
    this.schemas.set(folded, schema);
    return schema;
  }

  private countGoing(): number {
    return [...this.tables.values()].reduce((sum, { rows }) => sum + this.countOf(rows, 'kept IS NULL'), 0);
  }

  private countOf(rows: string, where: string): number {
    return this.connection.count(`SELECT count(*) FROM ${rows} WHERE ${where}`);
  }

  /** Takes the rows out. @returns how many, by table */
  delete(): readonly { readonly table: string; readonly rows: number }[] {
    const { connection } = this;
    const removed: { readonly table: string; readonly rows: number }[] = [];
    for (const table of this.tables.values()) {
      const count = this.countOf(table.rows, 'kept IS NULL');
      if (count === 0) continue;
      const name = q(table.schema.name);
      const putBack = setTriggersAside(connection, table.schema.name);
      connection.execute(
        `DELETE FROM main.${name} AS t WHERE EXISTS (SELECT 1 FROM ${table.rows} AS u WHERE ${meetsKey(table, 'u', 't')} AND u.kept IS NULL)`,
      );
      putBack();
      removed.push({ table: table.schema.name, rows: count });
    }
    return removed;
  }

  /** What stays, and why: the first of them, and how many there are. */
  kept(): { readonly listed: readonly KeptReport[]; readonly count: number } {
    const listed: KeptReport[] = [...this.keptWhole];
    let count = listed.length;
    const isListed = `kept <> '${reasons.belongs}'`;
    for (const { schema, key, rows } of this.tables.values()) {
      count += this.countOf(rows, isListed);
      const keys = key.map((_, index) => `substr(quote(k${index}), 1, 400)`).join(` || ', ' || `);
      const room = Math.max(0, listedRows - listed.length);
      for (const row of this.connection.all(`SELECT ${keys} AS k, kept FROM ${rows} WHERE ${isListed} LIMIT ${room}`))
        listed.push({ table: schema.name, key: String(row['k']), reason: String(row['kept']) });
    }
    return { listed, count };
  }

  /** Nothing of a table was left for a reason. */
  isClear(table: string): boolean {
    const found = this.tables.get(foldName(table));
    return found !== undefined && this.countOf(found.rows, 'kept IS NOT NULL') === 0;
  }

  /** A FROM clause over the rows that stay of a line of the ledger, and the key by which the ledger knows them. */
  stillRegistered(
    line: LedgerLine,
  ): { readonly relation: string; readonly key: string; readonly isInteger: boolean } | null {
    const table = this.tables.get(foldName(line.table));
    if (table === undefined) return null;
    const relation =
      `main.${q(table.schema.name)} AS c JOIN ${table.rows} AS u ON ${meetsKey(table, 'u', 'c')}` +
      ` WHERE u.kept IS NOT NULL AND ${registered(line, table.schema, line.keyColumns)}`;
    return { relation, ...ledgerKey(line, table.schema, line.keyColumns) };
  }

  /** Whether the ledger's line must stay as it is: what became of its rows cannot be told. */
  isOpaque({ table }: LedgerLine): boolean {
    return this.keptWhole.some((kept) => sameName(kept.table, table));
  }

  get names(): readonly string[] {
    return [...this.tables.values()].map(({ schema }) => schema.name);
  }
}

function meetsKey({ key }: RunTable, rows: string, table: string): string {
  return allOf(key.map((column, index) => `${rows}.k${index} = ${table}.${q(column)}`));
}

/** The key of a row `c` as the ledger has it: that of the legacy row. */
function ledgerKey(
  { keyOffset }: LedgerLine,
  schema: TableSchema,
  columns: readonly string[],
): { readonly key: string; readonly isInteger: boolean } {
  const [only] = columns;
  const isRowid =
    only !== undefined &&
    columns.length === 1 &&
    (schema.rowidAlias === null
      ? !schema.columns.some(({ name }) => sameName(name, only))
      : sameName(only, schema.rowidAlias));
  const key = keyValue(columns.map((column) => `c.${q(column)}`));
  return isRowid ? { key: `(${key} - ${keyOffset})`, isInteger: true } : { key: `(${key})`, isInteger: false };
}

function registered(line: LedgerLine, schema: TableSchema, columns: readonly string[]): string {
  if (columns.length === 0) return '0';
  const { key, isInteger } = ledgerKey(line, schema, columns);
  const ranges = `main.${rowsTable} AS r WHERE r.history = ${line.id}`;
  return isInteger
    ? `coalesce((SELECT r.last_key FROM ${ranges} AND r.first_key <= +${key} ORDER BY r.first_key DESC LIMIT 1) >= +${key}, 0)`
    : `EXISTS (SELECT 1 FROM ${ranges} AND r.first_key = +${key} COLLATE BINARY)`;
}
