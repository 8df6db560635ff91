/**
 * The ledger inside each consolidated database: what earlier runs brought in, and which legacy rows those were.
 *
 * `jarvis_migration_history` has a row for each step of each run that changed something; `jarvis_migration_rows` names
 * the legacy rows that came with it, by key. The second table is what makes a later run exact: a row that is missing
 * from the target is either new, or was migrated and deleted since, and only a record tells which.
 */
import { posix, win32 } from 'node:path';
import { CoreError } from '../errors';
import type { SqliteConnection } from '../sqlite/engine';
import { quoteIdentifier as q, sameName } from '../sqlite/identifiers';

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
  'inserted',
  'already_present',
  'conflicts',
  'tool',
] as const;

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
}

export function isLedgerTable(name: string): boolean {
  return sameName(name, historyTable) || sameName(name, rowsTable);
}

export function hasLedger(target: SqliteConnection, schema = 'main'): boolean {
  const found = target
    .all(`SELECT name FROM pragma_table_info('${historyTable}', '${schema}')`)
    .map(({ name }) => String(name));
  if (found.length === 0) return false;
  const missing = historyColumns.filter((column) => !found.includes(column));
  if (missing.length === 0) return true;
  throw new CoreError(
    'plan-invalid',
    `${target.label} has a table ${historyTable} that is not ours: it lacks ${missing.join(', ')}.`,
    {
      path: target.label,
      hint: 'Rename that table, then try again.',
    },
  );
}

/** The latest entry for a legacy table; null where no run has touched it. */
export function readLedgerEntry(
  target: SqliteConnection,
  legacyDatabase: string,
  legacyTable: string,
): LedgerEntry | null {
  if (!hasLedger(target)) return null;
  const [row] = target.all(
    `SELECT target_table, sidecar_table, key_columns FROM main.${historyTable}` +
      ' WHERE legacy_database = ? AND legacy_table = ? ORDER BY id DESC LIMIT 1',
    [legacyDatabase, legacyTable],
  );
  if (row === undefined) return null;
  const keyColumns: unknown = JSON.parse(String(row['key_columns']));
  return {
    targetTable: String(row['target_table']),
    sidecarTable: row['sidecar_table'] === null ? null : String(row['sidecar_table']),
    keyColumns: Array.isArray(keyColumns) ? keyColumns.map(String) : [],
  };
}

/** A subquery with the keys of a legacy table's rows that earlier runs registered; empty where there is no ledger. */
export function registeredKeys(target: SqliteConnection, schema = 'main'): string {
  if (!hasLedger(target, schema)) return '(SELECT NULL AS legacy_key WHERE 0 AND ? = ?)';
  return (
    `(SELECT legacy_key FROM ${q(schema)}.${rowsTable} WHERE history IN` +
    ` (SELECT id FROM ${q(schema)}.${historyTable} WHERE legacy_database = ? AND legacy_table = ?))`
  );
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
  inserted INTEGER NOT NULL,
  already_present INTEGER NOT NULL,
  conflicts INTEGER NOT NULL,
  tool TEXT NOT NULL
);
CREATE TABLE main.${rowsTable} (
  history INTEGER NOT NULL REFERENCES ${historyTable} (id),
  legacy_key NOT NULL,
  PRIMARY KEY (history, legacy_key)
) WITHOUT ROWID;`,
  );
}

export interface HistoryRow {
  readonly run: string;
  /** ISO 8601, UTC. */
  readonly finishedAt: string;
  readonly domain: string;
  readonly strategy: string;
  readonly legacyDatabase: string;
  readonly legacyTable: string;
  readonly legacySha256: string;
  readonly targetTable: string;
  readonly sidecarTable: string | null;
  readonly keyColumns: readonly string[];
  readonly inserted: number;
  readonly alreadyPresent: number;
  readonly conflicts: number;
  readonly tool: string;
}

/** @returns the id under which rows are registered */
export function writeHistory(target: SqliteConnection, row: HistoryRow): number {
  target.execute(
    `INSERT INTO main.${historyTable} (run, finished_at, domain, strategy, legacy_database, legacy_table, legacy_sha256,` +
      ' target_table, sidecar_table, key_columns, inserted, already_present, conflicts, tool)' +
      ' VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
    [
      row.run,
      row.finishedAt,
      row.domain,
      row.strategy,
      row.legacyDatabase,
      row.legacyTable,
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
