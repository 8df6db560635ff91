/**
 * A look at rows right after they were inserted: values that storing turned into others, and legacy columns whose
 * declared way back does not give every value.
 */
import { anyOf, sameCell } from '../sqlite/cells';
import type { SqliteConnection } from '../sqlite/engine';
import { quoteIdentifier as q } from '../sqlite/identifiers';
import type { Affinity } from '../sqlite/schema';
import type { RowStates } from './row-states';
import type { CellPair, StepSql } from './step-sql';

export interface InsertedCells {
  /** Cells that hold another value than the plan computed, as a condition over `x` and `t`. */
  readonly rewritten: readonly { readonly target: string; readonly rows: number; readonly condition: string }[];
  /** Legacy columns that are not given back by what was declared for them: they join the residual columns. */
  readonly unrecovered: readonly string[];
}

/** One pass over the rows in the given states, however many columns are in question; none where no column is. */
export function inspectInserted(
  connection: SqliteConnection,
  sql: StepSql,
  rows: RowStates,
  table: string,
): InsertedCells {
  const risky = sql.cellPairs
    .filter(({ target }) => sql.step.cells.some((cell) => cell.target === target && cell.mayRewrite))
    .map((pair) => ({ ...pair, condition: `NOT ${sql.sameAsPlanned(pair)}` }));
  const declared = sql.step.recovered
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
  const conditions = [...risky, ...declared].map(({ condition }) => condition);
  if (conditions.length === 0) return { rewritten: [], unrecovered: [] };
  if (declared.every(({ shortcut }) => shortcut !== null) && !mayDiffer(connection, sql, rows, risky, declared)) {
    return { rewritten: [], unrecovered: [] };
  }
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

/** A look at the legacy rows alone, without the target's: whether any value is of a kind that storing could change. */
function mayDiffer(
  connection: SqliteConnection,
  sql: StepSql,
  rows: RowStates,
  risky: readonly CellPair[],
  declared: readonly { readonly shortcut: string | null }[],
): boolean {
  const kinds = risky.map(({ target, planned }) => {
    const affinity = sql.step.cells.find((cell) => cell.target === target)?.affinity ?? 'numeric';
    return `typeof(${planned}) IN (${rewritable[affinity]})`;
  });
  const conditions = anyOf([...kinds, ...declared.map(({ shortcut }) => shortcut ?? '1')]);
  return (
    connection.count(
      `SELECT EXISTS (SELECT 1 FROM ${sql.source}${rows.join('new', 'present')} WHERE ${conditions})`,
    ) === 1
  );
}

/** The storage classes that an affinity may turn into another (https://sqlite.org/datatype3.html#type_affinity). */
const rewritable: Readonly<Record<Affinity, string>> = {
  integer: "'real', 'text'",
  numeric: "'real', 'text'",
  real: "'integer', 'text'",
  text: "'integer', 'real'",
  blob: "'none'",
};
