/** Statements that were run, newest first: bounded, each statement of a database once. */

export interface HistoryEntry {
  readonly sql: string;
  /** The URI of the database file. */
  readonly file: string;
  /** What messages call it. */
  readonly database: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly milliseconds: number;
  readonly rows: number;
  readonly cut: boolean;
}

const mostEntries = 200;
/** Characters of a statement that is kept: a list of literals by the thousand is no query to come back to. */
const longestStatement = 20_000;

export function addToHistory(history: readonly HistoryEntry[], entry: HistoryEntry): readonly HistoryEntry[] {
  if (entry.sql.length > longestStatement) return history;
  return [entry, ...withoutEntry(history, entry)].slice(0, mostEntries);
}

export function withoutEntry(
  history: readonly HistoryEntry[],
  { sql, file }: Pick<HistoryEntry, 'sql' | 'file'>,
): readonly HistoryEntry[] {
  return history.filter((one) => one.sql !== sql || one.file !== file);
}
