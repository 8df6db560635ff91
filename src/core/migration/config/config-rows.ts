/** Legacy rows and entries of the file, cell by cell in one form, and sorted by what each is to the other. */
import type { ConfigRow } from '../../config/decode';
import { cellExpression, literalOf } from '../../config/value';
import type { SqliteConnection, SqliteEngine } from '../../sqlite/engine';
import { quoteIdentifier as q, quoteText } from '../../sqlite/identifiers';
import { keyOf, type Source } from './config-source';

/** A row as `cellExpression` and `keyExpression` tell it. */
interface Cells {
  /** Null where the row cannot be told by its key: an entry is missing, or no value of SQLite. */
  readonly key: string | null;
  /** Null likewise. */
  readonly cells: readonly (string | null)[];
}

export function readLegacy(legacy: SqliteConnection, source: Source): readonly Cells[] {
  const names = source.columns.map((column) => `x.${q(column)}`);
  const { rowidName, name } = source.table;
  const order =
    source.isUnique || rowidName === null
      ? source.key.map((index) => `${names[index]} COLLATE BINARY`).join(', ')
      : `x.${rowidName}`;
  return readCells(legacy, source, names, `main.${q(name)} AS x ORDER BY ${order}`);
}

/** The same of the file's rows: as SQLite reads the literals, so that 1.50 and 1.5 are one value. */
export function readFile(engine: SqliteEngine, source: Source, rows: readonly ConfigRow[]): readonly FileCells[] {
  const scratch = openScratch(engine, source);
  try {
    loadRows(scratch, source, rows);
    const names = source.columns.map((_, index) => `f.c${index}`);
    const read = readCells(scratch, source, names, 'f ORDER BY rowid');
    return rows.map((row, index) => {
      const found = read[index];
      const isValue = source.columns.map((column) => {
        const value = row?.get(column);
        return value !== undefined && literalOf(value, source.encoding) !== null;
      });
      return {
        row,
        index,
        key: source.key.every((position) => isValue[position]) ? (found?.key ?? null) : null,
        cells: source.columns.map((_, position) =>
          isValue[position] === true ? (found?.cells[position] ?? null) : null,
        ),
      };
    });
  } finally {
    scratch.close();
  }
}

/** Keys by a query of their own: a result has no more columns than a table may have. */
function readCells(
  connection: SqliteConnection,
  source: Source,
  names: readonly string[],
  from: string,
): readonly Cells[] {
  const cells = names.map((name, index) => `${cellExpression(name)} AS v${index}`);
  const rows = connection.all(`SELECT ${cells.join(', ')} FROM ${from}`);
  const keys = connection.all(`SELECT ${keyOf(source, names)} AS k FROM ${from}`);
  return rows.map((row, at) => ({
    key: String(keys[at]?.['k']),
    cells: names.map((_, index) => String(row[`v${index}`])),
  }));
}

export interface FileCells extends Cells {
  readonly row: ConfigRow;
  readonly index: number;
}

export interface Conflict {
  readonly legacy: readonly string[];
  readonly file: FileCells;
}

export interface Sorted {
  /** Cells of legacy rows that the file lacks, in key order. */
  readonly missing: readonly (readonly string[])[];
  readonly present: number;
  readonly conflicts: readonly Conflict[];
  /** Positions in the file of rows that stand for a legacy row. */
  readonly claimed: readonly number[];
}

export function sortRows(source: Source, legacyRows: readonly Cells[], fileRows: readonly FileCells[]): Sorted {
  const byKey = new Map<string, FileCells[]>();
  for (const row of fileRows) {
    if (row.key === null) continue;
    const rows = byKey.get(row.key);
    if (rows === undefined) byKey.set(row.key, [row]);
    else rows.push(row);
  }
  const missing: (readonly string[])[] = [];
  const conflicts: Conflict[] = [];
  const claimed: number[] = [];
  let present = 0;
  for (const { key, cells } of legacyRows) {
    const legacy = cells.map(String);
    const found = byKey.get(key ?? '') ?? [];
    if (found.length === 0) {
      missing.push(legacy);
      continue;
    }
    // By primary key, the file may name a row twice: unless both say the same, nobody knows which one counts.
    const other = source.isUnique ? found.find((row) => !sameList(row.cells, legacy)) : undefined;
    if (other !== undefined) {
      conflicts.push({ legacy, file: other });
      continue;
    }
    present++;
    const [first] = source.isUnique ? found : found.splice(0, 1);
    if (first !== undefined) claimed.push(first.index);
  }
  return { missing, present, conflicts, claimed };
}

export function sameList(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((item, index) => item === b[index]);
}

/** A database for rows of the file, in the encoding of the legacy one: others could not be attached to it. */
export function openScratch(engine: SqliteEngine, { encoding }: Source): SqliteConnection {
  const scratch = engine.open(new Uint8Array(), 'configuration file');
  try {
    scratch.execute(`PRAGMA encoding = ${quoteText(encoding)}`);
    return scratch;
  } catch (error) {
    scratch.close();
    throw error;
  }
}

/**
 * Table `f`: the file's rows in its order, numbered from 1, in columns without affinity. What is missing or no value of
 * SQLite is NULL here and said by the caller.
 */
export function loadRows(scratch: SqliteConnection, { columns, encoding }: Source, rows: readonly ConfigRow[]): void {
  const names = columns.map((_, index) => `c${index}`).join(', ');
  scratch.execute(`BEGIN; CREATE TABLE f (${names})`);
  for (const [index, row] of rows.entries()) {
    const literals = columns.map((column) => literalOf(row?.get(column) ?? { type: 'null' }, encoding) ?? 'NULL');
    scratch.execute(`INSERT INTO f (rowid, ${names}) VALUES (${[index + 1, ...literals].join(', ')})`);
  }
  scratch.execute('COMMIT');
}
