/** Names and literals in SQL text. Every name that comes from a database or a plan goes through here. */

/** `we"ird` → `"we""ird"`. */
export function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** `it's` → `'it''s'`. */
export function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** SQLite compares names of tables and columns without regard to ASCII case, and to that only. */
export function foldName(name: string): string {
  return name.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

export function sameName(a: string, b: string): boolean {
  return foldName(a) === foldName(b);
}

/** A name that `taken` does not hold: the first candidate that is free, else the last one with `_2`, `_3`, … */
export function freeName(candidates: readonly [string, ...string[]], taken: ReadonlySet<string>): string {
  for (const candidate of candidates) if (!taken.has(foldName(candidate))) return candidate;
  const last = candidates[candidates.length - 1] ?? candidates[0];
  for (let suffix = 2; ; suffix++) {
    const numbered = `${last}_${suffix}`;
    if (!taken.has(foldName(numbered))) return numbered;
  }
}
