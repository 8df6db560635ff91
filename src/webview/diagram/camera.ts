/** Which part of a drawing is in view: moved by drag and wheel, scaled about the pointer. */
import type { Box, Size } from './geometry';

export interface Look {
  readonly x: number;
  readonly y: number;
  readonly scale: number;
}

const limits = { least: 0.08, most: 2.5 } as const;
/** Below this scale, columns cannot be read. */
export const farScale = 0.42;

/** All of the content; where that would be smaller than the least scale, its beginning. */
export function fitting(content: Size, view: Size, least = 0): Look {
  const margin = 28;
  const scale = Math.max(
    least,
    limits.least,
    Math.min(
      (view.width - 2 * margin) / Math.max(1, content.width),
      (view.height - 2 * margin) / Math.max(1, content.height),
      1,
    ),
  );
  return {
    scale,
    x: Math.max(margin, (view.width - content.width * scale) / 2),
    y: Math.max(margin, (view.height - content.height * scale) / 2),
  };
}

/** Scaled so that the point of the view stays where it is. */
export function zoomed(look: Look, factor: number, x: number, y: number): Look {
  const scale = clamp(look.scale * factor);
  const by = scale / look.scale;
  return { scale, x: x - (x - look.x) * by, y: y - (y - look.y) * by };
}

/** Moved as little as it takes to have the box in view. */
export function revealing(look: Look, box: Box, view: Size): Look {
  // As much as the buttons in the corner take.
  const margin = 60;
  const shift = (start: number, length: number, room: number): number => {
    if (start < margin || length > room - 2 * margin) return margin - start;
    return Math.min(0, room - margin - (start + length));
  };
  const [left, top] = [look.x + box.x * look.scale, look.y + box.y * look.scale];
  return {
    ...look,
    x: look.x + shift(left, box.width * look.scale, view.width),
    y: look.y + shift(top, box.height * look.scale, view.height),
  };
}

function clamp(scale: number): number {
  return Math.min(limits.most, Math.max(limits.least, scale));
}
