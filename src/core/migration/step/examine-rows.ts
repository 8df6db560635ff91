/**
 * A look at the legacy rows of a step before any of them is moved: whether no number column holds a text or a BLOB,
 * nothing is of a kind that storing could change, and every declared way back leads back. Then nothing has to be
 * inspected afterwards.
 *
 * Of a large table a look at every row takes as long as inserting half of them. Where its first and last rows are
 * ordinary, the others are taken for it: a value that storing changed, or that cannot be rebuilt, fails the proof, which
 * looks out for odd values too. The rows are then moved anew, and none is taken for anything.
 */
import type { TableStep } from '../../plan/schema';
import type { WarningReport } from '../../report/model';
import { anyOf } from '../../sqlite/cells';
import type { SqliteConnection } from '../../sqlite/engine';
import type { Affinity, TableSchema } from '../../sqlite/schema';
import { findOddStorageClasses, isOdd, numberColumns } from '../warnings';
import { declaredPairs, riskyPairs } from './inserted-cells';
import type { StepSql } from './step-sql';

export interface Examined {
  /** No value needs a second look after it was moved. */
  readonly isOrdinary: boolean;
  /** Only some rows were looked at: the proof has to confirm it. */
  readonly isAssumed: boolean;
  readonly warnings: readonly WarningReport[];
}

/** Thrown by the proof of a step that was moved as if all its rows were ordinary, where it is not what was planned. */
export class RowsNotOrdinary extends Error {}

/** Rows from which looking at each is worth avoiding. */
const many = 20_000;

/** Rows that are looked at from either end. */
const sampled = 2_000;

/** @param rows of the legacy table */
export function examineRows(
  connection: SqliteConnection,
  plan: TableStep,
  legacy: TableSchema,
  sql: StepSql,
  rows: number,
): Examined {
  const unusual = findsUnusual(sql);
  const isOrdinary = rows === 0 || (unusual !== null && !meetsAny(connection, sql.source, unusual));
  return { isOrdinary, isAssumed: false, warnings: isOrdinary ? [] : findOddStorageClasses(connection, plan, legacy) };
}

/** @returns null where the rows are too few, or cannot be taken for ordinary */
export function assumeOrdinary(connection: SqliteConnection, sql: StepSql, rows: number): Examined | null {
  const unusual = findsUnusual(sql);
  if (rows < many || unusual === null) return null;
  // Without rowids, the last rows would be found by sorting all.
  const orders = sql.step.identity.isRowid ? [' ORDER BY 1', ' ORDER BY 1 DESC'] : [''];
  const isUnusual = orders.some((order) =>
    meetsAny(connection, `(SELECT ${sql.identity}, x.* FROM ${sql.source}${order} LIMIT ${sampled}) AS x`, unusual),
  );
  return isUnusual ? null : { isOrdinary: true, isAssumed: true, warnings: [] };
}

/** A condition over `x` that is 1 for a row with a value that a person should know of. */
export function findsOdd(sql: StepSql): string {
  return anyOf(numberColumns(sql.step.legacy).map(({ name }) => isOdd(sql.column(name))));
}

/** The same for every row that needs a second look; null where only the target row would tell. */
function findsUnusual(sql: StepSql): string | null {
  const shortcuts: string[] = [];
  for (const { shortcut } of declaredPairs(sql)) {
    if (shortcut === null) return null;
    shortcuts.push(shortcut);
  }
  const kinds = riskyPairs(sql).map(({ target, planned }) => {
    const affinity = sql.step.cells.find((cell) => cell.target === target)?.affinity ?? 'numeric';
    return mayChange(planned, affinity);
  });
  return anyOf([findsOdd(sql), ...kinds, ...shortcuts]);
}

function meetsAny(connection: SqliteConnection, from: string, condition: string): boolean {
  return condition !== '0' && connection.count(`SELECT EXISTS (SELECT 1 FROM ${from} WHERE ${condition})`) === 1;
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
