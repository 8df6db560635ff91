/** Text from a database on the screen, so that nothing in it is hidden. For views and extension host alike. */

/** Characters that are invisible, or that would turn the text around. */
// eslint-disable-next-line no-control-regex -- they are what is looked for
const hidden = /[\u0000-\u001f\u007f-\u009f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

/** Line ends, tabs, and what joins several emoji into one: they can be seen where a text has its lines. */
const seenInLines =
  /\r?\n|\t|(?<=[\p{Extended_Pictographic}\p{Emoji_Modifier}]\ufe0f?)\u200d(?=\p{Extended_Pictographic})/gu;

/** One line, with a visible sign for what has none. */
export function visibleText(text: string): string {
  return text.replace(hidden, (character) => {
    const code = character.charCodeAt(0);
    if (code === 10) return '↵';
    if (code === 9) return '→';
    if (code < 32) return String.fromCharCode(0x2400 + code);
    return code === 0xfeff ? '⟨BOM⟩' : `⟨${code.toString(16).toUpperCase().padStart(4, '0')}⟩`;
  });
}

/** A text with its lines, and a visible sign for what is hidden in them. */
export function visibleLines(text: string): string {
  let lines = '';
  let from = 0;
  for (const { 0: seen, index } of text.matchAll(seenInLines)) {
    lines += visibleText(text.slice(from, index)) + seen;
    from = index + seen.length;
  }
  return lines + visibleText(text.slice(from));
}

/** A name as people are shown it; an empty one as SQL writes it. */
export function visibleName(name: string): string {
  return name === '' ? '""' : visibleText(name);
}

/** Characters of a name where the window gives it all the room that it asks for. */
const mostOfTitle = 60;

/** A name for the tab of an editor. */
export function visibleTitle(name: string): string {
  const characters = Array.from(visibleName(name));
  return characters.length <= mostOfTitle ? characters.join('') : `${characters.slice(0, mostOfTitle - 1).join('')}…`;
}
