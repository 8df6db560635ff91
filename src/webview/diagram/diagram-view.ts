/** The diagram on the screen: its tools, what is drawn and what is in view. */
import type { DatabaseDiagram } from '../../core/browse/diagram';
import { element, iconButton, setAttribute } from '../table/dom';
import { fill } from '../table/words';
import { farScale, fitting, revealing, zoomed, type Look } from './camera';
import { CardSearch } from './card-search';
import { drawCard, drawLines, Ruler, sizeOf } from './drawing';
import { listen } from './gestures';
import { buildGraph, type Card, type Edge, type Graph } from './graph';
import { layOutGraph } from './layout';
import type { Layout, Size } from './geometry';
import { mermaidOf } from './mermaid';
import type { DiagramStart, FromDiagram } from './messages';
import { nextCard } from './navigate';
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
  private readonly search: CardSearch;
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
      iconButton('minus', words.zoomOut, () => this.zoom('out')),
      this.scale,
      iconButton('plus', words.zoomIn, () => this.zoom('in')),
      iconButton('fit', words.fit, () => this.fit()),
    );
    this.search = new CardSearch(words, {
      onChange: () => this.lookFor(),
      onMatch: (id) => this.showMatch(id),
      onLeave: (id) => this.focusCard(id),
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
        this.search.element,
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

  private zoom(to: 'in' | 'out'): void {
    const { width, height } = this.viewSize;
    this.lookAt(zoomed(this.look, to === 'in' ? zoomStep : 1 / zoomStep, width / 2, height / 2));
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

  /** Who looks for a table wants to see it, folded or not. */
  private lookFor(): void {
    const unseen = this.search.active && this.graph.looseCount > this.graph.loose.length;
    if (unseen) this.change({ showLoose: true });
    else this.mark();
  }

  private mark(): void {
    const matches = this.search.look(this.diagram, this.shown.values());
    this.world.classList.toggle('searching', this.search.active);
    for (const [id, card] of this.cards) card.classList.toggle('match', matches.has(id));
  }

  private showMatch(id: string): void {
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
    listen(this.canvas, this.world, {
      look: () => this.look,
      lookAt: (look) => this.lookAt(look),
      zoom: (to) => this.zoom(to),
      fit: () => this.fit(),
      highlight: (id) => this.highlight(id),
      reveal: (id) => this.reveal(id),
      open: (id) => this.open(id),
      toggle: (id) => this.toggle(id),
      go: (from, direction) => {
        const next = nextCard(this.layout.boxes, from, direction);
        if (next !== null) this.focusCard(next);
      },
    });
    document.addEventListener('keydown', (event) => {
      if ((event.ctrlKey || event.metaKey) && event.key === 'f') {
        event.preventDefault();
        this.search.select();
      }
    });
    new ResizeObserver(() => setAttribute(this.drawing, 'width', this.canvas.clientWidth)).observe(this.canvas);
  }

  /** The keyboard comes to the first card. */
  focus(): void {
    const [first] = this.cards.keys();
    if (first !== undefined) this.cards.get(first)?.focus({ preventScroll: true });
  }
}
