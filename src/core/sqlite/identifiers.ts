/** Names and literals in SQL text. Every name that comes from a database or a plan goes through here. */
import { foldName } from '../sql-names';

export { foldName, quoteIdentifier, sameName } from '../sql-names';

/** `it's` → `'it''s'`. */
export function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
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
