/** Schema Mapping: per step, legacy column, target column, transformation. */
import type { RootContent } from 'mdast';
import { targetFile, targetTable } from './facts';
import { formatCount } from './format';
import type { ColumnMapping, RunReport, StepReport } from './model';
import { code, heading, message, paragraph, say, table, words, type Inline } from './nodes';

export function schemaMapping(report: RunReport): RootContent[] {
  const nodes: RootContent[] = [heading(2, words('Schema Mapping'))];
  const moving = report.steps.filter((step) => step.strategy !== 'skip' && step.mapping.length > 0);
  if (moving.length === 0) return [...nodes, paragraph(words('No column was mapped.'))];
  for (const step of moving.filter((s) => !isUnchanged(s))) {
    nodes.push(heading(3, route(step)), mappingTable(step));
  }
  const unchanged = moving.filter(isUnchanged);
  if (unchanged.length > 0) {
    nodes.push(
      heading(3, words('Tables whose columns are all unchanged')),
      table(
        ['Legacy table', 'Target table', 'Columns', 'Transformation'],
        unchanged.map((step) => [
          say`${step.legacy.database} ${step.legacy.table}`,
          destination(step),
          words(formatCount(step.mapping.length, 'column')),
          words('unchanged'),
        ]),
      ),
    );
  }
  return nodes;
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

function mappingTable(step: StepReport): RootContent {
  return table(
    ['Legacy column', 'Target column', 'Transformation'],
    step.mapping.map((mapping) => [column(mapping.legacy), column(mapping.target), transformation(mapping)]),
  );
}

function column(name: string | null): Inline {
  return name === null ? words('—') : code(name);
}

/** `computed: a + b`: our word, then an expression of the plan. */
export function transformation(mapping: ColumnMapping): Inline {
  const [, kind, expression] = /^([a-z]+(?: [a-z]+)*): (.+)$/s.exec(mapping.transformation) ?? [];
  if (kind !== undefined && expression !== undefined) return say`${words(kind)}: ${code(expression, 160)}`;
  const [, kept] = /^kept in (.+)$/s.exec(mapping.transformation) ?? [];
  return kept === undefined ? message(mapping.transformation) : say`kept in ${kept}`;
}
