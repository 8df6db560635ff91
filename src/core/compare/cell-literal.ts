/**
 * Cells as SQL literals on one line, for display.
 *
 * What a literal cannot show as it is (control characters, what changes the direction of text) stands in SQLite's own
 * `unistr('…')`, https://www.sqlite.org/lang_corefunc.html#unistr, so that it reads back as the same value.
 */
import { toHex } from '../browse/byte-text';
import { decodeText, encodingOf, type TextEncodingName } from '../browse/cell-sql';
import type { StorageClass } from '../browse/model';
import type { SqliteConnection, SqlRow, SqlValue } from '../sqlite/engine';

/** Bytes of a text or BLOB that are shown. */
export const shownBytes = 2_000;

/** Expressions that one statement reads; three result columns each, of SQLite's 2,000. */
const mostExpressions = 500;

const hidden = /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u;

/**
 * Runs a query of rows, once for every so many expressions: its order must be the same each time.
 *
 * @param from everything of the statement behind its result columns
 */
export function readLiterals(
  connection: SqliteConnection,
  expressions: readonly string[],
  from: string,
  parameters: readonly SqlValue[] = [],
  most = shownBytes,
): string[][] {
  const encoding = encodingOf(connection);
  const rows: string[][] = [];
  for (let first = 0; first < expressions.length; first += mostExpressions) {
    const part = expressions.slice(first, first + mostExpressions);
    const columns = part.map(
      (e, index) =>
        `typeof(${e}) AS t${index}, octet_length(${e}) AS s${index}, CASE WHEN typeof(${e}) IN ('text', 'blob')` +
        ` THEN substr(CAST(${e} AS BLOB), 1, ${most}) ELSE CAST(${e} AS TEXT) END AS v${index}`,
    );
    for (const [at, row] of connection.all(`SELECT ${columns.join(', ')} ${from}`, parameters).entries()) {
      const cells = (rows[at] ??= []);
      for (let index = 0; index < part.length; index++) cells.push(literalOf(row, index, encoding));
    }
  }
  return rows;
}

function literalOf(row: SqlRow, index: number, encoding: TextEncodingName): string {
  const value = row[`v${index}`];
  const type = row[`t${index}`] as StorageClass;
  switch (type) {
    case 'null':
      return 'NULL';
    case 'integer':
      return String(value);
    case 'real':
      return realLiteral(String(value));
    case 'text':
    case 'blob': {
      // An empty BLOB comes out of some engines as NULL.
      const bytes = value instanceof Uint8Array ? value : new Uint8Array();
      const size = Number(row[`s${index}`]);
      const cut = size > bytes.length ? `… (${size} bytes)` : '';
      return (type === 'blob' ? `x'${toHex(bytes)}'` : textLiteral(bytes, encoding, cut !== '')) + cut;
    }
  }
}

/** The largest double is below 1e309, so that SQLite reads this as infinity. */
function realLiteral(text: string): string {
  if (text === 'Inf') return '9.0e+999';
  return text === '-Inf' ? '-9.0e+999' : text;
}

/** @param cut the bytes may end in the middle of a character */
function textLiteral(bytes: Uint8Array, encoding: TextEncodingName, cut: boolean): string {
  const { text, valid } = cut
    ? { text: new TextDecoder(encoding, { ignoreBOM: true }).decode(bytes, { stream: true }), valid: true }
    : decodeText(bytes, encoding);
  if (!valid) return `CAST(x'${toHex(bytes)}' AS TEXT)`;
  const quoted = text.replaceAll("'", "''");
  if (!hidden.test(quoted)) return `'${quoted}'`;
  return `unistr('${Array.from(quoted, escaped).join('')}')`;
}

function escaped(character: string): string {
  if (character === '\\') return '\\\\';
  if (!hidden.test(character)) return character;
  const code = character.codePointAt(0) ?? 0;
  return code > 0xffff ? `\\+${code.toString(16).padStart(6, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`;
}
