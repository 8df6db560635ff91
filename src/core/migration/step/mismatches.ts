/** Cells that are other than they must be, row by row, for people: shortened literals, never values to go on with. */
import type { MismatchReport } from '../../report/model';
import { quoteIdentifier as q } from '../../sqlite/identifiers';
import type { SqliteConnection } from '../../sqlite/engine';
import type { StepBase } from './applied-step';
import type { RowStates } from './row-states';
import type { StepPlace, StepSql } from './step-sql';

/** Longest literal that is carried out of SQLite for display. */
const shownLength = 200;

/** A pair that should be equal. */
export interface ComparedPair {
  readonly column: string;
  readonly legacy: string;
  readonly consolidated: string;
  /** 1 where the two are equal. */
  readonly equal: string;
}

/**
 * @param from a FROM clause over which the pairs are expressions
 * @param where which of its rows are asked
 */
export function listMismatches(
  connection: SqliteConnection,
  subject: { readonly database: string; readonly table: string; readonly tier: MismatchReport['tier'] },
  from: string,
  where: string,
  key: string,
  pairs: readonly ComparedPair[],
  limit: number,
): readonly MismatchReport[] {
  const found: MismatchReport[] = [];
  for (const pair of pairs) {
    if (found.length >= limit) break;
    const rows = connection.all(
      `SELECT substr(quote(${key}), 1, 60) AS k, substr(quote(${pair.legacy}), 1, ${shownLength}) AS a,` +
        ` substr(quote(${pair.consolidated}), 1, ${shownLength}) AS b FROM ${from} WHERE ${where} AND NOT ${pair.equal} LIMIT ?`,
      [limit - found.length],
    );
    for (const row of rows) {
      found.push({
        ...subject,
        key: String(row['k']),
        column: pair.column,
        legacy: String(row['a']),
        consolidated: String(row['b']),
      });
    }
  }
  return found;
}

/** The cells of a step against the plan. */
export function cellPairs(sql: StepSql): readonly ComparedPair[] {
  return sql.cellPairs.map((pair) => ({
    column: pair.target,
    legacy: pair.planned,
    consolidated: pair.actual,
    equal: sql.sameAsPlanned(pair),
  }));
}

/** The residual values of a step against its sidecar. */
export function sidecarPairs(sql: StepSql, place: StepPlace): readonly ComparedPair[] {
  return (place.sidecar?.columns ?? [])
    .filter((column) => sql.step.legacy.columns.some(({ name }) => name === column))
    .map((column) => ({
      column,
      legacy: sql.column(column),
      consolidated: `s.${q(column)}`,
      equal: sql.equalsSidecar([column]),
    }));
}

/** Cells of rows that changed on one side since they were migrated. */
export function listConflicts(
  target: SqliteConnection,
  { plan, sql }: StepBase,
  rows: RowStates,
  place: StepPlace,
): readonly MismatchReport[] {
  const limit = 20;
  const subject = { database: plan.legacy.database, table: plan.legacy.table, tier: 'conflict' as const };
  const counts = rows.counts();
  const cells =
    counts.changed + counts.taken === 0
      ? []
      : listMismatches(
          target,
          subject,
          rows.pairs(place.table, 'changed', 'taken'),
          '1',
          sql.key,
          cellPairs(sql),
          limit,
        );
  if (counts.aside === 0 || place.sidecar === null) return cells;
  const from = `${rows.pairs(place.table, 'aside')} LEFT JOIN main.${q(place.sidecar.table)} AS s ON ${sql.sidecarMeets(place)}`;
  return [...cells, ...listMismatches(target, subject, from, '1', sql.key, sidecarPairs(sql, place), limit)];
}
