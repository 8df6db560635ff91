/**
 * One value on its way between a table and a configuration file, without ever being a number of JavaScript.
 *
 * SQLite hands out each cell as one text that no two different cells share: a letter for the storage class, then
 * digits or hexadecimal bytes. Text is compared and carried as the bytes that the database holds.
 */
export type TextEncoding = 'UTF-8' | 'UTF-16le' | 'UTF-16be';

export type ConfigValue =
  | { readonly type: 'null' }
  | { readonly type: 'integer'; readonly digits: string }
  /** Digits with a point, or `Infinity` or `-Infinity`. */
  | { readonly type: 'real'; readonly digits: string }
  | { readonly type: 'text'; readonly text: string }
  /** Text that a file cannot show as text: invalid in its encoding, or with control characters. */
  | { readonly type: 'bytes'; readonly hex: string; readonly encoding: TextEncoding }
  | { readonly type: 'blob'; readonly hex: string }
  /** What no column of SQLite holds, such as `true` or a list: equal to nothing. */
  | { readonly type: 'foreign'; readonly source: string };

/** Keys of the one-entry objects that say what a plain scalar cannot; a legacy text is never an object. */
export const tags = {
  blob: '$blob',
  real: '$real',
  'UTF-8': '$text',
  'UTF-16le': '$utf16le',
  'UTF-16be': '$utf16be',
} as const satisfies Readonly<Record<TextEncoding | 'blob' | 'real', string>>;

/** SQL for the text that stands for a cell, bit for bit: `quote()` alone does not tell −0.0 from 0.0. */
export function cellExpression(cell: string): string {
  return (
    `CASE typeof(${cell}) WHEN 'null' THEN 'n' WHEN 'integer' THEN 'i' || CAST(${cell} AS TEXT)` +
    ` WHEN 'real' THEN 'r' || CASE WHEN ${isNegativeZero(cell)} THEN '-0.0' ELSE quote(${cell}) END` +
    ` WHEN 'text' THEN 't' || hex(CAST(${cell} AS BLOB)) ELSE 'b' || hex(${cell}) END`
  );
}

/** SQL for the text that stands for a cell of a primary key: 1 and 1.0 are one key, as they are to SQLite. */
export function keyExpression(cell: string): string {
  return (
    `CASE WHEN typeof(${cell}) = 'real' AND abs(${cell}) < 9007199254740992.0 COLLATE BINARY` +
    ` AND ${cell} = CAST(${cell} AS INTEGER) COLLATE BINARY` +
    ` THEN 'i' || CAST(CAST(${cell} AS INTEGER) AS TEXT) ELSE ${cellExpression(cell)} END`
  );
}

/** SQL that is 1 for −0.0, which equals and prints as 0.0: only its inverse tells. */
export function isNegativeZero(cell: string): string {
  return `(typeof(${cell}) = 'real' AND ${cell} = 0 COLLATE BINARY AND pow(${cell}, -1) < 0)`;
}

/** What {@link cellExpression} gave, as a value. */
export function parseCell(cell: string, encoding: TextEncoding): ConfigValue {
  const rest = cell.slice(1);
  switch (cell.charAt(0)) {
    case 'n':
      return { type: 'null' };
    case 'i':
      return { type: 'integer', digits: rest };
    case 'r':
      return { type: 'real', digits: /^-?9\.0e\+999$/.test(rest) ? rest.replace('9.0e+999', 'Infinity') : rest };
    case 't':
      return parseText(rest, encoding);
    case 'b':
      return { type: 'blob', hex: rest.toLowerCase() };
    default:
      throw new TypeError(`No cell: ${cell}`);
  }
}

/** Characters that editors hide or rewrite, and those that YAML takes for the end of a line. */
// eslint-disable-next-line no-control-regex -- they are what is looked for
const unprintable = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/;

function parseText(hex: string, encoding: TextEncoding): ConfigValue {
  try {
    const text = new TextDecoder(encoding, { fatal: true, ignoreBOM: true }).decode(Buffer.from(hex, 'hex'));
    if (!unprintable.test(text)) return { type: 'text', text };
  } catch {
    // Not valid in its encoding: its bytes are kept.
  }
  return { type: 'bytes', hex: hex.toLowerCase(), encoding };
}

/** The SQL literal of a value in a database of that encoding; null where it is no value of SQLite. */
export function literalOf(value: ConfigValue, encoding: TextEncoding): string | null {
  switch (value.type) {
    case 'null':
      return 'NULL';
    case 'integer':
      return value.digits;
    case 'real':
      return value.digits.replace('Infinity', '9.0e+999');
    case 'text':
      return `CAST(x'${encodeText(value.text, encoding).toString('hex')}' AS TEXT)`;
    case 'bytes':
      return value.encoding === encoding ? `CAST(x'${value.hex}' AS TEXT)` : null;
    case 'blob':
      return `x'${value.hex}'`;
    case 'foreign':
      return null;
  }
}

function encodeText(text: string, encoding: TextEncoding): Buffer {
  if (encoding === 'UTF-8') return Buffer.from(text, 'utf8');
  const bytes = Buffer.from(text, 'utf16le');
  return encoding === 'UTF-16be' ? bytes.swap16() : bytes;
}

/** A JavaScript string as a value; a lone half of a pair has no bytes in any file. */
export function textValue(text: string): ConfigValue {
  return /\p{Surrogate}/u.test(text) ? { type: 'foreign', source: JSON.stringify(text) } : { type: 'text', text };
}

const smallest = -(2n ** 63n);
const largest = 2n ** 63n - 1n;

/** Digits as they stand in a file; null where they are no number, or none that SQLite could hold. */
export function numberValue(source: string): ConfigValue | null {
  if (/^[-+]?(?:0|[1-9][0-9]*)$/.test(source)) {
    // Longer than this, it is out of range whatever it says; BigInt of a million digits takes its time.
    if (source.length > 20) return null;
    const value = BigInt(source);
    return value < smallest || value > largest ? null : { type: 'integer', digits: String(value) };
  }
  if (/^[-+]?(?:\.[0-9]+|[0-9]+\.[0-9]*|[0-9]+(?=[eE]))(?:[eE][-+]?[0-9]+)?$/.test(source))
    return { type: 'real', digits: asReal(source.replace(/^\+/, '')) };
  return null;
}

/** `1e3` and `.5` as SQL, YAML 1.1 and JSON all write a real: with digits on both sides of the point. */
function asReal(digits: string): string {
  const [, sign = '', whole = '', fraction = '', exponent = ''] =
    /^(-?)([0-9]*)(?:\.([0-9]*))?([eE].*)?$/.exec(digits) ?? [];
  return `${sign}${whole || '0'}.${fraction || '0'}${exponent}`;
}

/** What an object of one entry stands for; null where it is none of ours. */
export function taggedValue(tag: string, content: string): ConfigValue | null {
  const isHex = /^(?:[0-9a-fA-F]{2})*$/.test(content);
  const hex = content.toLowerCase();
  switch (tag) {
    case tags.real:
      return content === 'Infinity' || content === '-Infinity' ? { type: 'real', digits: content } : null;
    case tags.blob:
      return isHex ? { type: 'blob', hex } : null;
    case tags['UTF-8']:
      return isHex ? { type: 'bytes', hex, encoding: 'UTF-8' } : null;
    case tags['UTF-16le']:
      return isHex ? { type: 'bytes', hex, encoding: 'UTF-16le' } : null;
    case tags['UTF-16be']:
      return isHex ? { type: 'bytes', hex, encoding: 'UTF-16be' } : null;
    default:
      return null;
  }
}
