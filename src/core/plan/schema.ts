/**
 * The shape of a plan. One zod schema is the source of the types, of the run-time check and of the JSON Schema that
 * editors complete from: a `describe` here is what a person reads when writing a plan.
 *
 * Paths are relative to the workspace folder, with forward slashes; expressions are SQL over one legacy row.
 */
import * as z from 'zod';

const path = z.string().min(1).describe('A database, relative to the workspace folder, with forward slashes.');
const expression = z.string().min(1);
const domain = z
  .enum(['core', 'analytics', 'cache'])
  .describe(
    'Which consolidated database the step writes: it runs with "Migrate Core", "Migrate Analytics" or "Migrate Cache".',
  );
const tableRef = z.strictObject({ database: path, table: z.string().describe('A table of that database.') });
const legacy = tableRef.describe('The legacy table that the step empties of its purpose.');
const columnExpressions = z.record(z.string(), expression);

const reference = z
  .strictObject({
    value: expression.describe('The SQL expression over the legacy row that refers to the other row.'),
    table: z.string().min(1).describe('The table of the consolidated database that it refers to.'),
    column: z.string().min(1).describe('The column of that table that it is compared with.'),
    orphans: z
      .enum(['reject', 'null'])
      .default('reject')
      .describe('A value that no row answers to: reject the row, or write NULL and keep the value as residual.'),
  })
  .describe('A column that refers to a row of another table. It follows where the keys of that table are shifted.');

const parent = z
  .strictObject({
    table: z.string().min(1).describe('The table of the consolidated database that must have the rows.'),
    columns: columnExpressions.describe(
      'Column of that table → SQL expression over the legacy row; its primary key must be among them. Columns left out are NULL.',
    ),
  })
  .describe('Rows that the target demands before those of the step: one for each key that no row answers to yet.');

const mapStep = z
  .strictObject({
    domain,
    strategy: z.literal('map'),
    legacy,
    target: tableRef.describe('The table that rows are mapped to. It must exist.'),
    columns: columnExpressions.describe(
      'Target column → SQL expression over one legacy row, which may name its rowid. A column that is not named becomes NULL; an INTEGER PRIMARY KEY that is not named is numbered by SQLite.',
    ),
    key: z
      .array(z.string().min(1))
      .min(1)
      .optional()
      .describe('The target columns that tell rows apart. Default: the primary key of the target table.'),
    takenKeys: z
      .enum(['shift', 'conflict'])
      .default('shift')
      .describe(
        'When a row of the target has the key of another: shift the integer keys of the whole step by one offset, or leave the legacy row as a conflict (for keys that mean something, as a user id does). Keys that are no integers always conflict.',
      ),
    otherwise: z
      .enum(['reject', 'adopt'])
      .default('reject')
      .describe(
        'When the target cannot take a row of a table that was never migrated: reject that row, or adopt the whole table with its own schema instead.',
      ),
    references: z
      .record(z.string(), reference)
      .default({})
      .describe('Target columns that refer to rows of other tables; named here instead of in "columns".'),
    parents: z.array(parent).default([]).describe('Rows that must exist before the rows of this step.'),
    rebuild: columnExpressions
      .default({})
      .describe(
        'Legacy column → SQL expression over the target row that gives its value back, where the way into the target is more than a copy. It is proved for every row; where it does not hold, the column counts as residual.',
      ),
    residual: z
      .enum(['sidecar', 'metadata', 'drop'])
      .default('sidecar')
      .describe(
        'Where legacy columns without a home go: a sidecar table legacy_<table>, a JSON column of the target under the key "legacy", or nowhere (then they are counted as lost).',
      ),
    metadata: z.string().min(1).optional().describe('The JSON column for residual "metadata". Default: metadata_json.'),
  })
  .describe('Rows go into an existing table of the target, column by column.');

const adoptStep = z
  .strictObject({
    domain,
    strategy: z.literal('adopt'),
    legacy,
    target: z.strictObject({
      database: path,
      table: z
        .string()
        .min(1)
        .optional()
        .describe('The name in the target. Default: its own if free, else <database>_<table>.'),
    }),
  })
  .describe('The table moves with its own schema, indexes, triggers and AUTOINCREMENT state.');

const configStep = z
  .strictObject({
    domain,
    strategy: z.literal('config'),
    legacy,
    target: z.strictObject({
      file: z
        .string()
        .regex(/\.(ya?ml|json)$/i)
        .describe('A .yaml, .yml or .json file, relative to the workspace folder.'),
    }),
  })
  .describe('Rows are written to a configuration file, read back and compared.');

const skipStep = z
  .strictObject({
    domain,
    strategy: z.literal('skip'),
    legacy,
    reason: z.string().min(1).describe('Why nothing moves. The rows are counted as left behind.'),
  })
  .describe('Nothing moves.');

const criterion = z
  .strictObject({
    label: z.string().min(1),
    domain: domain.optional().describe('Default: that of the steps that write the database.'),
    database: path.optional(),
    sql: z
      .string()
      .min(1)
      .optional()
      .describe('A query with one row and one column, measured on the image that is to be published.'),
    accountedFor: tableRef
      .optional()
      .describe('Instead of a query: the rows of this legacy table that are in their target after the run.'),
    expect: z
      .string()
      .regex(/^(>=|<=|=|>|<) ?-?\d+(\.\d+)?$/)
      .describe('">= 19", "= 0", "< 5"'),
    required: z
      .boolean()
      .default(false)
      .describe('A required criterion that fails stops the run; any other is a warning.'),
  })
  .refine(
    (value) => (value.accountedFor === undefined) === (value.sql !== undefined && value.database !== undefined),
    'A criterion has either "database" and "sql", or "accountedFor".',
  );

export const planSchema = z.strictObject({
  $schema: z.string().optional(),
  version: z.literal(1),
  rejects: z
    .enum(['fail', 'collect'])
    .optional()
    .describe(
      'Rows that the constraints of a target refuse: fail the run, or collect them in rejects.db beside the backup. The setting and the command line overrule it.',
    ),
  steps: z.array(z.discriminatedUnion('strategy', [mapStep, adoptStep, configStep, skipStep])),
  criteria: z.array(criterion).default([]),
});

/** A plan as it runs: every default filled in. */
export type Plan = z.infer<typeof planSchema>;
/** A plan as it is written: defaults may be left out. */
export type PlanSource = z.input<typeof planSchema>;
export type PlanStep = Plan['steps'][number];
export type MapStep = z.infer<typeof mapStep>;
export type AdoptStep = z.infer<typeof adoptStep>;
export type ConfigStep = z.infer<typeof configStep>;
export type SkipStep = z.infer<typeof skipStep>;
/** A step whose rows go into a consolidated database. */
export type TableStep = MapStep | AdoptStep;
export type Criterion = Plan['criteria'][number];

/** The consolidated database that a step writes; null for a configuration file or nothing. */
export function targetDatabaseOf(step: PlanStep): string | null {
  return step.strategy === 'map' || step.strategy === 'adopt' ? step.target.database : null;
}
