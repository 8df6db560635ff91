/**
 * The arithmetic of scrolling through more rows than a browser's elements can be high.
 *
 * Up to {@link mostPixels}, what scrolls is as high as all rows. Beyond, it is that high and stands for all of them:
 * then the position in the rows, in pixels as if they were all there, is kept beside `scrollTop`.
 */

/** Browsers stop at 17 (Firefox) to 33 (Chromium) million pixels. */
export const mostPixels = 8_000_000;

export interface RowsWindow {
  readonly rows: number;
  readonly rowHeight: number;
  /** Height of the part in view, in pixels. */
  readonly viewport: number;
}

/** Height of all rows. */
export function fullHeight({ rows, rowHeight }: RowsWindow): number {
  return rows * rowHeight;
}

/** Height of what scrolls. */
export function scrolledHeight(window: RowsWindow): number {
  return Math.min(fullHeight(window), mostPixels);
}

export function mostOffset(window: RowsWindow): number {
  return Math.max(0, fullHeight(window) - window.viewport);
}

export function clampOffset(window: RowsWindow, offset: number): number {
  return Math.min(Math.max(0, offset), mostOffset(window));
}

/** Where the rows stand when what scrolls stands there. */
export function offsetAt(window: RowsWindow, scrollTop: number): number {
  const [full, scrolled] = [mostOffset(window), mostScroll(window)];
  return scrolled === 0 ? 0 : clampOffset(window, full === scrolled ? scrollTop : (scrollTop / scrolled) * full);
}

export function scrollTopFor(window: RowsWindow, offset: number): number {
  const [full, scrolled] = [mostOffset(window), mostScroll(window)];
  return full === scrolled || full === 0 ? offset : (offset / full) * scrolled;
}

/** Whether `scrollTop` moves the rows by more than it moves itself: then a wheel has to be translated. */
export function isScaled(window: RowsWindow): boolean {
  return fullHeight(window) > mostPixels;
}

/** The rows of which at least a pixel is in view: `[first, end)`. */
export function rowsInView(window: RowsWindow, offset: number): { readonly first: number; readonly end: number } {
  const first = Math.floor(offset / window.rowHeight);
  const end = Math.ceil((offset + window.viewport) / window.rowHeight);
  return { first: Math.max(0, first), end: Math.min(window.rows, end) };
}

/** The offset nearest to the present one at which the row is wholly in view. */
export function offsetToReveal(window: RowsWindow, offset: number, row: number): number {
  const top = row * window.rowHeight;
  const bottom = top + window.rowHeight;
  if (top < offset) return clampOffset(window, top);
  if (bottom > offset + window.viewport) return clampOffset(window, bottom - window.viewport);
  return offset;
}

/** The offset at which a row that is out of view comes to stand in the middle. */
export function offsetToCenter(window: RowsWindow, offset: number, row: number): number {
  if (offsetToReveal(window, offset, row) === offset) return offset;
  return clampOffset(window, row * window.rowHeight - (window.viewport - window.rowHeight) / 2);
}

/** Rows that a page key moves: one less than fit, so that one stays in view. */
export function pageRows({ rowHeight, viewport }: RowsWindow): number {
  return Math.max(1, Math.floor(viewport / rowHeight) - 1);
}

function mostScroll(window: RowsWindow): number {
  return Math.max(0, scrolledHeight(window) - window.viewport);
}
