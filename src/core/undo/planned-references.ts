/** References between rows that the plan declares, besides those of the schema. */
import type { PlanStep } from '../plan/schema';
import type { RowReference } from './run-rows';

export function plannedReferences(steps: readonly PlanStep[], database: string): readonly RowReference[] {
  return steps.flatMap((step) => {
    if (step.strategy !== 'map' || step.target.database !== database) return [];
    return Object.entries(step.references).map(([child, { table, column }]) => ({
      child: step.target.table,
      parent: table,
      columns: [{ child, parent: column }],
    }));
  });
}
