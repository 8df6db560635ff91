/** How the driver compares texts of the window: a string means the whole text, a pattern any part of it. */
export type TextMatch = string | RegExp;

export function toPattern(text: TextMatch): RegExp {
  if (text instanceof RegExp) return text;
  // VS Code sets non-breaking spaces in places, and pads labels.
  const escaped = text
    .trim()
    .replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
    .replace(/\s+/g, '\\s+');
  return new RegExp(`^\\s*${escaped}\\s*$`);
}
