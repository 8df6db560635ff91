/** The results of one document: its statements are run one after the other, and the last result is shown. */
import * as vscode from 'vscode';
import { CoreError, describeError } from '../../core/errors';
import type { QueryResult } from '../../core/query/model';
import type { BrowseDatabase, BrowseRequests } from '../../engine/browse-protocol';
import type { EngineClient } from '../../engine/client';
import type { Outcome, RememberedRun, ToQueryView } from '../../webview/query/messages';
import type { FromView, HostRequests } from '../../webview/table/messages';
import type { ToView } from '../../webview/table/messages';
import { askUser } from '../ask-user';
import { noConsent, withConsent } from '../consent';
import { DisposableStore } from '../disposable-store';
import { inNotification } from '../in-notification';
import { answerView } from '../table/answer-view';
import { viewHtml, viewOptions } from '../table/view-html';
import { pathOf } from '../resource-paths';
import { nameOf, type Binding } from './query-documents';
import { resultWords } from './query-words';
import { ResultChanges } from './result-changes';

export interface ResultHost {
  readonly engine: EngineClient;
  readonly log: vscode.LogOutputChannel;
  readonly extension: vscode.Uri;
}

export interface Run {
  readonly binding: Binding;
  readonly sql: string;
  readonly explain: boolean;
}

/** A statement that takes longer is told in a notification, from which it can be cancelled. Milliseconds. */
const patience = 700;

export class ResultPage {
  private readonly store = new DisposableStore();
  private readonly viewer = crypto.randomUUID();
  private outcome: Outcome | null = null;
  private last: Run | null = null;
  private changes: ResultChanges | null = null;
  private running = new AbortController();
  private disposed = false;
  private consent = noConsent;

  /**
   * @param document the URI of the SQL document
   * @param restored what was run before the window was reloaded: it is run again when the user says so, since nobody
   *   knows how long it takes
   * @param runAgain runs a statement as if the user had asked for it in its document
   */
  constructor(
    readonly panel: vscode.WebviewPanel,
    private readonly document: string,
    restored: RememberedRun | null,
    private readonly host: ResultHost,
    private readonly runAgain: (run: Run) => Promise<void>,
  ) {
    if (restored !== null) {
      const { file, database, sql, explain } = restored;
      this.last = { binding: { file, database }, sql, explain };
      this.outcome = { run: restored, database: nameOf(restored), state: { kind: 'restored' } };
    }
    const { webview } = panel;
    webview.options = viewOptions(host.extension);
    this.store.add(webview.onDidReceiveMessage((message: FromView) => this.receive(message)));
    this.store.add(panel.onDidChangeViewState(() => this.changes?.setVisible(panel.visible)));
    this.store.add(panel.onDidDispose(() => this.dispose()));
    webview.html = viewHtml(webview, host.extension, 'query-view');
  }

  /**
   * Runs a statement; one that is still running is given up. Null where this one was.
   *
   * @throws CoreError where the statement is refused or fails, after it was shown
   */
  async run(run: Run): Promise<QueryResult | null> {
    this.running.abort();
    const controller = (this.running = new AbortController());
    const { signal } = controller;
    const { binding, sql, explain } = run;
    this.last = run;
    this.changes?.dispose();
    this.changes = null;
    const show = (state: Outcome['state'], gave: RememberedRun['gave'] = null): void => {
      if (this.running !== controller) return;
      const { document } = this;
      this.show({ run: { document, ...binding, sql, explain, gave }, database: nameOf(binding), state });
    };
    show({ kind: 'running' });
    const params = { ...this.databaseOf(binding), sql, explain };
    const asked = withConsent(
      ({ openAnyway }) => this.host.engine.request('query.run', { ...params, openAnyway }, { signal }),
      () => null,
      askUser,
      this.consent,
    );
    this.offerToCancel(asked, controller, binding);
    try {
      const done = await asked;
      if (done === undefined) {
        show({ kind: 'cancelled' });
        return null;
      }
      const { result } = done;
      this.consent = done.consent;
      const gave = result.kind === 'rows' ? { ...countsOf(result), at: Date.now() } : null;
      show({ kind: 'done', result }, gave);
      if (this.running === controller) this.watch(binding, result.state.version);
      return result;
    } catch (error) {
      if (signal.aborted) {
        show({ kind: 'cancelled' });
        return null;
      }
      show({ kind: 'failed', error: describeError(error) });
      throw error;
    }
  }

  private dispose(): void {
    if (this.disposed) return;
    this.disposed = true;
    this.store.dispose();
    this.changes?.dispose();
    this.running.abort();
    // An engine that is not running has nothing open.
    if (this.last === null || !this.host.engine.running) return;
    this.host.engine.request('browse.close', this.databaseOf(this.last.binding)).catch(() => undefined);
  }

  private watch({ file }: Binding, version: string): void {
    if (this.disposed) return;
    const { engine, log } = this.host;
    this.changes = new ResultChanges(engine, log, vscode.Uri.parse(file), version, () => this.tellChanged());
    this.changes.setVisible(this.panel.visible);
  }

  private tellChanged(): void {
    if (this.changes?.changed === true) this.send({ kind: 'changed' });
  }

  private offerToCancel(asked: Promise<unknown>, controller: AbortController, binding: Binding): void {
    const done = asked.then(
      () => undefined,
      () => undefined,
    );
    const timer = setTimeout(() => {
      const shown = { title: vscode.l10n.t('Running a query on {0}', nameOf(binding)), cancellable: true };
      void inNotification(shown, (_tell, cancelled) => {
        cancelled.addEventListener('abort', () => controller.abort());
        return done;
      });
    }, patience);
    void done.then(() => clearTimeout(timer));
  }

  private show(outcome: Outcome): void {
    this.outcome = outcome;
    this.send({ kind: 'outcome', outcome });
  }

  private send(message: ToQueryView | Extract<ToView, { kind: 'reply' }>): void {
    if (!this.disposed) void this.panel.webview.postMessage(message);
  }

  private receive(message: FromView): void {
    switch (message.kind) {
      case 'ready':
        this.send({ kind: 'start', start: { ...resultWords(), language: vscode.env.language } });
        if (this.outcome !== null) this.send({ kind: 'outcome', outcome: this.outcome });
        this.tellChanged();
        return;
      case 'request':
        this.answer(message.name, message.params).then(
          (value) => this.send({ kind: 'reply', id: message.id, ok: true, value }),
          (error: unknown) => {
            const data = describeError(error);
            if (data.code === 'internal') this.host.log.error(error instanceof Error ? error : String(error));
            this.send({ kind: 'reply', id: message.id, ok: false, error: data });
          },
        );
    }
  }

  private async answer(name: string, params: unknown): Promise<unknown> {
    const { last } = this;
    if (last === null) throw new CoreError('internal', 'Nothing was run.');
    switch (name) {
      case 'stop' satisfies keyof HostRequests:
        this.running.abort();
        return null;
      case 'runAgain' satisfies keyof HostRequests:
        await this.runAgain(last);
        return null;
      default: {
        const { engine } = this.host;
        const database = this.databaseOf(last.binding);
        const ask = <N extends keyof BrowseRequests>(asked: N, given: unknown): Promise<BrowseRequests[N]['result']> =>
          engine.request(asked, { ...(given as BrowseRequests[N]['params']), ...database });
        return answerView({ engine, database, source: vscode.Uri.parse(last.binding.file), ask }, name, params);
      }
    }
  }

  private databaseOf({ file, database }: Binding): BrowseDatabase {
    return { path: pathOf(vscode.Uri.parse(file)), database, viewer: this.viewer, result: true };
  }
}

function countsOf({
  rows,
  cut,
  milliseconds,
}: Extract<QueryResult, { kind: 'rows' }>): Omit<NonNullable<RememberedRun['gave']>, 'at'> {
  return { rows, cut, milliseconds };
}
