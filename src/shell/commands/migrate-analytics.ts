/** "Migrate Analytics": rehearse, ask, migrate, show the report. */
import * as vscode from 'vscode';
import { CoreError } from '../../core/errors';
import type { RunResult } from '../../engine/protocol';
import { offer, presentError } from '../present-error';
import { expectedHashes, summarize } from '../run-summary';
import type { Services } from '../services';
import { requireTrust } from '../trust';
import { countedRows } from '../words';
import { confirmMigration } from './confirm-migration';
import { pickPlace } from './pick-place';
import { exclusively, openReportAction, presentFailure, run, showLogAction, showReport } from './run';

export async function migrateAnalytics(services: Services, argument: unknown): Promise<void> {
  // Before the rehearsal, not after it: nobody should read and confirm what is then refused.
  requireTrust('migrate', vscode.workspace.isTrusted);
  const picked = await pickPlace(services, argument);
  if (picked === undefined) return;
  const { place } = picked;
  await exclusively(async () => {
    const rehearsal = await run(services, place, { mode: 'dryRun' });
    if (rehearsal === undefined) return;
    if (rehearsal.report.outcome !== 'committed') {
      tellOutcome(services, rehearsal);
      return;
    }
    const held = rehearsal.report.warnings.filter(({ code }) => code === 'in-use');
    if (held.length > 0) {
      // Nobody should read and confirm what is refused the moment it is confirmed.
      tellHeld(
        services,
        held.map(({ message }) => message),
        () => vscode.commands.executeCommand('jarvis.migrateAnalytics', argument),
      );
      return;
    }
    if (!(await confirmMigration(rehearsal.report))) return;
    try {
      const result = await run(services, place, { mode: 'migrate', expected: expectedHashes(rehearsal.report) });
      if (result === undefined) return;
      if (result.reportPath !== null || result.report.outcome === 'rolledBack') await showReport(services, result);
      tellOutcome(services, result);
    } finally {
      await services.view.refresh();
    }
  });
}

/** One notification for the end of a rehearsal that stops here, or of the run. */
function tellOutcome(services: Services, result: RunResult): void {
  const { outcome, error } = result.report;
  switch (outcome) {
    case 'committed':
      // The promise stands, but something after the commit point did not finish: the user must hear of it.
      if (error === null) tellCommitted(services, result);
      else presentFailure(services, result);
      break;
    case 'nothingToDo':
      tellNothingToDo(services, result);
      break;
    case 'rolledBack':
    case 'refused':
      presentFailure(services, result);
      break;
    case 'cancelled':
      break;
  }
}

/** Another process has a database open: who, and what to do about it. */
function tellHeld(services: Services, messages: readonly string[], tryAgain: () => unknown): void {
  const problem = new CoreError('in-use', messages.join(' '));
  presentError(problem, services.log, { run: true, actions: [{ title: vscode.l10n.t('Try Again'), run: tryAgain }] });
}

function tellCommitted(services: Services, result: RunResult): void {
  const { inserted, targets, everyCellChecked } = summarize(result.report);
  const rows = countedRows(inserted);
  const into = targets.join(', ');
  if (everyCellChecked) {
    tell(services, result, 'information', vscode.l10n.t('{0} migrated into {1}; every cell checked.', rows, into));
  } else {
    const text = vscode.l10n.t('{0} migrated into {1}; not every cell could be checked.', rows, into);
    tell(services, result, 'warning', text);
  }
}

function tellNothingToDo(services: Services, result: RunResult): void {
  const { alreadyPresent, conflicts, rejected, leftBehind } = summarize(result.report);
  const already = countedRows(alreadyPresent);
  if (conflicts + rejected + leftBehind === 0) {
    tell(services, result, 'information', vscode.l10n.t('Nothing to do: all {0} are there already.', already));
  } else {
    const text = vscode.l10n.t(
      'Nothing to add: {0} are there already; conflicts: {1}, rejected: {2}, left behind: {3}.',
      already,
      conflicts,
      rejected,
      leftBehind,
    );
    tell(services, result, 'warning', text);
  }
}

function tell(services: Services, result: RunResult, severity: 'information' | 'warning', text: string): void {
  const show = severity === 'information' ? vscode.window.showInformationMessage : vscode.window.showWarningMessage;
  offer(show, text, [openReportAction(services, result), showLogAction(services)], services.log);
}
