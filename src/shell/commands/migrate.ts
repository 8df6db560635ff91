/** "Migrate All", "Migrate Core", "Migrate Analytics", "Migrate Cache": rehearse, ask, migrate, show the report. */
import * as vscode from 'vscode';
import { CoreError } from '../../core/errors';
import type { Domain } from '../../core/report/model';
import type { RunResult } from '../../engine/protocol';
import type { CommandId } from '../contributions';
import { offer, presentError } from '../present-error';
import { confirmedBy, summarize } from '../run-summary';
import type { Services } from '../services';
import { runSettings } from '../settings';
import { requireTrust } from '../trust';
import type { FolderPlace } from '../workspace-model';
import { countedRows, formatCount } from '../words';
import { confirmMigration } from './confirm-migration';
import { pickPlace } from './pick-place';
import { exclusively, openReportAction, presentFailure, run, showLogAction, showReport, type RunOptions } from './run';

/** @param id the command itself, for "Try Again" */
export function migrating(
  id: CommandId,
  domains: readonly Domain[],
): (services: Services, argument: unknown) => Promise<void> {
  return (services, argument) =>
    migrate(services, argument, domains, () => vscode.commands.executeCommand(id, argument));
}

async function migrate(
  services: Services,
  argument: unknown,
  domains: readonly Domain[],
  tryAgain: () => unknown,
): Promise<void> {
  // Before the rehearsal, not after it: nobody should read and confirm what is then refused.
  requireTrust('migrate', vscode.workspace.isTrusted);
  const picked = await pickPlace(services, argument);
  if (picked === undefined) return;
  await exclusively(async () => {
    // Once for both: what was confirmed is what runs.
    const settings = runSettings(picked.folder);
    const rehearsal = await run(services, picked, { mode: 'dryRun', domains, settings });
    if (rehearsal === undefined) return;
    if (rehearsal.report.outcome !== 'committed') {
      tellOutcome(services, rehearsal);
      return;
    }
    const held = rehearsal.report.warnings.filter(({ code }) => code === 'in-use');
    if (held.length > 0) {
      // Nobody should read and confirm what is refused the moment it is confirmed.
      const messages = held.map(({ message }) => message);
      tellHeld(services, messages, tryAgain);
      return;
    }
    if (!(await confirmMigration(rehearsal.report))) return;
    const { consent } = rehearsal;
    await migrateConfirmed(services, { picked, domains, settings, expected: confirmedBy(rehearsal), consent });
  });
}

/** A dry run that somebody has said yes to. */
export interface ConfirmedMigration extends Required<
  Pick<RunOptions, 'domains' | 'settings' | 'expected' | 'consent'>
> {
  readonly picked: FolderPlace;
}

/**
 * What follows the confirmation, whoever asked for it: the run, its report on the screen, and one notification.
 * Undefined where it was cancelled.
 */
export async function migrateConfirmed(
  services: Services,
  { picked, ...confirmed }: ConfirmedMigration,
  signal?: AbortSignal,
): Promise<RunResult | undefined> {
  try {
    const result = await run(services, picked, { mode: 'migrate', ...confirmed, ...(signal && { signal }) });
    if (result === undefined) return undefined;
    if (result.reportPath !== null || result.report.outcome === 'rolledBack') await showReport(services, result);
    tellOutcome(services, result);
    return result;
  } finally {
    await services.view.refresh();
  }
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
  const { inserted, rejected, lostValues, targets, everyCellChecked } = summarize(result.report);
  const rows = countedRows(inserted);
  const into = targets.join(', ');
  const text = everyCellChecked
    ? vscode.l10n.t('{0} migrated into {1}; every cell checked.', rows, into)
    : vscode.l10n.t('{0} migrated into {1}; not every cell could be checked.', rows, into);
  const losses = [
    ...(rejected > 0
      ? [vscode.l10n.t('Rejected: {0}, in {1}.', countedRows(rejected), result.report.rejectsFile ?? '')]
      : []),
    ...(lostValues > 0 ? [vscode.l10n.t('Values lost: {0}.', formatCount(lostValues))] : []),
  ];
  const severity = everyCellChecked && losses.length === 0 ? 'information' : 'warning';
  tell(services, result, severity, [text, ...losses].join(' '));
}

function tellNothingToDo(services: Services, result: RunResult): void {
  const { alreadyPresent, conflicts, rejected, leftBehind } = summarize(result.report);
  const already = countedRows(alreadyPresent);
  if (conflicts + rejected + leftBehind === 0) {
    tell(services, result, 'information', vscode.l10n.t('Nothing to do. Already there: {0}.', already));
  } else {
    const text = vscode.l10n.t(
      'Nothing to add. Already there: {0}; conflicts: {1}, rejected: {2}, left behind: {3}.',
      already,
      formatCount(conflicts),
      formatCount(rejected),
      formatCount(leftBehind),
    );
    tell(services, result, 'warning', text);
  }
}

function tell(services: Services, result: RunResult, severity: 'information' | 'warning', text: string): void {
  const show = severity === 'information' ? vscode.window.showInformationMessage : vscode.window.showWarningMessage;
  offer(show, text, [openReportAction(services, result), showLogAction(services)], services.log);
}
