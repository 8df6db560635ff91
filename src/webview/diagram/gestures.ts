/** What pointer, wheel and keyboard do to a diagram. */
import { zoomed, type Look } from './camera';
import type { Direction } from './navigate';

export interface DiagramActions {
  readonly look: () => Look;
  readonly lookAt: (look: Look) => void;
  readonly zoom: (to: 'in' | 'out') => void;
  readonly fit: () => void;
  /** Null where it is no card any more. */
  readonly highlight: (id: string | null) => void;
  readonly reveal: (id: string) => void;
  readonly open: (id: string) => void;
  /** Shows all columns of a card, or as many as before. */
  readonly toggle: (id: string) => void;
  readonly go: (from: string, direction: Direction) => void;
}

/** Pixels that a pointer moves before it drags: a hand trembles when it clicks. */
const leastDrag = 4;
/** Of the scale, for each pixel that the wheel turns. */
const wheelZoom = 0.004;

/**
 * @param canvas what the pointer moves and scales
 * @param world the part of it with the cards
 */
export function listen(canvas: HTMLElement, world: SVGElement, actions: DiagramActions): void {
  listenToCards(canvas, world, actions);
  listenToWheel(canvas, actions);
  listenToDrag(canvas, actions);
  canvas.addEventListener('keydown', (event) => {
    if (act(event, idOf(event.target), actions)) event.preventDefault();
  });
}

function cardAt(target: EventTarget | null): Element | null {
  return target instanceof Element ? target.closest('.card') : null;
}

function idOf(target: EventTarget | null): string | null {
  return cardAt(target)?.getAttribute('data-id') ?? null;
}

function listenToCards(canvas: HTMLElement, world: SVGElement, actions: DiagramActions): void {
  world.addEventListener('focusin', (event) => {
    const id = idOf(event.target);
    actions.highlight(id);
    // A card that the pointer brought the focus to is in view.
    if (id !== null && cardAt(event.target)?.matches(':focus-visible') === true) actions.reveal(id);
  });
  world.addEventListener('focusout', () => actions.highlight(null));
  world.addEventListener('pointerover', (event) => {
    if (!isDragging(canvas)) actions.highlight(idOf(event.target) ?? idOf(document.activeElement));
  });
  world.addEventListener('dblclick', (event) => {
    const id = idOf(event.target);
    if (id !== null) actions.open(id);
  });
  world.addEventListener('click', (event) => {
    const id = idOf(event.target);
    const more = event.target instanceof Element && event.target.closest('.more') !== null;
    if (id !== null && more) actions.toggle(id);
  });
}

function listenToWheel(canvas: HTMLElement, { look, lookAt }: DiagramActions): void {
  const turned = (event: WheelEvent): void => {
    event.preventDefault();
    const { deltaX, deltaY, clientX, clientY } = event;
    if (event.ctrlKey || event.metaKey) {
      const { left, top } = canvas.getBoundingClientRect();
      lookAt(zoomed(look(), Math.exp(-deltaY * wheelZoom), clientX - left, clientY - top));
    } else {
      const [dx, dy] = event.shiftKey ? [deltaY, 0] : [deltaX, deltaY];
      lookAt(moved(look(), -dx, -dy));
    }
  };
  canvas.addEventListener('wheel', turned, { passive: false });
}

function listenToDrag(canvas: HTMLElement, { look, lookAt }: DiagramActions): void {
  let from: { readonly x: number; readonly y: number; readonly look: Look } | null = null;
  canvas.addEventListener('pointerdown', (event) => {
    if (event.button > 1) return;
    from = { x: event.clientX, y: event.clientY, look: look() };
  });
  canvas.addEventListener('pointermove', (event) => {
    if (from === null) return;
    const [dx, dy] = [event.clientX - from.x, event.clientY - from.y];
    if (!isDragging(canvas)) {
      if (Math.hypot(dx, dy) < leastDrag) return;
      canvas.classList.add('dragging');
      canvas.setPointerCapture(event.pointerId);
    }
    lookAt(moved(from.look, dx, dy));
  });
  const stop = (): void => {
    from = null;
    canvas.classList.remove('dragging');
  };
  canvas.addEventListener('pointerup', stop);
  canvas.addEventListener('pointercancel', stop);
}

function isDragging(canvas: HTMLElement): boolean {
  return canvas.classList.contains('dragging');
}

function moved(look: Look, dx: number, dy: number): Look {
  return { ...look, x: look.x + dx, y: look.y + dy };
}

/** @returns whether the key was one of the diagram's */
function act(event: KeyboardEvent, id: string | null, actions: DiagramActions): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey) return false;
  switch (event.key) {
    case 'Enter':
      if (id === null) return false;
      actions.open(id);
      return true;
    case ' ':
      if (id === null) return false;
      actions.toggle(id);
      return true;
    case 'ArrowLeft':
    case 'ArrowRight':
    case 'ArrowUp':
    case 'ArrowDown':
      if (id !== null) actions.go(id, event.key);
      return true;
    case '+':
    case '=':
      actions.zoom('in');
      return true;
    case '-':
      actions.zoom('out');
      return true;
    case '0':
      actions.fit();
      return true;
    default:
      return false;
  }
}
