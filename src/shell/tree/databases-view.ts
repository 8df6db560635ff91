/** The view "Databases": the tree, its progress bar, its welcome content and what keeps it up to date. */
import * as vscode from 'vscode';
import { contextKeys, databasesViewId, type DataFolderState } from '../contributions';
import { DisposableStore } from '../disposable-store';
import { hasDisk } from '../resource-paths';
import type { WorkspaceModel } from '../workspace-model';
import type { CatalogueStore } from './catalogue-store';
import { DatabaseWatcher } from './database-watcher';
import { DatabasesProvider } from './databases-provider';
import type { Engine } from '../../engine/protocol';
import type { TreeNode } from './nodes';
import { StandingMarks } from './standing-marks';
import { StatusStore } from './status-store';

export class DatabasesView {
  private readonly store = new DisposableStore();
  readonly provider: DatabasesProvider;
  private readonly view: vscode.TreeView<TreeNode>;
  private readonly status: StatusStore;

  constructor(
    engine: Engine,
    private readonly catalogue: CatalogueStore,
    model: WorkspaceModel,
    private readonly log: vscode.LogOutputChannel,
  ) {
    this.status = this.store.add(new StatusStore(engine, catalogue, log));
    const { status } = this;
    this.store.add(new StandingMarks());
    this.provider = this.store.add(new DatabasesProvider(catalogue, status));
    this.view = this.store.add(
      vscode.window.createTreeView(databasesViewId, { treeDataProvider: this.provider, showCollapseAll: true }),
    );
    const watcher = this.store.add(new DatabaseWatcher(catalogue, () => this.refreshIfUsed()));
    const setVisible = (visible: boolean): void => {
      watcher.setVisible(visible);
      status.setVisible(visible);
    };
    this.store.add(this.view.onDidChangeVisibility(({ visible }) => setVisible(visible)));
    setVisible(this.view.visible);
    this.store.add(status.onDidChange(() => this.showBadge(status.attention)));
    this.store.add(catalogue.onDidChange(() => this.showState()));
    this.store.add(model.onDidChange(() => this.refreshIfUsed()));
    this.store.add(vscode.workspace.onDidGrantWorkspaceTrust(() => this.showState()));
  }

  /** Reads everything again, with the view's progress bar. */
  async refresh(): Promise<void> {
    await vscode.window.withProgress({ location: { viewId: databasesViewId } }, () => this.catalogue.refresh());
  }

  /** The same, and what could not be read or told is tried again though no file has changed. */
  async refreshAnew(): Promise<void> {
    await this.catalogue.forgetFailures();
    this.status.lookAnew();
    await this.refresh();
  }

  dispose(): void {
    this.store.dispose();
  }

  /** A change in a folder that nobody has looked at yet is no reason to start the engine. */
  private refreshIfUsed(): void {
    if (this.catalogue.states === undefined) return;
    this.refresh().catch((error: unknown) => this.log.error(String(error)));
  }

  private showState(): void {
    void vscode.commands.executeCommand('setContext', contextKeys.dataFolderState, this.dataFolderState());
    // Text in the view hides its welcome content, so it is there only when the tree has something to show.
    this.view.message = this.dataFolderState() === 'found' ? limitation() : '';
  }

  private showBadge(tables: number): void {
    const tooltip =
      tables === 1
        ? vscode.l10n.t('1 legacy table is not yet where it belongs')
        : vscode.l10n.t('{0} legacy tables are not yet where they belong', tables);
    this.view.badge = tables === 0 ? undefined : { value: tables, tooltip };
  }

  private dataFolderState(): DataFolderState {
    const kinds = (this.catalogue.states ?? []).map(({ content }) => content.kind);
    if (kinds.includes('found')) return 'found';
    return kinds.includes('ambiguous') ? 'ambiguous' : 'none';
  }
}

/** What cannot be done here and why, in a sentence or two; empty where everything can. */
function limitation(): string {
  if (!hasDisk)
    return vscode.l10n.t(
      'In a browser you can look at databases and reports. To migrate, open this folder in VS Code on its own computer.',
    );
  if (vscode.workspace.isTrusted) return '';
  return vscode.l10n.t('Restricted Mode: you can look at databases and do dry runs. To migrate, trust this workspace.');
}
