/** SQLite compiled to WebAssembly: the only file that imports sql.js. */
import initSqlJs, { type Database, type SqlJsStatic } from 'sql.js';
import { CoreError, messageOf } from '../errors';
import { quoteIdentifier, quoteText } from './identifiers';
import { privateImage, sharedImage, type ImageFile } from './image-file';
import type { OpenOptions, SqliteConnection, SqliteEngine, SqlRow, SqlValue } from './engine';

/** @param wasmBinary the bytes of `sql-wasm.wasm` */
export async function loadSqlJs(wasmBinary: Uint8Array): Promise<SqliteEngine> {
  const sql = await initSqlJs({ wasmBinary: wasmBinary as unknown as ArrayBuffer });
  return new SqlJsEngine(sql);
}

class SqlJsEngine implements SqliteEngine {
  readonly version: string;
  private warm = false;

  constructor(private readonly sql: SqlJsStatic) {
    const probe = new sql.Database();
    this.version = String(probe.exec('SELECT sqlite_version()')[0]?.values[0]?.[0]);
    probe.close();
  }

  open(image: Uint8Array, label: string, { access = 'private', room = 0 }: OpenOptions = {}): SqliteConnection {
    const file = access === 'shared' && image.length > 0 ? sharedImage(image) : privateImage(image, room);
    const connection = new SqlJsConnection(new this.sql.Database(file.bytes), label, file, access === 'shared');
    try {
      connection.execute(
        'PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; PRAGMA foreign_keys = OFF;' +
          ' PRAGMA temp_store = MEMORY; PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF;' +
          (access === 'shared' ? ' PRAGMA query_only = ON; PRAGMA main.locking_mode = EXCLUSIVE;' : ''),
      );
      connection.count('SELECT count(*) FROM main.sqlite_schema');
    } catch (error) {
      connection.close();
      const cause = messageOf(error);
      const notSqlite = /not a database/i.test(cause);
      throw new CoreError(notSqlite ? 'not-sqlite' : 'damaged', `${label}: SQLite cannot open it: ${cause}`, {
        path: label,
        hint: 'Restore the file from a backup, or try the .recover command of the sqlite3 shell on a copy.',
        cause: error,
      });
    }
    return connection;
  }

  /**
   * Lets V8 optimise SQLite's inner loops. WebAssembly has no on-stack replacement: a statement that enters them before
   * they were optimised stays slow to its end, and ours run for seconds (the first integrity check took twice as long).
   */
  warmUp(): void {
    if (this.warm) return;
    this.warm = true;
    const database = new this.sql.Database();
    try {
      database.run(
        'CREATE TABLE a (k INTEGER PRIMARY KEY, b, c); CREATE INDEX i ON a (b);' +
          ' WITH RECURSIVE n (k) AS (VALUES (1) UNION ALL SELECT k + 1 FROM n WHERE k < 2000)' +
          ' INSERT INTO a SELECT k, hex(randomblob(9)), k FROM n; CREATE TABLE w (k, b, c)',
      );
      for (let round = 0; round < 3; round++) {
        database.exec('PRAGMA integrity_check');
        database.run('INSERT INTO w SELECT * FROM a; CREATE INDEX j ON w (b); DROP INDEX j; DELETE FROM w');
      }
    } finally {
      database.close();
    }
  }
}

class SqlJsConnection implements SqliteConnection {
  constructor(
    private readonly database: Database,
    readonly label: string,
    private readonly file: ImageFile,
    private readonly isShared: boolean,
  ) {}

  attach(other: SqliteConnection, schema: string): void {
    if (!(other instanceof SqlJsConnection)) throw new TypeError('Only databases of one engine can be attached.');
    // Both databases live in one module's memory file system, where sql.js keeps each under a name of its own.
    this.execute(`ATTACH ${quoteText(other.fileName)} AS ${quoteIdentifier(schema)}`);
    if (other.isShared) this.execute(`PRAGMA ${quoteIdentifier(schema)}.locking_mode = EXCLUSIVE`);
  }

  detach(schema: string): void {
    this.execute(`DETACH ${quoteIdentifier(schema)}`);
  }

  execute(sql: string, parameters: readonly SqlValue[] = []): void {
    this.guard(sql, () => {
      // With parameters, sql.js runs the first statement only; without them, all.
      if (parameters.length === 0) this.database.run(sql);
      else this.database.run(sql, [...parameters]);
    });
  }

  all(sql: string, parameters: readonly SqlValue[] = []): readonly SqlRow[] {
    return this.guard(sql, () => {
      const statement = this.database.prepare(sql, [...parameters]);
      try {
        const names = statement.getColumnNames();
        const rows: SqlRow[] = [];
        while (statement.step()) {
          const values = statement.get();
          // Not getAsObject(): a column called __proto__ must stay a column.
          rows.push(Object.fromEntries(names.map((name, index) => [name, values[index] ?? null])));
        }
        return rows;
      } finally {
        statement.free();
      }
    });
  }

  columnNames(sql: string): readonly string[] {
    return this.guard(sql, () => {
      const statement = this.database.prepare(sql);
      try {
        return statement.getColumnNames();
      } finally {
        statement.free();
      }
    });
  }

  count(sql: string, parameters: readonly SqlValue[] = []): number {
    const [row] = this.all(sql, parameters);
    return Number(row === undefined ? 0 : Object.values(row)[0]);
  }

  define(name: string, implementation: (...values: SqlValue[]) => SqlValue | boolean): void {
    this.database.create_function(name, implementation);
  }

  changes(): number {
    return this.database.getRowsModified();
  }

  export(): Uint8Array {
    return this.guard('export', () => this.exportInPlace() ?? this.database.export());
  }

  /** The file's own bytes, where they are still those that SQLite reads and no transaction is open. */
  private exportInPlace(): Uint8Array | null {
    try {
      this.database.run('BEGIN; ROLLBACK');
    } catch {
      return null;
    }
    // A page cache of nothing: what is read now is read from the file.
    const current = this.file.isCurrent(() => {
      this.database.run('PRAGMA shrink_memory; SELECT count(*) FROM main.sqlite_schema');
    });
    if (!current) return null;
    return this.file.take(this.count('PRAGMA main.page_count') * this.count('PRAGMA main.page_size'));
  }

  close(): void {
    this.database.close();
  }

  private get fileName(): string {
    return (this.database as Database & { readonly filename: string }).filename;
  }

  /** sql.js throws errors, and bare strings in places: everything leaves as a CoreError that names the database. */
  private guard<T>(sql: string, action: () => T): T {
    try {
      return action();
    } catch (error) {
      const excerpt = sql.length > 160 ? `${sql.slice(0, 160)}…` : sql;
      throw new CoreError('sql-failed', `${this.label}: ${messageOf(error)} (in: ${excerpt})`, {
        path: this.label,
        cause: error,
      });
    }
  }
}
