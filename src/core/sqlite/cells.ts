/** Exact comparison of cells in SQL: value and storage class, bit for bit, whatever collation or affinity says. */

/**
 * A condition that is 1 where two expressions hold the same value in the same storage class, 0 where not, never NULL.
 *
 * Text is compared as bytes, so that collations, embedded NULs and invalid UTF-8 count; reals by `quote()`, which
 * prints as many digits as it takes to tell two doubles apart. BINARY is said throughout: SQLite looks up the collation
 * of a column even where it would not use it, and an application's own is unknown here.
 */
export function sameCell(a: string, b: string): string {
  return (
    `(typeof(${a}) = typeof(${b}) AND CASE typeof(${a}) WHEN 'null' THEN 1` +
    ` WHEN 'text' THEN CAST(${a} AS BLOB) = CAST(${b} AS BLOB) COLLATE BINARY` +
    ` WHEN 'real' THEN quote(${a}) = quote(${b})` +
    ` ELSE ${a} = ${b} COLLATE BINARY END)`
  );
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
