/** The tabs of diagrams, one for each database, restored with the window. */
import * as vscode from 'vscode';
import type { DatabaseDiagram } from '../../core/browse/diagram';
import { describeError } from '../../core/errors';
import type { BrowseDatabase } from '../../engine/browse-protocol';
import type { FromDiagram, ToDiagram } from '../../webview/diagram/messages';
import { diagramPanelType } from '../contributions';
import { DisposableStore } from '../disposable-store';
import { baseName } from '../format';
import { pickTarget } from '../pick-target';
import { presentError, wordsFor } from '../present-error';
import { isReadable, pathOf } from '../resource-paths';
import { FileChanges } from '../table/file-changes';
import type { TableTabs } from '../table/table-tabs';
import { viewHtml, viewOptions } from '../table/view-html';
import { diagramWords } from './diagram-words';

export interface DiagramAddress {
  readonly file: vscode.Uri;
  /** What messages call the file. */
  readonly database: string;
}

export class DiagramPanels implements vscode.WebviewPanelSerializer {
  private readonly store = new DisposableStore();
  private readonly open = new Map<string, vscode.WebviewPanel>();

  constructor(private readonly tables: TableTabs) {
    this.store.add(vscode.window.registerWebviewPanelSerializer(diagramPanelType, this));
  }

  /** A database that has a diagram is shown there. */
  show(address: DiagramAddress): void {
    const present = this.open.get(address.file.toString());
    if (present !== undefined) {
      present.reveal();
      return;
    }
    const column = vscode.window.activeTextEditor === undefined ? vscode.ViewColumn.Active : vscode.ViewColumn.Beside;
    const title = vscode.l10n.t('Diagram of {0}', baseName(address.database));
    const options = { ...viewOptions(this.tables.extension), retainContextWhenHidden: false };
    this.attach(vscode.window.createWebviewPanel(diagramPanelType, title, column, options), address);
  }

  /** A tab of the window before: what it stores is checked, for a page could be made to store anything. */
  deserializeWebviewPanel(panel: vscode.WebviewPanel, state: unknown): Promise<void> {
    const { file, database } = (typeof state === 'object' && state !== null ? state : {}) as Record<string, unknown>;
    const uri = typeof file === 'string' ? vscode.Uri.parse(file) : null;
    if (uri !== null && isReadable(uri) && typeof database === 'string') this.restore(panel, { file: uri, database });
    else panel.dispose();
    return Promise.resolve();
  }

  dispose(): void {
    this.store.dispose();
  }

  /** A tab comes back when it is looked at: its database may have got another one before that, and keeps that. */
  private restore(panel: vscode.WebviewPanel, address: DiagramAddress): void {
    if (!this.open.has(address.file.toString())) {
      this.attach(panel, address);
      return;
    }
    panel.dispose();
    this.show(address);
  }

  private attach(panel: vscode.WebviewPanel, address: DiagramAddress): void {
    const icon = (theme: string): vscode.Uri =>
      vscode.Uri.joinPath(this.tables.extension, 'media', `diagram-${theme}.svg`);
    panel.iconPath = { light: icon('light'), dark: icon('dark') };
    const key = address.file.toString();
    this.open.set(key, panel);
    const page = new DiagramPage(panel, address, this.tables);
    panel.onDidDispose(() => {
      this.open.delete(key);
      page.dispose();
    });
  }
}

/** One webview with a diagram: the host's end of its messages. */
class DiagramPage {
  private readonly store = new DisposableStore();
  private readonly database: BrowseDatabase;
  private shown = '';
  private reading = false;
  private ready = false;
  private disposed = false;

  constructor(
    private readonly panel: vscode.WebviewPanel,
    private readonly address: DiagramAddress,
    private readonly tables: TableTabs,
  ) {
    this.database = { path: pathOf(address.file), database: address.database, viewer: crypto.randomUUID() };
    const changes = this.store.add(new FileChanges(address.file, () => void this.refresh()));
    const { webview } = panel;
    webview.options = viewOptions(tables.extension);
    this.store.add(
      webview.onDidReceiveMessage((message: FromDiagram) => {
        this.receive(message).catch((error: unknown) => presentError(error, tables.log));
      }),
    );
    this.store.add(panel.onDidChangeViewState(() => changes.setVisible(panel.visible)));
    webview.html = viewHtml(webview, tables.extension, 'diagram-view');
    changes.setVisible(panel.visible);
  }

  dispose(): void {
    this.disposed = true;
    this.store.dispose();
    // An engine that is not running has nothing open.
    if (this.tables.engine.running) this.tables.engine.request('browse.close', this.database).catch(() => undefined);
  }

  private send(message: ToDiagram): void {
    if (!this.disposed) void this.panel.webview.postMessage(message);
  }

  private async receive(message: FromDiagram): Promise<void> {
    const { file, database } = this.address;
    switch (message.kind) {
      case 'ready': {
        const identity = { file: file.toString(), database };
        this.send({
          kind: 'start',
          start: { words: diagramWords(), language: vscode.env.language, database, identity },
        });
        this.ready = true;
        this.shown = '';
        await this.refresh();
        return;
      }
      case 'openTable':
        this.tables.show(
          { file, database, table: message.table },
          // Beside the diagram, but never in a third column.
          { column: vscode.window.tabGroups.all.length > 1 ? vscode.ViewColumn.Active : vscode.ViewColumn.Beside },
        );
        return;
      case 'copyText':
        await vscode.env.clipboard.writeText(message.text);
        vscode.window.setStatusBarMessage(vscode.l10n.t('The diagram is on the clipboard, as Mermaid.'), 4000);
        return;
      case 'saveSvg':
        await this.save(message.text);
    }
  }

  private async save(text: string): Promise<void> {
    const { file } = this.address;
    const target = await pickTarget(file, `${baseName(file.path).replace(/\.\w+$/, '')}.svg`, { SVG: ['svg'] });
    if (target !== undefined) await vscode.workspace.fs.writeFile(target, new TextEncoder().encode(text));
  }

  /** Reads the schema, and tells the view where it is another one. */
  private async refresh(): Promise<void> {
    if (!this.ready || this.reading || this.disposed || !this.panel.visible) return;
    this.reading = true;
    try {
      const { engine } = this.tables;
      if (this.shown !== '') await engine.request('browse.refresh', this.database);
      const diagram: DatabaseDiagram = await engine.request('browse.diagram', this.database);
      const text = JSON.stringify(diagram);
      if (text !== this.shown) this.send({ kind: 'diagram', diagram });
      this.shown = text;
    } catch (error) {
      this.send({ kind: 'problem', message: wordsFor(describeError(error)) });
      // The same diagram as before takes the place of these words.
      this.shown = '';
      this.tables.log.debug(`${this.address.database} cannot be drawn: ${describeError(error).message}`);
    } finally {
      this.reading = false;
    }
  }
}
