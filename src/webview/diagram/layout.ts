/**
 * Where the cards of a diagram stand and how its lines run: a layered layout of each group of joined tables, children
 * to the left of their parents; the groups in rows below one another, the tables without references last.
 */
import type { Card, Edge, Graph } from './graph';
import type { Box, Layout, Point, Size, Span } from './geometry';
import { layOutGroup, type Group } from './layout-group';
import { shelve } from './shelves';

const gap = { group: 56, loose: 20 } as const;
const headingHeight = 44;

/** @param sizeOf the size of a card in pixels */
export function layOutGraph(graph: Graph, sizeOf: (card: Card) => Size): Layout {
  const groups = groupsOf(graph).map((group) => layOutGroup(group, sizeOf));
  const boxes = new Map<string, Box>();
  const bends = new Map<string, readonly Point[]>();
  const ranks = new Map<string, Span>();
  const places = shelve(
    groups.map(({ size }) => size),
    gap.group,
  );
  for (const [index, group] of groups.entries()) {
    const { x: dx, y: dy } = places.at[index] ?? { x: 0, y: 0 };
    for (const [id, box] of group.boxes) boxes.set(id, { ...box, x: box.x + dx, y: box.y + dy });
    for (const [id, { left, right }] of group.ranks) ranks.set(id, { left: left + dx, right: right + dx });
    for (const [id, points] of group.bends)
      bends.set(
        id,
        points.map(({ x, y }) => ({ x: x + dx, y: y + dy })),
      );
  }
  const top = groups.length === 0 ? 0 : places.size.height + gap.group;
  if (graph.looseCount === 0) return { boxes, bends, ranks, looseHeading: null, size: places.size };
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
  return { boxes, bends, ranks, looseHeading: { x: 0, y: top }, size };
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
