/**
 * A legacy database in the text encoding of its target: databases of different encodings cannot be attached to one
 * another, https://www.sqlite.org/lang_attach.html.
 *
 * Its schema and rows are written into a new database in memory and compared with the original, cell by cell. This is
 * the one place where values pass through JavaScript, and none of them as it is: an integer goes as text, a text as the
 * bytes it has in its file, and both are cast back.
 *
 * Full-text indexes come along: tokenizers get UTF-8 whatever the database's encoding is,
 * https://www.sqlite.org/fts5.html#custom_tokenizers, so that the blobs of an index hold the same in any.
 */
import { CoreError, messageOf } from '../../errors';
import type { WarningReport } from '../../report/model';
import type { SqliteConnection, SqliteEngine, SqlRow, SqlValue } from '../../sqlite/engine';
import { quoteIdentifier as q, quoteText, sameName } from '../../sqlite/identifiers';
import { readObjects, readTables, type TableSchema } from '../../sqlite/schema';
import { enterVirtual, isMovable, readVirtualTables, reloadSchema } from '../../sqlite/virtual-table';
import { warning } from '../warnings';
import { reencode, type TextEncoding } from './text-encoding';

export interface Transcoded {
  /** Open, in the encoding that was asked for; the caller's to close. */
  readonly connection: SqliteConnection;
  readonly warnings: readonly WarningReport[];
}

/** Rows that are carried at a time. */
const batch = 500;

/**
 * @param legacy open, sound
 * @throws CoreError `encoding-mismatch` where it cannot be written in the other encoding
 */
export function transcode(engine: SqliteEngine, legacy: SqliteConnection, encoding: TextEncoding): Transcoded {
  const connection = engine.open(new Uint8Array(), legacy.label);
  try {
    const carrier = new Carrier(legacy, connection, encoding);
    carrier.carryAll();
    return { connection, warnings: carrier.warnings };
  } catch (error) {
    connection.close();
    throw new CoreError(
      'encoding-mismatch',
      `${legacy.label} stores text in another encoding than its target, and cannot be written in that one: ${messageOf(error)}`,
      {
        path: legacy.label,
        hint: `Write it anew in the encoding of the target, and put that in its place: ${rewriting(legacy.label, encoding)}`,
        cause: error,
      },
    );
  }
}

/** The commands that write a database in another encoding, which lasts only where the same session makes a table. */
export function rewriting(database: string, encoding: TextEncoding): string {
  return `sqlite3 ${database} .dump > dump.sql, then sqlite3 new.db "PRAGMA encoding = '${encoding}'" ".read dump.sql"`;
}

class Carrier {
  readonly warnings: WarningReport[] = [];
  private readonly from: TextEncoding;

  constructor(
    private readonly source: SqliteConnection,
    private readonly sink: SqliteConnection,
    private readonly to: TextEncoding,
  ) {
    this.from = String(source.all('PRAGMA encoding')[0]?.['encoding']) as TextEncoding;
  }

  carryAll(): void {
    const { source, sink } = this;
    const virtual = readVirtualTables(source);
    const unknown = virtual.find((table) => !isMovable(table));
    if (unknown !== undefined) throw new Error(`the virtual table ${unknown.name} keeps its text in a form of its own`);
    const objects = readObjects(source).filter(({ sql }) => !virtual.some((table) => table.sql === sql));
    const create = (which: (type: string) => boolean): void => {
      for (const { type, sql } of objects) if (sql !== null && which(type)) sink.execute(sql);
    };
    sink.execute(`PRAGMA encoding = ${quoteText(this.to)}; PRAGMA ignore_check_constraints = ON; BEGIN`);
    create((type) => type === 'table');
    const tables = [...readTables(source)].filter(({ name }) => !virtual.some((table) => sameName(table.name, name)));
    for (const table of tables) this.carry(table);
    if (source.count("SELECT count(*) FROM sqlite_schema WHERE name = 'sqlite_sequence'") > 0) {
      sink.execute('DELETE FROM sqlite_sequence');
      this.carry(sequence);
    }
    create((type) => type !== 'table');
    for (const { name, sql } of virtual) enterVirtual(sink, name, sql);
    sink.execute('COMMIT; PRAGMA ignore_check_constraints = OFF');
    if (virtual.length > 0) reloadSchema(sink);
    for (const table of tables) this.compare(table);
  }

  private carry(table: TableSchema): void {
    const columns = storedColumns(table);
    const values = columns.map(
      () =>
        "CASE ? WHEN 'text' THEN CAST(? AS TEXT) WHEN 'integer' THEN CAST(? AS INTEGER) WHEN 'real' THEN 0.0 + ? WHEN '-0.0' THEN 0.0 * -1 ELSE ? END",
    );
    const insert = `INSERT OR ABORT INTO main.${q(table.name)} (${columns.join(', ')}) VALUES (${values.join(', ')})`;
    let malformed = 0;
    for (const row of this.rows(this.source, table)) {
      const parameters: SqlValue[] = [];
      for (const { kind, value } of cellsOf(row, columns.length)) {
        let carried = value;
        if (kind === 'text' && value instanceof Uint8Array) {
          const text = reencode(value, this.from, this.to);
          if (!text.wellFormed) malformed++;
          carried = text.bytes;
        }
        parameters.push(isNegativeZero(kind, value) ? '-0.0' : kind, carried, carried, carried, carried);
      }
      this.sink.execute(insert, parameters);
    }
    if (malformed === 0) return;
    const texts = malformed === 1 ? '1 text is' : `${malformed} texts are`;
    const message = `${this.source.label} ${table.name}: ${texts} not well-formed ${this.from}; each half of a surrogate pair is kept as three bytes of its own.`;
    this.warnings.push(warning('malformed-text', message));
  }

  /** Every cell of the new database is the one of the old: in the order of rowids where there are any, else as bags. */
  private compare(table: TableSchema): void {
    const width = storedColumns(table).length;
    const lines = (rows: Iterable<SqlRow>, convert: (bytes: Uint8Array) => Uint8Array): Iterable<string> =>
      describeRows(rows, width, convert);
    const was = lines(this.rows(this.source, table), (bytes) => reencode(bytes, this.from, this.to).bytes);
    const is = lines(this.rows(this.sink, table), (bytes) => bytes);
    // Texts sort by their bytes, which are others now.
    const equal = table.rowidName === null ? sameLines([...was].sort(), [...is].sort()) : sameLines(was, is);
    if (!equal) throw new Error(`${table.name} did not come out as it was`);
  }

  /** `k0, v0, k1, v1, …`: the storage class of each stored column, and what carries its value. */
  private *rows(connection: SqliteConnection, table: TableSchema): Generator<SqlRow> {
    const { rowidName, name } = table;
    const cells = storedColumns(table).map(
      (column, index) =>
        `typeof(${column}) AS k${index}, CASE typeof(${column}) WHEN 'text' THEN CAST(${column} AS BLOB) WHEN 'integer' THEN CAST(${column} AS TEXT) ELSE ${column} END AS v${index}`,
    );
    if (rowidName === null) {
      yield* connection.all(`SELECT ${cells.join(', ')} FROM main.${q(name)}`);
      return;
    }
    const select = `SELECT CAST(${rowidName} AS TEXT) AS place, ${cells.join(', ')} FROM main.${q(name)}`;
    const order = `ORDER BY ${rowidName} LIMIT ${batch}`;
    let rows = connection.all(`${select} ${order}`);
    while (rows.length > 0) {
      yield* rows;
      const last = rows.at(-1)?.['place'] ?? null;
      rows = connection.all(`${select} WHERE ${rowidName} > CAST(? AS INTEGER) ${order}`, [last]);
    }
  }
}

const sequence: TableSchema = {
  name: 'sqlite_sequence',
  columns: ['name', 'seq'].map((name) => {
    return { name, type: '', notNull: false, defaultSql: null, primaryKey: 0, generated: false };
  }),
  withoutRowid: false,
  strict: false,
  rowidAlias: null,
  rowidName: 'rowid',
};

/** Names for SQL: the rowid where no column is another name for it, and every column that is not computed. */
function storedColumns({ rowidName, rowidAlias, columns }: TableSchema): readonly string[] {
  const stored = columns.filter(({ generated }) => !generated).map(({ name }) => q(name));
  return rowidName === null || rowidAlias !== null ? stored : [rowidName, ...stored];
}

function cellsOf(row: SqlRow, width: number): readonly { readonly kind: string; readonly value: SqlValue }[] {
  return Array.from({ length: width }, (_, index) => ({
    kind: String(row[`k${index}`]),
    value: row[`v${index}`] ?? null,
  }));
}

function isNegativeZero(kind: string, value: SqlValue): boolean {
  return kind === 'real' && Object.is(value, -0);
}

function* describeRows(
  rows: Iterable<SqlRow>,
  width: number,
  convert: (bytes: Uint8Array) => Uint8Array,
): Generator<string> {
  for (const row of rows) {
    const cells = cellsOf(row, width).map(({ kind, value }) => {
      if (!(value instanceof Uint8Array)) return `${kind} ${isNegativeZero(kind, value) ? '-0' : String(value)}`;
      return `${kind} ${Buffer.from(kind === 'text' ? convert(value) : value).toString('hex')}`;
    });
    yield cells.join('\n');
  }
}

function sameLines(a: Iterable<string>, b: Iterable<string>): boolean {
  const others = b[Symbol.iterator]();
  for (const line of a) {
    const other = others.next();
    if (other.done === true || other.value !== line) return false;
  }
  return others.next().done === true;
}
