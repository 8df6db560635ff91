/** Tables that are not adopted but mapped: where foreign keys of adopted tables lead that refer to them. */
import { isColumnName } from '../../plan/expression';
import type { PlanStep } from '../../plan/schema';
import type { SqliteConnection } from '../../sqlite/engine';
import { foldName, sameName } from '../../sqlite/identifiers';
import { primaryKeyOf, readTable, type ForeignKey } from '../../sqlite/schema';
import { legacySchema } from '../step/step-sql';

export interface MappedTable {
  /** The legacy name, as the plan spells it. */
  readonly table: string;
  /** The database that its rows go into. */
  readonly database: string;
  /** The table of the target that its rows go into; null where that is in another database. */
  readonly home: string | null;
  /** Target columns (folded names) and the expressions over the legacy row that fill them. */
  readonly columns: ReadonlyMap<string, string>;
}

/**
 * What a step makes of its legacy table, as seen from a target.
 *
 * @returns null where it is adopted there, or goes into no database
 */
export function mappedTable(step: PlanStep, target: string): MappedTable | null {
  if (step.strategy !== 'map' && step.strategy !== 'adopt') return null;
  const { database } = step.target;
  if (step.strategy === 'adopt')
    return database === target ? null : { table: step.legacy.table, database, home: null, columns: new Map() };
  const filled = [
    ...Object.entries(step.columns),
    ...Object.entries(step.references).map(([column, { value }]) => [column, value] as const),
  ];
  return {
    table: step.legacy.table,
    database,
    home: database === target ? step.target.table : null,
    columns: new Map(filled.map(([column, expression]) => [foldName(column), expression])),
  };
}

/**
 * Why a foreign key cannot lead to the rows of a mapped table; null where it can.
 *
 * @param target with the legacy database attached as `legacy`
 */
export function whyNoHome(
  target: SqliteConnection,
  { table, database, home, columns }: MappedTable,
  reference: ForeignKey,
): string | null {
  if (home === null) return `whose rows go into ${database}: no foreign key leads into another database`;
  const [legacy, there] = [readTable(target, table, legacySchema), readTable(target, home)];
  // That there is no such table is told by the step that fills it.
  if (legacy === null || there === null) return null;
  const [from, to] = [primaryKeyOf(legacy), primaryKeyOf(there)];
  for (const [index, { parent }] of reference.columns.entries()) {
    const [column, filled] = [parent ?? from[index] ?? '', parent ?? to[index] ?? ''];
    if (!isColumnName(columns.get(foldName(filled)) ?? '', column))
      return `whose rows go into ${home}${sameName(home, table) ? '' : ' of the target'}, where ${filled === '' ? 'no key' : filled} is no copy of ${column}`;
  }
  return null;
}
