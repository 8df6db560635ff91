/** How deep the text of a JSON file nests: asked before it is parsed, since the parser calls itself for each level. */
import { createScanner } from 'jsonc-parser';

/** Where the first bracket beyond the limit stands; null where there is none. Offset and length in UTF-16 units. */
export function nestsTooDeep(text: string, limit: number): { readonly offset: number; readonly length: number } | null {
  const scanner = createScanner(text, true);
  let depth = 0;
  do {
    scanner.scan();
    if (scanner.getTokenLength() !== 1) continue;
    const offset = scanner.getTokenOffset();
    const bracket = text.charAt(offset);
    if (bracket === '{' || bracket === '[') depth++;
    else if (bracket === '}' || bracket === ']') depth--;
    if (depth > limit) return { offset, length: 1 };
  } while (scanner.getPosition() < text.length);
  return null;
}
