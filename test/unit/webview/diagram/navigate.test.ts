import assert from 'node:assert/strict';
import { nextOf } from '../../../../src/webview/diagram/navigate';

describe('the matches of a diagram', () => {
  for (const [count, from, step, expected] of [
    [3, -1, 1, 0],
    [3, -1, -1, 2],
    [3, 0, 1, 1],
    [3, 2, 1, 0],
    [3, 0, -1, 2],
    [3, 2, -1, 1],
    [1, -1, -1, 0],
    [1, 0, 1, 0],
    [0, -1, 1, -1],
    // There are fewer than when one was at it.
    [2, 7, 1, 0],
    [2, 7, -1, 1],
  ] as const) {
    it(`of ${count}, from ${from} a step of ${step} leads to ${expected}`, () => {
      assert.equal(nextOf(count, from, step), expected);
    });
  }
});
