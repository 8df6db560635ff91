/** The way of a line from a row of one card to a row of another, as SVG path data. */
import type { Box, Point } from './layout';

/** How far a line leaves a card before it may turn. */
const reach = 22;

/**
 * @param from the left end's height is `fromY`, on the card of the referring table
 * @param bends points between, from child to parent
 */
export function linePath(from: Box, fromY: number, to: Box, toY: number, bends: readonly Point[]): string {
  if (from === to) return loopPath(from, fromY, toY);
  const next = bends[0] ?? { x: to.x + to.width / 2, y: toY };
  const last = bends.at(-1) ?? { x: from.x + from.width / 2, y: fromY };
  const start = end(from, fromY, next.x);
  const stop = end(to, toY, last.x);
  // A bend beside a card that the end leaves on that side would make the line turn back on itself.
  const between = bends.filter(({ x }) => (x - start.x) * start.side > reach && (x - stop.x) * stop.side > reach);
  const points = [{ x: start.x + start.side * reach, y: fromY }, ...between, { x: stop.x + stop.side * reach, y: toY }];
  let path = `M${at(start.x, fromY)}L${at(points[0]?.x ?? 0, fromY)}`;
  for (let index = 1; index < points.length; index++) {
    const [a, b] = [points[index - 1], points[index]];
    if (a === undefined || b === undefined) continue;
    const middle = (a.x + b.x) / 2;
    path += `C${at(middle, a.y)} ${at(middle, b.y)} ${at(b.x, b.y)}`;
  }
  return `${path}L${at(stop.x, toY)}`;
}

/** Where a line meets a card, and on which side: 1 is right. */
export function end(box: Box, y: number, towards: number): Point & { readonly side: 1 | -1 } {
  const side = towards >= box.x + box.width / 2 ? 1 : -1;
  return { x: side === 1 ? box.x + box.width : box.x, y, side };
}

/** A line from a table to itself. */
function loopPath(box: Box, fromY: number, toY: number): string {
  const x = box.x + box.width;
  const out = x + reach * 1.6;
  const below = toY === fromY ? fromY + 14 : toY;
  return `M${at(x, fromY)}C${at(out, fromY)} ${at(out, below)} ${at(x, below)}`;
}

function at(x: number, y: number): string {
  return `${Math.round(x * 10) / 10} ${Math.round(y * 10) / 10}`;
}
