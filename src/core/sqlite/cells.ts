/** Exact comparison of cells in SQL: value and storage class, bit for bit, whatever collation or affinity says. */
import type { Affinity } from './schema';

/**
 * A condition that is 1 where two expressions hold the same value in the same storage class, 0 where not, never NULL.
 *
 * The plus signs take affinities away, so that no comparison converts; BINARY compares text as bytes, embedded NULs and
 * invalid UTF-8 included. It is said throughout: SQLite looks up the collation of a column even where it would not use
 * it, and an application's own is unknown here.
 *
 * @param shared the affinity where both are plain columns of one: between two TEXT or two REAL columns the storage class
 *   cannot differ where the value does not, and not asking for it takes half the time
 */
export function sameCell(a: string, b: string, shared: Affinity | null = null): string {
  if (shared === 'text' || shared === 'real') return `(${a} IS ${b} COLLATE BINARY)`;
  return `(+${a} IS +${b} COLLATE BINARY AND ${sameClass(a, b)})`;
}

/**
 * A condition that is 1 where two expressions that hold the same value hold it in the same storage class.
 *
 * Only a number can be the same in two classes: what sorts from the empty text on is text or BLOB. A difference of two
 * integers is an integer, and only then is the quotient 0. Both are asked before typeof(), which is a call for each value
 * (measured: comparing half a million rows takes a quarter less).
 */
function sameClass(a: string, b: string): string {
  return `(+${a} >= '' COLLATE BINARY OR 1 / (2 + (${a} - ${b})) IS 0 OR typeof(${a}) = typeof(${b}))`;
}

/** All pairs equal; true for none. The tree of ANDs is balanced: SQLite limits the depth of an expression. */
export function sameCells(pairs: readonly (readonly [a: string, b: string])[]): string {
  return allOf(pairs.map(([a, b]) => sameCell(a, b)));
}

/** A conjunction of any number of conditions; true for none. */
export function allOf(conditions: readonly string[]): string {
  if (conditions.length <= 1) return conditions[0] ?? '1';
  const middle = conditions.length >> 1;
  return `(${allOf(conditions.slice(0, middle))} AND ${allOf(conditions.slice(middle))})`;
}

/** A disjunction of any number of conditions; false for none. */
export function anyOf(conditions: readonly string[]): string {
  if (conditions.length <= 1) return conditions[0] ?? '0';
  const middle = conditions.length >> 1;
  return `(${anyOf(conditions.slice(0, middle))} OR ${anyOf(conditions.slice(middle))})`;
}

/**
 * One value that stands for the key of a row: the column itself where there is one, else a text that no two different
 * keys share (storage class and hexadecimal bytes of each part).
 */
export function keyValue(columns: readonly string[]): string {
  const [only] = columns;
  if (only !== undefined && columns.length === 1) return only;
  return columns
    .map(
      (column) =>
        `CASE typeof(${column}) WHEN 'real' THEN 'r' || quote(${column})` +
        ` ELSE substr(typeof(${column}), 1, 1) || hex(CAST(${column} AS BLOB)) END`,
    )
    .join(` || ',' || `);
}
