import assert from 'node:assert/strict';
import { clampSize, sizeAfterKey, sizeLimits } from '../../../src/webview/table/panel-size';

describe('the size of the side panel', () => {
  it('leaves panel and grid what they need, and each a half where that is not there', () => {
    assert.deepEqual(sizeLimits('width', 1000), { least: 18, most: 82 });
    assert.deepEqual(sizeLimits('width', 300), { least: 50, most: 50 });
    assert.deepEqual(sizeLimits('height', 0), { least: 50, most: 50 });
    assert.equal(clampSize(99, sizeLimits('width', 1000)), 82);
    assert.equal(clampSize(33.333333, sizeLimits('width', 1000)), 33.33);
  });

  it('goes where the arrow points, to either end, and back to its own', () => {
    const limits = { least: 18, most: 82 };
    const after = (key: string, size = 40): number | null | undefined => sizeAfterKey(key, 'width', size, limits);
    assert.equal(after('ArrowLeft'), 42);
    assert.equal(after('ArrowRight'), 38);
    assert.equal(after('ArrowRight', 19), 18);
    assert.equal(after('Home'), 18);
    assert.equal(after('End'), 82);
    assert.equal(after('Escape'), null);
    for (const other of ['ArrowUp', 'ArrowDown', 'Enter', 'a']) assert.equal(after(other), undefined, other);
    assert.equal(sizeAfterKey('ArrowUp', 'height', 40, limits), 42);
    assert.equal(sizeAfterKey('ArrowLeft', 'height', 40, limits), undefined);
  });
});
