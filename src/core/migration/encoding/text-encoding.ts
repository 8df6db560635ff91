/** The bytes of a text in another of SQLite's three encodings. */

export type TextEncoding = 'UTF-8' | 'UTF-16le' | 'UTF-16be';

export interface Reencoded {
  readonly bytes: Uint8Array;
  /** Every unit of the text was valid. */
  readonly wellFormed: boolean;
}

/** @throws Error for bytes that are no UTF-8, of which UTF-16 has no equal */
export function reencode(bytes: Uint8Array, from: TextEncoding, to: TextEncoding): Reencoded {
  if (from === to) return { bytes, wellFormed: true };
  if (from === 'UTF-8') {
    const units = Buffer.from(decodeUtf8(bytes), 'utf16le');
    return { bytes: to === 'UTF-16be' ? units.swap16() : units, wellFormed: true };
  }
  // SQLite knows no half units: where there is one, it is no part of the text.
  const whole = Buffer.from(bytes.subarray(0, bytes.length & ~1));
  const text = (from === 'UTF-16be' ? Buffer.from(whole).swap16() : whole).toString('utf16le');
  const wellFormed = whole.length === bytes.length && !/\p{Surrogate}/u.test(text);
  if (to !== 'UTF-8') return { bytes: whole.swap16(), wellFormed };
  return { bytes: wellFormed ? Buffer.from(text, 'utf8') : encodeHalves(text), wellFormed };
}

function decodeUtf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new Error('a text is no valid UTF-8, so that UTF-16 has no equal of it');
  }
}

/** UTF-8, where half of a surrogate pair becomes three bytes as any other code point does: none is replaced. */
function encodeHalves(text: string): Uint8Array {
  const parts = Array.from(text, (character) => {
    const code = character.codePointAt(0) ?? 0;
    if (code < 0xd800 || code > 0xdfff) return Buffer.from(character, 'utf8');
    return Buffer.of(0xe0 | (code >> 12), 0x80 | ((code >> 6) & 0x3f), 0x80 | (code & 0x3f));
  });
  return Buffer.concat(parts);
}
