/** The edge of the side panel, which makes it wider or narrower; a double click gives it its own width back. */
import { element } from './dom';

/** Pixels that neither the panel nor what is beside it goes below. */
const narrowest = 180;

/** @param panel its width is the style's `--panel-width`, so that a narrow window can do without it */
export function panelEdge(panel: () => HTMLElement, title: string): HTMLElement {
  const edge = element('div', 'panel-edge', { 'aria-hidden': 'true', title });
  const resize = ({ clientX }: PointerEvent): void => {
    const { right } = panel().getBoundingClientRect();
    const room = panel().parentElement?.clientWidth ?? window.innerWidth;
    const width = Math.max(narrowest, Math.min(right - clientX, room - narrowest));
    panel().style.setProperty('--panel-width', `${Math.round(width)}px`);
  };
  edge.addEventListener('pointerdown', (event) => {
    event.preventDefault();
    edge.setPointerCapture(event.pointerId);
    edge.addEventListener('pointermove', resize);
    edge.addEventListener('lostpointercapture', () => edge.removeEventListener('pointermove', resize), { once: true });
  });
  edge.addEventListener('dblclick', () => panel().style.removeProperty('--panel-width'));
  return edge;
}
