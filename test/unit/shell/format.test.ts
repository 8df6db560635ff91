import assert from 'node:assert/strict';
import { baseName, formatBytes, isOfDatabase, withoutLastLineEnd } from '../../../src/shell/format';

describe('formatBytes', () => {
  const cases: readonly (readonly [number, string])[] = [
    [0, '0 B'],
    [1023, '1023 B'],
    [1024, '1 KiB'],
    [1536, '1.5 KiB'],
    [344_064, '336 KiB'],
    [1024 ** 2 - 1, '1024 KiB'],
    [5.25 * 1024 ** 2, '5.3 MiB'],
    [3 * 1024 ** 3, '3 GiB'],
    [2048 * 1024 ** 4, '2048 TiB'],
  ];
  for (const [bytes, expected] of cases) {
    it(`shows ${bytes} as ${expected}`, () => assert.equal(formatBytes(bytes), expected));
  }

  it('writes the fraction as the language does', () => assert.equal(formatBytes(1536, 'de'), '1,5 KiB'));
});

describe('baseName', () => {
  it('is what follows the last slash, or all of it', () => {
    assert.equal(baseName('data/cache/file_cache.db'), 'file_cache.db');
    assert.equal(baseName('database.db'), 'database.db');
  });
});

describe('isOfDatabase', () => {
  const viewed = '/ws/data/Cookies';
  for (const path of [
    '/ws/data/a.db',
    '/ws/a.SQLITE',
    '/ws/a.sqlite3-wal',
    '/ws/a.db-shm',
    viewed,
    `${viewed}-journal`,
  ])
    it(`${path} is a database or a part of one`, () => assert.ok(isOfDatabase(path, viewed)));
  for (const path of ['/ws/data/a.csv', '/ws/a.db.sql', '/ws/data/cookies.json', '/ws/first-wal.md'])
    it(`${path} is none`, () => assert.ok(!isOfDatabase(path, viewed)));
});

describe('withoutLastLineEnd', () => {
  it('takes one line end away, of CSV too', () => {
    for (const [rows, pasted] of [
      ['a\tb\n', 'a\tb'],
      ['a,b\r\n1,2\r\n', 'a,b\r\n1,2'],
      ['\n\n', '\n'],
      ['', ''],
    ] as const)
      assert.equal(withoutLastLineEnd(rows), pasted);
  });
});
