/** Above each step of a plan file: a dry run, and what is known about the step. */
import * as vscode from 'vscode';
import type { PlanProblem } from '../../core/plan/parse-plan';
import type { RunReport, StepReport } from '../../core/report/model';
import { domainName } from '../commands/domains';
import { DisposableStore } from '../disposable-store';
import { countedRows } from '../words';
import type { PlanChecks } from './plan-checks';
import type { PlanDocuments } from './plan-documents';
import type { PlanScope } from './plan-scope';
import { findSteps, type StepText } from './plan-text';

export class PlanLenses implements vscode.CodeLensProvider {
  private readonly store = new DisposableStore();
  private readonly changed = this.store.add(new vscode.EventEmitter<void>());
  readonly onDidChangeCodeLenses = this.changed.event;
  /** What the last dry run of a document said, until its text changes. */
  private readonly rehearsed = new Map<string, RunReport>();

  constructor(
    private readonly documents: PlanDocuments,
    private readonly checks: PlanChecks,
  ) {
    this.store.add(checks.onDidCheck(() => this.changed.fire()));
    this.store.add(
      vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
        if (contentChanges.length > 0) this.rehearsed.delete(document.uri.toString());
      }),
    );
    this.store.add(vscode.workspace.onDidCloseTextDocument(({ uri }) => this.rehearsed.delete(uri.toString())));
  }

  /** Keeps what a dry run said about the steps of a plan file. */
  remember(uri: vscode.Uri, report: RunReport): void {
    this.rehearsed.set(uri.toString(), report);
    this.changed.fire();
  }

  provideCodeLenses(document: vscode.TextDocument): vscode.CodeLens[] {
    const folder = this.documents.folderOf(document);
    if (folder === undefined) return [];
    const problems = this.checks.problemsOf(document);
    const report = this.rehearsed.get(document.uri.toString());
    return findSteps(document.getText()).flatMap((step) => {
      const start = document.positionAt(step.offset);
      const range = new vscode.Range(start, start);
      const commands = [dryRunOf(step, document.uri, folder), problemsIn(step, problems), outcomeIn(step, report)];
      return commands.flatMap((command) => (command === undefined ? [] : [new vscode.CodeLens(range, command)]));
    });
  }

  dispose(): void {
    this.store.dispose();
  }
}

function dryRunOf({ domain }: StepText, uri: vscode.Uri, folder: vscode.WorkspaceFolder): vscode.Command | undefined {
  if (domain === null) return undefined;
  const scope: PlanScope = { kind: 'planScope', uri, folder, domain };
  return {
    title: vscode.l10n.t('$(beaker) Dry run'),
    tooltip: vscode.l10n.t('Rehearse the domain {0} of this plan in memory: nothing is written', domainName(domain)),
    command: 'jarvis.dryRun',
    arguments: [scope],
  };
}

function problemsIn({ index }: StepText, problems: readonly PlanProblem[] | undefined): vscode.Command | undefined {
  // A note stands at its line; above the step it would call for attention that it does not need.
  const own = (problems ?? []).filter(
    ({ path, severity }) => severity !== 'note' && path[0] === 'steps' && path[1] === index,
  );
  if (own.length === 0) return undefined;
  const icon = own.some(({ severity }) => severity === 'error') ? '$(error)' : '$(warning)';
  const title = own.length === 1 ? vscode.l10n.t('1 problem') : vscode.l10n.t('{0} problems', own.length);
  const tooltip = own.map(({ message }) => message).join('\n');
  return { title: `${icon} ${title}`, tooltip, command: 'workbench.actions.view.problems' };
}

function outcomeIn({ domain, legacy }: StepText, report: RunReport | undefined): vscode.Command | undefined {
  const step = report?.steps.find(
    (one) => one.domain === domain && one.legacy.database === legacy?.database && one.legacy.table === legacy.table,
  );
  if (step === undefined) return undefined;
  const tooltip = vscode.l10n.t('What the last dry run of this plan said');
  // Without a command it is shown as text.
  return { title: outcomeOf(step), tooltip, command: '' };
}

function outcomeOf({ inserted, alreadyPresent, conflicts, rejected, leftBehind }: StepReport): string {
  if (rejected > 0) return vscode.l10n.t('$(error) rejected: {0}', countedRows(rejected));
  if (conflicts > 0) return vscode.l10n.t('$(warning) conflicts: {0}', countedRows(conflicts));
  if (leftBehind > 0) return vscode.l10n.t('$(info) left behind: {0}', countedRows(leftBehind));
  if (inserted > 0) return vscode.l10n.t('$(pass) would move {0}', countedRows(inserted));
  return alreadyPresent > 0
    ? vscode.l10n.t('$(pass) there already: {0}', countedRows(alreadyPresent))
    : vscode.l10n.t('$(pass) no rows to move');
}
