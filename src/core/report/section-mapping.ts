/** Schema Mapping: per step, legacy column, target column, transformation. */
import type { RootContent } from 'mdast';
import { auxiliary, checkWords, isKeptAsJson, isUnpublished, residualJson, targetFile, targetTable } from './facts';
import { formatCount, formatNumber } from './format';
import type { ColumnMapping, RunReport, StepReport } from './model';
import { code, heading, message, paragraph, right, say, table, words, type Inline } from './nodes';

export function schemaMapping(report: RunReport): RootContent[] {
  const nodes: RootContent[] = [heading(2, words('Schema Mapping'))];
  const moving = report.steps.filter((step) => step.strategy !== 'skip' && step.mapping.length > 0);
  if (moving.length === 0) return [...nodes, paragraph(words('No column was mapped.'))];
  for (const step of moving.filter((s) => !isUnchanged(s))) {
    nodes.push(heading(3, route(step)), mappingTable(report, step), ...residual(report, step));
  }
  return [...nodes, ...unchangedTables(moving.filter(isUnchanged))];
}

/** Tables that are as they were but for their place: one table for all of them. */
function unchangedTables(steps: readonly StepReport[]): RootContent[] {
  if (steps.length === 0) return [];
  const anyAdopted = steps.some((step) => step.strategy === 'adopt');
  return [
    heading(3, words('Tables whose columns are all unchanged')),
    ...(anyAdopted
      ? [
          paragraph(
            words(
              'An adopted table takes its own indexes, triggers and AUTOINCREMENT state along; the last column says what the check of the schema in the target found.',
            ),
          ),
        ]
      : []),
    table(
      ['Legacy table', 'Target', 'Name in the target', 'Strategy', right('Columns'), 'Schema'],
      steps.map((step) => [
        say`${step.legacy.database} ${step.legacy.table}`,
        code(targetFile(step) ?? ''),
        nameInTarget(step),
        words(step.strategy),
        words(formatNumber(step.mapping.length)),
        words(checkWords[step.validation.schema]),
      ]),
    ),
  ];
}

function nameInTarget(step: StepReport): Inline {
  const name = targetTable(step);
  if (name === null) return words('—');
  return name === step.legacy.table ? words('the same') : code(name);
}

function isUnchanged(step: StepReport): boolean {
  return step.mapping.every((m) => m.legacy !== null && m.legacy === m.target && m.transformation === 'unchanged');
}

/** `data/llm_costs.db` `llm_usage` → `data/jarvis_analytics.db` `llm_costs`. */
export function route(step: StepReport): Inline {
  return say`${step.legacy.database} ${step.legacy.table} → ${destination(step)}`;
}

function destination(step: StepReport): Inline {
  const file = targetFile(step);
  if (file === null) return words('nowhere');
  const name = targetTable(step);
  return name === null ? code(file) : say`${file} ${name}`;
}

function mappingTable(report: RunReport, step: StepReport): RootContent {
  return table(
    ['Legacy column', 'Target column', 'Transformation'],
    step.mapping.map((mapping) => [
      column(mapping.legacy),
      column(mapping.target),
      say`${transformation(mapping)}${lostOf(report, step, mapping)}`,
    ]),
  );
}

/** What a dropped column costs, beside the word. */
function lostOf(report: RunReport, step: StepReport, { legacy, target }: ColumnMapping): Inline {
  if (target !== null) return [];
  const found = step.residual.lost.find(({ column: name }) => name === legacy);
  return found === undefined ? [] : words(`, ${lostHere(report, found.values)}`);
}

/** `25 values lost`, `25 values would be lost`. */
export function lostHere(report: RunReport, values: number): string {
  const isDone = !report.dryRun && !isUnpublished(report);
  return `${formatCount(values, 'value')} ${isDone ? '' : `${auxiliary(report)} `}lost`;
}

/** Where the columns without a home are. */
function residual(report: RunReport, step: StepReport): RootContent[] {
  const { columns, kept } = step.residual;
  if (columns.length === 0 || kept === null) return [];
  const verb = words(report.dryRun ? 'would be kept' : columns.length === 1 ? 'is kept' : 'are kept');
  const what = words(formatCount(columns.length, 'column without a home', 'columns without a home'));
  const file = targetFile(step);
  const place = isKeptAsJson(step)
    ? say`in the JSON column ${kept} of the target table itself, under the key ${'legacy'}`
    : say`in the sidecar table ${kept}${file === null ? [] : say` of ${file}`}, by the key of the target row`;
  return [paragraph(say`${what} ${verb} ${place}.`)];
}

function column(name: string | null): Inline {
  return name === null ? words('—') : code(name);
}

/** `computed: a + b`: our word, then an expression of the plan. */
export function transformation(mapping: ColumnMapping): Inline {
  if (mapping.transformation === `computed: ${residualJson}`) {
    return say`computed: the columns without a home, as JSON under ${'legacy'}`;
  }
  const [, kind, expression] = /^([a-z]+(?: [a-z]+)*): (.+)$/s.exec(mapping.transformation) ?? [];
  if (kind !== undefined && expression !== undefined) return say`${words(kind)}: ${code(expression, 160)}`;
  const [, kept] = /^kept in (.+)$/s.exec(mapping.transformation) ?? [];
  return kept === undefined ? message(mapping.transformation) : say`kept in ${kept}`;
}
