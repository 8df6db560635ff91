/** Tables that references join, in layers: children to the left of their parents. */
import { Graph as LayoutGraph, layout as layOut } from '@dagrejs/dagre';
import type { Card, Edge } from './graph';
import type { Box, Layout, Point, Size, Span } from './geometry';
import { shelve, type Shelves } from './shelves';

export interface Group {
  readonly cards: readonly Card[];
  readonly edges: readonly Edge[];
}

const gap = { rank: 90, node: 36, leaf: 40 } as const;
/** Room that a line from a table to itself takes beside its card. */
const loopWidth = 40;
/** Tables that only refer to one and the same table: from so many on, they stand as a block and not in one long column. */
const manyLeaves = 7;
/** More are not laid out in layers: that would take longer than anybody waits. */
const mostNodes = 500;

export function layOutGroup(group: Group, sizeOf: (card: Card) => Size): Omit<Layout, 'looseHeading'> {
  const { cards, edges } = group;
  // A line from a table to itself is drawn beside its card, on the right.
  const loops = new Set(edges.flatMap(({ child, parent }) => (child === parent ? [child] : [])));
  const sizes = new Map(
    cards.map((card) => {
      const { width, height } = sizeOf(card);
      return [card.id, { width: width + (loops.has(card.id) ? loopWidth : 0), height }] as const;
    }),
  );
  const blocks = findBlocks(group, sizes);
  const blockOf = new Map(blocks.flatMap((block) => block.leaves.map((leaf) => [leaf, block.id] as const)));
  const nodes = [...cards.map(({ id }) => id).filter((id) => !blockOf.has(id)), ...blocks.map(({ id }) => id)];
  const placed = nodes.length > mostNodes ? null : layOutNodes(nodes, edges, sizes, blocks, blockOf);
  const boxes = new Map<string, Box>();
  const place = (id: string, { x, y }: Point): void => {
    const { width, height } = sizes.get(id) ?? { width: 0, height: 0 };
    boxes.set(id, { x, y, width: width - (loops.has(id) ? loopWidth : 0), height });
  };
  if (placed === null) {
    const shelves = shelve(
      cards.map(({ id }) => sizes.get(id) ?? { width: 0, height: 0 }),
      gap.node,
    );
    for (const [index, { id }] of cards.entries()) place(id, shelves.at[index] ?? { x: 0, y: 0 });
    return { boxes, bends: new Map(), ranks: new Map(), size: shelves.size };
  }
  for (const id of nodes) if (sizes.has(id)) place(id, placed.corners.get(id) ?? { x: 0, y: 0 });
  const bends = new Map(placed.bends);
  for (const { id, leaves, shelves } of blocks) {
    const { x, y } = placed.corners.get(id) ?? { x: 0, y: 0 };
    const block = { x, y, ...shelves.size };
    for (const { id: edge, child, parent } of edges) {
      const [leaf, isChild] = blockOf.get(child) === id ? [child, true] : [parent, false];
      const index = leaves.indexOf(leaf);
      const [at, width] = [shelves.at[index], sizes.get(leaf)?.width ?? 0];
      if (at === undefined) continue;
      const points = throughAisle(block, { x: x + at.x, y: y + (shelves.ends[index] ?? 0) }, width, isChild);
      bends.set(edge, isChild ? points : points.reverse());
    }
    for (const [index, leaf] of leaves.entries()) {
      const at = shelves.at[index] ?? { x: 0, y: 0 };
      place(leaf, { x: x + at.x, y: y + at.y });
    }
  }
  return { boxes, bends, ranks: placed.ranks, size: placed.size };
}

/** The way out of a block between its rows, from child to hub on the right, or from hub to parent on the left. */
function throughAisle(block: Box, foot: Point, width: number, isChild: boolean): Point[] {
  const aisle = foot.y + gap.leaf / 2;
  const [near, far] = isChild
    ? [foot.x + width + gap.leaf * 0.75, block.x + block.width]
    : [foot.x - gap.leaf * 0.75, block.x];
  // Beside the last card of a row there is nothing in the way.
  if (isChild ? near >= far : near <= far) return [];
  return [
    { x: near, y: aisle },
    { x: far, y: aisle },
  ];
}

interface Block {
  readonly id: string;
  readonly leaves: readonly string[];
  readonly shelves: Shelves;
}

/** Cards that have lines to one other card only, and all in the same direction, by that card. */
function findBlocks({ cards, edges }: Group, sizes: ReadonlyMap<string, Size>): readonly Block[] {
  const sides = new Map<string, Set<string>>();
  const note = (card: string, side: string): void => void sides.set(card, (sides.get(card) ?? new Set()).add(side));
  for (const { child, parent } of edges) {
    note(child, `to ${parent}`);
    note(parent, `from ${child}`);
  }
  const leaves = new Map<string, string[]>();
  for (const { id } of cards) {
    const [side, ...others] = sides.get(id) ?? [];
    if (side !== undefined && others.length === 0) leaves.set(side, [...(leaves.get(side) ?? []), id]);
  }
  return [...leaves]
    .filter(([, ids]) => ids.length >= manyLeaves)
    .map(([side, ids]) => ({
      id: `block ${side}`,
      leaves: ids,
      shelves: shelve(
        ids.map((id) => sizes.get(id) ?? { width: 0, height: 0 }),
        gap.leaf,
      ),
    }));
}

interface PlacedNodes {
  /** Top left, by node. */
  readonly corners: ReadonlyMap<string, Point>;
  readonly bends: ReadonlyMap<string, readonly Point[]>;
  readonly ranks: ReadonlyMap<string, Span>;
  readonly size: Size;
}

function layOutNodes(
  nodes: readonly string[],
  edges: readonly Edge[],
  sizes: ReadonlyMap<string, Size>,
  blocks: readonly Block[],
  blockOf: ReadonlyMap<string, string>,
): PlacedNodes {
  const graph = new LayoutGraph({ multigraph: true });
  // The network simplex ranks better, and takes a minute for what the others do in a second.
  const ranker = nodes.length > 150 ? 'tight-tree' : 'network-simplex';
  graph.setGraph({ rankdir: 'LR', ranksep: gap.rank, nodesep: gap.node, edgesep: 16, ranker });
  const blockSizes = new Map(blocks.map(({ id, shelves }) => [id, shelves.size]));
  for (const id of nodes) graph.setNode(id, { ...(sizes.get(id) ?? blockSizes.get(id)) });
  const ends = ({ child, parent }: Edge): readonly [string, string] => [
    blockOf.get(child) ?? child,
    blockOf.get(parent) ?? parent,
  ];
  for (const edge of edges) {
    const [from, to] = ends(edge);
    if (from !== to)
      graph.setEdge(from, to, {}, blockOf.has(edge.child) || blockOf.has(edge.parent) ? 'block' : edge.id);
  }
  layOut(graph);
  const placed = new Map(nodes.map((id) => [id, boxOf(graph.node(id) as Partial<Box>)]));
  const bends = new Map<string, readonly Point[]>();
  for (const edge of edges) {
    const [from, to] = ends(edge);
    if (from === to || blockOf.has(edge.child) || blockOf.has(edge.parent)) continue;
    const { points = [] } = graph.edge(from, to, edge.id) as { readonly points?: readonly Point[] };
    // The first and the last are where the line meets the cards, which is at its columns; of the others, every second
    // one lies between two ranks, where it would only make the line wave.
    const between = points.slice(1, -1).filter((_, index) => index % 2 === 1);
    const rightwards = (points[0]?.x ?? 0) < (points.at(-1)?.x ?? 0);
    bends.set(
      edge.id,
      between.flatMap((point) => acrossRank(point, placed.values(), rightwards)),
    );
  }
  const ranks = new Map<string, Span>();
  for (const [id, { x, width }] of placed) ranks.set(id, rankAt(x + width / 2, placed.values()));
  const { width = 0, height = 0 } = graph.graph() as Partial<Size>;
  return { corners: placed, bends, ranks, size: { width, height } };
}

/** The layout knows boxes by their middle. */
function boxOf({ x = 0, y = 0, width = 0, height = 0 }: Partial<Box>): Box {
  return { x: x - width / 2, y: y - height / 2, width, height };
}

/** A line keeps its height all the way past the cards of a rank, for it has room there only. */
function acrossRank({ x, y }: Point, boxes: Iterable<Box>, rightwards: boolean): readonly Point[] {
  const { left, right } = rankAt(x, boxes);
  const ends = [
    { x: left - 8, y },
    { x: right + 8, y },
  ];
  return rightwards ? ends : ends.reverse();
}

/** The middles of the cards of a rank are at one x. */
function rankAt(x: number, boxes: Iterable<Box>): Span {
  let half = 0;
  for (const box of boxes) if (Math.abs(box.x + box.width / 2 - x) < 1) half = Math.max(half, box.width / 2);
  return { left: x - half, right: x + half };
}
