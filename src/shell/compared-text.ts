/** Rows that differ, as text: each row by its key, and below it the columns that differ, as SQL literals. */
import type { MismatchReport } from '../core/report/model';

/** One side of a comparison; both sides have a line for each cell, so that the diff stands row by row. */
export function textOfRows(mismatches: readonly MismatchReport[], side: 'legacy' | 'consolidated'): string {
  const rows = new Map<string, string[]>();
  for (const mismatch of mismatches) {
    const cells = rows.get(mismatch.key) ?? [];
    const line = `    ${oneLine(mismatch.column)} = ${oneLine(mismatch[side])}`;
    if (!cells.includes(line)) cells.push(line);
    rows.set(mismatch.key, cells);
  }
  return [...rows].map(([key, cells]) => [`key ${oneLine(key)}`, ...cells, ''].join('\n')).join('\n');
}

/** Line breaks of a value would put the lines of the two sides out of step. */
function oneLine(text: string): string {
  return text.replaceAll('\r', '\\r').replaceAll('\n', '\\n');
}

/** One side of one row: a line for each cell, so that the diff stands cell by cell. */
export function rowText(
  cells: readonly { readonly column: string; readonly legacy: string; readonly consolidated: string }[],
  side: 'legacy' | 'consolidated',
): string {
  return cells.map((cell) => `${oneLine(cell.column)}: ${cell[side]}\n`).join('');
}
