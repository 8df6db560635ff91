/**
 * SQL documents that are bound to a database, and the results of their statements, each document's in one tab.
 *
 * Queries have an engine process of their own: a statement that never ends makes nobody wait, and is cancelled by
 * ending the process. Results of other documents that it kept are then run again, where somebody still looks at them.
 */
import * as vscode from 'vscode';
import { describeError } from '../../core/errors';
import { placeOfError } from '../../core/query/error-place';
import { statementAt } from '../../core/query/statements';
import type { EngineClient } from '../../engine/client';
import type { Engine } from '../../engine/protocol';
import type { RememberedRun } from '../../webview/query/messages';
import { problemSource, resultPanelType } from '../contributions';
import { DisposableStore } from '../disposable-store';
import { baseName } from '../format';
import { wordsFor } from '../present-error';
import { isReadable } from '../resource-paths';
import { viewOptions } from '../table/view-html';
import { QueryCompletion } from './query-completion';
import { QueryDocuments } from './query-documents';
import { QueryHistory } from './query-history';
import { QueryLenses } from './query-lenses';
import { readRemembered } from './remembered-run';
import { ResultPage, type ResultHost, type Run } from './result-page';

export class Queries implements ResultHost, vscode.WebviewPanelSerializer {
  private readonly store = new DisposableStore();
  private readonly pages = new Map<string, ResultPage>();
  private readonly problems = this.store.add(vscode.languages.createDiagnosticCollection('jarvis.queries'));
  readonly documents: QueryDocuments;
  readonly history: QueryHistory;

  /** @param schemas the engine that tells tables and columns while a statement is running */
  constructor(
    readonly engine: EngineClient,
    schemas: Engine,
    memory: vscode.Memento,
    readonly log: vscode.LogOutputChannel,
    readonly extension: vscode.Uri,
  ) {
    this.store.add(engine);
    this.documents = this.store.add(new QueryDocuments(memory));
    this.history = new QueryHistory(memory);
    const { languages, window, workspace } = vscode;
    this.store.add(window.registerWebviewPanelSerializer(resultPanelType, this));
    const lenses = this.store.add(new QueryLenses(this.documents));
    this.store.add(languages.registerCodeLensProvider({ language: 'sql' }, lenses));
    const completion = new QueryCompletion(schemas, this.documents);
    this.store.add(languages.registerCompletionItemProvider({ language: 'sql' }, completion, '.'));
    this.store.add(
      workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
        if (contentChanges.length > 0) this.problems.delete(document.uri);
      }),
    );
    this.store.add(workspace.onDidCloseTextDocument(({ uri }) => this.problems.delete(uri)));
  }

  /** Runs what is selected, else the statement at the offset; the document must be bound. */
  async run(document: vscode.TextDocument, selection: vscode.Selection | number, explain: boolean): Promise<void> {
    const binding = this.documents.bindingOf(document.uri);
    if (binding === undefined) return;
    const text = document.getText();
    const statement =
      typeof selection === 'number' || selection.isEmpty
        ? statementAt(text, typeof selection === 'number' ? selection : document.offsetAt(selection.active))
        : { text: document.getText(selection), from: document.offsetAt(selection.start) };
    if (statement === undefined) {
      void vscode.window.showInformationMessage(vscode.l10n.t('There is no statement to run. Write one first.'));
      return;
    }
    const run = { binding, sql: statement.text, explain };
    await this.runOn(this.pageOf(document.uri), document.uri, run, statement.from);
  }

  /** A tab of the window before: it says what was run, and runs nothing by itself. */
  deserializeWebviewPanel(panel: vscode.WebviewPanel, state: unknown): Promise<void> {
    const run = readRemembered(state);
    if (run !== null && isReadable(vscode.Uri.parse(run.file))) this.attach(panel, vscode.Uri.parse(run.document), run);
    else panel.dispose();
    return Promise.resolve();
  }

  dispose(): void {
    this.store.dispose();
  }

  /** @param offset of the statement in its document; null where that is not known any more */
  private async runOn(page: ResultPage, uri: vscode.Uri, run: Run, offset: number | null): Promise<void> {
    this.problems.delete(uri);
    try {
      const result = await page.run(run);
      if (result?.kind !== 'rows') return;
      const { milliseconds, rows, cut } = result;
      await this.history.add({ sql: run.sql, ...run.binding, at: Date.now(), milliseconds, rows, cut });
    } catch (error) {
      // The result's tab shows it; here it is told where it is.
      const data = describeError(error);
      this.log.debug(`${run.binding.database}: ${data.message}`);
      if (data.code === 'query-invalid' && offset !== null)
        this.mark(uri, run.sql, offset, data.message, wordsFor(data));
    }
  }

  private mark(uri: vscode.Uri, sql: string, offset: number, message: string, words: string): void {
    const document = vscode.workspace.textDocuments.find((one) => one.uri.toString() === uri.toString());
    // Whoever has typed meanwhile has moved it.
    if (document?.getText().slice(offset, offset + sql.length) !== sql) return;
    const { from, to } = placeOfError(sql, message) ?? { from: 0, to: sql.length };
    const range = new vscode.Range(document.positionAt(offset + from), document.positionAt(offset + to));
    const problem = new vscode.Diagnostic(range, words, vscode.DiagnosticSeverity.Error);
    problem.source = problemSource;
    this.problems.set(uri, [problem]);
  }

  private pageOf(uri: vscode.Uri): ResultPage {
    const key = uri.toString();
    const present = this.pages.get(key);
    if (present !== undefined) {
      present.panel.reveal(undefined, true);
      return present;
    }
    const panel = vscode.window.createWebviewPanel(
      resultPanelType,
      vscode.l10n.t('Result of {0}', baseName(uri.path)),
      { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true },
      viewOptions(this.extension),
    );
    return this.attach(panel, uri, null);
  }

  private attach(panel: vscode.WebviewPanel, uri: vscode.Uri, restored: RememberedRun | null): ResultPage {
    panel.iconPath = {
      light: vscode.Uri.joinPath(this.extension, 'media', 'table-light.svg'),
      dark: vscode.Uri.joinPath(this.extension, 'media', 'table-dark.svg'),
    };
    const key = uri.toString();
    const page: ResultPage = new ResultPage(panel, key, restored, this, (run) => this.runOn(page, uri, run, null));
    // A tab comes back when it is looked at: its document may have got another one before that, which then stays its own.
    if (!this.pages.has(key)) this.pages.set(key, page);
    panel.onDidDispose(() => {
      if (this.pages.get(key) === page) this.pages.delete(key);
    });
    return page;
  }
}
