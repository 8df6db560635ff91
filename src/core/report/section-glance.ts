/** The answer before the account: what moved, what did not, whether it is proven, and the way back. */
import type { RootContent } from 'mdast';
import { collectsRejects, isPublished, targetFile, targetFiles, tallyCriteria, totalRows } from './facts';
import { formatCount, formatNumber } from './format';
import { checksPassed, lostWords } from './headline';
import type { RunReport } from './model';
import { bold, command, join, list, say, words, type Inline } from './nodes';
import { rollbackCommand } from './rollback';

/** Four lines below the result of a run that moved rows, or would; where none did, the result itself says why. */
export function atAGlance(report: RunReport): RootContent[] {
  if (!isPublished(report) || report.error !== null) return [];
  return [list([moved(report), notMoved(report), proof(report), ...wayBack(report)])];
}

function moved(report: RunReport): Inline {
  const { inserted, alreadyPresent } = totalRows(report.steps);
  const files = targetFiles(report)
    .map((file) => ({ file, rows: totalRows(report.steps.filter((step) => targetFile(step) === file)).inserted }))
    .filter(({ rows }) => rows > 0);
  const [first, ...more] = files;
  const each = join(files.map(({ file, rows }) => say`${rows} to ${file}`));
  const into = first === undefined ? [] : more.length === 0 ? say` to ${first.file}` : say`: ${each}`;
  const before = alreadyPresent === 0 ? [] : words(`; ${formatCount(alreadyPresent, 'row')} there already`);
  return say`${bold(report.dryRun ? 'Would move:' : 'Moved:')} ${words(formatCount(inserted, 'row'))}${into}${before}.`;
}

function notMoved(report: RunReport): Inline {
  const { rows, leftBehind, rejected, conflicts } = totalRows(report.steps);
  const unplanned = report.warnings.filter(({ code }) => code === 'unplanned-table').length;
  const parts = [
    ...(leftBehind > 0 ? [`${formatCount(leftBehind, 'row')} left behind`] : []),
    ...(rejected > 0
      ? [`${formatCount(rejected, 'row')} rejected${collectsRejects(report) ? ' and collected' : ''}`]
      : []),
    ...(conflicts > 0 ? [`${formatCount(conflicts, 'conflict')} left alone`] : []),
    ...(unplanned > 0 ? [`${formatCount(unplanned, 'legacy table')} that no step names`] : []),
  ];
  const none = `nothing; ${rows === 1 ? 'the one row' : `all ${formatNumber(rows)} rows`} of the plan’s legacy tables`;
  const text =
    parts.length > 0
      ? parts.join('; ')
      : `${none} ${rows === 1 ? 'is' : 'are'} accounted for, and the legacy databases stay as they were`;
  return say`${bold('Not moved:')} ${words(text)}.`;
}

function proof(report: RunReport): Inline {
  const { passed, notRun, total } = tallyCriteria(report);
  const criteria =
    total === 0
      ? ''
      : `; ${formatNumber(passed)} of ${formatCount(total, 'success criterion', 'success criteria')} met${notRun === 0 ? '' : `, ${formatNumber(notRun)} not run`}`;
  return say`${bold('Proof:')} ${checksPassed(report)}${words(report.dryRun ? '' : ' before a byte was published')}; ${words(lostWords(report))}${words(criteria)}.`;
}

function wayBack(report: RunReport): readonly Inline[] {
  if (report.mode !== 'migrate' || report.backup === null) return [];
  const copies = formatCount(report.backedUp.length, 'verified copy', 'verified copies');
  return [say`${bold('Way back:')} ${command(rollbackCommand(report))}, or the ${words(copies)} in ${report.backup}.`];
}
