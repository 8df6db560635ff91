/**
 * What the tree shows, as last read: an inventory per workspace folder, and the tables of the databases that were opened.
 *
 * A refresh reads everything again first and only then announces a change, so that the tree goes from one complete
 * picture to the next. What did not change is not announced: the tree does not flicker.
 */
import * as vscode from 'vscode';
import type { DatabaseDescription, DatabaseEntry, DataFolderCandidate, Inventory } from '../../core/catalogue/model';
import { describeError, type CoreErrorData } from '../../core/errors';
import type { Engine, Place } from '../../engine/protocol';
import { placeOf, type WorkspaceModel } from '../workspace-model';

export type FolderContent =
  | { readonly kind: 'found'; readonly place: Place; readonly inventory: Inventory }
  | { readonly kind: 'ambiguous'; readonly candidates: readonly DataFolderCandidate[] }
  | { readonly kind: 'none'; readonly problem: CoreErrorData }
  | { readonly kind: 'failed'; readonly problem: CoreErrorData };

export interface FolderState {
  readonly folder: vscode.WorkspaceFolder;
  readonly content: FolderContent;
}

export type Description =
  { readonly ok: true; readonly value: DatabaseDescription } | { readonly ok: false; readonly problem: CoreErrorData };

interface Described {
  readonly place: Place;
  readonly database: string;
  /** Changes whenever the database may have changed. */
  readonly fingerprint: string;
  readonly description: Promise<Description>;
}

export class CatalogueStore {
  private readonly changed = new vscode.EventEmitter<void>();
  readonly onDidChange = this.changed.event;
  private readonly described = new Map<string, Described>();
  private readonly counts = new Map<string, number>();
  private current: readonly FolderState[] | undefined;
  private loading: Promise<void> | undefined;
  private again = false;

  constructor(
    private readonly engine: Engine,
    private readonly model: WorkspaceModel,
  ) {}

  /** Undefined until something was read. */
  get states(): readonly FolderState[] | undefined {
    return this.current;
  }

  /** Reads everything again. Calls that come while one is at work are served by one more reading after it. */
  refresh(): Promise<void> {
    if (this.loading === undefined) {
      this.loading = this.readAll().finally(() => (this.loading = undefined));
    } else {
      this.again = true;
    }
    return this.loading;
  }

  /** The tables of a database; read when first asked for, and again by {@link refresh} once the file has changed. */
  describe(place: Place, entry: DatabaseEntry): Promise<Description> {
    const key = keyOf(place, entry.database);
    const fingerprint = fingerprintOf(entry);
    const known = this.described.get(key);
    if (known?.fingerprint === fingerprint) return known.description;
    const description = this.read(place, entry.database);
    this.described.set(key, { place, database: entry.database, fingerprint, description });
    return description;
  }

  /** A database that could not be read is read when it is next asked for, though its file is as it was. */
  async forgetFailures(): Promise<void> {
    let any = false;
    for (const [key, { description }] of [...this.described]) {
      if ((await description).ok) continue;
      this.described.delete(key);
      any = true;
    }
    if (any) this.changed.fire();
  }

  /** Rows of a view, if they were counted since the database last changed. */
  countedRows(place: Place, entry: DatabaseEntry, table: string): number | null {
    return this.counts.get(countKey(place, entry, table)) ?? null;
  }

  async countRows(place: Place, entry: DatabaseEntry, table: string): Promise<void> {
    const rows = await this.engine.request('catalogue.countRows', { ...place, database: entry.database, table });
    this.counts.set(countKey(place, entry, table), rows);
    this.changed.fire();
  }

  dispose(): void {
    this.changed.dispose();
  }

  private async readAll(): Promise<void> {
    do {
      this.again = false;
      this.model.forget();
      const before = this.current;
      const next = await Promise.all(this.model.folders.map((folder) => this.readFolder(folder)));
      const tablesChanged = await this.describeAgain(next);
      this.current = next;
      if (tablesChanged || before === undefined || JSON.stringify(before) !== JSON.stringify(next)) {
        this.changed.fire();
      }
      // Not a constant: a call of `refresh` during the reading sets it.
      // eslint-disable-next-line @typescript-eslint/no-unnecessary-condition
    } while (this.again);
  }

  private async readFolder(folder: vscode.WorkspaceFolder): Promise<FolderState> {
    try {
      const result = await this.model.resolve(folder);
      if (result.kind !== 'found') return { folder, content: result };
      const place = placeOf(folder, result.dataFolder);
      const inventory = await this.engine.request('catalogue.inventory', place);
      return { folder, content: { kind: 'found', place, inventory } };
    } catch (error) {
      return { folder, content: { kind: 'failed', problem: describeError(error) } };
    }
  }

  /** Reads again what was open and has changed, and forgets what is gone. */
  private async describeAgain(states: readonly FolderState[]): Promise<boolean> {
    const entries = new Map<string, DatabaseEntry>();
    for (const { content } of states) {
      if (content.kind !== 'found') continue;
      for (const entry of content.inventory.databases) entries.set(keyOf(content.place, entry.database), entry);
    }
    const reading: Promise<unknown>[] = [];
    for (const [key, known] of this.described) {
      const entry = entries.get(key);
      if (entry?.state !== 'ready') this.described.delete(key);
      else if (known.fingerprint !== fingerprintOf(entry)) reading.push(this.describe(known.place, entry));
    }
    await Promise.all(reading);
    return reading.length > 0;
  }

  /** A database that cannot be read is an answer like any other: it never hides the ones that can. */
  private async read(place: Place, database: string): Promise<Description> {
    try {
      return { ok: true, value: await this.engine.request('catalogue.describe', { ...place, database }) };
    } catch (error) {
      return { ok: false, problem: describeError(error) };
    }
  }
}

function keyOf(place: Place, database: string): string {
  return JSON.stringify([place.workspace, place.dataFolder, database]);
}

function countKey(place: Place, entry: DatabaseEntry, table: string): string {
  return JSON.stringify([keyOf(place, entry.database), fingerprintOf(entry), table]);
}

function fingerprintOf({ state, size, modified, walSize, applies }: DatabaseEntry): string {
  return [state, size, modified, walSize, applies].join(':');
}
