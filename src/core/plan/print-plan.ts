/** A plan as a person would write it: the keys in the order of the schema, defaults left out. */
import type { Criterion, Plan, PlanStep } from './schema';

/** JSON that {@link parsePlan} reads back as the same plan. */
export function printPlan(plan: Plan): string {
  const { $schema, version, rejects, steps, criteria } = plan;
  const printed = said({
    $schema,
    version,
    rejects,
    steps: steps.map(orderStep),
    criteria: criteria.length === 0 ? undefined : criteria.map(orderCriterion),
  });
  return `${JSON.stringify(printed, null, 2)}\n`;
}

function orderStep(step: PlanStep): unknown {
  const { domain, strategy, legacy } = step;
  const head = { domain, strategy, legacy: { database: legacy.database, table: legacy.table } };
  switch (step.strategy) {
    case 'map':
      return said({
        ...head,
        target: { database: step.target.database, table: step.target.table },
        columns: step.columns,
        key: step.key,
        takenKeys: step.takenKeys === 'shift' ? undefined : step.takenKeys,
        references: filled(mapValues(step.references, orderReference)),
        parents: step.parents.length === 0 ? undefined : step.parents.map(({ table, columns }) => ({ table, columns })),
        rebuild: filled(step.rebuild),
        // Always: what becomes of the columns without a home is what a reader asks first.
        residual: step.residual,
        metadata: step.metadata,
      });
    case 'adopt':
      return said({ ...head, target: said({ database: step.target.database, table: step.target.table }) });
    case 'config':
      return { ...head, target: { file: step.target.file } };
    case 'skip':
      return { ...head, reason: step.reason };
  }
}

function orderReference({
  value,
  table,
  column,
  orphans,
}: {
  readonly value: string;
  readonly table: string;
  readonly column: string;
  readonly orphans: 'reject' | 'null';
}): unknown {
  return said({ value, table, column, orphans: orphans === 'reject' ? undefined : orphans });
}

function orderCriterion({ label, domain, database, sql, accountedFor, expect, required }: Criterion): unknown {
  return said({ label, domain, database, sql, accountedFor, expect, required: required ? true : undefined });
}

/** Object.fromEntries throughout: a column called `__proto__` must stay a column. */
function said(object: Readonly<Record<string, unknown>>): unknown {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));
}

function filled(record: Readonly<Record<string, unknown>>): unknown {
  return Object.keys(record).length === 0 ? undefined : record;
}

function mapValues<T>(record: Readonly<Record<string, T>>, change: (value: T) => unknown): Record<string, unknown> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
}
