/** The one-line result: the first thing one reads, and the first line of the summary in a terminal. */
import { formatCount, formatSize } from './format';
import { isInterrupted, isPublished, tallyChecks, tallyCriteria, targetFiles, totalRows } from './facts';
import type { RunReport } from './model';
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
      if (report.error !== null) return { symbol: '✗', result: 'Failed.', detail: cause(report) };
      if (report.mode === 'validate') return validated(report);
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
  const lost = report.lost.rows + report.lost.values;
  const files = targetFiles(report).map((file) => code(file));
  const into = files.length > 3 ? words(formatCount(files.length, 'file')) : join(files);
  const verb = report.dryRun ? 'would be migrated into' : 'migrated into';
  const moving = report.steps.filter((step) => step.strategy !== 'skip').length;
  const detail = say`${words(formatCount(totals.inserted, 'row'))} of ${words(
    formatCount(moving, 'legacy table'),
  )} ${words(verb)} ${into}; ${checksPassed(report)}; ${words(lostWords(report))}${attention(report)}.`;
  const symbol = checks.failed > 0 || lost > 0 ? '✗' : checks.notRun > 0 || checks.total === 0 ? '○' : '✓';
  return { symbol, result: report.dryRun ? 'Would be committed.' : 'Committed.', detail };
}

function nothingToDo(report: RunReport): Result {
  const totals = totalRows(report.steps);
  const result = 'Nothing to do.';
  if (report.steps.length === 0)
    return { symbol: '✓', result, detail: words('The plan has no step; no file was changed.') };
  const detail = say`${words(formatCount(totals.alreadyPresent, 'row'))} of ${words(
    formatCount(report.steps.length, 'legacy table'),
  )} ${words(totals.alreadyPresent === 1 ? 'was' : 'were')} in place already; no database was changed; ${checksPassed(
    report,
  )}${attention(report)}.`;
  return { symbol: tallyChecks(report).failed > 0 ? '✗' : '✓', result, detail };
}

function validated(report: RunReport): Result {
  const checks = tallyChecks(report);
  const totals = totalRows(report.steps);
  const detail = say`On what is on disk now, ${checksPassed(report)}; ${words(
    formatCount(totals.rows, 'row'),
  )} of ${words(formatCount(report.steps.length, 'legacy table'))} looked for${attention(report)}.`;
  if (checks.failed > 0 || report.outcome === 'rolledBack') {
    return { symbol: '✗', result: 'Validation failed.', detail: say`${detail} ${report.error ? cause(report) : []}` };
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

function checksPassed(report: RunReport): Inline {
  const checks = tallyChecks(report);
  if (checks.total === 0) return words('no check was run');
  const all = checks.passed === checks.total;
  const parts = [
    all
      ? `all ${formatCount(checks.total, 'check')} passed`
      : `${String(checks.passed)} of ${formatCount(checks.total, 'check')} passed`,
  ];
  if (checks.failed > 0) parts.push(`${String(checks.failed)} failed`);
  if (checks.notRun > 0) parts.push(`${String(checks.notRun)} not run`);
  return words(parts.join(', '));
}

/** "0 rows and 0 values lost" is a measurement; it is said whether or not it is pleasant. */
export function lostWords(report: RunReport): string {
  return `${formatCount(report.lost.rows, 'row')} and ${formatCount(report.lost.values, 'value')} lost`;
}

/** What a reader should know beside the good news. */
function attention(report: RunReport): Inline {
  const totals = totalRows(report.steps);
  const parts = [
    ...(totals.conflicts > 0 ? [words(`${formatCount(totals.conflicts, 'conflict')} left alone`)] : []),
    ...(totals.rejected > 0 ? [words(`${formatCount(totals.rejected, 'row')} rejected`)] : []),
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
