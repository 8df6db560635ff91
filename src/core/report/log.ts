/** `migration_report.txt`, and the summary of a run for people at a terminal. */
import { displayWidth, showPlain, visible } from './display';
import { checkWords, flowsOf, shortPath, targetChecks, targetFile, targetTable, tiers, totalRows } from './facts';
import { formatCount, formatDuration } from './format';
import { headline } from './headline';
import { reportFiles, type Check, type RunReport, type StepReport } from './model';
import { plainText } from './nodes';

/** The log: a header, then one line per entry, UTF-8 with LF. Control characters are escaped: an entry stays a line. */
export function renderLog(report: RunReport, lines: readonly string[]): string {
  const duration = Date.parse(report.finishedAt) - Date.parse(report.startedAt);
  const header = [
    `Jarvis Databases ${report.versions.extension}, SQLite ${report.versions.sqlite}`,
    `run       ${report.run}`,
    `mode      ${report.mode}`,
    `outcome   ${report.outcome}`,
    `started   ${report.startedAt}`,
    `finished  ${report.finishedAt}${Number.isNaN(duration) ? '' : ` (${formatDuration(duration)})`}`,
    `workspace ${report.workspace}`,
    `backup    ${report.backup ?? 'none'}`,
  ];
  return [...header.map(visible), '', ...lines.map(visible), ''].join('\n');
}

/** Steps that the summary lists; the report has them all. */
const summarySteps = 24;

/** The summary: the result, a line per step and per target, what needs attention, where the report is. */
export function formatSummary(report: RunReport): string {
  const lines = [plainText(headline(report))];
  const steps = pickSteps(report);
  if (steps.length > 0) lines.push('', ...stepLines(report, steps));
  const rest = report.steps.filter((step) => !steps.includes(step));
  if (rest.length > 0) {
    lines.push(`  … and ${formatCount(rest.length, 'more step')}, ${formatCount(totalRows(rest).rows, 'row')}`);
  }
  if (report.targets.length > 0) lines.push('', ...targetLines(report));
  const notes = noteLines(report);
  if (notes.length > 0) lines.push('', ...notes);
  return `${lines.join('\n')}\n`;
}

/** In the order of the plan; if there are too many, those that need attention first, then those with the most rows. */
function pickSteps(report: RunReport): readonly StepReport[] {
  if (report.steps.length <= summarySteps) return report.steps;
  const weight = (step: StepReport): number => {
    const troubled = step.conflicts + step.rejected > 0 || tiers.some((tier) => step.validation[tier] === 'failed');
    return (troubled ? Number.MAX_SAFE_INTEGER / 2 : 0) + step.legacy.rows;
  };
  const picked = new Set([...report.steps].sort((a, b) => weight(b) - weight(a)).slice(0, summarySteps));
  return report.steps.filter((step) => picked.has(step));
}

function stepLines(report: RunReport, steps: readonly StepReport[]): string[] {
  return align(
    steps.map((step) => [
      `  ${showPlain(shortPath(report, step.legacy.database))} ${showPlain(step.legacy.table)}`,
      `→ ${destination(report, step)}`,
      { right: formatCount(step.legacy.rows, 'row') },
      countWords(report, step),
      tierWords(step),
    ]),
  );
}

function tierWords(step: StepReport): string {
  if (step.strategy === 'skip') return '○ skipped';
  if (tiers.every((tier) => step.validation[tier] === 'notRun')) return '○ no check run';
  return tiers.map((tier) => checkMark(step.validation[tier], tier)).join(' ');
}

function destination(report: RunReport, step: StepReport): string {
  const file = targetFile(step);
  if (file === null) return 'nowhere';
  const table = targetTable(step);
  return table === null ? showPlain(file) : `${showPlain(shortPath(report, file))} ${showPlain(table)}`;
}

const countLabels = {
  inserted: 'inserted',
  alreadyPresent: 'already there',
  conflicts: 'conflicts',
  rejected: 'rejected',
  leftBehind: 'left behind',
} as const;

function countWords(report: RunReport, step: StepReport): string {
  if (step.legacy.rows === 0) return 'no rows';
  return flowsOf(report, step)
    .map((flow) => `${countLabels[flow.kind]} ${String(flow.rows)}`)
    .join(', ');
}

function targetLines(report: RunReport): string[] {
  const labels = { untouchedRows: 'rows there before', integrity: 'integrity', foreignKeys: 'foreign keys' };
  return align(
    report.targets.map((target) => [
      `  ${showPlain(shortPath(report, target.database))}`,
      targetChecks.map((name) => checkMark(target[name], labels[name])).join(' '),
    ]),
  );
}

/** `✓ cells`, `✗ cells failed`, `○ cells not run`: the symbol alone never carries the meaning of a bad state. */
function checkMark(check: Check, name: string): string {
  const [symbol = '', ...state] = checkWords[check].split(' ');
  return check === 'passed' ? `${symbol} ${name}` : `${symbol} ${name} ${state.join(' ')}`;
}

function noteLines(report: RunReport): string[] {
  const notes: string[] = [];
  if (report.error?.hint != null) notes.push(`What to do: ${visible(report.error.hint)}`);
  if (report.warnings.length > 0) notes.push(`${formatCount(report.warnings.length, 'warning')}:`);
  notes.push(...report.warnings.slice(0, 5).map((warning) => `  ! ${visible(warning.message)}`));
  if (report.warnings.length > 5) notes.push(`  … and ${String(report.warnings.length - 5)} more`);
  if (report.backup !== null && !report.dryRun) notes.push(`Report: ${visible(report.backup)}/${reportFiles.markdown}`);
  return notes;
}

/** Pads the cells of each column to one width. */
function align(rows: readonly (readonly (string | { readonly right: string })[])[]): string[] {
  const textOf = (cell: string | { readonly right: string }): string => (typeof cell === 'string' ? cell : cell.right);
  const widths: number[] = [];
  for (const row of rows) {
    for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, displayWidth(textOf(cell)));
  }
  return rows.map((row) =>
    row
      .map((cell, i) => {
        const text = textOf(cell);
        const padding = ' '.repeat((widths[i] ?? 0) - displayWidth(text));
        return typeof cell === 'string' ? text + padding : padding + text;
      })
      .join('  ')
      .trimEnd(),
  );
}
