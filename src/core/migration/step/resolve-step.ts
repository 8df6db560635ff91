/** A step against the schemas that are really there: what cannot be is refused before any row is touched. */
import { CoreError } from '../../errors';
import { checkExpression, namesOfRow } from '../../plan/expression';
import { resolveAdopt, resolveMap, type ResolvedStep } from '../../plan/resolve';
import type { MapStep, TableStep } from '../../plan/schema';
import { allOf } from '../../sqlite/cells';
import type { SqliteConnection } from '../../sqlite/engine';
import { quoteIdentifier as q, sameName } from '../../sqlite/identifiers';
import { primaryKeyOf, readTable, readUniqueKeys, storedColumns, type TableSchema } from '../../sqlite/schema';
import type { LedgerEntry } from '../ledger/ledger';
import type { AdoptedPlace } from './applied-step';
import type { StepContext } from './step-context';
import { legacySchema } from './step-sql';

export function readMapped(target: SqliteConnection, table: string, plan: TableStep): TableSchema {
  const found = readTable(target, table);
  if (found !== null) return found;
  throw new CoreError('target-table-missing', `${target.label} has no table ${table}.`, {
    path: target.label,
    hint: `Create the consolidated schema first: the table that ${plan.legacy.table} is mapped to must exist.`,
  });
}

export function readAdopted(
  target: SqliteConnection,
  adopted: AdoptedPlace | null,
  legacy: TableSchema,
): TableSchema | null {
  if (adopted === null) return null;
  return adopted.created === null ? readTable(target, adopted.table) : { ...legacy, name: adopted.table };
}

export function resolve(
  { target, openScratch }: Pick<StepContext, 'target' | 'openScratch'>,
  plan: TableStep,
  legacy: TableSchema,
  existing: TableSchema | null,
  entry: LedgerEntry | null,
): ResolvedStep {
  if (plan.strategy === 'map') {
    if (existing === null) throw new TypeError('A map step needs its target table.');
    assertExpressions(openScratch, plan, legacy, existing);
    return resolveMap(plan, legacy, existing, readUniqueKeys(target, existing));
  }
  if (existing !== null) assertSameColumns(plan, legacy, existing);
  const key = primaryKeyOf(legacy);
  // Once rows are registered by one key, they stay known by it.
  const isKnown = entry !== null && entry.keyColumns.length > 0;
  const keyHoldsNull = holdsNull(target, legacy, key);
  const byRowid = isKnown ? entry.keyColumns.length === 1 && entry.keyColumns[0] === legacy.rowidName : keyHoldsNull;
  return resolveAdopt(plan, legacy, byRowid ? 'rowid' : 'key', keyHoldsNull, existing);
}

/** An application that was not switched over may have given the legacy table a column since it was adopted. */
function assertSameColumns(plan: TableStep, legacy: TableSchema, adopted: TableSchema): void {
  const missing = storedColumns(legacy).filter(
    (name) => !adopted.columns.some((column) => !column.generated && sameName(column.name, name)),
  );
  if (missing.length === 0) return;
  throw new CoreError(
    'plan-invalid',
    `${plan.legacy.database} ${legacy.name} has the column ${missing.join(', ')}, which ${adopted.name} in ${plan.target.database}, adopted by an earlier run, lacks.`,
    {
      path: plan.target.database,
      hint: `Add it to ${adopted.name} with ALTER TABLE … ADD COLUMN, then run again.`,
    },
  );
}

/** SQLite says of each expression whether it is one, over one row, before any row is touched. */
function assertExpressions(
  openScratch: () => SqliteConnection,
  plan: MapStep,
  legacy: TableSchema,
  existing: TableSchema,
): void {
  const scratch = openScratch();
  try {
    const overLegacy = [
      ...Object.entries(plan.columns),
      ...Object.entries(plan.references).map(([column, { value }]) => [column, value] as const),
      ...plan.parents.flatMap(({ table, columns }) =>
        Object.entries(columns).map(([column, expression]) => [`${table}.${column}`, expression] as const),
      ),
    ];
    const checks = [
      ...overLegacy.map(([column, expression]) => ({ column, expression, columns: namesOfRow(legacy) })),
      ...Object.entries(plan.rebuild).map(([column, expression]) => ({
        column,
        expression,
        columns: namesOfRow(existing),
      })),
    ];
    for (const { column, expression, columns } of checks) {
      const reason = checkExpression(scratch, columns, expression);
      if (reason === null) continue;
      throw new CoreError(
        'plan-invalid',
        `${plan.legacy.database} ${legacy.name}: ${column} cannot be filled with ${expression}: ${reason}.`,
        {
          path: plan.legacy.database,
          hint: 'The schema is not the one that the plan was made for, or the plan is wrong; nothing was touched.',
        },
      );
    }
  } finally {
    scratch.close();
  }
}

function holdsNull(target: SqliteConnection, legacy: TableSchema, key: readonly string[]): boolean {
  if (key.length === 0) return false;
  const noNull = allOf(key.map((column) => `${q(column)} IS NOT NULL`));
  return target.count(`SELECT EXISTS (SELECT 1 FROM ${legacySchema}.${q(legacy.name)} WHERE NOT ${noNull})`) > 0;
}
