/** Migration Execution: when, what, by which strategy, and what became of each step. */
import type { RootContent } from 'mdast';
import { auxiliary, groupBy, isGathered, stepStatus, targetFile, targetTable, totalRows, type Totals } from './facts';
import { formatCount, formatDuration, formatNumber, formatTime } from './format';
import type { RunMode, RunReport, StepReport } from './model';
import {
  code,
  heading,
  join,
  list,
  message,
  paragraph,
  right,
  say,
  table,
  words,
  type Column,
  type Inline,
} from './nodes';

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
    ['Plan', plan(report)],
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

function plan(report: RunReport): Inline {
  return report.plan === 'built in' || report.plan === 'not read' ? words(report.plan) : code(report.plan, 200);
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
  const nodes: RootContent[] = [...overview(report, shown), stepTable(report, shown), ...gathered(report)];
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
  return [...nodes, ...besides(report)];
}

type OptionalColumn = (typeof optionalColumns)[number];

/** Where there is more than one, each domain and target first. */
function overview(report: RunReport, shown: readonly OptionalColumn[]): RootContent[] {
  const groups = groupBy(report.steps, (step) => [step.domain, targetFile(step)]);
  if (groups.length < 2) return [];
  const rows = groups.map((steps): Inline[] => {
    const [first] = steps;
    const file = first === undefined ? null : targetFile(first);
    return [
      words(first?.domain ?? '—'),
      file === null ? words('none, skipped') : code(file),
      words(formatNumber(steps.length)),
      ...rowCounts(totalRows(steps), shown),
      words(statuses(report, steps)),
    ];
  });
  return [
    paragraph(words(`${formatCount(report.steps.length, 'step')}, by domain and target:`)),
    table(['Domain', 'Target', right('Steps'), ...rowHeads(report, shown), 'Status'], rows),
    paragraph(words('Step by step:')),
  ];
}

/** `✓ adopted (71), ✓ migrated (3)`: each state once, with the number of steps. */
function statuses(report: RunReport, steps: readonly StepReport[]): string {
  const states = steps.map((step) => stepStatus(report, step));
  return groupBy(states, (state) => [state])
    .map((members) => `${members[0] ?? ''} (${formatNumber(members.length)})`)
    .join(', ');
}

function rowHeads(report: RunReport, shown: readonly OptionalColumn[]): Column[] {
  const inserted = right(report.dryRun ? 'Would insert' : 'Inserted');
  return [right('Rows'), inserted, ...shown.map((column) => right(column.head))];
}

function rowCounts(totals: Totals, shown: readonly OptionalColumn[]): Inline[] {
  const counts = [totals.rows, totals.inserted, ...shown.map((column) => totals[column.of])];
  return counts.map((count) => words(formatNumber(count)));
}

function stepTable(report: RunReport, shown: readonly OptionalColumn[]): RootContent {
  const rows = report.steps.flatMap((step, index): Inline[][] =>
    isGathered(report, step)
      ? []
      : [
          [
            words(formatNumber(index + 1)),
            words(step.domain),
            say`${step.legacy.database} ${step.legacy.table}`,
            words(step.strategy),
            ...rowCounts(totalRows([step]), shown),
            words(stepStatus(report, step)),
          ],
        ],
  );
  return table([right('Step'), 'Domain', 'Legacy table', 'Strategy', ...rowHeads(report, shown), 'Status'], rows);
}

/** Steps that have no rows: by what becomes of them, a line for each legacy database. */
function gathered(report: RunReport): RootContent[] {
  const empty = report.steps.filter((step) => isGathered(report, step));
  if (empty.length === 0) return [];
  const groups = groupBy(empty, (step) => [step.domain, targetFile(step), step.strategy, stepStatus(report, step)]);
  return [
    paragraph(words(`${formatCount(empty.length, 'more step has', 'more steps have')} no rows in the legacy table:`)),
    ...groups.flatMap((steps): RootContent[] => {
      const [first] = steps;
      if (first === undefined) return [];
      const status = `${first.domain}, ${first.strategy}, ${stepStatus(report, first)}, ${formatCount(steps.length, 'table')}`;
      return [
        paragraph(say`Into ${targetFile(first) ?? words('no target')} (${words(status)}):`),
        list(
          groupBy(steps, ({ legacy }) => [legacy.database]).map(
            (members): Inline => say`${members[0]?.legacy.database ?? ''}: ${join(members.map(nameAfter))}`,
          ),
        ),
      ];
    }),
  ];
}

/** A table and, where it differs, its name in the target. */
function nameAfter(step: StepReport): Inline {
  const name = targetTable(step);
  return name === null || name === step.legacy.table ? code(step.legacy.table) : say`${step.legacy.table} as ${name}`;
}

/** What the steps did or left beside moving rows. */
function besides(report: RunReport): RootContent[] {
  const items = report.steps.flatMap((step): Inline[] => {
    const name = say`${step.legacy.database} ${step.legacy.table}`;
    const file = targetFile(step);
    return [
      ...step.parents
        .filter(({ inserted }) => inserted > 0)
        .map(({ table: parent, inserted }) => {
          const added = `${formatCount(inserted, 'parent row')} ${auxiliary(report, inserted)} added to`;
          return say`${name}: ${words(added)} ${parent}${file === null ? [] : say` of ${file}`} before the step's own rows, which refer to it; the plan declares it.`;
        }),
      ...(step.keyOffset === '0'
        ? []
        : [
            say`${name}: the keys are taken in the target, so every integer key of the rows inserted ${words(auxiliary(report))} shifted by ${words(formatNumber(BigInt(step.keyOffset)))}; rows that refer to them follow.`,
          ]),
      ...(step.strategy === 'skip'
        ? [
            say`${name} is skipped, with ${words(formatCount(step.legacy.rows, 'row'))}: ${
              step.reason === null ? words('the plan gives no reason.') : message(step.reason)
            }`,
          ]
        : []),
    ];
  });
  return items.length === 0 ? [] : [paragraph(words('Beside the rows:')), list(items)];
}
