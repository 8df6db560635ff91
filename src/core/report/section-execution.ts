/** Migration Execution: when, what, by which strategy, and what became of each step. */
import type { RootContent } from 'mdast';
import { stepStatus, totalRows, type Totals } from './facts';
import { formatCount, formatDuration, formatNumber, formatTime } from './format';
import type { RunMode, RunReport } from './model';
import { code, heading, join, message, paragraph, right, say, table, words, type Column, type Inline } from './nodes';

const modeWords: Readonly<Record<RunMode, string>> = {
  migrate: 'migration',
  dryRun: 'dry run: performed in memory and thrown away',
  backupOnly: 'backup only',
  validate: 'validation of what is on disk now',
};

const outcomeWords: Readonly<Record<RunReport['outcome'], string>> = {
  committed: 'committed',
  rolledBack: 'rolled back',
  refused: 'refused',
  cancelled: 'cancelled',
  nothingToDo: 'nothing to do',
};

export function migrationExecution(report: RunReport): RootContent[] {
  return [heading(2, words('Migration Execution')), runFacts(report), ...phases(report), ...steps(report)];
}

function runFacts(report: RunReport): RootContent {
  const duration = Date.parse(report.finishedAt) - Date.parse(report.startedAt);
  const facts: [string, Inline][] = [
    ['Run', code(report.run)],
    ['Kind', words(modeWords[report.mode])],
    ['Outcome', words(report.dryRun ? `would be ${outcomeWords[report.outcome]}` : outcomeWords[report.outcome])],
    ['Started', time(report.startedAt)],
    ['Finished', time(report.finishedAt)],
    ['Duration', words(Number.isNaN(duration) ? 'unknown' : formatDuration(duration))],
    ['Workspace folder', code(report.workspace, 200)],
    ['Data folder', code(report.dataFolder, 200)],
    ['Backup', backup(report)],
    ['Jarvis Databases', code(report.versions.extension)],
    ['SQLite', code(report.versions.sqlite)],
  ];
  return table(
    ['Fact', 'Value'],
    facts.map(([fact, value]) => [words(fact), value]),
  );
}

function backup(report: RunReport): Inline {
  if (report.backup === null) return words('none');
  const files = report.backedUp.length;
  if (files === 0) return say`${report.backup} (no copies)`;
  return say`${report.backup} (${words(formatCount(files, 'file'))}, verified by SHA-256)`;
}

function time(iso: string): Inline {
  const formatted = formatTime(iso);
  return formatted === null ? code(iso) : words(formatted);
}

function phases(report: RunReport): RootContent[] {
  if (report.phases.length === 0) return [];
  const parts = report.phases.map((phase) => say`${message(phase.name)} ${words(formatDuration(phase.milliseconds))}`);
  return [paragraph(say`Time by phase: ${join(parts, ', ', ', ')}.`)];
}

/** Columns that would hold nothing but zeros are left out, and said to be zero in a sentence. */
const optionalColumns: readonly {
  readonly of: Exclude<keyof Totals, 'rows'>;
  readonly head: string;
  readonly none: string;
}[] = [
  { of: 'alreadyPresent', head: 'Already there', none: 'already there' },
  { of: 'conflicts', head: 'Conflicts', none: 'in conflict' },
  { of: 'rejected', head: 'Rejected', none: 'rejected' },
  { of: 'leftBehind', head: 'Left behind', none: 'left behind' },
];

function steps(report: RunReport): RootContent[] {
  if (report.steps.length === 0) return [paragraph(words('No step was planned.'))];
  const totals = totalRows(report.steps);
  const shown = optionalColumns.filter((column) => totals[column.of] > 0);
  const absent = optionalColumns.filter((column) => totals[column.of] === 0);
  const columns: (Column | string)[] = [
    right('Step'),
    'Domain',
    'Legacy table',
    'Strategy',
    right('Rows'),
    right(report.dryRun ? 'Would insert' : 'Inserted'),
    ...shown.map((column) => right(column.head)),
    'Status',
  ];
  const rows = report.steps.map((step, index): Inline[] => [
    words(formatNumber(index + 1)),
    words(step.domain),
    say`${step.legacy.database} ${step.legacy.table}`,
    words(step.strategy),
    words(formatNumber(step.legacy.rows)),
    words(formatNumber(step.inserted)),
    ...shown.map((column) => words(formatNumber(step[column.of]))),
    words(stepStatus(report, step)),
  ]);
  const nodes: RootContent[] = [table(columns, rows)];
  if (absent.length > 0) {
    const none = join(
      absent.map((column) => words(column.none)),
      ', ',
      ' or ',
    );
    nodes.push(paragraph(say`No row ${words(report.dryRun ? 'would be' : 'was')} ${none}.`));
  }
  // The two columns overlap in a run that was not published; a reader who adds them up should know.
  if (report.steps.some((step) => step.rejected > 0 && step.rejected + step.leftBehind > step.legacy.rows)) {
    nodes.push(paragraph(words('The rejected rows are among the rows left behind.')));
  }
  return nodes;
}
