/** How a selection goes on while the pointer is beyond the edge of the rows. */

export interface Edges {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** Pixels beyond the edge for each further row of a step. */
const pixelsPerRow = 24;
/** Rows of one step at most. */
const mostRows = 20;

/** How far the pointer leads from inside: the farther out, the faster through the rows; columns one by one. */
export function stepOf(
  { left, top, right, bottom }: Edges,
  x: number,
  y: number,
): { readonly rows: number; readonly columns: number } {
  const rowsFor = (distance: number): number => Math.min(mostRows, 1 + Math.floor(distance / pixelsPerRow));
  return {
    rows: y < top ? -rowsFor(top - y) : y > bottom ? rowsFor(y - bottom) : 0,
    columns: x < left ? -1 : x > right ? 1 : 0,
  };
}
