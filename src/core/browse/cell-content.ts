/** A cell opened by itself: as much of it as a person can look at. */
import type { SqliteConnection } from '../sqlite/engine';
import { toBase64, toHex } from './byte-text';
import { decodeText, type TextEncodingName } from './cell-sql';
import { imageBytes, openedBlobBytes, openedBytes, type CellContent, type StorageClass } from './model';
import type { Statement } from './row-order';

/** @param statement selects from the one row; null where it is gone */
export function readCellContent(
  connection: SqliteConnection,
  expression: string,
  statement: (columns: string) => Statement,
  encoding: TextEncodingName,
): CellContent | null {
  const e = expression;
  const { sql, parameters } = statement(
    `typeof(${e}) AS t, ifnull(octet_length(${e}), 0) AS s,` +
      ` CASE typeof(${e}) WHEN 'text' THEN substr(CAST(${e} AS BLOB), 1, ${openedBytes})` +
      ` WHEN 'blob' THEN substr(${e}, 1, ${imageBytes}) ELSE CAST(${e} AS TEXT) END AS v`,
  );
  const [row] = connection.all(sql, parameters);
  if (row === undefined) return null;
  const type = row['t'] as StorageClass;
  const size = Number(row['s']);
  const value = row['v'];
  const bytes = value instanceof Uint8Array ? value : new Uint8Array();
  const none = { type, size: 0, text: '', hex: '', cut: false, valid: true, image: null };
  switch (type) {
    case 'null':
      return none;
    case 'integer':
    case 'real':
      return { ...none, text: String(value) };
    case 'text': {
      const cut = bytes.length < size;
      // Where it is cut, it may be in the middle of a character.
      const { text, valid } = decodeText(cut ? bytes.subarray(0, bytes.length - 4) : bytes, encoding);
      return { ...none, size, text, cut, valid: valid || cut };
    }
    case 'blob': {
      const mime = imageType(bytes);
      return {
        ...none,
        size,
        hex: toHex(bytes.subarray(0, openedBlobBytes)),
        cut: size > openedBlobBytes,
        image: mime === null || bytes.length < size ? null : { type: mime, base64: toBase64(bytes) },
      };
    }
  }
}

/** The type of an image by its first bytes; only those that cannot hold a script (no SVG). */
export function imageType(bytes: Uint8Array): string | null {
  const head = toHex(bytes.subarray(0, 12));
  if (head.startsWith('89504e470d0a1a0a')) return 'image/png';
  if (head.startsWith('ffd8ff')) return 'image/jpeg';
  if (head.startsWith('474946383761') || head.startsWith('474946383961')) return 'image/gif';
  if (head.startsWith('52494646') && head.slice(16, 24) === '57454250') return 'image/webp';
  if (head.startsWith('424d')) return 'image/bmp';
  return null;
}
