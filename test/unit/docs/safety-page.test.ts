/** The page of safety cases says what the tests hold, and every case is held or says why not. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { findCaseTitles } from '../../../scripts/safety/case-titles';
import { makeSafetyPage, renderSafetyPage } from '../../../scripts/safety/page';

/** Titles of tests that are not there: written so that this file itself names no case. */
const title = (ids: string, words: string): string => `${ids}: ${words}`;

describe('docs/safety.md', function () {
  // Every test file is parsed.
  this.timeout(60_000);

  it('is what npm run docs:safety makes of the tests', async () => {
    const { text, faults } = await makeSafetyPage(resolve());
    assert.deepEqual(faults, []);
    const written = await readFile(resolve('docs', 'safety.md'), 'utf8');
    assert.ok(written === text, 'docs/safety.md is out of date: npm run docs:safety');
  });

  it('finds ids in titles, tables and templates, and nowhere else', () => {
    const source = [
      `it('${title('R1, R2', 'one')}', () => undefined);`,
      `describe('${title('P5', 'two')}', () => undefined);`,
      `for (const [what] of [['${title('X4', 'three')}']]) it(what, () => undefined);`,
      `it(\`${title('V1 to V3', 'every $' + '{x} of $' + '{y}')}\`, () => undefined);`,
      `it('P16; predecessor: four', () => undefined); // ${title('B1', 'a comment')}`,
      `it('says R1 in the middle', () => undefined);`,
    ].join('\n');
    assert.deepEqual(findCaseTitles('a.test.ts', source), [
      { ids: ['R1', 'R2'], title: 'one' },
      { ids: ['P5'], title: 'two' },
      { ids: ['X4'], title: 'three' },
      { ids: ['V1', 'V2', 'V3'], title: 'every … of …' },
      { ids: ['P16'], title: 'predecessor: four' },
    ]);
  });

  it('fails for a case without a test or a reason, and for a test without a case', () => {
    const cases = [
      { id: 'R1', fault: 'one', expected: 'a' },
      { id: 'R2', fault: 'two', expected: 'b', notCovered: 'later' },
      { id: 'R3', fault: 'three', expected: 'c' },
    ];
    const { text, faults } = renderSafetyPage(cases, [
      { file: 'test/a.test.ts', ids: ['R1', 'R9'], title: 'holds <b>' },
    ]);
    assert.deepEqual(faults, [
      'R3 (three) has no test, and docs/safety-cases.json gives no reason.',
      'test/a.test.ts: "holds <b>" names the case R9, which there is not.',
    ]);
    assert.match(text, /1 of 3 cases are covered/);
    assert.match(text, /- not covered: later/);
    assert.match(text, /holds \\<b\\>/);
  });
});
