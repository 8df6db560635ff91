/** A diagram before it is drawn: which cards and lines there are, where they stand, and how the keyboard goes through them. */
import assert from 'node:assert/strict';
import type { DiagramTable } from '../../../../src/core/browse/diagram';
import { fitting, revealing, zoomed } from '../../../../src/webview/diagram/camera';
import { buildGraph, mostRows, tooManyLoose, type Card, type Graph } from '../../../../src/webview/diagram/graph';
import { layOutGraph } from '../../../../src/webview/diagram/layout';
import type { Box, Layout } from '../../../../src/webview/diagram/geometry';
import { linePath, type LineEnd } from '../../../../src/webview/diagram/lines';
import { nextCard } from '../../../../src/webview/diagram/navigate';

/** @param references the tables that it refers to; `?x` is one that is not there */
function table(name: string, references: readonly string[] = [], columns = 3): DiagramTable {
  return {
    name,
    virtual: false,
    columns: [
      { name: 'id', type: 'INTEGER', notNull: true, primary: true },
      ...references.map((_, index) => ({ name: `ref${index}`, type: 'INTEGER', notNull: false, primary: false })),
      ...Array.from({ length: columns - 1 }, (_, index) => ({
        name: `c${index}`,
        type: '',
        notNull: false,
        primary: false,
      })),
    ],
    references: references.map((parent, index) => ({
      table: parent.replace('?', ''),
      missing: parent.startsWith('?'),
      columns: [{ child: `REF${index}`, parent: 'id' }],
    })),
  };
}

const plain = { keysOnly: false, unfolded: new Set<string>(), showLoose: null };
const graphOf = (...tables: readonly DiagramTable[]): Graph => buildGraph({ tables }, plain);
const sizeOf = ({ rows }: Card): { width: number; height: number } => ({ width: 160, height: 30 + rows.length * 20 });
const named = (graph: Graph, name: string): Card =>
  [...graph.cards, ...graph.loose].find((card) => card.table === name)!;

function boxOf(graph: Graph, layout: Layout, name: string): Box {
  return layout.boxes.get(named(graph, name).id)!;
}

function overlap(a: Box, b: Box): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

function assertApart({ boxes, size }: Layout): void {
  const all = [...boxes.values()];
  for (const [index, a] of all.entries()) {
    assert.ok(a.x >= 0 && a.y >= 0 && a.x + a.width <= size.width + 1 && a.y + a.height <= size.height + 1);
    for (const b of all.slice(index + 1)) assert.ok(!overlap(a, b));
  }
}

describe('the graph of a diagram', () => {
  it('has a card for each table, one for each missing parent, and marks the keys', () => {
    const graph = graphOf(table('a', ['b', '?gone', 'a']), table('b'), table('alone'));
    assert.deepEqual(
      graph.cards.map((card) => [card.table, card.missing]),
      [
        ['a', false],
        ['b', false],
        ['gone', true],
      ],
    );
    assert.deepEqual(
      graph.loose.map((card) => card.table),
      ['alone'],
    );
    assert.equal(graph.edges.length, 3);
    assert.deepEqual(
      named(graph, 'a').rows.map(({ column, primary, foreign }) => [column, primary, foreign]),
      [
        ['id', true, false],
        ['ref0', false, true],
        ['ref1', false, true],
        ['ref2', false, true],
        ['c0', false, false],
        ['c1', false, false],
      ],
    );
  });

  it('shows keys in any case, and as many other columns as there is room for', () => {
    const wide = table('wide', ['b'], 60);
    const card = named(graphOf(wide, table('b')), 'wide');
    assert.equal(card.rows.length, mostRows);
    assert.equal(card.hidden, 61 - mostRows);
    const keys = buildGraph({ tables: [wide, table('b')] }, { ...plain, keysOnly: true });
    assert.deepEqual(
      named(keys, 'wide').rows.map(({ column }) => column),
      ['id', 'ref0'],
    );
    const unfolded = buildGraph({ tables: [wide, table('b')] }, { ...plain, unfolded: new Set(['wide']) });
    assert.equal(named(unfolded, 'wide').rows.length, 61);
  });

  it('folds tables without references where they are many, unless somebody wants to see them', () => {
    const tables = Array.from({ length: tooManyLoose + 1 }, (_, index) => table(`t${index}`));
    const folded = graphOf(...tables);
    assert.deepEqual([folded.loose.length, folded.looseCount], [0, tooManyLoose + 1]);
    const shown = buildGraph({ tables }, { ...plain, showLoose: true });
    assert.equal(shown.loose.length, tooManyLoose + 1);
    assert.ok(shown.loose.every(({ rows, hidden }) => rows.length === 0 && hidden === 3));
  });

  it('S1: keeps tables apart whose names only look alike', () => {
    const graph = graphOf(table('__proto__', ['b ']), table('b'), table('b '));
    assert.equal(new Set([...graph.cards, ...graph.loose].map(({ id }) => id)).size, 3);
    assert.equal(graph.edges[0]?.parent, named(graph, 'b ').id);
  });
});

describe('the layout of a diagram', () => {
  it('puts children to the left of their parents, groups apart, and tables without references last', () => {
    const graph = graphOf(
      table('line', ['order', 'product']),
      table('order', ['customer']),
      table('customer', ['customer']),
      table('product'),
      table('x', ['y']),
      table('y', ['x']),
      table('alone'),
    );
    const layout = layOutGraph(graph, sizeOf);
    assertApart(layout);
    const x = (name: string): number => boxOf(graph, layout, name).x;
    assert.ok(x('line') < x('order') && x('order') < x('customer') && x('line') < x('product'));
    const { y } = boxOf(graph, layout, 'alone');
    for (const { table: name } of graph.cards) assert.ok(boxOf(graph, layout, name).y < y);
    assert.ok(layout.looseHeading !== null && layout.looseHeading.y < y);
  });

  it('keeps a line that passes a rank clear of the cards in it', () => {
    const graph = graphOf(
      table('far', ['near', 'top']),
      table('near', ['top']),
      table('beside', ['top']),
      table('top'),
    );
    const layout = layOutGraph(graph, sizeOf);
    const long = graph.edges.find(
      ({ child, parent }) => child === named(graph, 'far').id && parent === named(graph, 'top').id,
    )!;
    const [from, to] = layout.bends.get(long.id) ?? [];
    assert.ok(from !== undefined && from.y === to?.y && from.x < to.x);
    for (const name of ['near', 'beside']) {
      const box = boxOf(graph, layout, name);
      assert.ok(from.y <= box.y || from.y >= box.y + box.height, name);
      assert.ok(from.x < box.x && to.x > box.x + box.width, name);
    }
  });

  it('makes a block of the many that refer to one table alone', () => {
    const children = Array.from({ length: 100 }, (_, index) => table(`child${index}`, ['hub']));
    const graph = graphOf(table('hub'), ...children);
    const layout = layOutGraph(graph, sizeOf);
    assertApart(layout);
    assert.ok(layout.size.height < 2.5 * layout.size.width, JSON.stringify(layout.size));
    // The lines leave the block between its rows.
    const boxes = [...layout.boxes.values()];
    const inner = [...layout.bends.values()].filter((points) => points.length > 0);
    assert.ok(inner.length > 50);
    for (const [from, to] of inner) {
      assert.ok(from !== undefined && from.y === to?.y);
      const way = { x: from.x, y: from.y, width: to.x - from.x, height: 0 };
      assert.ok(way.width > 0 && !boxes.some((box) => overlap(way, box)));
    }
  });

  it('takes no longer than somebody waits for 300 joined tables, and for 2,000', () => {
    for (const count of [300, 2_000]) {
      const tables = Array.from({ length: count }, (_, index) =>
        table(`t${index}`, index === 0 ? [] : [`t${index >> 1}`, ...(index % 3 === 0 ? [`t${index >> 2}`] : [])]),
      );
      const start = performance.now();
      const layout = layOutGraph(graphOf(...tables), sizeOf);
      assert.equal(layout.boxes.size, count);
      assert.ok(performance.now() - start < 10_000);
    }
  }).timeout(30_000);

  it('draws a line between the facing sides, and one to itself beside the card', () => {
    const [a, b] = [
      { x: 0, y: 0, width: 100, height: 50 },
      { x: 300, y: 0, width: 100, height: 50 },
    ];
    const at = (box: Box, y: number): LineEnd => ({ box, y, rank: undefined });
    assert.match(linePath(at(a, 10), at(b, 20), []), /^M100 10L122 10.*L300 20$/);
    assert.match(linePath(at(b, 10), at(a, 20), []), /^M300 10L278 10.*L100 20$/);
    assert.match(linePath(at(a, 10), at(a, 20), []), /^M100 10C.*100 20$/);
    assert.match(linePath({ ...at(a, 10), rank: { left: -50, right: 180 } }, at(b, 20), []), /^M100 10L184 10C/);
  });
});

describe('moving in a diagram', () => {
  const boxes = new Map<string, Box>(
    [
      ['a', 0, 0],
      ['b', 200, 10],
      ['c', 210, 300],
      ['d', 0, 320],
    ].map(([id, x, y]) => [String(id), { x: Number(x), y: Number(y), width: 100, height: 50 }]),
  );

  it('goes to the nearest card in the direction of the arrow', () => {
    assert.equal(nextCard(boxes, 'a', 'ArrowRight'), 'b');
    assert.equal(nextCard(boxes, 'a', 'ArrowDown'), 'd');
    assert.equal(nextCard(boxes, 'c', 'ArrowLeft'), 'd');
    assert.equal(nextCard(boxes, 'c', 'ArrowUp'), 'b');
    assert.equal(nextCard(boxes, 'a', 'ArrowLeft'), null);
    assert.equal(nextCard(boxes, 'nowhere', 'ArrowLeft'), null);
  });

  it('shows all of the drawing, or its beginning where that would be too small', () => {
    const view = { width: 800, height: 600 };
    const all = fitting({ width: 4000, height: 1000 }, view);
    assert.ok(all.x + 4000 * all.scale <= 800 && all.y + 1000 * all.scale <= 600);
    assert.equal(fitting({ width: 100, height: 100 }, view).scale, 1);
    const beginning = fitting({ width: 4000, height: 9000 }, view, 0.6);
    assert.deepEqual([beginning.scale, beginning.x, beginning.y], [0.6, 28, 28]);
  });

  it('keeps the point under the pointer where it is', () => {
    const before = { x: 30, y: -20, scale: 0.5 };
    const after = zoomed(before, 1.7, 400, 300);
    assert.ok(Math.abs((400 - before.x) / before.scale - (400 - after.x) / after.scale) < 1e-9);
    assert.ok(zoomed(before, 1e9, 0, 0).scale < 5);
    assert.ok(zoomed(before, 1e-9, 0, 0).scale > 0.01);
  });

  it('moves only as far as it takes to see a card', () => {
    const view = { width: 800, height: 600 };
    const look = { x: 0, y: 0, scale: 1 };
    assert.deepEqual(revealing(look, { x: 300, y: 300, width: 100, height: 50 }, view), look);
    const moved = revealing(look, { x: 1000, y: -500, width: 100, height: 50 }, view);
    assert.ok(1000 + moved.x + 100 <= 800 && -500 + moved.y >= 0);
  });
});
