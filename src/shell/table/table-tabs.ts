/**
 * The tabs of tables, one for each, restored with the window; and database files opened as such.
 *
 * Viewers have an engine process of their own: a run never makes them wait, and giving up a slow query never ends a run.
 */
import * as vscode from 'vscode';
import type { TableQuery } from '../../core/browse/model';
import { visibleTitle, visibleText } from '../../core/visible-text';
import type { EngineClient } from '../../engine/client';
import { databaseEditorType, tablePanelType } from '../contributions';
import { DisposableStore } from '../disposable-store';
import { baseName } from '../format';
import { onNoDisk } from '../on-no-disk';
import { wordsFor } from '../present-error';
import { isReadable } from '../resource-paths';
import type { RowComparer } from './row-comparer';
import { viewOptions } from './view-html';
import { TablePage, type PageHost, type PageSource, type ShownTable } from './table-page';

export interface TableAddress {
  readonly file: vscode.Uri;
  /** What messages call the file. */
  readonly database: string;
  readonly table: string;
}

export interface ShowOptions {
  readonly column?: vscode.ViewColumn;
  readonly focus?: boolean;
  readonly query?: TableQuery | null;
}

export class TableTabs implements PageHost, vscode.CustomReadonlyEditorProvider, vscode.WebviewPanelSerializer {
  private readonly store = new DisposableStore();
  private readonly open = new Map<string, TablePage>();
  private readonly editors = new Set<TablePage>();

  constructor(
    readonly engine: EngineClient,
    readonly log: vscode.LogOutputChannel,
    readonly extension: vscode.Uri,
    /** Null where rows cannot be compared: that takes the plan, and the code of a migration. */
    readonly rows: RowComparer | null,
  ) {
    this.store.add(engine);
    this.store.add(vscode.window.registerWebviewPanelSerializer(tablePanelType, this));
    this.store.add(
      vscode.window.registerCustomEditorProvider(databaseEditorType, this, {
        supportsMultipleEditorsPerDocument: true,
      }),
    );
  }

  /** What the active editor shows, where that is a viewer. */
  get active(): ShownTable | undefined {
    return [...this.open.values(), ...this.editors].find(({ panel }) => panel.active)?.shown;
  }

  /**
   * Shows a table in a tab; a table that has one is shown there.
   *
   * @param focus whether the keyboard goes there too; it does, wherever the table is asked for twice
   */
  show(
    address: TableAddress,
    { column = vscode.ViewColumn.Active, focus = true, query = null }: ShowOptions = {},
  ): void {
    const present = this.open.get(keyOf(address));
    if (present !== undefined) {
      present.panel.reveal(undefined, !focus && !present.panel.visible);
      if (query !== null) present.showQuery(query);
      return;
    }
    const panel = vscode.window.createWebviewPanel(
      tablePanelType,
      visibleTitle(address.table),
      { viewColumn: column, preserveFocus: !focus },
      viewOptions(this.extension),
    );
    this.attach(panel, address, query);
  }

  openTable(source: PageSource, table: string, query: TableQuery | null): void {
    this.show({ file: source.file, database: source.database, table }, { query });
  }

  /** A tab of the window before. What it stores is its own, but a page could be made to store anything: it is checked. */
  deserializeWebviewPanel(panel: vscode.WebviewPanel, state: unknown): Promise<void> {
    const { file, database, name } = (typeof state === 'object' && state !== null ? state : {}) as Record<
      string,
      unknown
    >;
    const uri = typeof file === 'string' ? vscode.Uri.parse(file) : null;
    if (uri !== null && isReadable(uri) && typeof database === 'string' && typeof name === 'string')
      this.restore(panel, { file: uri, database, table: name });
    else panel.dispose();
    return Promise.resolve();
  }

  openCustomDocument(uri: vscode.Uri): vscode.CustomDocument {
    return { uri, dispose: () => undefined };
  }

  resolveCustomEditor({ uri }: vscode.CustomDocument, panel: vscode.WebviewPanel): void {
    // VS Code shows the message in the editor's place.
    if (!isReadable(uri)) throw new Error(wordsFor(onNoDisk(baseName(uri.path)).toData()));
    const page = new TablePage(
      panel,
      { file: uri, database: baseName(uri.path), table: null, lists: true, query: null, identity: {} },
      this,
    );
    this.editors.add(page);
    panel.onDidDispose(() => this.editors.delete(page));
  }

  dispose(): void {
    this.store.dispose();
  }

  /** A tab comes back when it is looked at: its table may have got another one before that, and keeps that. */
  private restore(panel: vscode.WebviewPanel, address: TableAddress): void {
    if (!this.open.has(keyOf(address))) {
      this.attach(panel, address, null);
      return;
    }
    panel.dispose();
    this.show(address);
  }

  private attach(panel: vscode.WebviewPanel, address: TableAddress, query: TableQuery | null): void {
    const { file, database, table } = address;
    const identity = { file: file.toString(), database, name: table };
    panel.iconPath = {
      light: vscode.Uri.joinPath(this.extension, 'media', 'table-light.svg'),
      dark: vscode.Uri.joinPath(this.extension, 'media', 'table-dark.svg'),
    };
    const key = keyOf(address);
    this.open.set(key, new TablePage(panel, { file, database, table, lists: false, query, identity }, this));
    this.nameTabs(table);
    panel.onDidDispose(() => {
      this.open.delete(key);
      this.nameTabs(table);
    });
  }

  /** Tables of the same name, as a legacy and its consolidated one are, say which database each is of. */
  private nameTabs(table: string): void {
    const pages = [...this.open.values()].filter(({ shown }) => shown.table === table);
    for (const { panel, shown } of pages)
      panel.title =
        pages.length === 1 ? visibleTitle(table) : `${visibleTitle(table)} · ${visibleText(baseName(shown.database))}`;
  }
}

function keyOf({ file, table }: TableAddress): string {
  return JSON.stringify([file.toString(), table]);
}
