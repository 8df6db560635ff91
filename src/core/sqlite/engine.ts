/**
 * The port to SQLite: everything the core asks of a database engine, and nothing of any particular one.
 *
 * Rows come back only for metadata, counts and display. Table values are moved by SQL between attached databases
 * inside the engine: through JavaScript, integers from 2^31 on turn REAL, 1.0 turns INTEGER and invalid UTF-8 is
 * replaced.
 */
import { CoreError, messageOf } from '../errors';

export type SqlValue = number | string | Uint8Array | null;
export type SqlRow = Readonly<Record<string, SqlValue>>;

export interface SqliteEngine {
  /** The version of the SQLite library, e.g. `3.54.1`. */
  readonly version: string;
  /**
   * Gets ready for statements that run for seconds. Takes a third of a second itself, and has its effect some time
   * after: call it before the files are read.
   */
  warmUp(): void;
  /**
   * Opens a database image in memory; the given bytes are never changed.
   *
   * @param image the whole main file; an empty array opens a new, empty database
   * @param label the file's name, for error messages
   * @throws CoreError `not-sqlite` or `damaged` where SQLite cannot read the schema
   */
  open(image: Uint8Array, label: string, options?: OpenOptions): SqliteConnection;
}

export interface OpenOptions {
  /**
   * `private`, the default: a copy of the image, which may be written. `shared`: the image itself, for reading only; it
   * must stay as it is until the connection is closed.
   */
  readonly access?: 'private' | 'shared';
  /** Bytes that a private image is expected to grow to: growing in steps copies it again and again. */
  readonly room?: number;
}

export interface SqliteConnection {
  /** The file's name, for error messages. */
  readonly label: string;
  /** Attaches another open database of the same engine under a schema name. */
  attach(other: SqliteConnection, schema: string): void;
  detach(schema: string): void;
  /** Runs one or more statements. @throws CoreError `sql-failed` */
  execute(sql: string, parameters?: readonly SqlValue[]): void;
  /** All rows of one query, by column name. @throws CoreError `sql-failed` */
  all(sql: string, parameters?: readonly SqlValue[]): readonly SqlRow[];
  /** The names of a query's columns: it is compiled and not run. @throws CoreError `sql-failed` */
  columnNames(sql: string): readonly string[];
  /** The first column of the first row of one query, as a number. @throws CoreError `sql-failed` */
  count(sql: string, parameters?: readonly SqlValue[]): number;
  /** Makes a function callable from this connection's SQL; an error that it throws fails the statement. */
  define(name: string, implementation: (...values: SqlValue[]) => SqlValue | boolean): void;
  /** Rows changed by the last INSERT, UPDATE or DELETE. */
  changes(): number;
  /** The database as file bytes, which may be those it was kept in: call it last, and nothing but `close` after it. */
  export(): Uint8Array;
  close(): void;
}

/** Whether a failure is a constraint of the schema (UNIQUE, NOT NULL, CHECK, STRICT datatype, …) that refused a row. */
export function isConstraintFailure(error: unknown): boolean {
  return /constraint failed|cannot store \w+ value in|datatype mismatch/i.test(sqliteWords(error));
}

/** SQLite's own words behind an error of the port, without the statement. */
export function sqliteWords(error: unknown): string {
  return messageOf(error instanceof CoreError && error.cause !== undefined ? error.cause : error);
}
