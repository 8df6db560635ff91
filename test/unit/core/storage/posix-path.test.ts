/** The core's own paths against Node's, for all that the core asks of them: absolute beginnings, relative ends. */
import assert from 'node:assert/strict';
import { posix } from 'node:path';
import * as ours from '../../../../src/core/storage/posix-path';

const absolute = [
  '/',
  '/a',
  '/a/',
  '/a/b/c.db',
  '/a//b/./c',
  '/a/../b',
  '/../a',
  '/scheme:host%3A1/ws/data',
  '/a/b/../../..',
];
const relative = [
  '',
  '.',
  '..',
  'data',
  'data/',
  './a',
  '../a',
  'a/../..',
  'a.b.sqlite3',
  '.hidden',
  'a/.hidden',
  '..db',
  'a.',
];

describe('paths without Node', () => {
  for (const from of absolute) {
    it(`beginning at ${from}`, () => {
      for (const to of [...absolute, ...relative]) {
        assert.equal(ours.resolve(from, to), posix.resolve(from, to), `resolve ${to}`);
        assert.equal(ours.join(from, to), posix.join(from, to), `join ${to}`);
      }
      for (const to of absolute) assert.equal(ours.relative(from, to), posix.relative(from, to), `relative ${to}`);
    });
  }

  it('taken apart', () => {
    for (const path of [...absolute, ...relative]) {
      assert.equal(ours.isAbsolute(path), posix.isAbsolute(path), `isAbsolute ${path}`);
      assert.equal(ours.basename(path), posix.basename(path), `basename ${path}`);
      assert.equal(ours.extname(path), posix.extname(path), `extname ${path}`);
      assert.equal(ours.dirname(path), posix.dirname(path), `dirname ${path}`);
    }
    assert.equal(ours.join('a', 'b', '../c'), 'a/c');
    assert.equal(ours.sep, posix.sep);
  });
});
