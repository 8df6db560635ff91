/**
 * Rows as text: what is copied and exported.
 *
 * CSV (RFC 4180, UTF-8, CRLF): NULL is an empty field and an empty text is `""`. A text that begins with `=`, `+`, `-`,
 * `@`, a tab, a carriage return or an apostrophe gets an apostrophe before it, so that no spreadsheet takes it for a
 * formula; whoever reads the file back takes one leading apostrophe away from every field, and has the text again.
 * Numbers stand as they are. A BLOB is `x'…'`.
 *
 * JSON: integers beyond 2^53 are strings, since most readers would round them, and so are infinities; a BLOB is
 * `{ "blob": "<base64>" }`.
 *
 * SQL: one INSERT per row, with literals that give the same value and storage class again.
 */
import { quoteIdentifier, quoteText } from '../sqlite/identifiers';
import { toBase64, toHex } from './byte-text';
import type { ExactCell } from './cell-sql';
import type { RowFormat } from './model';

export interface RowWriter {
  /** What stands before the first row. */
  begin(): string;
  row(cells: readonly ExactCell[], first: boolean): string;
  end(): string;
}

export function createRowWriter(format: RowFormat, table: string, columns: readonly string[]): RowWriter {
  switch (format) {
    case 'text':
      return separated('', (cells) => cells.map(plainText).join('\t') + '\n');
    case 'csv':
      return separated(
        columns.map((name) => csvText(name)).join(',') + '\r\n',
        (cells) => cells.map(csvCell).join(',') + '\r\n',
      );
    case 'jsonLines':
      return separated('', (cells) => jsonObject(columns, cells) + '\n');
    case 'json':
      return {
        begin: () => '[',
        row: (cells, first) => `${first ? '' : ','}\n  ${jsonObject(columns, cells)}`,
        end: () => '\n]\n',
      };
    case 'markdown':
      return separated(
        `| ${columns.map(markdownText).join(' | ')} |\n| ${columns.map(() => '---').join(' | ')} |\n`,
        (cells) => `| ${cells.map((cell) => markdownText(cellText(cell))).join(' | ')} |\n`,
      );
    case 'sql': {
      const into = `INSERT INTO ${quoteIdentifier(table)} (${columns.map(quoteIdentifier).join(', ')}) VALUES (`;
      return separated('', (cells) => `${into}${cells.map(sqlLiteral).join(', ')});\n`);
    }
  }
}

function separated(header: string, row: (cells: readonly ExactCell[]) => string): RowWriter {
  return { begin: () => header, row, end: () => '' };
}

/** A literal that SQLite reads back as the same value in the same storage class. */
export function sqlLiteral({ type, text, bytes }: ExactCell): string {
  switch (type) {
    case 'null':
      return 'NULL';
    case 'integer':
      return text;
    case 'real':
      return realLiteral(text);
    case 'text':
      return bytes === null ? quoteText(text) : `CAST(x'${toHex(bytes)}' AS TEXT)`;
    case 'blob':
      return `x'${bytes === null ? '' : toHex(bytes)}'`;
  }
}

/** The largest double is below 1e309, so that SQLite reads this as infinity. */
function realLiteral(text: string): string {
  if (text === 'Inf') return '9.0e+999';
  if (text === '-Inf') return '-9.0e+999';
  return text;
}

function plainText(cell: ExactCell): string {
  return cellText(cell).replace(/[\t\r\n]+/g, ' ');
}

function cellText(cell: ExactCell): string {
  switch (cell.type) {
    case 'null':
      return 'NULL';
    case 'integer':
    case 'real':
    case 'text':
      return cell.text;
    case 'blob':
      return sqlLiteral(cell);
  }
}

function csvCell(cell: ExactCell): string {
  switch (cell.type) {
    case 'null':
      return '';
    case 'text':
      return csvText(cell.text);
    case 'integer':
    case 'real':
    case 'blob':
      return cellText(cell);
  }
}

function csvText(text: string): string {
  const safe = /^[=+\-@\t\r']/.test(text) ? `'${text}` : text;
  return safe === '' || /[",\r\n]/.test(safe) || safe.trim() !== safe ? `"${safe.replaceAll('"', '""')}"` : safe;
}

function jsonObject(columns: readonly string[], cells: readonly ExactCell[]): string {
  const members = columns.map((name, index) => `${JSON.stringify(name)}: ${jsonCell(cells[index])}`);
  return `{ ${members.join(', ')} }`;
}

function jsonCell(cell: ExactCell | undefined): string {
  switch (cell?.type) {
    case undefined:
    case 'null':
      return 'null';
    case 'integer':
      return Number.isSafeInteger(Number(cell.text)) ? cell.text : JSON.stringify(cell.text);
    case 'real':
      return Number.isFinite(Number(cell.text)) ? cell.text : JSON.stringify(cell.text);
    case 'text':
      return JSON.stringify(cell.text);
    case 'blob':
      return `{ "blob": ${JSON.stringify(toBase64(cell.bytes ?? new Uint8Array()))} }`;
  }
}

/** As text of a table's cell: nothing in it can end the cell, become markup or a link. */
function markdownText(text: string): string {
  return text
    .replace(/[\\`*_{}[\]()#+!|<>~&]/g, '\\$&')
    .replace(/\r\n|\r|\n/g, '<br>')
    .replace(/:\/\//g, ':\\//');
}
