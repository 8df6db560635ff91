/** The one modal question before files change: it says what will happen, from what the rehearsal measured. */
import * as vscode from 'vscode';
import type { RunReport, StepReport } from '../../core/report/model';
import { baseName, formatBytes } from '../format';
import { summarize } from '../run-summary';
import { countedRows } from '../words';

/** A dialog that does not fit the screen is read by nobody. */
const mostSteps = 12;

export async function confirmMigration(rehearsal: RunReport): Promise<boolean> {
  const migrate = vscode.l10n.t('Migrate');
  const { inserted, targets } = summarize(rehearsal);
  const picked = await vscode.window.showWarningMessage(
    vscode.l10n.t('Migrate {0} into {1}?', countedRows(inserted), targets.join(', ')),
    { modal: true, detail: detailOf(rehearsal) },
    migrate,
  );
  return picked === migrate;
}

function detailOf(rehearsal: RunReport): string {
  const { alreadyPresent, conflicts, rejected, leftBehind } = summarize(rehearsal);
  const moved = rehearsal.steps.filter((step) => step.inserted > 0);
  const steps = moved.slice(0, mostSteps).map(stepLine);
  if (moved.length > mostSteps) steps.push(vscode.l10n.t('… and {0} more tables', moved.length - mostSteps));

  const targets = rehearsal.targets.map(({ database, sizeBefore, sizeAfter }) =>
    vscode.l10n.t('{0} grows from {1} to {2}.', baseName(database), formatBytes(sizeBefore), formatBytes(sizeAfter)),
  );
  const facts = [
    ...targets,
    vscode.l10n.t('Every file involved is first copied to {0}, and the copies are verified.', backupsOf(rehearsal)),
    vscode.l10n.t('The legacy databases stay as they are.'),
    ...(alreadyPresent > 0 ? [vscode.l10n.t('There already: {0}.', countedRows(alreadyPresent))] : []),
    leftBehind > 0
      ? vscode.l10n.t('Left behind: {0}.', countedRows(leftBehind))
      : vscode.l10n.t('Nothing is left behind.'),
    ...(conflicts > 0 ? [vscode.l10n.t('Conflicts, left alone: {0}.', countedRows(conflicts))] : []),
    ...(rejected > 0 ? [vscode.l10n.t('Rejected: {0}.', countedRows(rejected))] : []),
    ...(rehearsal.warnings.length > 0
      ? [vscode.l10n.t('Warnings: {0}. The dry run lists them.', rehearsal.warnings.length)]
      : []),
  ];
  return [steps.join('\n'), facts.join('\n')].join('\n\n');
}

function stepLine({ legacy, target, inserted }: StepReport): string {
  const into = target === null ? '' : 'table' in target ? target.table : baseName(target.file);
  return vscode.l10n.t('{0} {1} → {2}: {3}', baseName(legacy.database), legacy.table, into, countedRows(inserted));
}

function backupsOf({ dataFolder }: RunReport): string {
  return dataFolder === '.' ? 'backups' : `${dataFolder}/backups`;
}
