/** `migration_report.txt`, and the summary of a run for people at a terminal. */
import { displayWidth, showPlain, visible } from './display';
import {
  checkWords,
  configFiles,
  flowsOf,
  shortPath,
  targetChecks,
  targetFile,
  targetTable,
  tiers,
  totalRows,
} from './facts';
import { formatCount, formatDuration, formatNumber } from './format';
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
    `plan      ${report.plan}`,
    `backup    ${report.backup ?? 'none'}`,
    ...(report.rejectsFile === null ? [] : [`rejects   ${report.rejectsFile}`]),
  ];
  const rows = rowLines(report);
  const blocks = [header, lines, ...(rows.length === 0 ? [] : [rows])];
  return `${blocks.map((block) => block.map(visible).join('\n')).join('\n\n')}\n`;
}

/** Rejected rows and cells that differ, a line each: what the entries above only count. */
function rowLines(report: RunReport): string[] {
  return [
    ...report.rejects.map(
      ({ database, table, rowid, key, reason }) =>
        `rejected  ${database} ${table}, ${rowid === null ? '' : `row ${rowid}, `}key ${key}: ${reason}`,
    ),
    ...report.steps.flatMap(({ legacy, residual }) =>
      residual.lost.map(
        ({ column, values }) =>
          `dropped   ${legacy.database} ${legacy.table}, ${column}: ${formatCount(values, 'value')}`,
      ),
    ),
    ...report.mismatches.map(
      ({ database, table, tier, key, column, legacy, consolidated }) =>
        `differs   ${database} ${table}, key ${key}, ${column} (${tier}): legacy ${legacy}, consolidated ${consolidated}`,
    ),
  ];
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
    const empty = rest.filter((step) => step.legacy.rows === 0).length;
    const without = empty === 0 ? '' : `, ${formatNumber(empty)} of them without rows`;
    lines.push(
      `  … and ${formatCount(rest.length, 'more step')}, ${formatCount(totalRows(rest).rows, 'row')}${without}`,
    );
  }
  const targets = targetLines(report);
  if (targets.length > 0) lines.push('', ...targets);
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
    .map((flow) => `${countLabels[flow.kind]} ${formatNumber(flow.rows)}`)
    .join(', ');
}

/** Databases and configuration files, with what the steps make of each. */
function targetLines(report: RunReport): string[] {
  const labels = { untouchedRows: 'rows there before', integrity: 'integrity', foreignKeys: 'foreign keys' };
  const counts = (file: string, verb: readonly [string, string]): readonly { readonly right: string }[] => {
    const steps = report.steps.filter((step) => targetFile(step) === file);
    const { inserted, alreadyPresent } = totalRows(steps);
    const tables = { right: formatCount(steps.length, 'table') };
    if (inserted === 0 && report.outcome === 'nothingToDo') {
      return [tables, { right: `${formatCount(alreadyPresent, 'row')} there` }];
    }
    return [tables, { right: `${formatCount(inserted, 'row')} ${verb[report.dryRun ? 1 : 0]}` }];
  };
  return align([
    ...report.targets.map((target) => [
      `  ${showPlain(shortPath(report, target.database))}`,
      ...counts(target.database, ['inserted', 'to insert']),
      targetChecks.map((name) => checkMark(target[name], labels[name])).join(' '),
    ]),
    ...configFiles(report).map((file) => [
      `  ${showPlain(file)}`,
      ...counts(file, ['written', 'to write']),
      checkMark(worst(report.steps.filter((step) => targetFile(step) === file)), 'read back and compared'),
    ]),
  ]);
}

function worst(steps: readonly StepReport[]): Check {
  const checks = steps.map(({ validation }) => validation.cells);
  return (['failed', 'notRun', 'passed'] as const).find((state) => checks.includes(state)) ?? 'notRun';
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
  if (report.warnings.length > 5) notes.push(`  … and ${formatNumber(report.warnings.length - 5)} more`);
  notes.push(...rejectLines(report), ...differenceLines(report));
  if (report.backup !== null && !report.dryRun) notes.push(`Report: ${visible(report.backup)}/${reportFiles.markdown}`);
  return notes;
}

function rejectLines(report: RunReport): string[] {
  const { rejected } = totalRows(report.steps);
  if (rejected === 0) return [];
  const shown = report.rejects.slice(0, 5);
  const where = report.rejectsFile === null ? '' : `, kept in ${visible(report.rejectsFile)}`;
  return [
    `${formatCount(rejected, 'rejected row')}${where}:`,
    ...shown.map(({ database, table, rowid, key, reason }) => {
      const row = rowid === null ? '' : `row ${showPlain(rowid)}, `;
      return `  ! ${showPlain(database)} ${showPlain(table)}, ${row}key ${showPlain(key)}: ${visible(reason)}`;
    }),
    ...(rejected > shown.length ? [`  … and ${formatNumber(rejected - shown.length)} more`] : []),
  ];
}

function differenceLines(report: RunReport): string[] {
  if (report.mismatches.length === 0) return [];
  const shown = report.mismatches.slice(0, 5);
  return [
    'Cells that differ:',
    ...shown.map(({ database, table, key, column, legacy, consolidated }) => {
      const cell = `${showPlain(database)} ${showPlain(table)}, key ${showPlain(key)}, ${showPlain(column)}`;
      return `  ! ${cell}: legacy ${showPlain(legacy)}, consolidated ${showPlain(consolidated)}`;
    }),
    ...(report.mismatches.length > shown.length
      ? [`  … and ${formatNumber(report.mismatches.length - shown.length)} more in the report`]
      : []),
  ];
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
