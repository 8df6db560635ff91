/**
 * The shape of a plan. One zod schema is the source of the types and of the run-time check.
 *
 * Paths are relative to the workspace folder, with forward slashes; expressions are SQL over one legacy row.
 */
import * as z from 'zod';

const tableRef = z.strictObject({ database: z.string().min(1), table: z.string().min(1) });
const domain = z.enum(['core', 'analytics', 'cache']);

const mapStep = z.strictObject({
  domain,
  strategy: z.literal('map'),
  legacy: tableRef,
  target: tableRef,
  /** Target column → SQL expression over the legacy row. Its key columns must be among them. */
  columns: z.record(z.string(), z.string().min(1)),
  /**
   * Legacy column → SQL expression over the target row that gives its value back, for columns whose way into the
   * target is more than a copy. It is proved for every row; where it does not hold, the column counts as residual.
   */
  rebuild: z.record(z.string(), z.string().min(1)).default({}),
  /** Where legacy columns without a home go. */
  residual: z.literal('sidecar').default('sidecar'),
});

const adoptStep = z.strictObject({
  domain,
  strategy: z.literal('adopt'),
  legacy: tableRef,
  target: z.strictObject({ database: z.string().min(1) }),
});

const criterionBase = {
  label: z.string().min(1),
  domain,
  /** `>= 19`, `= 0`, `< 5`. */
  expect: z.string().regex(/^(>=|<=|=|>|<) -?\d+(\.\d+)?$/),
  /** A required criterion that fails stops the run; any other is a warning. */
  required: z.boolean().default(false),
};

const criterion = z.union([
  /** Measured by a query with one row and one column, on the image that is to be published. */
  z.strictObject({ ...criterionBase, database: z.string().min(1), sql: z.string().min(1) }),
  /** Measured on the run: the rows of a legacy table that are in their target afterwards. */
  z.strictObject({ ...criterionBase, accountedFor: tableRef }),
]);

export const planSchema = z.strictObject({
  version: z.literal(1),
  steps: z.array(z.discriminatedUnion('strategy', [mapStep, adoptStep])),
  criteria: z.array(criterion).default([]),
});

export type Plan = z.infer<typeof planSchema>;
export type PlanStep = Plan['steps'][number];
export type MapStep = z.infer<typeof mapStep>;
export type AdoptStep = z.infer<typeof adoptStep>;
export type Criterion = z.infer<typeof criterion>;
