/**
 * A file name as one word of a shell command. The command must name the very file, so nothing is shortened; but the
 * report must not hold an invisible character either, so such a character is written in the shell's own escapes.
 */
import { visible } from './display';

/** One word for sh, bash and zsh; `$'…'` (bash, zsh, ksh, POSIX 2024) only where a character needs an escape. */
export function quotePosix(path: string): string {
  const word = path.startsWith('-') ? `./${path}` : path;
  if (/^[\w./@%+=:,-]+$/.test(word)) return word;
  if (isPlain(word)) return `'${word.replaceAll("'", `'\\''`)}'`;
  const escaped = Array.from(word, (c) => {
    if (c === "'" || c === '\\') return `\\${c}`;
    if (isPlain(c)) return c;
    return Array.from(new TextEncoder().encode(c), (byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('');
  });
  return `$'${escaped.join('')}'`;
}

/** No character that {@link visible} would escape; a combining mark in a word of its own is judged alone. */
function isPlain(text: string): boolean {
  return visible(text) === text && !/^\p{M}/u.test(text);
}
