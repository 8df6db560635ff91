/**
 * What has become of each legacy table, for the tree: asked for while somebody looks, after the databases were listed,
 * and again when one of them has changed. The tree never waits for it.
 */
import * as vscode from 'vscode';
import type { DatabaseEntry } from '../../core/catalogue/model';
import type { TableState, TableStatus } from '../../core/catalogue/table-status';
import { foldName } from '../../core/sql-names';
import type { Engine, Place } from '../../engine/protocol';
import { DisposableStore } from '../disposable-store';
import { planFilesOf } from '../plan/plan-documents';
import { affects, runSettings } from '../settings';
import type { CatalogueStore } from './catalogue-store';
import { KnownStatus, type StatusByTable } from './known-status';

/** How a legacy table stands; `unplanned`: it has rows, and no step of the plan names it. */
export type Standing = Omit<TableStatus, 'state'> & { readonly state: TableState | 'unplanned' };

/** A burst of refreshes is one look. Milliseconds. */
const pause = 500;

export class StatusStore {
  private readonly store = new DisposableStore();
  private readonly changed = this.store.add(new vscode.EventEmitter<void>());
  readonly onDidChange = this.changed.event;
  private readonly known = new KnownStatus();
  private timer: NodeJS.Timeout | undefined;
  private visible = false;
  private looking = false;

  constructor(
    private readonly engine: Engine,
    private readonly catalogue: CatalogueStore,
    private readonly log: vscode.LogOutputChannel,
  ) {
    this.store.add(
      catalogue.onDidChange(() => {
        if (this.known.keepOnly(this.places)) this.changed.fire();
        this.lookSoon();
      }),
    );
    this.store.add(
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (affects(event, 'planFile', 'rateLimits')) this.lookAnew();
      }),
    );
    this.store.add(
      vscode.workspace.onDidSaveTextDocument(({ uri }) => {
        const folder = vscode.workspace.getWorkspaceFolder(uri);
        if (folder !== undefined && planFilesOf(folder).some((file) => file.toString() === uri.toString()))
          this.lookAnew();
      }),
    );
  }

  setVisible(visible: boolean): void {
    this.visible = visible;
    this.lookSoon();
  }

  /** What is known may be wrong though no database has changed: the plan has, or somebody asks. */
  lookAnew(): void {
    this.known.forget();
    this.lookSoon();
  }

  /** How a table of a legacy database stands; null where that is not known, or there is nothing to say. */
  standingOf(place: Place, { database, role }: DatabaseEntry, table: string, rows: number | null): Standing | null {
    const tables = this.known.tablesOf(place);
    if (tables === null || role !== 'legacy') return null;
    const status = tables.get(tableKey(database, table));
    if (status !== undefined) return status;
    if (rows === null || rows === 0) return null;
    return { database, table, state: 'unplanned', pending: rows, conflicts: 0, target: null, reason: null };
  }

  /** How the tables of a legacy database stand, as far as the plan names them. */
  standingsOf(place: Place, { database }: DatabaseEntry): readonly TableStatus[] {
    return [...(this.known.tablesOf(place)?.values() ?? [])].filter((status) => status.database === database);
  }

  /** Tables that are not yet where they belong, or differ there. */
  get attention(): number {
    return this.known.all.filter(({ state }) => state === 'pending' || state === 'conflicts').length;
  }

  dispose(): void {
    clearTimeout(this.timer);
    this.store.dispose();
  }

  private get places(): readonly Place[] {
    return (this.catalogue.states ?? []).flatMap(({ content }) => (content.kind === 'found' ? [content.place] : []));
  }

  private lookSoon(): void {
    clearTimeout(this.timer);
    if (this.visible && this.catalogue.states !== undefined) this.timer = setTimeout(() => void this.look(), pause);
  }

  private async look(): Promise<void> {
    // The look that is under way sees to it that the next one follows.
    if (this.looking) return;
    this.looking = true;
    let any = false;
    try {
      for (const { folder, content } of this.catalogue.states ?? []) {
        if (content.kind !== 'found') continue;
        const { place, inventory } = content;
        const fingerprint = JSON.stringify(inventory);
        if (this.known.isOf(place, fingerprint)) continue;
        await this.known.learn(place, fingerprint, () => this.ask(folder, place));
        any = true;
      }
    } finally {
      this.looking = false;
    }
    if (!any) return;
    // Something may have changed while it was being looked at.
    this.known.keepOnly(this.places);
    this.changed.fire();
    this.lookSoon();
  }

  private async ask(folder: vscode.WorkspaceFolder, place: Place): Promise<StatusByTable> {
    try {
      const { planFile, rateLimits } = runSettings(folder);
      const statuses = await this.engine.request('catalogue.status', { ...place, planFile, rateLimits });
      return statuses === null
        ? null
        : new Map(statuses.map((status) => [tableKey(status.database, status.table), status]));
    } catch (error) {
      // The tree shows the databases all the same; what is wrong with them, with the plan or a setting is told there.
      this.log.debug(`The state of the legacy tables is not known: ${String(error)}`);
      return null;
    }
  }
}

function tableKey(database: string, table: string): string {
  return `${database}\n${foldName(table)}`;
}
