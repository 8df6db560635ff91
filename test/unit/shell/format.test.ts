import assert from 'node:assert/strict';
import { baseName, formatBytes } from '../../../src/shell/format';

describe('formatBytes', () => {
  const cases: readonly (readonly [number, string])[] = [
    [0, '0 B'],
    [1023, '1023 B'],
    [1024, '1 KB'],
    [1536, '1.5 KB'],
    [344_064, '336 KB'],
    [1024 ** 2 - 1, '1024 KB'],
    [5.25 * 1024 ** 2, '5.3 MB'],
    [3 * 1024 ** 3, '3 GB'],
    [2048 * 1024 ** 4, '2048 TB'],
  ];
  for (const [bytes, expected] of cases) {
    it(`shows ${bytes} as ${expected}`, () => assert.equal(formatBytes(bytes), expected));
  }
});

describe('baseName', () => {
  it('is what follows the last slash, or all of it', () => {
    assert.equal(baseName('data/cache/file_cache.db'), 'file_cache.db');
    assert.equal(baseName('database.db'), 'database.db');
  });
});
