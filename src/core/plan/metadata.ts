/**
 * Residual columns inside a JSON column of the target, under the key `legacy`: the SQL that packs them and gives each
 * one back bit for bit.
 *
 * JSON has no BLOBs, and SQLite's own functions stop at a NUL in a text: such a value becomes an object with its bytes
 * in hexadecimal, `{"blob": "…"}` or `{"text": "…"}`. A plain value is never an object, so that the two cannot be mixed
 * up. Invalid UTF-8 stays as it is, byte for byte: SQLite has no function that would tell.
 */
import { quoteText } from '../sqlite/identifiers';

/** A column (quoted inside) as a JSON text. */
function packed(column: string): string {
  const c = `"${column}"`;
  return (
    `CASE typeof(${c}) WHEN 'null' THEN 'null'` +
    ` WHEN 'text' THEN CASE WHEN instr(${c}, char(0)) = 0 AND json_valid(json_quote(${c})) AND json_extract(json_quote(${c}), '$') IS ${c} COLLATE BINARY` +
    ` THEN json_quote(${c}) ELSE json_object('text', hex(CAST(${c} AS BLOB))) END` +
    ` WHEN 'blob' THEN json_object('blob', hex(${c})) ELSE quote(${c}) END`
  );
}

/**
 * @param expression what else goes into the column: kept if it is a JSON object without a key `legacy` of its own
 * @param columns names without quotes, backslashes or control characters
 */
export function packLegacy(expression: string, columns: readonly string[]): string {
  const members = columns.map((column) => `${quoteText(`${JSON.stringify(column)}:`)} || ${packed(column)}`);
  const object = `'{' || ${balanced(members)} || '}'`;
  const base =
    `CASE WHEN typeof(${expression}) = 'text' AND json_valid(${expression}) AND json_type(${expression}) = 'object'` +
    ` AND json_type(${expression}, '$.legacy') IS NULL THEN ${expression} ELSE '{}' END`;
  return `json_set(${base}, '$.legacy', json(${object}))`;
}

/** The value of a packed column, over the target row; a value that is not there reads as NULL. */
export function unpackLegacy(metadata: string, column: string): string {
  const path = `$.legacy."${column}"`;
  const value = `json_extract(${metadata}, ${quoteText(path)})`;
  const bytes = (key: string): string => `unhex(json_extract(${metadata}, ${quoteText(`${path}.${key}`)}))`;
  return (
    `CASE WHEN json_type(${metadata}, ${quoteText(path)}) IS NOT 'object' THEN ${value}` +
    ` WHEN json_type(${metadata}, ${quoteText(`${path}.blob`)}) = 'text' THEN ${bytes('blob')}` +
    ` ELSE CAST(${bytes('text')} AS TEXT) END`
  );
}

/** A concatenation whose depth grows with the logarithm of its length: SQLite limits the depth of an expression. */
function balanced(parts: readonly string[]): string {
  if (parts.length <= 1) return parts[0] ?? "''";
  const middle = parts.length >> 1;
  return `(${balanced(parts.slice(0, middle))} || ',' || ${balanced(parts.slice(middle))})`;
}
