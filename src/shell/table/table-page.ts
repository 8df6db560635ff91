/** One webview that shows tables of one database: the host's end of its messages. */
import * as vscode from 'vscode';
import type { TableQuery } from '../../core/browse/model';
import { describeError, type CoreErrorData } from '../../core/errors';
import type { BrowseDatabase, BrowseRequests } from '../../engine/browse-protocol';
import type { EngineClient } from '../../engine/client';
import type { FromView, HostRequests, Start, ToView } from '../../webview/table/messages';
import { askUser } from '../ask-user';
import { DisposableStore } from '../disposable-store';
import { answerView } from './answer-view';
import { FileChanges } from './file-changes';
import { pathOf } from '../resource-paths';
import type { RowComparer } from './row-comparer';
import { viewHtml, viewOptions } from './view-html';
import { viewWords } from './view-words';

export interface PageSource {
  readonly file: vscode.Uri;
  /** What messages call the file. */
  readonly database: string;
  readonly table: string | null;
  readonly lists: boolean;
  readonly query: TableQuery | null;
  /** What finds the table again after a reload. */
  readonly identity: Readonly<Record<string, string>>;
}

export interface ShownTable extends Pick<PageSource, 'file' | 'database'> {
  /** Null where there is none to be seen. */
  readonly table: string | null;
  /** Which of its rows, where that is known. */
  readonly query?: TableQuery;
}

export interface PageHost {
  readonly engine: EngineClient;
  readonly log: vscode.LogOutputChannel;
  readonly extension: vscode.Uri;
  readonly rows: RowComparer | null;
  openTable(source: PageSource, table: string, query: TableQuery | null): void;
}

/** How much longer than a reading the pause after it is: a large file under constant writes is not read all the time. */
const restFactor = 3;

export class TablePage {
  private readonly store = new DisposableStore();
  private database: BrowseDatabase;
  /** What the user said to a database that may not fit the memory; null where nobody had to ask. */
  private answered: Promise<boolean> | null = null;
  private readonly changes: FileChanges;
  private table: string | null;
  private version: string | null = null;
  private refreshing = false;
  private failed = false;
  /** Before this moment, a file that keeps changing is not read again. */
  private notBefore = 0;
  /** Ends the engine, and with it a statement that cannot be interrupted; what others wait for is asked again. */
  private stopping = new AbortController();
  private disposed = false;

  constructor(
    readonly panel: vscode.WebviewPanel,
    private readonly source: PageSource,
    private readonly host: PageHost,
  ) {
    this.table = source.table;
    this.database = { path: pathOf(source.file), database: source.database, viewer: crypto.randomUUID() };
    this.changes = this.store.add(new FileChanges(source.file, () => void this.refresh()));
    const { webview } = panel;
    webview.options = viewOptions(host.extension);
    this.store.add(webview.onDidReceiveMessage((message: FromView) => this.receive(message)));
    this.store.add(panel.onDidChangeViewState(() => this.changes.setVisible(panel.visible)));
    this.store.add(panel.onDidDispose(() => this.dispose()));
    webview.html = viewHtml(webview, host.extension);
    this.changes.setVisible(panel.visible);
    if (panel.visible) this.readAhead();
  }

  /** The engine reads the file while the webview loads: they take about as long. What goes wrong, the view is told. */
  private readAhead(): void {
    const { table } = this.source;
    const asked = table === null ? this.ask('browse.tables', {}) : this.ask('browse.open', { table });
    asked.catch(() => undefined);
  }

  get shown(): ShownTable {
    const { file, database } = this.source;
    return { file, database, table: this.table };
  }

  /** Filters and sorts the table that is shown. */
  showQuery(query: TableQuery): void {
    this.send({ kind: 'query', query });
  }

  private dispose(): void {
    if (this.disposed) return;
    this.disposed = true;
    this.store.dispose();
    // An engine that is not running has nothing open.
    if (this.host.engine.running) this.host.engine.request('browse.close', this.database).catch(() => undefined);
  }

  private send(message: ToView): void {
    if (!this.disposed) void this.panel.webview.postMessage(message);
  }

  private receive(message: FromView): void {
    switch (message.kind) {
      case 'ready':
        this.send({ kind: 'start', start: this.start() });
        void this.tellComparable();
        return;
      case 'request':
        this.answer(message.name, message.params).then(
          (value) => this.send({ kind: 'reply', id: message.id, ok: true, value }),
          (error: unknown) => {
            const data = describeError(error);
            if (data.code === 'internal') this.host.log.error(error instanceof Error ? error : String(error));
            else if (data.code === 'engine-died') this.host.log.warn(data.message);
            this.send({ kind: 'reply', id: message.id, ok: false, error: data });
          },
        );
    }
  }

  /** Only rows of legacy databases have consolidated rows: the menu offers to compare them when that is known. */
  private async tellComparable(): Promise<void> {
    const isLegacy = await this.host.rows?.isLegacy(this.source.file).catch(() => false);
    if (isLegacy === true) this.send({ kind: 'comparable' });
  }

  private start(): Start {
    const { database, table, lists, query, identity } = this.source;
    return { words: viewWords(), language: vscode.env.language, database, table, lists, query, identity };
  }

  private async answer(name: string, params: unknown): Promise<unknown> {
    switch (name) {
      case 'openTable' satisfies keyof HostRequests: {
        const { table, query } = params as HostRequests['openTable']['params'];
        this.host.openTable(this.source, table, query);
        return null;
      }
      case 'showDiagram' satisfies keyof HostRequests: {
        const { path, database } = this.database;
        await vscode.commands.executeCommand('jarvis.showDiagram', { path, database });
        return null;
      }
      case 'newQuery' satisfies keyof HostRequests:
        await vscode.commands.executeCommand('jarvis.newQuery', {
          ...this.shown,
          query: (params as HostRequests['newQuery']['params']).query,
        });
        return null;
      case 'compareRow' satisfies keyof HostRequests: {
        const { table, key } = params as HostRequests['compareRow']['params'];
        await this.host.rows?.compare(this.source.file, table, key);
        return null;
      }
      case 'stop' satisfies keyof HostRequests:
        this.stopping.abort();
        this.stopping = new AbortController();
        return null;
      default: {
        const { engine } = this.host;
        return answerView(
          { engine, database: this.database, source: this.source.file, ask: (...asked) => this.ask(...asked) },
          name,
          params,
        );
      }
    }
  }

  /** What belongs to a name is what the messages say; which file it is about is never the view's to say. */
  private async ask<N extends keyof BrowseRequests>(name: N, params: unknown): Promise<BrowseRequests[N]['result']> {
    this.version ??= '';
    if (name === 'browse.open') this.table = (params as BrowseRequests['browse.open']['params']).table;
    const signal = this.stopping.signal;
    const request = (): Promise<BrowseRequests[N]['result']> =>
      this.host.engine.request(name, { ...(params as BrowseRequests[N]['params']), ...this.database }, { signal });
    try {
      return await request();
    } catch (error) {
      const problem = describeError(error);
      if (problem.code !== 'needs-memory' || !(await this.mayOpen(problem))) throw error;
      return request();
    }
  }

  /** Asked once, however many requests wait for the answer. */
  private mayOpen(problem: CoreErrorData): Promise<boolean> {
    this.answered ??= askUser('openAnyway', problem).then((isYes) => {
      if (isYes) this.database = { ...this.database, openAnyway: true };
      return isYes;
    });
    return this.answered;
  }

  /** A new state is told once; so is a reason why there is none. */
  private async refresh(): Promise<void> {
    // Nothing was asked for yet, so nothing can be out of date; what nobody sees is read when it comes into view.
    if (this.version === null || this.refreshing || this.disposed || !this.panel.visible) return;
    const start = performance.now();
    if (start < this.notBefore) return;
    this.refreshing = true;
    try {
      const { state, problem } = await this.host.engine.request('browse.refresh', this.database);
      if (problem === null ? state.version !== this.version || this.failed : !this.failed)
        this.send({ kind: 'changed', state, problem });
      this.version = state.version;
      this.failed = problem !== null;
    } catch (error) {
      this.host.log.debug(`${this.source.database} cannot be looked at: ${describeError(error).message}`);
    } finally {
      this.notBefore = performance.now() + (performance.now() - start) * restFactor;
      this.refreshing = false;
    }
  }
}
