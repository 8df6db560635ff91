/** Where a key leads: an arrow to a card, Enter in the search box to a match. */
import type { Box } from './geometry';

export type Direction = 'ArrowLeft' | 'ArrowRight' | 'ArrowUp' | 'ArrowDown';

/** The nearest one whose middle lies that way; what lies aside counts for twice as far. Null where there is none. */
export function nextCard(boxes: ReadonlyMap<string, Box>, from: string, direction: Direction): string | null {
  const here = boxes.get(from);
  if (here === undefined) return null;
  const horizontal = direction === 'ArrowLeft' || direction === 'ArrowRight';
  const sign = direction === 'ArrowRight' || direction === 'ArrowDown' ? 1 : -1;
  const [x, y] = middle(here);
  let best: string | null = null;
  let least = Infinity;
  for (const [id, box] of boxes) {
    if (id === from) continue;
    const [bx, by] = middle(box);
    const ahead = (horizontal ? bx - x : by - y) * sign;
    if (ahead <= 1) continue;
    const distance = ahead + 2 * Math.abs(horizontal ? by - y : bx - x);
    if (distance >= least) continue;
    [best, least] = [id, distance];
  }
  return best;
}

/**
 * One of so many in turn, around the end; before the first step one is at none.
 *
 * @param at −1 for none
 * @returns −1 where there are none
 */
export function nextOf(count: number, at: number, step: 1 | -1): number {
  if (count === 0) return -1;
  if (at < 0 || at >= count) return step > 0 ? 0 : count - 1;
  return (at + step + count) % count;
}

function middle({ x, y, width, height }: Box): readonly [number, number] {
  return [x + width / 2, y + height / 2];
}
