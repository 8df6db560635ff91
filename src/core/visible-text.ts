/** Text from a database on the screen, so that nothing in it is hidden. For views and extension host alike. */

/** Characters that are invisible, or that would turn the text around. */
// eslint-disable-next-line no-control-regex -- they are what is looked for
const hidden = /[\u0000-\u001f\u007f-\u009f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

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

/** A name as people are shown it; an empty one as SQL writes it. */
export function visibleName(name: string): string {
  return name === '' ? '""' : visibleText(name);
}
