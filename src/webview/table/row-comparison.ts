/** The entry of a row's menu that compares it with its consolidated row: where the page shows a legacy database. */
import type { HostLink } from './host-link';
import type { MenuEntry } from './menu';
import type { Words } from './words';

let comparable = false;

/** The host has found out that rows of this page's database have consolidated rows. */
export function offerComparison(): void {
  comparable = true;
}

/** @param key the rowid; a row without one cannot be found again */
export function comparisonEntries(
  link: HostLink,
  words: Words,
  table: string | undefined,
  key: string | null | undefined,
  onError: (error: unknown) => void,
): readonly MenuEntry[] {
  if (!comparable || table === undefined || key === null || key === undefined) return [];
  return [{ label: words.compareRow, run: () => void link.ask('compareRow', { table, key }).catch(onError) }];
}
