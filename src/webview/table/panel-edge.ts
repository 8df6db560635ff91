/** The edge between grid and side panel: a window splitter, for the pointer and for the keyboard. */
import { element, setAttribute } from './dom';
import { clampSize, sizeAfterKey, sizeLimits, type PanelSide, type PanelSize } from './panel-size';
import type { Words } from './words';

export class PanelEdge {
  readonly element: HTMLElement;
  private own: PanelSize;

  /** @param panel has an id; its size is the style's `--panel-width` or `--panel-height`, whichever the layout wants */
  constructor(
    private readonly panel: HTMLElement,
    words: Words,
    size: PanelSize,
    private readonly onResize: () => void,
  ) {
    this.own = size;
    this.element = element('div', 'panel-edge', {
      role: 'separator',
      tabindex: 0,
      title: words.resizePanel,
      'aria-label': words.details,
      'aria-controls': panel.id,
    });
    for (const side of ['width', 'height'] as const) this.style(side);
    this.element.addEventListener('pointerdown', (event) => this.drag(event));
    this.element.addEventListener('dblclick', () => this.resize(this.measure().side, null));
    this.element.addEventListener('keydown', (event) => this.key(event));
    new ResizeObserver(() => this.describe()).observe(panel);
    window.addEventListener('resize', () => this.describe());
  }

  get size(): PanelSize {
    return this.own;
  }

  private drag(event: PointerEvent): void {
    event.preventDefault();
    this.element.setPointerCapture(event.pointerId);
    const move = ({ clientX, clientY }: PointerEvent): void => {
      const { side, room, limits } = this.measure();
      const { right, bottom } = this.panel.getBoundingClientRect();
      const pixels = side === 'width' ? right - clientX : bottom - clientY;
      this.resize(side, clampSize((pixels / room) * 100, limits));
    };
    this.element.addEventListener('pointermove', move);
    this.element.addEventListener('lostpointercapture', () => this.element.removeEventListener('pointermove', move), {
      once: true,
    });
  }

  private key(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    const { side, size, limits } = this.measure();
    const next = sizeAfterKey(event.key, side, size, limits);
    // An Escape that has nothing to take back closes the panel, as anywhere in it.
    if (next === undefined || (next === null && this.own[side] === null)) return;
    event.preventDefault();
    event.stopPropagation();
    this.resize(side, next);
  }

  private resize(side: PanelSide, size: number | null): void {
    this.own = { ...this.own, [side]: size };
    this.style(side);
    this.describe();
    this.onResize();
  }

  private style(side: PanelSide): void {
    const size = this.own[side];
    if (size === null) this.panel.style.removeProperty(`--panel-${side}`);
    else this.panel.style.setProperty(`--panel-${side}`, `${size}%`);
  }

  /** For a screen reader: how large the panel is and may be, in percent. */
  private describe(): void {
    const { side, size, limits } = this.measure();
    setAttribute(this.element, 'aria-orientation', side === 'width' ? 'vertical' : 'horizontal');
    setAttribute(this.element, 'aria-valuemin', Math.round(limits.least));
    setAttribute(this.element, 'aria-valuemax', Math.round(limits.most));
    setAttribute(this.element, 'aria-valuenow', Math.round(size));
  }

  private measure(): {
    readonly side: PanelSide;
    readonly room: number;
    readonly size: number;
    readonly limits: ReturnType<typeof sizeLimits>;
  } {
    const around = this.panel.parentElement ?? document.body;
    const side = getComputedStyle(around).flexDirection === 'column' ? 'height' : 'width';
    const room = Math.max(1, side === 'width' ? around.clientWidth : around.clientHeight);
    const size = (this.panel.getBoundingClientRect()[side] / room) * 100;
    return { side, room, size, limits: sizeLimits(side, room) };
  }
}
