/** "Migrate Analytics": rehearse, ask, migrate, show the report. */
import * as vscode from 'vscode';
import type { RunResult } from '../../engine/protocol';
import { offer } from '../present-error';
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
  const { report } = result;
  const summary = summarize(report);
  const actions = [openReportAction(services, result), showLogAction(services)];
  switch (report.outcome) {
    case 'committed': {
      // The promise stands, but something after the commit point did not finish: the user must hear of it.
      if (report.error !== null) return presentFailure(services, result);
      const rows = countedRows(summary.inserted);
      const targets = summary.targets.join(', ');
      const message = summary.everyCellChecked
        ? vscode.l10n.t('{0} migrated into {1}; every cell checked.', rows, targets)
        : vscode.l10n.t('{0} migrated into {1}; not every cell could be checked.', rows, targets);
      const show = summary.everyCellChecked ? vscode.window.showInformationMessage : vscode.window.showWarningMessage;
      return offer(show, message, actions, services.log);
    }
    case 'nothingToDo': {
      const already = countedRows(summary.alreadyPresent);
      const left = summary.conflicts + summary.rejected + summary.leftBehind;
      return left === 0
        ? offer(
            vscode.window.showInformationMessage,
            vscode.l10n.t('Nothing to do: all {0} are there already.', already),
            actions,
            services.log,
          )
        : offer(
            vscode.window.showWarningMessage,
            vscode.l10n.t(
              'Nothing to add: {0} are there already; conflicts: {1}, rejected: {2}, left behind: {3}.',
              already,
              summary.conflicts,
              summary.rejected,
              summary.leftBehind,
            ),
            actions,
            services.log,
          );
    }
    case 'rolledBack':
    case 'refused':
      return presentFailure(services, result);
    case 'cancelled':
      return;
  }
}
