import assert from 'node:assert/strict';
import { childId, childIds } from '../../../../src/shell/tree/nodes';

describe('the ids of the tree', () => {
  it('S1: differ among siblings whose names are read as one, and are else those of the names', () => {
    const ids = childIds('db', [
      ['table', 'a\ufffd'],
      ['table', 'a\ufffd'],
      ['view', 'a\ufffd'],
      ['table', 'a\ufffd'],
      ['table', '../a/b'],
    ]);
    assert.equal(new Set(ids).size, 5);
    assert.equal(ids[0], childId('db', 'table', 'a\ufffd'));
    assert.equal(ids[4], childId('db', 'table', '../a/b'));
  });
});
