/**
 * A look at rows right after they were inserted: values that storing turned into others, and legacy columns whose
 * declared way back does not give every value.
 */
import { anyOf, sameCell } from '../../sqlite/cells';
import type { SqliteConnection } from '../../sqlite/engine';
import { quoteIdentifier as q } from '../../sqlite/identifiers';
import type { Affinity } from '../../sqlite/schema';
import { isOdd, numberColumns } from '../warnings';
import type { RowStates } from './row-states';
import type { CellPair, StepSql } from './step-sql';

export interface InsertedCells {
  /** Cells that hold another value than the plan computed, as a condition over `x` and `t`. */
  readonly rewritten: readonly { readonly target: string; readonly rows: number; readonly condition: string }[];
  /** Legacy columns that are not given back by what was declared for them: they join the residual columns. */
  readonly unrecovered: readonly string[];
}

/**
 * One look at the legacy rows, before anything is moved: no number column holds a text or a BLOB, nothing is of a kind
 * that storing could change, and every declared way back leads back. Then nothing has to be inspected afterwards.
 */
export function areOrdinary(connection: SqliteConnection, sql: StepSql): boolean {
  const declared = declaredPairs(sql);
  if (declared.some(({ shortcut }) => shortcut === null)) return false;
  const kinds = riskyPairs(sql).map(({ target, planned }) => {
    const affinity = sql.step.cells.find((cell) => cell.target === target)?.affinity ?? 'numeric';
    return mayChange(planned, affinity);
  });
  const conditions = [
    ...numberColumns(sql.step.legacy).map(({ name }) => isOdd(sql.column(name))),
    ...kinds,
    ...declared.map(({ shortcut }) => shortcut ?? '1'),
  ];
  if (conditions.length === 0) return true;
  return connection.count(`SELECT EXISTS (SELECT 1 FROM ${sql.source} WHERE ${anyOf(conditions)})`) === 0;
}

function riskyPairs(sql: StepSql): readonly CellPair[] {
  return sql.cellPairs.filter(({ target }) => sql.step.cells.some((cell) => cell.target === target && cell.mayRewrite));
}

interface DeclaredPair {
  readonly legacy: string;
  /** Over `x` and `t`: the value does not come back. */
  readonly condition: string;
  /** The same over `x` alone; null where only the target row tells. */
  readonly shortcut: string | null;
}

function declaredPairs(sql: StepSql): readonly DeclaredPair[] {
  return sql.step.recovered
    .filter((entry) => entry.declared)
    .map(({ legacy, expression }) => {
      // Where the way back is a target column, it gives the value back if the plan put that very value there.
      const cell = sql.cellPairs.find(({ target }) => expression === target || expression === q(target));
      const isReference = sql.step.references.some(({ target }) => target === cell?.target);
      return {
        legacy,
        condition: `NOT ${sameCell(sql.column(legacy), sql.recovered(legacy) ?? 'NULL')}`,
        shortcut: cell === undefined || isReference ? null : `NOT ${sameCell(sql.column(legacy), cell.planned)}`,
      };
    });
}

/** One pass over the rows in the given states, however many columns are in question; none where no column is. */
export function inspectInserted(
  connection: SqliteConnection,
  sql: StepSql,
  rows: RowStates,
  table: string,
): InsertedCells {
  const risky = riskyPairs(sql).map((pair) => ({ ...pair, condition: `NOT ${sql.sameAsPlanned(pair)}` }));
  const declared = declaredPairs(sql);
  const conditions = [...risky, ...declared].map(({ condition }) => condition);
  if (conditions.length === 0) return { rewritten: [], unrecovered: [] };
  const pairs = rows.pairs(table, 'new', 'present');
  const any = connection.count(`SELECT EXISTS (SELECT 1 FROM ${pairs} WHERE ${anyOf(conditions)})`);
  if (any === 0) return { rewritten: [], unrecovered: [] };
  const sums = conditions.map((condition, index) => `total(${condition}) AS n${index}`);
  const [row] = connection.all(`SELECT ${sums.join(', ')} FROM ${pairs}`);
  const count = (index: number): number => Number(row?.[`n${index}`] ?? 0);
  return {
    rewritten: risky
      .map(({ target, condition }, index) => ({ target, condition, rows: count(index) }))
      .filter((cell) => cell.rows > 0),
    unrecovered: declared.filter((_, index) => count(risky.length + index) > 0).map(({ legacy }) => legacy),
  };
}

/**
 * A value of a storage class that an affinity may turn into another (https://sqlite.org/datatype3.html#type_affinity).
 *
 * What is ordinary is told without typeof(), which is a call for each value: numbers sort before the empty text, and only
 * the difference of two integers is an integer.
 */
function mayChange(value: string, affinity: Affinity): string {
  const isNumber = `+${value} < '' COLLATE BINARY`;
  const quotient = `1 / (2 + (${value} - ${value}))`;
  switch (affinity) {
    case 'integer':
    case 'numeric':
      return `(NOT (${isNumber} AND ${quotient} IS 0) AND typeof(${value}) IN ('real', 'text'))`;
    case 'real':
      return `(NOT (${isNumber} AND ${quotient} IS NOT 0) AND typeof(${value}) IN ('integer', 'text'))`;
    case 'text':
      return `(${isNumber})`;
    case 'blob':
      return '0';
  }
}
