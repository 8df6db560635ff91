/**
 * Where the cards of a diagram stand and how its lines run: a layered layout of each group of joined tables, children
 * to the left of their parents; the groups in rows below one another, the tables without references last.
 */
import { Graph as LayoutGraph, layout as layOut } from '@dagrejs/dagre';
import type { Card, Edge, Graph } from './graph';

export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Box extends Point, Size {}

export interface Layout {
  /** Top left corners, by card id. */
  readonly boxes: ReadonlyMap<string, Box>;
  /** Points that a line passes between its two ends, by edge id. */
  readonly bends: ReadonlyMap<string, readonly Point[]>;
  /** Where the heading of the tables without references stands; null where there is none. */
  readonly looseHeading: Point | null;
  readonly size: Size;
}

const gap = { rank: 90, node: 36, group: 56, loose: 20 } as const;
/** Width to height that the whole is given, more or less: that of a half window. */
const aspect = 1.4;
const headingHeight = 44;
/** Room that a line from a table to itself takes beside its card. */
const loopWidth = 40;

/** @param sizeOf the size of a card in pixels */
export function layOutGraph(graph: Graph, sizeOf: (card: Card) => Size): Layout {
  const groups = groupsOf(graph).map((group) => layOutGroup(group, sizeOf));
  const boxes = new Map<string, Box>();
  const bends = new Map<string, readonly Point[]>();
  const places = shelve(
    groups.map(({ size }) => size),
    gap.group,
  );
  for (const [index, group] of groups.entries()) {
    const { x: dx, y: dy } = places.at[index] ?? { x: 0, y: 0 };
    for (const [id, box] of group.boxes) boxes.set(id, { ...box, x: box.x + dx, y: box.y + dy });
    for (const [id, points] of group.bends)
      bends.set(
        id,
        points.map(({ x, y }) => ({ x: x + dx, y: y + dy })),
      );
  }
  const top = groups.length === 0 ? 0 : places.size.height + gap.group;
  if (graph.looseCount === 0) return { boxes, bends, looseHeading: null, size: places.size };
  const sizes = graph.loose.map(sizeOf);
  const loose = shelve(sizes, gap.loose, places.size.width);
  for (const [index, card] of graph.loose.entries()) {
    const { x, y } = loose.at[index] ?? { x: 0, y: 0 };
    boxes.set(card.id, { x, y: y + top + headingHeight, ...(sizes[index] ?? { width: 0, height: 0 }) });
  }
  const size = {
    width: Math.max(places.size.width, loose.size.width),
    height: top + (graph.loose.length === 0 ? headingHeight / 2 : headingHeight + loose.size.height),
  };
  return { boxes, bends, looseHeading: { x: 0, y: top }, size };
}

interface Group {
  readonly cards: readonly Card[];
  readonly edges: readonly Edge[];
}

/** Cards that lines join, directly or through others; the largest group first. */
function groupsOf({ cards, edges }: Graph): readonly Group[] {
  const root = new Map<string, string>(cards.map(({ id }) => [id, id]));
  const find = (id: string): string => {
    let at = id;
    for (let next = root.get(at) ?? at; next !== at; next = root.get(at) ?? at) at = next;
    root.set(id, at);
    return at;
  };
  for (const { child, parent } of edges) root.set(find(child), find(parent));
  const groups = new Map<string, { cards: Card[]; edges: Edge[] }>();
  for (const card of cards) {
    const group = groups.get(find(card.id)) ?? { cards: [], edges: [] };
    group.cards.push(card);
    groups.set(find(card.id), group);
  }
  for (const edge of edges) groups.get(find(edge.child))?.edges.push(edge);
  return [...groups.values()].sort((a, b) => b.cards.length - a.cards.length);
}

function layOutGroup({ cards, edges }: Group, sizeOf: (card: Card) => Size): Omit<Layout, 'looseHeading'> {
  const graph = new LayoutGraph({ multigraph: true });
  graph.setGraph({ rankdir: 'LR', ranksep: gap.rank, nodesep: gap.node, edgesep: 16 });
  // A line from a table to itself is drawn beside its card, on the right.
  const loops = new Set(edges.flatMap(({ child, parent }) => (child === parent ? [child] : [])));
  const besides = (card: Card): number => (loops.has(card.id) ? loopWidth : 0);
  for (const card of cards) {
    const { width, height } = sizeOf(card);
    graph.setNode(card.id, { width: width + besides(card), height });
  }
  for (const { id, child, parent } of edges) if (child !== parent) graph.setEdge(child, parent, {}, id);
  layOut(graph);
  const boxes = new Map<string, Box>();
  for (const card of cards) {
    const { x = 0, y = 0, width = 0, height = 0 } = graph.node(card.id) as Partial<Box>;
    boxes.set(card.id, { x: x - width / 2, y: y - height / 2, width: width - besides(card), height });
  }
  const bends = new Map<string, readonly Point[]>();
  for (const { id, child, parent } of edges) {
    if (child === parent) continue;
    const { points = [] } = graph.edge(child, parent, id) as { readonly points?: readonly Point[] };
    // The first and the last are where the line meets the cards, which is at its columns; of the others, every second
    // one lies between two ranks, where it would only make the line wave.
    bends.set(
      id,
      points.slice(1, -1).filter((_, index) => index % 2 === 1),
    );
  }
  const { width = 0, height = 0 } = graph.graph() as Partial<Size>;
  return { boxes, bends, size: { width, height } };
}

interface Shelves {
  readonly at: readonly Point[];
  readonly size: Size;
}

/** Boxes in rows, in their order; each row as high as its highest. */
function shelve(sizes: readonly Size[], space: number, least = 0): Shelves {
  const area = sizes.reduce((sum, { width, height }) => sum + (width + space) * (height + space), 0);
  const widest = sizes.reduce((most, { width }) => Math.max(most, width), 0);
  const limit = Math.max(least, widest, Math.sqrt(area * aspect));
  const at: Point[] = [];
  let [x, y, row, width] = [0, 0, 0, 0];
  for (const size of sizes) {
    if (x > 0 && x + size.width > limit) {
      y += row + space;
      [x, row] = [0, 0];
    }
    at.push({ x, y });
    width = Math.max(width, x + size.width);
    x += size.width + space;
    row = Math.max(row, size.height);
  }
  return { at, size: { width, height: y + row } };
}
