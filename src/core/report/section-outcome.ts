/** Warnings, Success Criteria, Errors & Issues, Summary. */
import type { RootContent } from 'mdast';
import {
  checkWords,
  isInterrupted,
  isPublished,
  isProven,
  tallyChecks,
  tallyCriteria,
  targetChecks,
  tiers,
  totalRows,
} from './facts';
import { formatCount, formatDuration, formatNumber } from './format';
import { lostWords } from './headline';
import type { CriterionReport, RunReport } from './model';
import { code, heading, list, message, paragraph, right, say, table, words, type Inline } from './nodes';

export function warnings(report: RunReport): RootContent[] {
  const title = heading(2, words('Warnings'));
  if (report.warnings.length === 0) return [title, paragraph(words('None.'))];
  return [title, list(report.warnings.map((warning) => say`${message(warning.message)} (${warning.code})`))];
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
  if (error === null && issues.length === 0) {
    nodes.push(paragraph(words('None: no error, no failed check, no rejected row, no conflict, no unmet criterion.')));
  }
  return nodes;
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
        say`${step}: ${words(formatCount(conflicts, 'row'))} changed on either side since migrated, left alone.`,
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
        say`Success criterion not met: ${message(criterion.label)} (expected ${message(
          criterion.expected,
        )}, actual ${actual(criterion)}).`,
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
  const measures: [string, string][] = [
    ['Steps', formatNumber(report.steps.length)],
    ['Legacy rows', formatNumber(totals.rows)],
    [report.dryRun ? 'Would be inserted' : 'Inserted', formatNumber(totals.inserted)],
    ['Already there', formatNumber(totals.alreadyPresent)],
    ['Conflicts', formatNumber(totals.conflicts)],
    ['Rejected', formatNumber(totals.rejected)],
    ['Left behind', formatNumber(totals.leftBehind)],
    ['Rows lost', formatNumber(report.lost.rows)],
    ['Values lost', formatNumber(report.lost.values)],
    ['Checks passed', `${formatNumber(checks.passed)} of ${formatNumber(checks.total)}`],
    ['Criteria met', `${formatNumber(criteria.passed)} of ${formatNumber(criteria.total)}`],
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
  ];
}

/** The claim of no loss is made only on measured grounds; short of them, the sentence says what is missing. */
function lossSentence(report: RunReport): string {
  const checks = tallyChecks(report);
  const published = isPublished(report) || isInterrupted(report);
  if (!published && report.outcome !== 'nothingToDo' && report.mode !== 'validate') {
    return `Nothing was published by this run; measured: ${lostWords(report)}.`;
  }
  const rest = totalRows(report.steps).leftBehind;
  const elsewhere =
    rest === 0 ? '' : ` ${formatCount(rest, 'row is', 'rows are')} in no target, but left behind where they were.`;
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
    ? `${measured}.`
    : `${measured}, but ${missing.join(' and ')}: this is no proof that nothing was lost.`;
}
