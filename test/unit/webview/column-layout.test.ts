import assert from 'node:assert/strict';
import { stepOf } from '../../../src/webview/table/drag-step';
import {
  changeColumn,
  columnsInView,
  fittingWidth,
  growColumns,
  moveColumn,
  place,
  reconcile,
  totalWidth,
  type ColumnLook,
} from '../../../src/webview/table/column-layout';

const look = (name: string, change: Partial<ColumnLook> = {}): ColumnLook => ({
  name,
  width: 100,
  sized: false,
  hidden: false,
  pinned: false,
  ...change,
});
const names = (columns: readonly { readonly name: string }[]): string => columns.map(({ name }) => name).join('');

describe('the columns of a grid', () => {
  const looks = ['a', 'b', 'c', 'd'].map((name) => look(name));

  it('stand in their order, pinned ones first, hidden ones not at all', () => {
    const placed = place(changeColumn(changeColumn(looks, 'c', { pinned: true }), 'a', { hidden: true }), [
      'a',
      'b',
      'c',
      'd',
    ]);
    assert.equal(names(placed), 'cbd');
    assert.deepEqual(
      placed.map(({ index, left }) => [index, left]),
      [
        [2, 0],
        [1, 100],
        [3, 200],
      ],
    );
    assert.equal(totalWidth(placed), 300);
    assert.equal(totalWidth([]), 0);
  });

  it('keep what was remembered when the table has changed', () => {
    const remembered = [look('d', { width: 300 }), look('gone'), look('a', { hidden: true })];
    const present = ['a', 'b', 'd'].map((name) => ({ name, width: 50 }));
    assert.deepEqual(reconcile(remembered, present), [
      look('d', { width: 300 }),
      look('a', { hidden: true }),
      look('b', { width: 50 }),
    ]);
  });

  it('move before others, and to the end', () => {
    assert.equal(names(moveColumn(looks, 'a', 'd')), 'bcad');
    assert.equal(names(moveColumn(looks, 'd', 'a')), 'dabc');
    assert.equal(names(moveColumn(looks, 'a', null)), 'bcda');
    assert.equal(names(moveColumn(looks, 'a', 'a')), 'abcd');
    assert.equal(names(moveColumn(looks, 'x', 'a')), 'abcd');
    assert.equal(names(moveColumn(looks, 'a', 'x')), 'abcd');
  });

  it('S8: are drawn only where they are in view', () => {
    const many = Array.from({ length: 2_000 }, (_, index) => look(`c${index}`, { pinned: index === 7 }));
    const placed = place(
      many,
      many.map(({ name }) => name),
    );
    const { pinned, first, end } = columnsInView(placed, 50_050, 800);
    assert.equal(pinned, 1);
    assert.deepEqual([first, end], [500, 509]);
    assert.deepEqual(columnsInView([], 0, 800), { pinned: 0, first: 0, end: 0 });
  });

  it('are as wide as what is in them, within reason', () => {
    assert.ok(fittingWidth('id', 'INTEGER', ['1', '2'], 7) < fittingWidth('id', 'INTEGER', ['a long value indeed'], 7));
    assert.equal(fittingWidth('x', '', ['y'.repeat(1000)], 7), fittingWidth('x', '', ['y'.repeat(100)], 7));
  });
});

describe('the widths of columns', () => {
  it('grow with the first rows of each query, but for those that were chosen', () => {
    const looks = [look('a', { width: 80 }), look('b', { width: 60, sized: true })];
    const grown = growColumns(looks, () => 200);
    assert.deepEqual(
      grown.map(({ width }) => width),
      [200, 60],
    );
    assert.equal(
      growColumns(grown, () => 90),
      grown,
    );
  });
});

describe('a selection beyond the edge of the rows', () => {
  const area = { left: 100, top: 50, right: 500, bottom: 400 };

  it('goes on where the pointer is outside, the faster the farther', () => {
    assert.deepEqual(stepOf(area, 300, 200), { rows: 0, columns: 0 });
    assert.deepEqual(stepOf(area, 300, 401), { rows: 1, columns: 0 });
    assert.deepEqual(stepOf(area, 300, 470), { rows: 3, columns: 0 });
    assert.deepEqual(stepOf(area, 90, 49), { rows: -1, columns: -1 });
    assert.deepEqual(stepOf(area, 9_999, 9_999), { rows: 20, columns: 1 });
  });
});
