/**
 * The problems of the plan files that are open, at their lines in the Problems panel: checked by the engine when the text
 * changes, and again when a database does.
 */
import * as vscode from 'vscode';
import { describeError } from '../../core/errors';
import type { PlanProblem } from '../../core/plan/parse-plan';
import type { Engine } from '../../engine/protocol';
import { problemSource } from '../contributions';
import { DisposableStore } from '../disposable-store';
import { databaseFilePattern } from '../tree/database-watcher';
import type { WorkspaceModel } from '../workspace-model';
import type { PlanDocuments } from './plan-documents';

/** A person who types is not interrupted, and a burst of writes is one change. Milliseconds. */
const debounceTime = 300;

interface Check {
  timer: NodeJS.Timeout | undefined;
  /** A check is at the engine. Only one at a time: what comes meanwhile waits for its answer. */
  busy: boolean;
  /** Something has changed since that check began: its answer counts for nothing. */
  stale: boolean;
  problems: readonly PlanProblem[] | undefined;
}

export class PlanChecks {
  private readonly store = new DisposableStore();
  private readonly collection = this.store.add(vscode.languages.createDiagnosticCollection('jarvis.plan'));
  private readonly changed = this.store.add(new vscode.EventEmitter<vscode.TextDocument>());
  /** New problems are known for a document. */
  readonly onDidCheck = this.changed.event;
  private readonly checks = new Map<vscode.TextDocument, Check>();
  private watchers: DisposableStore | undefined;

  constructor(
    private readonly engine: Engine,
    private readonly model: WorkspaceModel,
    private readonly documents: PlanDocuments,
    private readonly log: vscode.LogOutputChannel,
  ) {
    this.store.add(vscode.workspace.onDidOpenTextDocument((document) => this.checkSoon(document)));
    this.store.add(vscode.workspace.onDidChangeTextDocument(({ document }) => this.checkSoon(document)));
    this.store.add(vscode.workspace.onDidCloseTextDocument((document) => this.forget(document)));
    this.store.add(
      model.onDidChange(() => {
        this.unwatch();
        this.lookAtAll();
        if (this.checks.size > 0) this.watch();
      }),
    );
  }

  /** The problems as last found; undefined while they are not known for the text as it is. */
  problemsOf(document: vscode.TextDocument): readonly PlanProblem[] | undefined {
    const check = this.checks.get(document);
    return check === undefined || check.stale ? undefined : check.problems;
  }

  /** Looks at every open document: which of them are plan files may have changed. */
  lookAtAll(): void {
    for (const document of vscode.workspace.textDocuments) {
      if (this.documents.folderOf(document) === undefined) this.forget(document);
      else this.checkSoon(document);
    }
  }

  dispose(): void {
    for (const { timer } of this.checks.values()) clearTimeout(timer);
    this.checks.clear();
    this.watchers?.dispose();
    this.store.dispose();
  }

  private checkSoon(document: vscode.TextDocument): void {
    if (this.documents.folderOf(document) === undefined) return;
    let check = this.checks.get(document);
    if (check === undefined) {
      check = { timer: undefined, busy: false, stale: true, problems: undefined };
      this.checks.set(document, check);
      this.watch();
      void this.allowComments(document);
    }
    check.stale = true;
    clearTimeout(check.timer);
    check.timer = setTimeout(() => void this.check(document), debounceTime);
  }

  private async check(document: vscode.TextDocument): Promise<void> {
    const check = this.checks.get(document);
    const folder = this.documents.folderOf(document);
    if (check === undefined || check.busy || folder === undefined) return;
    check.busy = true;
    check.stale = false;
    try {
      const place = await this.model.planPlace(folder);
      const { problems } = await this.engine.request('plan.check', { ...place, text: document.getText() });
      if (isStale(check)) return;
      check.problems = problems;
      this.collection.set(
        document.uri,
        problems.map((problem) => toDiagnostic(document, problem)),
      );
      this.changed.fire(document);
    } catch (error) {
      // What could not be checked is neither right nor wrong.
      const { code, message } = describeError(error);
      if (code !== 'cancelled') this.log.warn(`${document.uri.fsPath} could not be checked: ${message}`);
      if (this.checks.get(document) === check) this.collection.delete(document.uri);
      check.problems = undefined;
    } finally {
      check.busy = false;
      if (isStale(check)) this.checkSoonAgain(document, check);
    }
  }

  /** The timer may have rung while the engine was at work. */
  private checkSoonAgain(document: vscode.TextDocument, check: Check): void {
    if (this.checks.get(document) !== check) return;
    clearTimeout(check.timer);
    check.timer = setTimeout(() => void this.check(document), debounceTime);
  }

  private forget(document: vscode.TextDocument): void {
    const check = this.checks.get(document);
    if (check === undefined) return;
    clearTimeout(check.timer);
    check.stale = true;
    this.checks.delete(document);
    this.collection.delete(document.uri);
    if (this.checks.size === 0) this.unwatch();
  }

  private unwatch(): void {
    this.watchers?.dispose();
    this.watchers = undefined;
  }

  /** Only while a plan file is open. */
  private watch(): void {
    if (this.watchers !== undefined) return;
    const watchers = (this.watchers = new DisposableStore());
    const changed = (): void => {
      for (const document of this.checks.keys()) this.checkSoon(document);
    };
    for (const folder of this.model.folders) {
      const pattern = new vscode.RelativePattern(folder, databaseFilePattern);
      const watcher = watchers.add(vscode.workspace.createFileSystemWatcher(pattern));
      for (const event of [watcher.onDidCreate, watcher.onDidChange, watcher.onDidDelete]) watchers.add(event(changed));
    }
  }

  /** A plan file may have comments, whatever its name: a setting can name any. */
  private async allowComments(document: vscode.TextDocument): Promise<void> {
    try {
      if (document.languageId === 'json') await vscode.languages.setTextDocumentLanguage(document, 'jsonc');
    } catch (error) {
      this.log.debug(String(error));
    }
  }
}

/** Not a constant: events set it while the engine is at work. */
function isStale({ stale }: Check): boolean {
  return stale;
}

function toDiagnostic(document: vscode.TextDocument, problem: PlanProblem): vscode.Diagnostic {
  const { offset, length, message, code, severity } = problem;
  const range = new vscode.Range(document.positionAt(offset), document.positionAt(offset + length));
  const diagnostic = new vscode.Diagnostic(range, message, severityOf(severity));
  diagnostic.source = problemSource;
  diagnostic.code = code;
  return diagnostic;
}

function severityOf(severity: PlanProblem['severity']): vscode.DiagnosticSeverity {
  switch (severity) {
    case 'error':
      return vscode.DiagnosticSeverity.Error;
    case 'warning':
      return vscode.DiagnosticSeverity.Warning;
    case 'note':
      return vscode.DiagnosticSeverity.Information;
  }
}
