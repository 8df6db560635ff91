import assert from 'node:assert/strict';
import { foldName, sameName } from '../../../src/core/sql-names';

describe('names in SQL', () => {
  it('S1: are the same without regard to ASCII case, and to that only', () => {
    const names = [
      '',
      'a',
      'A',
      'aB',
      'Ab',
      '@',
      '`',
      '[',
      '{',
      'é',
      'É',
      'k',
      'K',
      '\u212a',
      'ab',
      'a\0',
      'A\0',
      'a ',
    ];
    for (const a of names)
      for (const b of names) assert.equal(sameName(a, b), foldName(a) === foldName(b), JSON.stringify([a, b]));
  });
});
