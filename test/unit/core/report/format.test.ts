import assert from 'node:assert/strict';
import { formatDuration, formatSize, shortSize } from '../../../../src/core/report/format';

const durations: readonly (readonly [number, string])[] = [
  [0.4, '0 ms'],
  [999.4, '999 ms'],
  [999.6, '1 s'],
  [59_940, '59.9 s'],
  [59_960, '1 min 0 s'],
  [61_999, '1 min 2 s'],
  [3_599_999, '1 h 0 min'],
];
const sizes: readonly (readonly [number, string])[] = [
  [0, '0 bytes'],
  [1023, '1,023 bytes'],
  [1024, '1 KiB'],
  [1024 ** 2 - 100, '1,023.9 KiB'],
  [1024 ** 2 - 1, '1 MiB'],
  [2048 * 1024 ** 4, '2,048 TiB'],
];

describe('report: numbers', () => {
  for (const [milliseconds, text] of durations)
    it(`writes ${milliseconds} ms as ${text}`, () => assert.equal(formatDuration(milliseconds), text));
  for (const [bytes, text] of sizes) it(`writes ${bytes} bytes as ${text}`, () => assert.equal(shortSize(bytes), text));

  it('writes the exact size beside the rounded one', () =>
    assert.equal(formatSize(1024 ** 2 - 1), '1 MiB (1,048,575 bytes)'));
});
