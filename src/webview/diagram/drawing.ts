/** Cards and lines as SVG. A card is a button for the keyboard and a screen reader. */
import { visibleName, visibleText } from '../../core/visible-text';
import { fill } from '../table/words';
import type { Card, CardRow, Edge, Graph } from './graph';
import type { Box, Layout, Size } from './geometry';
import { end, linePath } from './lines';
import { svg } from './svg';
import type { DiagramWords } from './words';

const headerHeight = 30;
const rowHeight = 21;
const padding = 12;
/** Of one mark beside a column. */
const markWidth = 26;
const widest = 360;
const narrowest = 130;

/** How wide a text is, by the fonts of the view. */
export class Ruler {
  private readonly context = document.createElement('canvas').getContext('2d');
  private readonly font: string;

  constructor() {
    const style = getComputedStyle(document.body);
    this.font = `${style.fontSize} ${style.fontFamily}`;
  }

  width(text: string, bold = false): number {
    if (this.context === null) return text.length * 7;
    this.context.font = `${bold ? '600 ' : ''}${this.font}`;
    return this.context.measureText(text).width;
  }

  /** The text, cut where it is wider. */
  fit(text: string, width: number, bold = false): string {
    if (this.width(text, bold) <= width) return text;
    let [low, high] = [0, text.length];
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (this.width(`${text.slice(0, middle)}…`, bold) <= width) low = middle;
      else high = middle - 1;
    }
    return `${text.slice(0, low)}…`;
  }
}

/** Room for the marks of its keys: none where no row has one. */
function marksWidth({ rows }: Card): number {
  if (rows.some(({ primary, foreign }) => primary && foreign)) return 2 * markWidth - 2;
  return rows.some(({ primary, foreign }) => primary || foreign) ? markWidth : 0;
}

export function sizeOf(card: Card, ruler: Ruler, words: DiagramWords): Size {
  const keyWidth = marksWidth(card);
  const rows = card.rows.map(
    ({ column, type }) =>
      keyWidth + ruler.width(visibleName(column)) + (type === '' ? 0 : 18 + ruler.width(visibleText(type))),
  );
  const badge = badgeOf(card, words);
  const title = ruler.width(visibleName(card.table), true) + (badge === '' ? 0 : 10 + ruler.width(badge));
  const more = card.hidden === 0 ? 0 : keyWidth + ruler.width(fill(words.more, card.hidden));
  const width = Math.min(widest, Math.max(narrowest, Math.ceil(Math.max(title, more, ...rows) + 2 * padding)));
  const lines = card.rows.length + (card.hidden > 0 && card.rows.length > 0 ? 1 : 0);
  return { width, height: headerHeight + (lines === 0 ? 0 : lines * rowHeight + 7) };
}

function badgeOf({ missing, virtual, rows, hidden }: Card, words: DiagramWords): string {
  if (missing) return words.missing;
  if (virtual) return words.virtual;
  return rows.length === 0 && hidden > 0 ? String(hidden) : '';
}

export function drawCard(card: Card, box: Box, ruler: Ruler, words: DiagramWords, label: string): SVGGElement {
  const { width, height } = box;
  const badge = badgeOf(card, words);
  const room = width - 2 * padding - (badge === '' ? 0 : 10 + ruler.width(badge));
  const name = ruler.fit(visibleName(card.table), room, true);
  const parts: SVGElement[] = [
    svg('title', {}, visibleName(card.table)),
    svg('rect', { class: 'back', width, height, rx: 5 }),
    svg('path', {
      class: 'head',
      d: headPath(width, card.rows.length === 0 ? height : headerHeight, card.rows.length === 0),
    }),
    svg('rect', { class: 'frame', width, height, rx: 5 }),
    svg('text', { class: 'name', x: padding, y: 20 }, name),
  ];
  if (badge !== '') parts.push(svg('text', { class: 'badge', x: width - padding, y: 20, 'text-anchor': 'end' }, badge));
  const keyWidth = marksWidth(card);
  const rows = card.rows.map((row, index) => drawRow(row, index, width, keyWidth, ruler));
  if (card.hidden > 0 && card.rows.length > 0) {
    const y = headerHeight + card.rows.length * rowHeight + 18;
    rows.push(
      svg(
        'g',
        { class: 'row more' },
        svg('text', { class: 'type', x: keyWidth + padding, y }, fill(words.more, card.hidden)),
      ),
    );
  }
  parts.push(svg('g', { class: 'rows' }, ...rows));
  // From afar, only the name can be read: as large as there is room.
  const far = Math.min(2.4, (width - 8) / Math.max(1, ruler.width(name, true)), (height - 6) / 16);
  parts.push(
    svg(
      'text',
      {
        class: 'far',
        'text-anchor': 'middle',
        transform: `translate(${width / 2} ${height / 2 + 5 * far}) scale(${far.toFixed(2)})`,
      },
      name,
    ),
  );
  const kind = card.missing ? ' missing' : '';
  return svg(
    'g',
    {
      class: `card${kind}`,
      transform: `translate(${box.x} ${box.y})`,
      tabindex: 0,
      role: 'button',
      'aria-label': label,
      'data-id': card.id,
    },
    ...parts,
  );
}

function headPath(width: number, height: number, alone: boolean): string {
  const foot = alone ? `v${height - 10}q0 5 -5 5h-${width - 10}q-5 0 -5 -5` : `v${height - 5}h-${width}`;
  return `M5 0h${width - 10}q5 0 5 5${foot}V5q0 -5 5 -5Z`;
}

function drawRow(
  { column, type, notNull, primary, foreign }: CardRow,
  index: number,
  width: number,
  keyWidth: number,
  ruler: Ruler,
): SVGGElement {
  const y = headerHeight + index * rowHeight + 18;
  const kind = ruler.fit(visibleText(type), width * 0.45);
  const room = width - 2 * padding - keyWidth - (kind === '' ? 0 : 12 + ruler.width(kind));
  const parts: SVGElement[] = [
    svg('title', {}, `${column} ${type}${notNull ? ' NOT NULL' : ''}${primary ? ' PK' : ''}${foreign ? ' FK' : ''}`),
  ];
  const marks = [...(primary ? (['PK'] as const) : []), ...(foreign ? (['FK'] as const) : [])];
  for (const [at, mark] of marks.entries()) {
    const x = padding + at * (markWidth - 2);
    parts.push(svg('text', { class: `mark ${mark === 'PK' ? 'primary' : 'foreign'}`, x, y: y - 0.5 }, mark));
  }
  parts.push(
    svg(
      'text',
      { class: primary ? 'column key' : 'column', x: padding + keyWidth, y },
      ruler.fit(visibleName(column), room),
    ),
  );
  if (kind !== '') parts.push(svg('text', { class: 'type', x: width - padding, y, 'text-anchor': 'end' }, kind));
  return svg('g', { class: 'row' }, ...parts);
}

/** The line of each foreign key, many at the child and one at the parent. */
export function drawLines(graph: Graph, layout: Layout): readonly SVGGElement[] {
  const cards = new Map([...graph.cards, ...graph.loose].map((card) => [card.id, card]));
  return graph.edges.flatMap((edge) => {
    const [child, parent] = [cards.get(edge.child), cards.get(edge.parent)];
    const [from, to] = [layout.boxes.get(edge.child), layout.boxes.get(edge.parent)];
    if (child === undefined || parent === undefined || from === undefined || to === undefined) return [];
    return [drawLine(edge, from, heightOf(child, edge.childColumns), to, heightOf(parent, edge.parentColumns), layout)];
  });
}

function drawLine(edge: Edge, from: Box, childY: number, to: Box, parentY: number, layout: Layout): SVGGElement {
  const [fromY, toY] = [from.y + childY, to.y + parentY];
  const bends = layout.bends.get(edge.id) ?? [];
  const path = linePath(
    { box: from, y: fromY, rank: layout.ranks.get(edge.child) },
    { box: to, y: toY, rank: layout.ranks.get(edge.parent) },
    bends,
  );
  const start = end(from, fromY, bends[0]?.x ?? to.x + to.width / 2);
  const stop =
    from === to
      ? end(to, toY === fromY ? fromY + 14 : toY, Infinity)
      : end(to, toY, bends.at(-1)?.x ?? from.x + from.width / 2);
  const foot = from === to ? 1 : start.side;
  const bar = stop.x + stop.side * 9;
  return svg(
    'g',
    { class: 'line', 'data-child': edge.child, 'data-parent': edge.parent },
    svg('title', {}, `${edge.childColumns.join(', ')} → ${edge.parentColumns.join(', ')}`),
    svg('path', { class: 'hit', d: path }),
    svg('path', { class: 'stroke', d: path }),
    // A crow's foot: any number of rows here refer to one there.
    svg('path', {
      class: 'stroke',
      d: `M${start.x} ${fromY - 5}L${start.x + foot * 10} ${fromY}L${start.x} ${fromY + 5}`,
    }),
    svg('path', { class: 'stroke', d: `M${bar} ${stop.y - 5}V${stop.y + 5}` }),
  );
}

/** Where on a card a line meets the first of its columns; its heading, where the column is not shown. */
function heightOf(card: Card, columns: readonly string[]): number {
  const [first = ''] = columns;
  const index = card.rows.findIndex(({ column }) => column.toLowerCase() === first.toLowerCase());
  return index < 0 ? headerHeight / 2 : headerHeight + index * rowHeight + 14;
}
