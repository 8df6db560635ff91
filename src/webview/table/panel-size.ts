/** How large the side panel is: beside the grid its width counts, below it, in a narrow view, its height. */

export type PanelSide = 'width' | 'height';

/** In percent of the room that grid and panel share; null for the size that the panel has by itself. */
export type PanelSize = Readonly<Record<PanelSide, number | null>>;

/** Pixels that neither the panel nor the grid goes below. */
const narrowest: Readonly<Record<PanelSide, number>> = { width: 180, height: 96 };
/** What one press of an arrow key is worth. Percent. */
const step = 2;

export interface SizeLimits {
  readonly least: number;
  readonly most: number;
}

/** @param room pixels that grid and panel share; where they are too few for both, each has half of them */
export function sizeLimits(side: PanelSide, room: number): SizeLimits {
  const least = Math.min(50, (narrowest[side] / Math.max(1, room)) * 100);
  return { least, most: 100 - least };
}

export function clampSize(size: number, { least, most }: SizeLimits): number {
  return Math.round(Math.max(least, Math.min(size, most)) * 100) / 100;
}

/**
 * The keys of a window splitter, which moves where the arrow points: what lies beyond it is the panel.
 *
 * @returns the new size, null for the panel's own, undefined where the key is none of the splitter's
 */
export function sizeAfterKey(
  key: string,
  side: PanelSide,
  size: number,
  limits: SizeLimits,
): number | null | undefined {
  const [larger, smaller] = side === 'width' ? ['ArrowLeft', 'ArrowRight'] : ['ArrowUp', 'ArrowDown'];
  switch (key) {
    case larger:
      return clampSize(size + step, limits);
    case smaller:
      return clampSize(size - step, limits);
    case 'Home':
      return clampSize(limits.least, limits);
    case 'End':
      return clampSize(limits.most, limits);
    case 'Escape':
      return null;
    default:
      return undefined;
  }
}
