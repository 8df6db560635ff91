/** The diagram on the screen: its tools, what is in view, and what pointer and keyboard do. */
import type { DatabaseDiagram } from '../../core/browse/diagram';
import { element, icon, iconButton, isForText, setAttribute } from '../table/dom';
import { fill } from '../table/words';
import { farScale, fitting, revealing, zoomed, type Look } from './camera';
import { drawCard, drawLines, Ruler, sizeOf } from './drawing';
import { buildGraph, type Card, type Edge, type Graph } from './graph';
import { layOutGraph } from './layout';
import type { Layout, Size } from './geometry';
import { mermaidOf } from './mermaid';
import type { DiagramStart, FromDiagram } from './messages';
import { nextCard, type Direction } from './navigate';
import { standalone, svg } from './svg';

/** What outlives a reload of the window. */
export interface DiagramState {
  readonly look: Look | null;
  readonly keysOnly: boolean | null;
  readonly showLoose: boolean | null;
  readonly unfolded: readonly string[];
}

/** Tables from which on only their keys are shown at first. */
const manyTables = 40;
const zoomStep = 1.25;
/** What is too large to be read as a whole begins at this scale. */
const leastScale = 0.65;

export class DiagramView {
  readonly element = element('main', 'diagram', {});
  private readonly world = svg('g', { class: 'world' });
  private readonly drawing: SVGSVGElement;
  private readonly ruler = new Ruler();
  private readonly search: HTMLInputElement;
  private readonly found = element('span', 'found', { 'aria-live': 'polite' });
  private readonly facts = element('span', 'facts', {});
  private readonly scale = element('span', 'scale', {});
  private readonly columns: HTMLButtonElement;
  private readonly notice = element('p', 'notice', { role: 'status' });
  private readonly said = element('span', 'spoken', { role: 'status' });
  private readonly canvas: HTMLElement;
  private diagram: DatabaseDiagram = { tables: [] };
  private graph: Graph = { cards: [], loose: [], looseCount: 0, edges: [] };
  private layout: Layout = {
    boxes: new Map(),
    bends: new Map(),
    ranks: new Map(),
    looseHeading: null,
    size: { width: 0, height: 0 },
  };
  /** The cards on the screen and the edges that touch each, by card id. */
  private shown = new Map<string, Card>();
  private edges = new Map<string, Edge[]>();
  private cards = new Map<string, SVGGElement>();
  private look: Look = { x: 0, y: 0, scale: 1 };
  private drawn = false;
  private match = -1;

  constructor(
    private readonly start: DiagramStart,
    private state: DiagramState,
    private readonly post: (message: FromDiagram) => void,
    private readonly remember: (state: DiagramState) => void,
  ) {
    const { words } = start;
    this.drawing = svg(
      'svg',
      { class: 'drawing', role: 'group', 'aria-label': fill(words.diagram, start.database) },
      this.world,
    );
    this.canvas = element('div', 'canvas', {}, this.drawing, this.notice);
    const zoom = element(
      'div',
      'zoom',
      {},
      iconButton('minus', words.zoomOut, () => this.zoom(1 / zoomStep)),
      this.scale,
      iconButton('plus', words.zoomIn, () => this.zoom(zoomStep)),
      iconButton('fit', words.fit, () => this.fit()),
    );
    this.search = element('input', '', {
      type: 'text',
      placeholder: words.find,
      'aria-label': words.find,
      spellcheck: 'false',
    });
    this.columns = element('button', 'button', { type: 'button' });
    this.columns.addEventListener('click', () => this.change({ keysOnly: !this.keysOnly }));
    const tool = (text: string, run: () => void): HTMLButtonElement => {
      const button = element('button', 'button', { type: 'button' }, text);
      button.addEventListener('click', run);
      return button;
    };
    this.element.append(
      element(
        'header',
        'tools',
        { role: 'toolbar', 'aria-label': start.database },
        element('div', 'search', {}, icon('search'), this.search, this.found),
        this.columns,
        tool(words.copyMermaid, () => this.copyMermaid()),
        tool(words.exportSvg, () => this.exportSvg()),
      ),
      element('div', 'stage', {}, this.canvas, zoom),
      element('footer', 'status', {}, this.facts, element('span', 'help', { title: words.help }, words.help)),
      this.said,
    );
    this.notice.textContent = words.loading;
    this.listen();
  }

  show(diagram: DatabaseDiagram): void {
    this.diagram = diagram;
    const references = diagram.tables.reduce((sum, table) => sum + table.references.length, 0);
    this.facts.textContent = fill(this.start.words.facts, diagram.tables.length, references);
    this.notice.textContent = diagram.tables.length === 0 ? this.start.words.noTables : '';
    this.notice.hidden = diagram.tables.length > 0;
    this.draw();
    if (this.drawn) return;
    this.drawn = true;
    if (this.state.look === null) this.lookAt(fitting(this.layout.size, this.viewSize, leastScale));
    else this.lookAt(this.state.look);
  }

  tell(problem: string): void {
    this.notice.textContent = fill(this.start.words.cannotShow, problem);
    this.notice.hidden = false;
  }

  private get keysOnly(): boolean {
    return this.state.keysOnly ?? this.diagram.tables.length > manyTables;
  }

  private get viewSize(): Size {
    return { width: this.canvas.clientWidth, height: this.canvas.clientHeight };
  }

  private change(change: Partial<DiagramState>): void {
    this.state = { ...this.state, ...change };
    this.remember(this.state);
    this.draw();
  }

  private draw(): void {
    const { words } = this.start;
    const focused = document.activeElement?.getAttribute('data-id') ?? null;
    this.columns.textContent = this.keysOnly ? words.allColumns : words.keysOnly;
    this.graph = buildGraph(this.diagram, {
      keysOnly: this.keysOnly,
      unfolded: new Set(this.state.unfolded),
      showLoose: this.state.showLoose,
    });
    this.layout = layOutGraph(this.graph, (card) => sizeOf(card, this.ruler, words));
    // The keyboard goes through the cards as the eye does: column by column.
    const inOrder = [...this.graph.cards].sort((a, b) => this.positionOf(a) - this.positionOf(b));
    this.shown = new Map([...inOrder, ...this.graph.loose].map((card) => [card.id, card]));
    this.edges = new Map();
    for (const edge of this.graph.edges)
      for (const end of [edge.child, edge.parent]) this.edges.set(end, [...(this.edges.get(end) ?? []), edge]);
    this.cards = new Map();
    const cards: SVGGElement[] = [];
    for (const card of this.shown.values()) {
      const box = this.layout.boxes.get(card.id);
      if (box === undefined) continue;
      const drawn = drawCard(card, box, this.ruler, words, this.labelOf(card));
      this.cards.set(card.id, drawn);
      cards.push(drawn);
    }
    this.world.replaceChildren(
      svg('g', { class: 'lines' }, ...drawLines(this.graph, this.layout)),
      ...this.looseHeading(),
      svg('g', { class: 'cards' }, ...cards),
    );
    this.mark();
    if (focused !== null) this.cards.get(focused)?.focus({ preventScroll: true });
  }

  private positionOf({ id }: Card): number {
    const box = this.layout.boxes.get(id);
    return box === undefined ? 0 : Math.round(box.x) * 1e6 + box.y;
  }

  private looseHeading(): readonly SVGElement[] {
    const { looseHeading } = this.layout;
    if (looseHeading === null) return [];
    const { looseCount, loose } = this.graph;
    const words = fill(this.start.words.noReferences, looseCount);
    const heading = svg(
      'g',
      {
        class: 'heading',
        tabindex: 0,
        role: 'button',
        'aria-expanded': String(loose.length > 0),
        transform: `translate(${looseHeading.x} ${looseHeading.y})`,
      },
      svg('rect', { class: 'hit', x: -8, y: -4, width: this.ruler.width(words) + 40, height: 28 }),
      svg('path', { class: 'twistie', d: loose.length > 0 ? 'M1 8l5 5 5-5' : 'M4 5l5 5-5 5' }),
      svg('text', { x: 18, y: 15 }, words),
    );
    const toggle = (): void => {
      this.change({ showLoose: loose.length === 0 });
      this.world.querySelector<SVGElement>('.heading')?.focus({ preventScroll: true });
    };
    heading.addEventListener('click', toggle);
    heading.addEventListener('keydown', (event) => {
      if (event.key === 'Enter' || event.key === ' ') {
        event.preventDefault();
        toggle();
      }
    });
    return [heading];
  }

  private labelOf({ id, table, missing, rows, hidden }: Card): string {
    const { words } = this.start;
    const others = (from: 'child' | 'parent', to: 'child' | 'parent'): string =>
      [...new Set((this.edges.get(id) ?? []).filter((edge) => edge[from] === id).map((edge) => edge[to]))]
        .map((other) => this.shown.get(other)?.table ?? '')
        .join(', ');
    const [parents, children] = [others('child', 'parent'), others('parent', 'child')];
    return [
      missing ? `${table}, ${words.missing}` : fill(words.describeTable, table, rows.length + hidden),
      ...(parents === '' ? [] : [fill(words.refersTo, parents)]),
      ...(children === '' ? [] : [fill(words.referredBy, children)]),
    ].join('; ');
  }

  // --- what is in view

  private lookAt(look: Look): void {
    this.look = look;
    this.world.setAttribute('transform', `translate(${look.x} ${look.y}) scale(${look.scale})`);
    this.drawing.classList.toggle('distant', look.scale < farScale);
    this.scale.textContent = `${Math.round(look.scale * 100)} %`;
    this.state = { ...this.state, look };
    this.remember(this.state);
  }

  private fit(): void {
    this.lookAt(fitting(this.layout.size, this.viewSize));
  }

  private zoom(factor: number): void {
    const { width, height } = this.viewSize;
    this.lookAt(zoomed(this.look, factor, width / 2, height / 2));
  }

  private reveal(id: string): void {
    const box = this.layout.boxes.get(id);
    if (box !== undefined) this.lookAt(revealing(this.look, box, this.viewSize));
  }

  // --- what is pointed at and looked for

  private focusCard(id: string): void {
    this.cards.get(id)?.focus({ preventScroll: true });
    this.reveal(id);
  }

  /** Lines and neighbours of a card stand out; the rest steps back. */
  private highlight(id: string | null): void {
    this.world.classList.toggle('focused', id !== null);
    for (const line of this.world.querySelectorAll('.line')) {
      const touches =
        id !== null && (line.getAttribute('data-child') === id || line.getAttribute('data-parent') === id);
      line.classList.toggle('lit', touches);
    }
    const near = new Set((this.edges.get(id ?? '') ?? []).flatMap(({ child, parent }) => [child, parent]));
    for (const [card, drawn] of this.cards) drawn.classList.toggle('lit', card === id || near.has(card));
  }

  private get matches(): readonly string[] {
    const wanted = this.search.value.trim().toLowerCase();
    if (wanted === '') return [];
    const tables = new Set(
      this.diagram.tables
        .filter(({ name, columns }) =>
          [name, ...columns.map((column) => column.name)].some((text) => text.toLowerCase().includes(wanted)),
        )
        .map(({ name }) => name),
    );
    return [...this.shown.values()].filter(({ table, missing }) => !missing && tables.has(table)).map(({ id }) => id);
  }

  /** Who looks for a table wants to see it, folded or not. */
  private lookFor(): void {
    this.match = -1;
    const unseen = this.search.value.trim() !== '' && this.graph.looseCount > this.graph.loose.length;
    if (unseen) this.change({ showLoose: true });
    else this.mark();
  }

  private mark(): void {
    const matches = new Set(this.matches);
    const searching = this.search.value.trim() !== '';
    this.world.classList.toggle('searching', searching);
    for (const [id, card] of this.cards) card.classList.toggle('match', matches.has(id));
    const { words } = this.start;
    this.found.textContent = !searching
      ? ''
      : matches.size === 0
        ? words.noMatch
        : fill(words.matches, this.match < 0 ? '–' : this.match + 1, matches.size);
  }

  private nextMatch(step: 1 | -1): void {
    const { matches } = this;
    if (matches.length === 0) return;
    this.match = (this.match + step + matches.length) % matches.length;
    if (this.match < 0) this.match = matches.length - 1;
    const id = matches[this.match] ?? '';
    this.mark();
    for (const [card, drawn] of this.cards) drawn.classList.toggle('current', card === id);
    if (this.look.scale < farScale) this.lookAt(zoomed(this.look, 1 / this.look.scale, 0, 0));
    this.reveal(id);
  }

  // --- what the tools do

  private copyMermaid(): void {
    this.post({ kind: 'copyText', text: mermaidOf(this.diagram) });
    this.said.textContent = this.start.words.copied;
  }

  private exportSvg(): void {
    const { width, height } = this.layout.size;
    const distant = this.drawing.classList.contains('distant');
    this.drawing.classList.remove('distant');
    const text = standalone(this.drawing, this.world, width, height);
    this.drawing.classList.toggle('distant', distant);
    this.post({ kind: 'saveSvg', text });
  }

  private open(id: string): void {
    const card = this.shown.get(id);
    if (card !== undefined && !card.missing) this.post({ kind: 'openTable', table: card.table });
  }

  private toggle(id: string): void {
    const card = this.shown.get(id);
    if (card === undefined || card.missing) return;
    const unfolded = new Set(this.state.unfolded);
    if (!unfolded.delete(card.table)) unfolded.add(card.table);
    this.change({ unfolded: [...unfolded] });
  }

  // --- pointer and keyboard

  private listen(): void {
    const cardOf = (target: EventTarget | null): string | null =>
      target instanceof Element ? (target.closest('.card')?.getAttribute('data-id') ?? null) : null;
    this.search.addEventListener('input', () => this.lookFor());
    this.search.addEventListener('keydown', (event) => {
      if (isForText(event)) event.stopPropagation();
      if (event.key === 'Enter') this.nextMatch(event.shiftKey ? -1 : 1);
      else if (event.key === 'Escape') {
        this.search.value = '';
        this.lookFor();
      } else if (event.key === 'ArrowDown') {
        const id = this.matches[Math.max(0, this.match)];
        if (id !== undefined) this.focusCard(id);
      }
    });
    this.world.addEventListener('focusin', (event) => {
      const id = cardOf(event.target);
      this.highlight(id);
      // A card that the pointer brought the focus to is in view.
      if (id !== null && this.cards.get(id)?.matches(':focus-visible') === true) this.reveal(id);
    });
    this.world.addEventListener('focusout', () => this.highlight(null));
    this.world.addEventListener('pointerover', (event) => {
      if (!this.canvas.classList.contains('dragging'))
        this.highlight(cardOf(event.target) ?? cardOf(document.activeElement));
    });
    this.world.addEventListener('dblclick', (event) => {
      const id = cardOf(event.target);
      if (id !== null) this.open(id);
    });
    this.world.addEventListener('click', (event) => {
      const id = cardOf(event.target);
      const more = event.target instanceof Element && event.target.closest('.more') !== null;
      if (id !== null && more) this.toggle(id);
    });
    this.canvas.addEventListener(
      'wheel',
      (event) => {
        event.preventDefault();
        const { left, top } = this.canvas.getBoundingClientRect();
        if (event.ctrlKey || event.metaKey)
          this.lookAt(zoomed(this.look, Math.exp(-event.deltaY * 0.004), event.clientX - left, event.clientY - top));
        else {
          const [dx, dy] = event.shiftKey ? [event.deltaY, 0] : [event.deltaX, event.deltaY];
          this.lookAt({ ...this.look, x: this.look.x - dx, y: this.look.y - dy });
        }
      },
      { passive: false },
    );
    this.drag();
    this.canvas.addEventListener('keydown', (event) => this.key(event, cardOf(event.target)));
    document.addEventListener('keydown', (event) => {
      if ((event.ctrlKey || event.metaKey) && event.key === 'f') {
        event.preventDefault();
        this.search.select();
      }
    });
    new ResizeObserver(() => setAttribute(this.drawing, 'width', this.canvas.clientWidth)).observe(this.canvas);
  }

  private drag(): void {
    let from: { readonly x: number; readonly y: number; readonly look: Look } | null = null;
    this.canvas.addEventListener('pointerdown', (event) => {
      if (event.button > 1) return;
      from = { x: event.clientX, y: event.clientY, look: this.look };
    });
    this.canvas.addEventListener('pointermove', (event) => {
      if (from === null) return;
      const [dx, dy] = [event.clientX - from.x, event.clientY - from.y];
      if (!this.canvas.classList.contains('dragging')) {
        if (Math.hypot(dx, dy) < 4) return;
        this.canvas.classList.add('dragging');
        this.canvas.setPointerCapture(event.pointerId);
      }
      this.lookAt({ ...from.look, x: from.look.x + dx, y: from.look.y + dy });
    });
    const stop = (): void => {
      from = null;
      this.canvas.classList.remove('dragging');
    };
    this.canvas.addEventListener('pointerup', stop);
    this.canvas.addEventListener('pointercancel', stop);
  }

  private key(event: KeyboardEvent, id: string | null): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    switch (event.key) {
      case 'Enter':
        if (id === null) return;
        this.open(id);
        break;
      case ' ':
        if (id === null) return;
        this.toggle(id);
        break;
      case 'ArrowLeft':
      case 'ArrowRight':
      case 'ArrowUp':
      case 'ArrowDown': {
        const next = id === null ? null : nextCard(this.layout.boxes, id, event.key satisfies Direction);
        if (next !== null) this.focusCard(next);
        break;
      }
      case '+':
      case '=':
        this.zoom(zoomStep);
        break;
      case '-':
        this.zoom(1 / zoomStep);
        break;
      case '0':
        this.fit();
        break;
      default:
        return;
    }
    event.preventDefault();
  }

  /** The keyboard comes to the first card. */
  focus(): void {
    const [first] = this.cards.keys();
    if (first !== undefined) this.cards.get(first)?.focus({ preventScroll: true });
  }
}
