/**
 * Cells as SQL hands them out. Text travels as bytes: as a string it would lose a leading byte order mark, everything
 * behind a NUL, and bytes that are no valid text; numbers travel as SQLite's own text.
 */
import type { SqliteConnection, SqlRow, SqlValue } from '../sqlite/engine';
import { toHex } from './byte-text';
import { displayedBytes, displayedTextBytes, type Cell, type StorageClass } from './model';

/** Result columns of one statement at most; SQLite's limit is 2,000. */
const mostResultColumns = 1_500;

export type TextEncodingName = 'utf-8' | 'utf-16le' | 'utf-16be';

export function encodingOf(connection: SqliteConnection): TextEncodingName {
  const [row] = connection.all('PRAGMA encoding');
  switch (String(row?.['encoding'])) {
    case 'UTF-16le':
      return 'utf-16le';
    case 'UTF-16be':
      return 'utf-16be';
    default:
      return 'utf-8';
  }
}

/** A value with its storage class, all of it: what is copied and exported. */
export interface ExactCell {
  readonly type: StorageClass;
  /** Numbers as SQLite prints them, with all digits; a text decoded; empty for NULL and BLOBs. */
  readonly text: string;
  /** The bytes of a BLOB, or of a text that is not valid or has a NUL in it; null for the others. */
  readonly bytes: Uint8Array | null;
}

type Columns = (expression: string, index: number) => string;

const displayed: Columns = (e, index) =>
  `typeof(${e}) AS t${index}, CASE typeof(${e}) WHEN 'text' THEN substr(CAST(${e} AS BLOB), 1, ${displayedTextBytes})` +
  ` WHEN 'blob' THEN substr(${e}, 1, ${displayedBytes}) ELSE CAST(${e} AS TEXT) END AS v${index}, octet_length(${e}) AS s${index}`;

const exact: Columns = (e, index) =>
  `typeof(${e}) AS t${index}, CASE WHEN typeof(${e}) IN ('text', 'blob') THEN CAST(${e} AS BLOB) ELSE CAST(${e} AS TEXT) END AS v${index}`;

/** Runs a query of rows once for every so many columns, and puts the parts together. */
function selectCells<T>(
  connection: SqliteConnection,
  expressions: readonly string[],
  columns: Columns,
  statement: (columns: string) => { readonly sql: string; readonly parameters: readonly SqlValue[] },
  decode: (row: SqlRow, index: number) => T,
): T[][] {
  const rows: T[][] = [];
  const step = Math.floor(mostResultColumns / 3);
  for (let first = 0; first < expressions.length || first === 0; first += step) {
    const part = expressions.slice(first, first + step);
    const { sql, parameters } = statement(part.length === 0 ? '1' : part.map(columns).join(', '));
    for (const [at, row] of connection.all(sql, parameters).entries()) {
      const cells = (rows[at] ??= []);
      for (let index = 0; index < part.length; index++) cells.push(decode(row, index));
    }
  }
  return rows;
}

export function readDisplayedCells(
  connection: SqliteConnection,
  expressions: readonly string[],
  statement: (columns: string) => { readonly sql: string; readonly parameters: readonly SqlValue[] },
  encoding: TextEncodingName,
): Cell[][] {
  return selectCells(connection, expressions, displayed, statement, (row, index) => {
    const type = row[`t${index}`] as StorageClass;
    const value = row[`v${index}`];
    const size = Number(row[`s${index}`]);
    switch (type) {
      case 'null':
        return { type, text: '' };
      case 'integer':
      case 'real':
        return { type, text: String(value) };
      case 'text': {
        const bytes = bytesOf(value);
        // Where it is cut, it may be in the middle of a character.
        return bytes.length < size
          ? { type, text: new TextDecoder(encoding, { ignoreBOM: true }).decode(bytes, { stream: true }), size }
          : { type, text: decodeText(bytes, encoding).text };
      }
      case 'blob':
        return { type, text: toHex(bytesOf(value)), size };
    }
  });
}

export function readExactCells(
  connection: SqliteConnection,
  expressions: readonly string[],
  statement: (columns: string) => { readonly sql: string; readonly parameters: readonly SqlValue[] },
  encoding: TextEncodingName,
): ExactCell[][] {
  return selectCells(connection, expressions, exact, statement, (row, index): ExactCell => {
    const type = row[`t${index}`] as StorageClass;
    const value = row[`v${index}`];
    switch (type) {
      case 'null':
        return { type, text: '', bytes: null };
      case 'integer':
      case 'real':
        return { type, text: String(value), bytes: null };
      case 'text': {
        const bytes = bytesOf(value);
        const { text, valid } = decodeText(bytes, encoding);
        return { type, text, bytes: valid && !text.includes('\0') ? null : bytes };
      }
      case 'blob':
        return { type, text: '', bytes: bytesOf(value) };
    }
  });
}

/** Every byte that is no text as U+FFFD; a byte order mark stays. */
export function decodeText(
  bytes: Uint8Array,
  encoding: TextEncodingName,
): { readonly text: string; readonly valid: boolean } {
  try {
    return { text: new TextDecoder(encoding, { ignoreBOM: true, fatal: true }).decode(bytes), valid: true };
  } catch {
    return { text: new TextDecoder(encoding, { ignoreBOM: true }).decode(bytes), valid: false };
  }
}

/** An empty BLOB comes out of some engines as NULL. */
function bytesOf(value: SqlValue | undefined): Uint8Array {
  return value instanceof Uint8Array ? value : new Uint8Array();
}
