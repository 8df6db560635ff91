/**
 * What a notification shows: words of ours with names of the user's files in them. VS Code makes links of
 * `[text](command:…)` in any of them, and a file may be called that.
 */

/** Marks that turn the direction of the text after them, and control characters. */
const unseen = /[\p{Bidi_Control}\p{Cc}]/gu;

export function inertMessage(text: string): string {
  return text
    .replace(unseen, (mark) => `\\u{${(mark.codePointAt(0) ?? 0).toString(16).toUpperCase()}}`)
    .replaceAll('](', '] (');
}
