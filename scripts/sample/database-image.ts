import type { Database, SqlJsStatic } from 'sql.js';
import { fillEmptyTables } from './fill.js';
import type { Row, SqlValue, TableRows, Variant } from './values.js';

/** One database of the sample: where it lies, its schema in SQL, and what is in it. */
export interface SampleDatabase {
  /** Relative to the workspace, with forward slashes. */
  readonly path: string;
  readonly journalMode: 'wal' | 'delete';
  readonly schema: string;
  readonly rows?: (variant: Variant) => readonly TableRows[];
  /** Triggers that must not see the sample rows going in. */
  readonly triggers?: string;
}

/** Write and read version of a file in WAL mode, at bytes 18 and 19 of the header; in any other mode they are 1. */
const WAL_FORMAT = 2;

/** The bytes of a database file: the same for the same database and variant, whenever and wherever it is made. */
export function databaseImage(sql: SqlJsStatic, database: SampleDatabase, variant: Variant): Uint8Array {
  const connection = new sql.Database();
  try {
    connection.run('PRAGMA foreign_keys = ON');
    connection.run('BEGIN');
    connection.run(database.schema);
    for (const table of database.rows?.(variant) ?? []) insertRows(connection, database.path, table);
    if (variant.fill) fillEmptyTables(connection, database.path, variant);
    connection.run(database.triggers ?? '');
    connection.run('COMMIT');
    return withJournalMode(connection.export(), database.journalMode);
  } finally {
    connection.close();
  }
}

function insertRows(connection: Database, path: string, { table, rows, sequence }: TableRows): void {
  const columns = columnNames(connection, table);
  const statement = connection.prepare(
    `INSERT INTO ${table} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`,
  );
  try {
    for (const row of rows) statement.run(bindings(row, columns, `${path} ${table}`));
  } catch (cause) {
    throw new Error(`${path} ${table}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  } finally {
    statement.free();
  }
  if (sequence !== undefined) {
    const [used] = connection.exec('SELECT max(seq) FROM sqlite_sequence WHERE name = ?', [table]);
    connection.run('DELETE FROM sqlite_sequence WHERE name = ?', [table]);
    connection.run('INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)', [
      table,
      Math.max(sequence, Number(used?.values[0]?.[0] ?? 0)),
    ]);
  }
}

function columnNames(connection: Database, table: string): string[] {
  const [result] = connection.exec('SELECT name FROM pragma_table_info(?) ORDER BY cid', [table]);
  if (result === undefined) throw new Error(`no such table: ${table}`);
  return result.values.map(([name]) => String(name));
}

/** The values in the order of the columns; a column left out would be filled by a DEFAULT, with the clock at worst. */
function bindings(row: Row, columns: readonly string[], where: string): SqlValue[] {
  const unknown = Object.keys(row).filter((name) => !columns.includes(name));
  if (unknown.length > 0) throw new Error(`${where}: no such column: ${unknown.join(', ')}`);
  return columns.map((name) => {
    const value = row[name];
    if (value === undefined) throw new Error(`${where}: the sample row says nothing about ${name}`);
    return value;
  });
}

/** sql.js exports every database out of WAL mode. While no -wal file exists, WAL mode is nothing but these two bytes. */
function withJournalMode(image: Uint8Array, journalMode: SampleDatabase['journalMode']): Uint8Array {
  if (journalMode === 'wal') image.fill(WAL_FORMAT, 18, 20);
  return image;
}
