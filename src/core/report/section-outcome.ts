/** Warnings, Success Criteria, Errors & Issues, Summary. */
import type { RootContent } from 'mdast';
import {
  checkWords,
  droppedColumns,
  excerpts,
  isInterrupted,
  isPublished,
  isProven,
  isUnpublished,
  tallyChecks,
  tallyCriteria,
  targetChecks,
  tiers,
  totalRows,
} from './facts';
import { formatCount, formatDuration, formatNumber } from './format';
import { lostWords } from './headline';
import { differences, rejectedRows } from './section-rows';
import { reportFiles, type CriterionReport, type RunReport } from './model';
import { code, heading, list, message, namesOf, paragraph, right, say, table, words, type Inline } from './nodes';

/** Warnings of one kind that are printed. */
const warningLimit = 25;

export function warnings(report: RunReport): RootContent[] {
  const title = heading(2, words('Warnings'));
  if (report.warnings.length === 0) return [title, paragraph(words('None.'))];
  const groups = excerpts(report.warnings, ({ code: kind }) => [kind], warningLimit);
  return [
    title,
    list(
      groups.flatMap(({ group, shown }) => [
        ...shown.map((warning) => say`${message(warning.message)} (${warning.code})`),
        ...(group.length > shown.length
          ? [
              say`… and ${group.length - shown.length} more of this kind (${group[0].code}); ${reportFiles.json} has them all.`,
            ]
          : []),
      ]),
    ),
  ];
}

export function successCriteria(report: RunReport): RootContent[] {
  const title = heading(2, words('Success Criteria'));
  if (report.criteria.length === 0) return [title, paragraph(words('No criterion was set.'))];
  const { passed, failed, notRun, total } = tallyCriteria(report);
  return [
    title,
    table(
      ['Criterion', 'Expected', right('Actual'), 'Status'],
      report.criteria.map((criterion) => [
        message(criterion.label),
        code(criterion.expected),
        actual(criterion),
        words(`${checkWords[criterion.status]}${criterion.required ? ', required' : ''}`),
      ]),
    ),
    paragraph(
      words(
        `${formatNumber(passed)} of ${formatCount(total, 'criterion', 'criteria')} met, ` +
          `${formatNumber(failed)} failed, ${formatNumber(notRun)} not run.`,
      ),
    ),
  ];
}

function actual(criterion: CriterionReport): Inline {
  if (criterion.actual === null) return words('not measured');
  return typeof criterion.actual === 'number' ? words(formatNumber(criterion.actual)) : code(criterion.actual);
}

export function errorsAndIssues(report: RunReport): RootContent[] {
  const nodes: RootContent[] = [heading(2, words('Errors & Issues'))];
  const { error } = report;
  if (error !== null) {
    const facts: [string, Inline][] = [
      ['Error', message(error.message)],
      ['Code', code(error.code)],
      ['File', error.path === null ? words('—') : code(error.path, 200)],
      ['What to do', error.hint === null ? words('—') : message(error.hint)],
    ];
    nodes.push(
      table(
        ['Fact', 'Value'],
        facts.map(([fact, value]) => [words(fact), value]),
      ),
    );
  }
  const issues = collectIssues(report);
  if (issues.length > 0) nodes.push(list(issues));
  const rows = [...rejectedRows(report), ...differences(report)];
  if (error === null && issues.length === 0 && rows.length === 0) {
    nodes.push(paragraph(words('None: no error, no failed check, no rejected row, no conflict, no unmet criterion.')));
  }
  return [...nodes, ...rows];
}

function collectIssues(report: RunReport): Inline[] {
  const issues: Inline[] = [];
  for (const { legacy, validation, rejected, conflicts } of report.steps) {
    const step = say`${legacy.database} ${legacy.table}`;
    for (const tier of tiers) {
      if (validation[tier] === 'failed') issues.push(say`${step}: the check of ${words(tierWords[tier])} failed.`);
    }
    if (rejected > 0) {
      issues.push(say`${step}: ${words(formatCount(rejected, 'row'))} rejected by the constraints of the target.`);
    }
    if (conflicts > 0) {
      issues.push(
        say`${step}: ${words(formatCount(conflicts, 'row'))} in conflict with the target, left alone on both sides.`,
      );
    }
  }
  for (const target of report.targets) {
    for (const name of targetChecks) {
      if (target[name] === 'failed') issues.push(say`${target.database}: ${words(targetWords[name])} failed.`);
    }
  }
  for (const criterion of report.criteria) {
    if (criterion.status === 'failed') {
      issues.push(
        say`Success criterion not met: ${message(criterion.label)} (expected ${criterion.expected}, actual ${actual(criterion)}).`,
      );
    }
  }
  return issues;
}

const tierWords = {
  schema: 'the schema',
  counts: 'the counts',
  cells: 'the cells',
  rebuilt: 'the rebuilt rows',
} as const;
const targetWords = {
  untouchedRows: 'the check that rows there before are unchanged',
  integrity: 'the integrity check',
  foreignKeys: 'the foreign key check',
} as const;

export function summary(report: RunReport): RootContent[] {
  const totals = totalRows(report.steps);
  const checks = tallyChecks(report);
  const criteria = tallyCriteria(report);
  const duration = Date.parse(report.finishedAt) - Date.parse(report.startedAt);
  const parentRows = report.steps.reduce((sum, step) => sum + step.parents.reduce((n, p) => n + p.inserted, 0), 0);
  const unplanned = report.warnings.filter(({ code: kind }) => kind === 'unplanned-table').length;
  const anyLost = report.lost.rows + report.lost.values > 0;
  const would = report.dryRun || (anyLost && isUnpublished(report) && !isInterrupted(report));
  const measures: [string, string][] = [
    ['Steps', formatNumber(report.steps.length)],
    ['Legacy rows', formatNumber(totals.rows)],
    [report.dryRun ? 'Would be inserted' : 'Inserted', formatNumber(totals.inserted)],
    ['Already there', formatNumber(totals.alreadyPresent)],
    ['Conflicts', formatNumber(totals.conflicts)],
    ['Rejected', formatNumber(totals.rejected)],
    ['Left behind', formatNumber(totals.leftBehind)],
    ...(parentRows === 0 || isUnpublished(report)
      ? []
      : [
          [report.dryRun ? 'Parent rows that would be added' : 'Parent rows added', formatNumber(parentRows)] as [
            string,
            string,
          ],
        ]),
    [would ? 'Rows that would be lost' : 'Rows lost', formatNumber(report.lost.rows)],
    [would ? 'Values that would be lost' : 'Values lost', formatNumber(report.lost.values)],
    ['Checks passed', `${formatNumber(checks.passed)} of ${formatNumber(checks.total)}`],
    ['Criteria met', `${formatNumber(criteria.passed)} of ${formatNumber(criteria.total)}`],
    ...(unplanned === 0 ? [] : [['Unplanned tables', formatNumber(unplanned)] as [string, string]]),
    ['Warnings', formatNumber(report.warnings.length)],
    ['Files backed up', formatNumber(report.backedUp.length)],
    ['Duration', Number.isNaN(duration) ? 'unknown' : formatDuration(duration)],
  ];
  return [
    heading(2, words('Summary')),
    table(
      ['Measure', right('Value')],
      measures.map(([measure, value]) => [words(measure), words(value)]),
    ),
    paragraph(words(lossSentence(report))),
    ...lossesByColumn(report),
  ];
}

/** Columns that the summary names; Data Integrity Checks has them all. */
const namedColumns = 8;

function lossesByColumn(report: RunReport): RootContent[] {
  const lost = report.steps.flatMap((step) => step.residual.lost.map((column) => ({ step, ...column })));
  if (lost.length === 0) return [];
  const named = namesOf(
    lost.map(
      ({ step, column, values }) =>
        say`${words(formatCount(values, 'value'))} of ${column} (${step.legacy.database} ${step.legacy.table})`,
    ),
    namedColumns,
  );
  return [paragraph(say`Dropped by the plan: ${named}.`)];
}

/** The claim of no loss is made only on measured grounds; short of them, the sentence says what is missing. */
function lossSentence(report: RunReport): string {
  const checks = tallyChecks(report);
  const published = isPublished(report) || isInterrupted(report);
  if (!published && report.outcome !== 'nothingToDo' && report.mode !== 'validate') {
    const measured = report.steps.length === 0 ? '' : ` Measured in memory: ${lostWords(report)}.`;
    return `Nothing was published by this run, so the legacy databases hold what they held.${measured}`;
  }
  const elsewhere = elsewhereWords(report);
  if (isProven(report)) {
    const claim = report.dryRun ? 'No data would be lost' : 'No data loss';
    return `${claim}: ${lostWords(report)}, and all ${formatCount(checks.total, 'check')} passed.${elsewhere}`;
  }
  const missing = [
    ...(checks.total === 0 ? ['no check was run'] : []),
    ...(checks.failed > 0 ? [`${formatCount(checks.failed, 'check')} failed`] : []),
    ...(checks.notRun > 0 ? [`${formatCount(checks.notRun, 'check')} not run`] : []),
  ];
  const measured = `Measured: ${lostWords(report)}`;
  return missing.length === 0
    ? `${measured}.${elsewhere}`
    : `${measured}, but ${missing.join(' and ')}: this is no proof that nothing was lost.${elsewhere}`;
}

/** Rows that are not lost, and in no target either. */
function elsewhereWords(report: RunReport): string {
  const { leftBehind, rejected, conflicts } = totalRows(report.steps);
  const dropped = droppedColumns(report);
  const are = (count: number, one: string, many: string): string =>
    formatCount(count, `${one} ${report.dryRun ? 'would be' : 'is'}`, `${many} ${report.dryRun ? 'would be' : 'are'}`);
  const kept =
    report.rejectsFile === null ? 'in the legacy database only' : `in ${reportFiles.rejects} and where they were`;
  return [
    ...(leftBehind === 0 ? [] : [` ${are(leftBehind, 'row', 'rows')} in no target, but left behind where they were.`]),
    ...(rejected === 0 ? [] : [` ${are(rejected, 'rejected row', 'rejected rows')} ${kept}.`]),
    ...(conflicts === 0 ? [] : [` ${formatCount(conflicts, 'row', 'rows')} in conflict: as they were on both sides.`]),
    ...(dropped === 0 ? [] : [` ${are(dropped, 'column', 'columns')} dropped by the plan and in no target.`]),
  ].join('');
}
