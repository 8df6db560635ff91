/** The one-line result: the first thing one reads, and the first line of the summary in a terminal. */
import { formatCount, formatNumber, formatSize } from './format';
import {
  collectsRejects,
  configFiles,
  droppedValues,
  isInterrupted,
  isPublished,
  tallyChecks,
  tallyCriteria,
  targetFiles,
  totalRows,
} from './facts';
import { reportFiles, type RunReport } from './model';
import { bold, code, join, message, say, words, type Inline } from './nodes';

export function headline(report: RunReport): Inline {
  const { symbol, result, detail } = resultOf(report);
  return say`${words(`${symbol} `)}${bold(result)} ${detail}`;
}

interface Result {
  readonly symbol: '✓' | '✗' | '○';
  readonly result: string;
  readonly detail: Inline;
}

function resultOf(report: RunReport): Result {
  if (report.mode === 'dryRun') {
    const would = outcomeOf(report);
    return { ...would, detail: say`${would.detail} Dry run: nothing was written.` };
  }
  return outcomeOf(report);
}

function outcomeOf(report: RunReport): Result {
  const would = report.mode === 'dryRun';
  switch (report.outcome) {
    case 'refused':
      return { symbol: '✗', result: would ? 'Would be refused.' : untouched('Refused'), detail: cause(report) };
    case 'cancelled':
      return { symbol: '○', result: untouched('Cancelled'), detail: cause(report) };
    case 'rolledBack':
      if (report.mode === 'validate') return validated(report);
      return { symbol: '✗', result: would ? 'Would be rolled back.' : untouched('Rolled back'), detail: cause(report) };
    case 'committed':
    case 'nothingToDo':
      if (report.mode === 'validate') return validated(report);
      if (report.error !== null) {
        const result = isInterrupted(report) ? 'Interrupted during publication.' : 'Failed.';
        return { symbol: '✗', result, detail: cause(report) };
      }
      if (report.mode === 'backupOnly') return backedUp(report);
      return report.outcome === 'committed' ? committed(report) : nothingToDo(report);
  }

  function untouched(how: string): string {
    return isInterrupted(report) ? 'Interrupted during publication.' : `${how}, nothing was changed.`;
  }
}

/** Why a run came to nothing: its error; else the checks and rows that stopped it. */
function cause(report: RunReport): Inline {
  if (report.error !== null) return message(report.error.message);
  const checks = tallyChecks(report);
  const { rejected } = totalRows(report.steps);
  const reasons = [
    ...(checks.failed > 0 ? [words(`${formatCount(checks.failed, 'check')} failed`)] : []),
    ...(rejected > 0 ? [words(`${formatCount(rejected, 'row')} rejected`)] : []),
    ...failedCriteria(report),
  ];
  return reasons.length > 0 ? say`${join(reasons)}.` : words('The report names no cause.');
}

function committed(report: RunReport): Result {
  const checks = tallyChecks(report);
  const totals = totalRows(report.steps);
  const verb = report.dryRun ? 'would be migrated into' : 'migrated into';
  const moving = report.steps.filter((step) => step.strategy !== 'skip').length;
  const kept = collectsRejects(report) ? say`, ${rejectsKept(report)}` : [];
  const detail = say`${words(formatCount(totals.inserted, 'row'))} of ${words(
    formatCount(moving, 'legacy table'),
  )} ${words(verb)} ${destinations(report)}${kept}; ${checksPassed(report)}; ${words(lostWords(report))}${attention(report)}.`;
  // What the plan drops was meant to be lost: no success to be proud of, but no failure either.
  const isUnmeant = report.lost.rows > 0 || report.lost.values > droppedValues(report);
  const isWhole = checks.notRun === 0 && checks.total > 0 && report.lost.values === 0;
  const symbol = checks.failed > 0 || isUnmeant ? '✗' : isWhole ? '✓' : '○';
  return { symbol, result: report.dryRun ? 'Would be committed.' : 'Committed.', detail };
}

/** Files by name while they are few: `3 databases and 1 configuration file`. */
function destinations(report: RunReport): Inline {
  const files = targetFiles(report);
  if (files.length <= 3) return join(files.map((file) => code(file)));
  const configuration = configFiles(report).length;
  const databases = files.length - configuration;
  return join([
    ...(databases > 0 ? [words(formatCount(databases, 'database'))] : []),
    ...(configuration > 0 ? [words(formatCount(configuration, 'configuration file'))] : []),
  ]);
}

/** `2 rejected rows kept in rejects.db`. */
function rejectsKept(report: RunReport): Inline {
  const rows = formatCount(totalRows(report.steps).rejected, 'rejected row');
  return say`${words(rows)} ${words(report.rejectsFile === null ? 'would be kept' : 'kept')} in ${reportFiles.rejects}`;
}

function nothingToDo(report: RunReport): Result {
  const totals = totalRows(report.steps);
  const result = 'Nothing to do.';
  if (report.steps.length === 0)
    return { symbol: '✓', result, detail: words('The plan has no step; no file was changed.') };
  const detail = say`${words(formatCount(totals.alreadyPresent, 'row'))} of ${words(
    formatCount(report.steps.length, 'legacy table'),
  )} ${words(totals.alreadyPresent === 1 ? 'was' : 'were')} in place already${
    collectsRejects(report) ? say`, ${rejectsKept(report)}` : []
  }; no file was changed; ${checksPassed(report)}${attention(report)}.`;
  return { symbol: tallyChecks(report).failed > 0 ? '✗' : '✓', result, detail };
}

function validated(report: RunReport): Result {
  const checks = tallyChecks(report);
  const totals = totalRows(report.steps);
  const detail = say`On what is on disk now, ${checksPassed(report)}; ${words(
    formatCount(totals.rows, 'row'),
  )} of ${words(formatCount(report.steps.length, 'legacy table'))} looked for${attention(report)}.`;
  if (checks.failed > 0 || report.outcome === 'rolledBack' || report.error !== null) {
    const found = report.error === null ? [] : say` ${cause(report)}`;
    return { symbol: '✗', result: 'Validation failed.', detail: say`${detail}${found}` };
  }
  if (checks.passed === 0) return { symbol: '○', result: 'Nothing was validated.', detail };
  return checks.notRun > 0
    ? { symbol: '○', result: 'Partly validated.', detail }
    : { symbol: '✓', result: 'Valid.', detail };
}

function backedUp(report: RunReport): Result {
  const bytes = report.backedUp.reduce((sum, file) => sum + file.size, 0);
  if (report.backedUp.length === 0) {
    return { symbol: '○', result: 'Nothing was backed up.', detail: words('The report lists no copy.') };
  }
  return {
    symbol: '✓',
    result: 'Backed up.',
    detail: say`${words(formatCount(report.backedUp.length, 'file'))}, ${words(formatSize(bytes))}, copied to ${
      report.backup ?? words('the backup folder')
    } and verified by SHA-256; no row was moved.`,
  };
}

/** `all 433 checks passed`; else how many passed, failed and were not run. */
export function checksPassed(report: RunReport): Inline {
  const checks = tallyChecks(report);
  if (checks.total === 0) return words('no check was run');
  const all = checks.passed === checks.total;
  const parts = [
    all
      ? `all ${formatCount(checks.total, 'check')} passed`
      : `${formatNumber(checks.passed)} of ${formatCount(checks.total, 'check')} passed`,
  ];
  if (checks.failed > 0) parts.push(`${formatNumber(checks.failed)} failed`);
  if (checks.notRun > 0) parts.push(`${formatNumber(checks.notRun)} not run`);
  return words(parts.join(', '));
}

/** "0 rows and 0 values lost" is a measurement; it is said whether or not it is pleasant. */
export function lostWords(report: RunReport): string {
  const lost = `${formatCount(report.lost.rows, 'row')} and ${formatCount(report.lost.values, 'value')} lost`;
  const dropped = Math.min(droppedValues(report), report.lost.values);
  if (dropped === 0) return lost;
  return `${lost} (${dropped === report.lost.values ? '' : `${formatNumber(dropped)} of them `}dropped as the plan says)`;
}

/** What a reader should know beside the good news. */
function attention(report: RunReport): Inline {
  const totals = totalRows(report.steps);
  const parts = [
    ...(totals.conflicts > 0 ? [words(`${formatCount(totals.conflicts, 'conflict')} left alone`)] : []),
    ...(totals.rejected > 0 && !collectsRejects(report)
      ? [words(`${formatCount(totals.rejected, 'row')} rejected`)]
      : []),
    ...((isPublished(report) || report.outcome === 'nothingToDo') && totals.leftBehind > 0
      ? [words(`${formatCount(totals.leftBehind, 'row')} left behind`)]
      : []),
    ...failedCriteria(report),
  ];
  return parts.length === 0 ? [] : say`; ${join(parts)}`;
}

function failedCriteria(report: RunReport): readonly Inline[] {
  const { failed } = tallyCriteria(report);
  return failed > 0 ? [words(`${formatCount(failed, 'success criterion', 'success criteria')} not met`)] : [];
}
