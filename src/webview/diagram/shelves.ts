/** Boxes in rows, in their order. */
import type { Point, Size } from './geometry';

/** Width to height that they are given, more or less: that of half a window. */
const aspect = 1.4;

export interface Shelves {
  readonly at: readonly Point[];
  /** Where the row of each box ends, downwards. */
  readonly ends: readonly number[];
  readonly size: Size;
}

/** Each row is as high as its highest. @param least the width that may be used in any case */
export function shelve(sizes: readonly Size[], space: number, least = 0): Shelves {
  const area = sizes.reduce((sum, { width, height }) => sum + (width + space) * (height + space), 0);
  const widest = sizes.reduce((most, { width }) => Math.max(most, width), 0);
  const limit = Math.max(least, widest, Math.sqrt(area * aspect));
  const at: Point[] = [];
  const ends: number[] = [];
  let [x, y, row, width] = [0, 0, 0, 0];
  const endRow = (): void => {
    while (ends.length < at.length) ends.push(y + row);
  };
  for (const size of sizes) {
    if (x > 0 && x + size.width > limit) {
      endRow();
      y += row + space;
      [x, row] = [0, 0];
    }
    at.push({ x, y });
    width = Math.max(width, x + size.width);
    x += size.width + space;
    row = Math.max(row, size.height);
  }
  endRow();
  return { at, ends, size: { width, height: y + row } };
}
