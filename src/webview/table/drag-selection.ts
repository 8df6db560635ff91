/** A selection that is drawn with the mouse: beyond the edge of the rows it goes on, a row or a column at a time. */

import { stepOf } from './drag-step';

export interface Dragged {
  /** Where the pointer is on a cell. */
  onCell(target: Element): void;
  /** Where it is outside: which way, in rows and columns. */
  onStep(rows: number, columns: number): void;
}

/** Between two steps beyond the edge. Milliseconds. */
const stepTime = 50;

/** @param area the rows as they are in view; it is asked for again with each step */
export function followDrag(area: () => DOMRect, dragged: Dragged): void {
  let pointer: { readonly x: number; readonly y: number } | null = null;
  const move = (event: MouseEvent): void => {
    const { clientX: x, clientY: y, target } = event;
    pointer = isZero(stepOf(area(), x, y)) ? null : { x, y };
    if (pointer === null && target instanceof Element) dragged.onCell(target);
  };
  const timer = window.setInterval(() => {
    if (pointer === null) return;
    const { rows, columns } = stepOf(area(), pointer.x, pointer.y);
    dragged.onStep(rows, columns);
  }, stepTime);
  const stop = (): void => {
    window.clearInterval(timer);
    document.removeEventListener('mousemove', move);
    document.removeEventListener('mouseup', stop);
    window.removeEventListener('blur', stop);
  };
  document.addEventListener('mousemove', move);
  document.addEventListener('mouseup', stop);
  // The button may be let go where nobody tells.
  window.addEventListener('blur', stop);
}

function isZero({ rows, columns }: { readonly rows: number; readonly columns: number }): boolean {
  return rows === 0 && columns === 0;
}
