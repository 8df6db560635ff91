/** Which card an arrow key leads to. */
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

function middle({ x, y, width, height }: Box): readonly [number, number] {
  return [x + width / 2, y + height / 2];
}
