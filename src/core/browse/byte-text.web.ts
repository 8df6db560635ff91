/** The same as `byte-text.ts` where there is no Node. */

const digits = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));
/** Arguments of one call: engines take some ten thousand. A multiple of 3, so that only the last part is padded. */
const partLength = 3 * 4096;

export function toHex(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += digits[byte] ?? '';
  return text;
}

export function toBase64(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += partLength)
    text += btoa(String.fromCharCode(...bytes.subarray(at, at + partLength)));
  return text;
}
