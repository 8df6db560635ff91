/** Data Integrity Checks: each tier per step and per target, and legacy rows beside the rows they became. */
import type { RootContent } from 'mdast';
import { checkWords, isGathered, isLong, tallyChecks, targetChecks, tiers } from './facts';
import { formatCount, formatNumber } from './format';
import type { Check, RunReport, SampleRow, StepReport } from './model';
import { code, heading, list, literal, paragraph, right, say, table, words, type Inline } from './nodes';
import { lostHere, route, transformation } from './section-mapping';

/** Samples that are printed, fewer of them in a long report; `report.json` has them all. */
const sampleLimit = { short: 8, long: 4 } as const;

export function dataIntegrity(report: RunReport): RootContent[] {
  const checks = tallyChecks(report);
  const nodes: RootContent[] = [
    heading(2, words('Data Integrity Checks')),
    paragraph(
      checks.total === 0
        ? words('No check was run.')
        : words(
            `${formatCount(checks.total, 'check')}: ${formatNumber(checks.passed)} passed, ` +
              `${formatNumber(checks.failed)} failed, ${formatNumber(checks.notRun)} not run.`,
          ),
    ),
  ];
  if (report.steps.length > 0) {
    nodes.push(
      list([
        words('Schema: the target table has the columns, indexes and triggers it must have.'),
        words('Counts: each legacy row is accounted for exactly once.'),
        words('Cells: every cell of every migrated row has the value and storage class that the plan computes.'),
        words('Rebuilt: the legacy rows rebuilt from the target equal the legacy rows.'),
      ]),
      tierTable(report),
    );
  }
  if (report.targets.length > 0) {
    nodes.push(
      paragraph(words('Each target as a whole:')),
      table(
        ['Target', 'Rows there before, unchanged', 'integrity_check', 'foreign_key_check'].map((head) => ({ head })),
        report.targets.map((target) => [code(target.database), ...targetChecks.map((c) => check(target[c]))]),
      ),
    );
  }
  return [...nodes, ...losses(report), ...samples(report)];
}

/** One table for all steps; those without rows that share their results are one line of it. */
function tierTable(report: RunReport): RootContent {
  const rows: Inline[][] = [];
  const alike = new Map<string, StepReport[]>();
  for (const [index, step] of report.steps.entries()) {
    if (isGathered(report, step)) {
      const key = tiers.map((tier) => step.validation[tier]).join(' ');
      alike.set(key, [...(alike.get(key) ?? []), step]);
      continue;
    }
    const name = say`${step.legacy.database} ${step.legacy.table}`;
    rows.push([words(formatNumber(index + 1)), name, ...tiers.map((tier) => check(step.validation[tier]))]);
  }
  for (const steps of alike.values()) {
    const [first] = steps;
    if (first === undefined) continue;
    const each = steps.length === 1 ? '1 step without rows' : `${formatNumber(steps.length)} steps without rows, each`;
    rows.push([words('—'), words(each), ...tiers.map((tier) => check(first.validation[tier]))]);
  }
  return table([right('Step'), 'Legacy table', 'Schema', 'Counts', 'Cells', 'Rebuilt'], rows);
}

/** Values that are nowhere after the run, by column. */
function losses(report: RunReport): RootContent[] {
  const rows = report.steps.flatMap((step): Inline[][] => {
    const { lost, lostValues } = step.residual;
    const name = say`${step.legacy.database} ${step.legacy.table}`;
    const rest = lostValues - lost.reduce((sum, { values }) => sum + values, 0);
    return [
      ...lost.map(({ column, values }) => [
        name,
        code(column),
        words(formatNumber(values)),
        words('dropped by the plan'),
      ]),
      ...(rest > 0
        ? [[name, words('—'), words(formatNumber(rest)), words('not found again when the rows were rebuilt')]]
        : []),
    ];
  });
  if (rows.length === 0) return [];
  const total = report.steps.reduce((sum, { residual }) => sum + residual.lostValues, 0);
  return [
    heading(3, words('Values lost')),
    paragraph(words(`${lostHere(report, total)}; NULLs are not counted. The tiers compare what the plan keeps.`)),
    table(['Legacy table', 'Column', right('Values'), 'How'], rows),
  ];
}

function check(state: Check): Inline {
  return words(checkWords[state]);
}

/** Mapped tables first: there the two rows differ in shape, and the comparison is worth reading. */
function samples(report: RunReport): RootContent[] {
  const withSample = report.steps.filter((step) => step.sample !== null);
  if (withSample.length === 0) return [];
  const ordered = [
    ...withSample.filter((step) => step.strategy === 'map'),
    ...withSample.filter((step) => step.strategy !== 'map'),
  ];
  const limit = isLong(report) ? sampleLimit.long : sampleLimit.short;
  const nodes = ordered.slice(0, limit).flatMap((step) => sample(report, step));
  const rest = ordered.length - limit;
  if (rest > 0)
    nodes.push(paragraph(say`Samples of ${words(formatCount(rest, 'more step'))} are in ${'report.json'}.`));
  return nodes;
}

function sample(report: RunReport, step: StepReport): RootContent[] {
  if (step.sample === null) return [];
  const { legacy, target } = step.sample;
  const rows = step.mapping.map((mapping): Inline[] => {
    const note = transformation(mapping);
    return [
      ...side(legacy, mapping.legacy, mapping.legacy === null ? note : words('—')),
      ...side(target, mapping.target, mapping.target === null ? note : words('—')),
    ];
  });
  // A column that no mapping names is shown all the same: the sample shows whole rows.
  const mapped = {
    legacy: new Set(step.mapping.map((m) => m.legacy)),
    target: new Set(step.mapping.map((m) => m.target)),
  };
  for (const name of legacy.columns.filter((c) => !mapped.legacy.has(c))) {
    rows.push([...side(legacy, name, []), words('—'), words('—')]);
  }
  for (const name of target.columns.filter((c) => !mapped.target.has(c))) {
    rows.push([words('—'), words('—'), ...side(target, name, [])]);
  }
  return [
    heading(3, say`${words(report.dryRun ? 'Sample row, as it would be' : 'Sample row')}: ${route(step)}`),
    table(['Legacy column', 'Legacy value', 'Consolidated column', 'Consolidated value'], rows),
  ];
}

function side(row: SampleRow, column: string | null, note: Inline): [Inline, Inline] {
  if (column === null) return [words('—'), note];
  const value = row.values[row.columns.indexOf(column)];
  return [code(column), value === undefined ? note : literal(value)];
}
