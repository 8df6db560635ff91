/**
 * The ledger inside each consolidated database: what earlier runs brought in, and which legacy rows those were.
 *
 * `jarvis_migration_history` has a row for each step of each run that changed something; `jarvis_migration_rows` names
 * the legacy rows that came with it, as ranges of keys. The second table is what makes a later run exact: a row that is
 * missing from the target is either new, or was migrated and deleted since, and only a record tells which. It also tells
 * by how much the keys of a row were shifted, so that rows that refer to it can follow.
 */
import { posix, win32 } from 'node:path';
import { CoreError } from '../../errors';
import type { SqliteConnection } from '../../sqlite/engine';
import { foldName, quoteText, sameName } from '../../sqlite/identifiers';
import { hasTable } from '../../sqlite/schema';

export const historyTable = 'jarvis_migration_history';

export const rowsTable = 'jarvis_migration_rows';

const historyColumns = [
  'id',
  'run',
  'finished_at',
  'domain',
  'strategy',
  'legacy_database',
  'legacy_table',
  'legacy_sha256',
  'target_table',
  'sidecar_table',
  'key_columns',
  'key_offset',
  'inserted',
  'already_present',
  'conflicts',
  'tool',
] as const;

/** What an entry is about: a legacy table, and the way that a step takes it. */
export interface LedgerSubject {
  readonly database: string;
  readonly table: string;
  readonly strategy: 'map' | 'adopt';
  /** The table that a map step fills: the same rows mapped elsewhere are another matter. Null for adopt. */
  readonly target: string | null;
}

/**
 * The name of a legacy database in the ledger: its path as seen from the folder of the target, with forward slashes.
 *
 * Not the name in the plan, which is relative to the workspace folder: a user who opens `data/` itself, or the folder
 * above the project, would have every table adopted a second time.
 */
export function ledgerName(legacyDatabase: string, targetDatabase: string): string {
  const isAbsolute = (path: string): boolean => posix.isAbsolute(path) || win32.isAbsolute(path);
  if (isAbsolute(legacyDatabase) !== isAbsolute(targetDatabase)) return legacyDatabase;
  return posix.relative(posix.dirname(targetDatabase), legacyDatabase);
}

/** What the ledger knows of a step. */
export interface LedgerEntry {
  readonly targetTable: string;
  readonly sidecarTable: string | null;
  readonly keyColumns: readonly string[];
  readonly inserted: number;
}

export function isLedgerTable(name: string): boolean {
  return sameName(name, historyTable) || sameName(name, rowsTable);
}

/** Connections that have been found to hold a ledger, or got one: no step takes it away again. */
const known = new WeakSet<SqliteConnection>();

/** @throws CoreError `plan-invalid` where a table of that name is somebody else's, or the ledger was edited */
export function hasLedger(target: SqliteConnection): boolean {
  if (known.has(target)) return true;
  const found = holdsLedger(target);
  if (found) known.add(target);
  return found;
}

function holdsLedger(target: SqliteConnection): boolean {
  const hasRows = hasTable(target, rowsTable);
  if (!hasTable(target, historyTable)) {
    if (hasRows) throw edited(target, `it has ${rowsTable} and no ${historyTable}`);
    return false;
  }
  const found = target
    .all(`SELECT name FROM pragma_table_info('${historyTable}', 'main')`)
    .map(({ name }) => String(name));
  if (found.length === 0) return false;
  const missing = historyColumns.filter((column) => !found.includes(column));
  if (missing.length === 0) {
    if (!hasRows) throw edited(target, `it has ${historyTable} and no ${rowsTable}`);
    const stray = target.count(
      `SELECT count(DISTINCT history) FROM main.${rowsTable} WHERE history NOT IN (SELECT id FROM main.${historyTable})`,
    );
    if (stray > 0) throw edited(target, `${historyTable} lacks ${stray} of the lines that ${rowsTable} belongs to`);
    return true;
  }
  throw new CoreError(
    'plan-invalid',
    `${target.label} has a table ${historyTable} that is not ours: it lacks ${missing.join(', ')}.`,
    {
      path: target.label,
      hint: 'Rename that table, then try again.',
    },
  );
}

/** A new line would get the id of one that is gone, and with it the rows of another run. */
function edited(target: SqliteConnection, finding: string): CoreError {
  return new CoreError('plan-invalid', `The ledger of ${target.label} was edited: ${finding}.`, {
    path: target.label,
    hint: 'Without it, nobody can tell which rows were migrated. Restore the database from a backup: jarvis-db backups lists them.',
  });
}

/** Names are compared as SQLite does: a legacy table that was re-created in another case is the same table. */
export function isSubject({ database, table, strategy, target }: LedgerSubject): string {
  const place = target === null ? '' : ` AND lower(h.target_table) = ${quoteText(foldName(target))}`;
  return (
    `h.legacy_database = ${quoteText(database)} AND lower(h.legacy_table) = ${quoteText(foldName(table))}` +
    ` AND h.strategy = '${strategy}'${place}`
  );
}

/** One text for what is one subject. */
export function subjectName({ database, table, strategy, target }: LedgerSubject): string {
  return JSON.stringify([database, foldName(table), strategy, target === null ? null : foldName(target)]);
}

/** The domains of which any run has brought rows. */
export function readLedgerDomains(target: SqliteConnection): readonly string[] {
  if (!hasLedger(target)) return [];
  return target.all(`SELECT DISTINCT domain FROM main.${historyTable}`).map(({ domain }) => String(domain));
}

/** The latest entry for a legacy table; null where no run has touched it. */
export function readLedgerEntry(target: SqliteConnection, subject: LedgerSubject): LedgerEntry | null {
  if (!hasLedger(target)) return null;
  const [row] = target.all(
    `SELECT target_table, sidecar_table, key_columns, inserted FROM main.${historyTable} AS h` +
      ` WHERE ${isSubject(subject)} ORDER BY id DESC LIMIT 1`,
  );
  if (row === undefined) return null;
  const keyColumns: unknown = JSON.parse(String(row['key_columns']));
  return {
    targetTable: String(row['target_table']),
    sidecarTable: row['sidecar_table'] === null ? null : String(row['sidecar_table']),
    keyColumns: Array.isArray(keyColumns) ? keyColumns.map(String) : [],
    inserted: Number(row['inserted']),
  };
}

export function createLedger(target: SqliteConnection): void {
  if (hasLedger(target)) return;
  target.execute(
    `CREATE TABLE main.${historyTable} (
  id INTEGER PRIMARY KEY,
  run TEXT NOT NULL,
  finished_at TEXT NOT NULL,
  domain TEXT NOT NULL,
  strategy TEXT NOT NULL,
  legacy_database TEXT NOT NULL,
  legacy_table TEXT NOT NULL,
  legacy_sha256 TEXT NOT NULL,
  target_table TEXT NOT NULL,
  sidecar_table TEXT,
  key_columns TEXT NOT NULL,
  key_offset INTEGER NOT NULL,
  inserted INTEGER NOT NULL,
  already_present INTEGER NOT NULL,
  conflicts INTEGER NOT NULL,
  tool TEXT NOT NULL
);
CREATE TABLE main.${rowsTable} (
  history INTEGER NOT NULL REFERENCES ${historyTable} (id),
  first_key NOT NULL,
  last_key NOT NULL,
  PRIMARY KEY (history, first_key)
) WITHOUT ROWID;`,
  );
}

export interface HistoryRow {
  readonly run: string;
  /** ISO 8601, UTC. */
  readonly finishedAt: string;
  readonly domain: string;
  /** A step's own, or `parent` for rows that its `parents` added. */
  readonly strategy: string;
  readonly legacy: Pick<LedgerSubject, 'database' | 'table'>;
  readonly legacySha256: string;
  readonly targetTable: string;
  readonly sidecarTable: string | null;
  readonly keyColumns: readonly string[];
  /** A SQL literal: it may be beyond what a number of JavaScript holds. */
  readonly keyOffset: string;
  readonly inserted: number;
  readonly alreadyPresent: number;
  readonly conflicts: number;
  readonly tool: string;
}

/** @returns the id under which rows are registered */
export function writeHistory(target: SqliteConnection, row: HistoryRow): number {
  createLedger(target);
  target.execute(
    `INSERT INTO main.${historyTable} (run, finished_at, domain, strategy, legacy_database, legacy_table, legacy_sha256,` +
      ' target_table, sidecar_table, key_columns, key_offset, inserted, already_present, conflicts, tool)' +
      ` VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ${row.keyOffset}, ?, ?, ?, ?)`,
    [
      row.run,
      row.finishedAt,
      row.domain,
      row.strategy,
      row.legacy.database,
      row.legacy.table,
      row.legacySha256,
      row.targetTable,
      row.sidecarTable,
      JSON.stringify(row.keyColumns),
      row.inserted,
      row.alreadyPresent,
      row.conflicts,
      row.tool,
    ],
  );
  return target.count('SELECT last_insert_rowid()');
}

/**
 * Registers the keys that a relation yields.
 *
 * @param relation a FROM clause, with WHERE where needed; each key once
 * @param key the key over that relation
 * @param isInteger keys are integers: neighbours become one range
 */
export function registerKeys(
  target: SqliteConnection,
  history: number,
  relation: string,
  key: string,
  isInteger: boolean,
): void {
  const insert = `INSERT INTO main.${rowsTable} (history, first_key, last_key)`;
  if (!isInteger) {
    target.execute(`${insert} SELECT ${history}, ${key}, ${key} FROM ${relation}`);
    return;
  }
  // Each by itself: the extremes of a key are found by seeking.
  const [all] = target.all(
    `SELECT n, quote(first) AS first, quote(last) AS last, last - first + 1 = n AS dense FROM (SELECT` +
      ` (SELECT count(*) FROM ${relation}) AS n, (SELECT min(${key}) FROM ${relation}) AS first, (SELECT max(${key}) FROM ${relation}) AS last)`,
  );
  if (Number(all?.['n']) === 0) return;
  if (all?.['dense'] === 1) {
    target.execute(`${insert} VALUES (${history}, ${String(all['first'])}, ${String(all['last'])})`);
    return;
  }
  // Gaps and islands: within a run of neighbours, key minus position is one number.
  target.execute(
    `${insert} SELECT ${history}, min(k), max(k) FROM (SELECT k, k - row_number() OVER (ORDER BY k) AS island` +
      ` FROM (SELECT ${key} AS k FROM ${relation})) GROUP BY island ORDER BY 1, 2`,
  );
}
