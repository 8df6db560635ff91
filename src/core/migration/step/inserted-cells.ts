/**
 * A look at rows right after they were inserted: values that storing turned into others, and legacy columns whose
 * declared way back does not give every value.
 */
import { anyOf, sameCell } from '../../sqlite/cells';
import type { SqliteConnection } from '../../sqlite/engine';
import { quoteIdentifier as q } from '../../sqlite/identifiers';
import type { RowStates } from './row-states';
import type { CellPair, StepSql } from './step-sql';

export interface InsertedCells {
  /** Cells that hold another value than the plan computed, as a condition over `x` and `t`. */
  readonly rewritten: readonly { readonly target: string; readonly rows: number; readonly condition: string }[];
  /** Legacy columns that are not given back by what was declared for them: they join the residual columns. */
  readonly unrecovered: readonly string[];
}

/** The cells that storing may turn into another value. */
export function riskyPairs(sql: StepSql): readonly CellPair[] {
  return sql.cellPairs.filter(({ target }) => sql.step.cells.some((cell) => cell.target === target && cell.mayRewrite));
}

export interface DeclaredPair {
  readonly legacy: string;
  /** Over `x` and `t`: the value does not come back. */
  readonly condition: string;
  /** The same over `x` alone; null where only the target row tells. */
  readonly shortcut: string | null;
}

/** The legacy columns for which a way back was declared. */
export function declaredPairs(sql: StepSql): readonly DeclaredPair[] {
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
