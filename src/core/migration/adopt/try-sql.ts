/** Statements that may fail, where that they do is an answer. */
import { sqliteWords, type SqliteConnection } from '../../sqlite/engine';

/** SQLite's own words where a statement fails; null where it does not. */
export function failureOf(connection: SqliteConnection, sql: string | null): string | null {
  try {
    if (sql !== null) connection.execute(sql);
    return null;
  } catch (error) {
    return sqliteWords(error);
  }
}

export function tryExecute(connection: SqliteConnection, sql: string | null): boolean {
  return failureOf(connection, sql) === null;
}
