/** The names that legacy objects get in the target. */
import type { SqliteConnection } from '../../sqlite/engine';
import { foldName, sameName } from '../../sqlite/identifiers';
import { readObjects, type SchemaObject } from '../../sqlite/schema';
import { historyTable, rowsTable } from '../ledger/ledger';

/** `data/llm_costs.db` → `llm_costs`. */
export function databaseStem(database: string): string {
  const file = database.slice(database.lastIndexOf('/') + 1);
  const dot = file.lastIndexOf('.');
  return dot > 0 ? file.slice(0, dot) : file;
}

/** Folded. The ledger's names are taken before the ledger is there. */
export function takenNames(target: SqliteConnection): ReadonlySet<string> {
  return new Set([historyTable, rowsTable, ...readObjects(target).map(({ name }) => foldName(name))]);
}

/** Names in the target, each given once. */
export class Names {
  private readonly taken: Set<string>;
  private readonly legacyNames: ReadonlySet<string>;

  constructor(
    target: SqliteConnection,
    private readonly legacyDatabase: string,
    legacyObjects: readonly SchemaObject[],
    private readonly reserved: Set<string>,
  ) {
    this.taken = new Set([...takenNames(target), ...reserved]);
    this.legacyNames = new Set(legacyObjects.map(({ name }) => foldName(name)));
  }

  isFree(name: string): boolean {
    return !this.taken.has(foldName(name)) && !/^sqlite_/i.test(name);
  }

  take(name: string): void {
    this.taken.add(foldName(name));
    this.reserved.add(foldName(name));
  }

  /**
   * The candidates for an object: its own name, then names that no other legacy object has either, so that none is
   * mistaken for it.
   */
  *candidates(own: string): Generator<string> {
    if (this.isFree(own)) yield own;
    const stem = `${databaseStem(this.legacyDatabase)}_${own}`;
    for (let count = 1; ; count++) {
      const name = count === 1 ? stem : `${stem}_${count}`;
      if (this.isFree(name) && !this.legacyNames.has(foldName(name))) yield name;
    }
  }

  give(own: string): string {
    for (const name of this.candidates(own)) {
      this.take(name);
      return name;
    }
    return own;
  }
}

/** `v`, `…_v`, `…_v_2`: the names that a view can have been given. */
export function isNameFor(name: string, own: string): boolean {
  const folded = foldName(name).replace(/_\d+$/, '');
  return sameName(name, own) || foldName(name).endsWith(`_${foldName(own)}`) || folded.endsWith(`_${foldName(own)}`);
}
