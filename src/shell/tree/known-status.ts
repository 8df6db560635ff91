/** What is known of the legacy tables of each data folder, and of which state of its databases. */
import type { TableStatus } from '../../core/catalogue/table-status';
import type { Place } from '../../engine/protocol';

/** By database and folded table name; null where it was too much to look. */
export type StatusByTable = ReadonlyMap<string, TableStatus> | null;

export class KnownStatus {
  private readonly known = new Map<string, { readonly fingerprint: string; readonly tables: StatusByTable }>();
  /** Changes with the settings that all of it depends on. */
  private age = 0;

  isOf(place: Place, fingerprint: string): boolean {
    return this.known.get(keyOf(place))?.fingerprint === fingerprint;
  }

  tablesOf(place: Place): StatusByTable {
    return this.known.get(keyOf(place))?.tables ?? null;
  }

  get all(): readonly TableStatus[] {
    return [...this.known.values()].flatMap(({ tables }) => [...(tables?.values() ?? [])]);
  }

  /** Keeps what `look` finds, unless all was forgotten while it looked. */
  async learn(place: Place, fingerprint: string, look: () => Promise<StatusByTable>): Promise<void> {
    const { age } = this;
    const tables = await look();
    if (age === this.age) this.known.set(keyOf(place), { fingerprint, tables });
  }

  forget(): void {
    this.age++;
    this.known.clear();
  }

  /** Forgets places that are looked at no more. @returns whether there were any */
  keepOnly(places: readonly Place[]): boolean {
    const kept = new Set(places.map(keyOf));
    const gone = [...this.known.keys()].filter((key) => !kept.has(key));
    for (const key of gone) this.known.delete(key);
    return gone.length > 0;
  }
}

function keyOf({ workspace, dataFolder }: Place): string {
  return JSON.stringify([workspace, dataFolder]);
}
