/** The way of a line from a row of one card to a row of another, as SVG path data. */
import type { Box, Point, Span } from './geometry';

/** How far a line leaves a card before it may turn. */
const reach = 22;

/** A card as a line sees it. */
export interface LineEnd {
  readonly box: Box;
  /** The height at which the line meets the card. */
  readonly y: number;
  /** The rank that the line has to leave before it turns. */
  readonly rank: Span | undefined;
}

/** @param bends points between, from child to parent */
export function linePath(from: LineEnd, to: LineEnd, bends: readonly Point[]): string {
  if (from.box === to.box) return loopPath(from.box, from.y, to.y);
  const next = bends[0]?.x ?? to.box.x + to.box.width / 2;
  const last = bends.at(-1)?.x ?? from.box.x + from.box.width / 2;
  const [start, stop] = [outside(from, next), outside(to, last)];
  // A bend beside a card that the end leaves on that side would make the line turn back on itself.
  const between = bends.filter(({ x }) => (x - start.out) * start.side > 0 && (x - stop.out) * stop.side > 0);
  const points = [{ x: start.out, y: from.y }, ...between, { x: stop.out, y: to.y }];
  let path = `M${at(start.x, from.y)}L${at(start.out, from.y)}`;
  for (let index = 1; index < points.length; index++) {
    const [a, b] = [points[index - 1], points[index]];
    if (a === undefined || b === undefined) continue;
    const middle = (a.x + b.x) / 2;
    path += `C${at(middle, a.y)} ${at(middle, b.y)} ${at(b.x, b.y)}`;
  }
  return `${path}L${at(stop.x, to.y)}`;
}

/** Where the line leaves the card, and from where on it may turn. */
function outside({ box, y, rank }: LineEnd, towards: number): { x: number; side: 1 | -1; out: number } {
  const { x, side } = end(box, y, towards);
  const plain = x + side * reach;
  if (rank === undefined) return { x, side, out: plain };
  return { x, side, out: side === 1 ? Math.max(plain, rank.right + 4) : Math.min(plain, rank.left - 4) };
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
