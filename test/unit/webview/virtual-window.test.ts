import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  fullHeight,
  isScaled,
  mostOffset,
  mostPixels,
  offsetAt,
  offsetToCenter,
  offsetToReveal,
  pageRows,
  rowsInView,
  scrolledHeight,
  scrollTopFor,
  type RowsWindow,
} from '../../../src/webview/table/virtual-window';

const window_ = (rows: number): RowsWindow => ({ rows, rowHeight: 24, viewport: 600 });
const anyWindow = fc.record({
  rows: fc.integer({ min: 0, max: 2 ** 31 }),
  rowHeight: fc.integer({ min: 12, max: 60 }),
  viewport: fc.integer({ min: 0, max: 3000 }),
});

describe('the window of a virtual grid', () => {
  it('is as high as its rows while a browser can draw that, and no higher than it can', () => {
    assert.equal(scrolledHeight(window_(1_000)), 24_000);
    assert.equal(isScaled(window_(1_000)), false);
    assert.equal(scrolledHeight(window_(10_000_000)), mostPixels);
    assert.equal(isScaled(window_(10_000_000)), true);
  });

  it('reaches the first and the last row at the two ends of the bar, at any size', () => {
    fc.assert(
      fc.property(anyWindow, (window) => {
        assert.equal(offsetAt(window, 0), 0);
        const end = scrollTopFor(window, mostOffset(window));
        const offset = offsetAt(window, end);
        assert.ok(Math.abs(offset - mostOffset(window)) < 1);
        if (window.rows > 0 && window.viewport > 0) {
          assert.equal(rowsInView(window, mostOffset(window)).end, window.rows);
          assert.equal(rowsInView(window, 0).first, 0);
        }
      }),
    );
  });

  it('comes back to the same place from the bar', () => {
    fc.assert(
      fc.property(anyWindow, fc.double({ min: 0, max: 1, noNaN: true }), (window, part) => {
        const offset = mostOffset(window) * part;
        const back = offsetAt(window, scrollTopFor(window, offset));
        assert.ok(Math.abs(back - offset) <= Math.max(1, fullHeight(window) * 1e-9), `${offset} became ${back}`);
      }),
    );
  });

  it('draws no more rows than fit, whatever the size of the table', () => {
    fc.assert(
      fc.property(anyWindow, fc.double({ min: 0, max: 1, noNaN: true }), (window, part) => {
        const { first, end } = rowsInView(window, mostOffset(window) * part);
        assert.ok(first >= 0 && end <= window.rows);
        assert.ok(end - first <= Math.ceil(window.viewport / window.rowHeight) + 1);
      }),
    );
  });

  it('scrolls no further than it must to show a row', () => {
    assert.equal(offsetToReveal(window_(1_000), 2_400, 100), 2_400);
    assert.equal(offsetToReveal(window_(1_000), 2_400, 99), 2_376);
    assert.equal(offsetToReveal(window_(1_000), 0, 25), 24);
    assert.equal(offsetToReveal(window_(1_000), 0, 999), mostOffset(window_(1_000)));
    assert.equal(pageRows(window_(1_000)), 24);
  });

  it('puts a row that was out of view into the middle', () => {
    assert.equal(offsetToCenter(window_(1_000), 0, 10), 0);
    assert.equal(offsetToCenter(window_(1_000), 0, 500), 500 * 24 - 288);
    assert.equal(offsetToCenter(window_(1_000), 0, 999), mostOffset(window_(1_000)));
  });
});
