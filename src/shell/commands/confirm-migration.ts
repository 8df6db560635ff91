/** The one question before files change: it says what will happen, from what the rehearsal measured. */
import * as vscode from 'vscode';
import type { RunReport, StepReport } from '../../core/report/model';
import { baseName } from '../format';
import { summarize } from '../run-summary';
import { countedBytes, countedRows, formatCount } from '../words';

/** A dialog that does not fit the screen is read by nobody. */
const mostSteps = 12;
const mostShifts = 5;

export interface MigrationQuestion {
  readonly title: string;
  /** Paragraphs of lines. */
  readonly detail: readonly (readonly string[])[];
}

export async function confirmMigration(rehearsal: RunReport): Promise<boolean> {
  const migrate = vscode.l10n.t('Migrate');
  const { title, detail } = questionOf(rehearsal);
  const picked = await vscode.window.showWarningMessage(
    title,
    { modal: true, detail: detail.map((lines) => lines.join('\n')).join('\n\n') },
    migrate,
  );
  return picked === migrate;
}

export function questionOf(rehearsal: RunReport): MigrationQuestion {
  const { inserted, targets } = summarize(rehearsal);
  const title = vscode.l10n.t('Migrate {0} into {1}?', countedRows(inserted), targets.join(', '));
  return { title, detail: detailOf(rehearsal) };
}

/** What moves, what it costs, what is promised, and what to think about: a paragraph each. */
function detailOf(rehearsal: RunReport): MigrationQuestion['detail'] {
  const summary = summarize(rehearsal);
  const { alreadyPresent, conflicts, rejected, leftBehind, lostValues, shifted, parentRows } = summary;
  const growth = rehearsal.targets
    .filter(({ sizeBefore, sizeAfter }) => sizeBefore !== sizeAfter)
    .map(({ database, sizeBefore, sizeAfter }) =>
      vscode.l10n.t(
        '{0} grows from {1} to {2}.',
        baseName(database),
        countedBytes(sizeBefore),
        countedBytes(sizeAfter),
      ),
    );
  const promises = [
    // What is left alone is not left behind, but nobody should have to know that.
    ...(leftBehind + conflicts + rejected > 0 ? [] : [vscode.l10n.t('Nothing is left behind.')]),
    vscode.l10n.t('The legacy databases stay as they are.'),
    vscode.l10n.t('Every file involved is first copied to {0}, and the copies are verified.', backupsOf(rehearsal)),
  ];
  const notes = [
    ...(leftBehind > 0 ? [vscode.l10n.t('Left behind: {0}.', countedRows(leftBehind))] : []),
    ...(lostValues > 0 ? [vscode.l10n.t('Values lost, as the plan says: {0}.', formatCount(lostValues))] : []),
    ...(rejected > 0 ? [vscode.l10n.t('Rejected, to be collected in rejects.db: {0}.', countedRows(rejected))] : []),
    ...(conflicts > 0 ? [vscode.l10n.t('Conflicts, left alone: {0}.', countedRows(conflicts))] : []),
    ...(alreadyPresent > 0 ? [vscode.l10n.t('There already: {0}.', countedRows(alreadyPresent))] : []),
    ...(shifted.length > 0 ? [shiftLine(shifted)] : []),
    ...(parentRows > 0
      ? [vscode.l10n.t('Parents added, which foreign keys demand: {0}.', countedRows(parentRows))]
      : []),
    ...(rehearsal.warnings.length > 0
      ? [vscode.l10n.t('Warnings: {0}. The dry run lists them.', rehearsal.warnings.length)]
      : []),
  ];
  const files = summary.configurationFiles.map((file) => vscode.l10n.t('The configuration file {0} is written.', file));
  return [rowLines(rehearsal), [...growth, ...files], promises, notes].filter((lines) => lines.length > 0);
}

/** Table by table, as long as that can be read at a glance; else target by target. */
function rowLines(rehearsal: RunReport): readonly string[] {
  const moved = rehearsal.steps.filter((step) => step.inserted > 0);
  if (moved.length <= mostSteps) return moved.map(stepLine);
  return summarize(rehearsal).destinations.map(({ file, tables, rows }) =>
    tables === 1
      ? vscode.l10n.t('1 table → {0}: {1}', baseName(file), countedRows(rows))
      : vscode.l10n.t('{0} tables → {1}: {2}', tables, baseName(file), countedRows(rows)),
  );
}

function stepLine({ legacy, target, inserted }: StepReport): string {
  const into = target === null ? '' : 'table' in target ? target.table : baseName(target.file);
  return vscode.l10n.t('{0} {1} → {2}: {3}', baseName(legacy.database), legacy.table, into, countedRows(inserted));
}

function shiftLine(shifted: readonly { readonly table: string; readonly offset: string }[]): string {
  const shown = shifted.slice(0, mostShifts).map(({ table, offset }) => {
    const sign = offset.startsWith('-') ? '' : '+';
    return `${table} ${sign}${formatCount(BigInt(offset))}`;
  });
  const more = shifted.length > mostShifts ? vscode.l10n.t(' and {0} more', shifted.length - mostShifts) : '';
  return vscode.l10n.t('Keys that are taken are shifted: {0}{1}.', shown.join(', '), more);
}

function backupsOf({ dataFolder }: RunReport): string {
  return dataFolder === '.' ? 'backups' : `${dataFolder}/backups`;
}
