import assert from 'node:assert/strict';
import { compileExpression } from '../../../../src/core/browse/regular-expression';

describe('regular expressions of filters', () => {
  const cases: readonly (readonly [expression: string, matching: readonly string[], other: readonly string[]])[] = [
    ['abc', ['abc', 'xABCx'], ['ab', '']],
    ['', ['', 'anything'], []],
    ['^a.c$', ['abc', 'a-c'], ['abcd', 'a\nc', 'ac']],
    ['a|bc|', ['', 'x'], []],
    ['^(a|bc)$', ['a', 'bc'], ['b', 'abc']],
    ['^(?:ab)+$', ['ab', 'abab'], ['', 'aba']],
    ['^a*b?$', ['', 'aaab', 'b'], ['bb', 'ba']],
    ['^a{2,3}$', ['aa', 'aaa'], ['a', 'aaaa']],
    ['^a{2}$', ['aa'], ['a', 'aaa']],
    ['^a{2,}$', ['aa', 'aaaaa'], ['a']],
    ['^[a-c\\d_]+$', ['ab_3', 'B9'], ['d', '']],
    ['^[^a-c]$', ['d', '-'], ['a', 'B']],
    ['^[]x]$', [']', 'x'], ['y']],
    ['^[a-]$', ['a', '-'], ['b']],
    ['\\bgroq\\b', ['a groq b', 'groq'], ['groqs', 'agroq']],
    ['^\\d{4}-\\d\\d$', ['2026-01'], ['2026-1', '２026-01']],
    ['^\\w+@\\w+\\.\\w+$', ['a@b.io'], ['a@b', '@b.io']],
    ['^\\S+\\s\\S+$', ['a b', 'a\tb'], ['ab', 'a  b']],
    ['\\{x\\}', ['{x}'], ['x']],
    ['^a{x$', ['a{x'], ['a']],
    ['^😀+$', ['😀😀'], ['😀x']],
    ['^(a*)*$', ['aaaa', ''], ['b']],
  ];
  for (const [expression, matching, other] of cases) {
    it(`/${expression}/`, () => {
      const matcher = compileExpression(expression);
      for (const text of matching) assert.equal(matcher.test(text), true, text);
      for (const text of other) assert.equal(matcher.test(text), false, text);
    });
  }

  it('agrees with JavaScript on what both know', () => {
    const letters = ['a', 'b', '.', 'a*', 'b+', '(ab)?', '(a|b)', '[ab]', 'a{1,2}'];
    const texts = ['', 'a', 'b', 'ab', 'ba', 'aab', 'abab', 'bbaa', 'aaaa'];
    for (const first of letters)
      for (const second of letters)
        for (const text of texts) {
          const source = `^${first}${second}$`;
          assert.equal(compileExpression(source).test(text), new RegExp(source).test(text), `${source} on ${text}`);
        }
  });

  it('X4: what makes others backtrack for ever takes no time', () => {
    const start = performance.now();
    for (const source of ['^(a+)+$', '^(a|aa)+$', '^(a|a)*b', '(.*)*x', '^(([a-z])+.)+[A-Z]([a-z])+$'])
      assert.equal(compileExpression(source).test(`${'a'.repeat(5_000)}!`), false, source);
    assert.ok(performance.now() - start < 5_000);
  });

  for (const source of [
    '(',
    ')',
    '[a',
    'a\\',
    '*a',
    '(?=a)',
    '(?<n>a)',
    '(a)\\1',
    'a{3,2}',
    '((a{500}){500})',
    '('.repeat(500),
  ])
    it(`refuses ${source.slice(0, 20)} in words`, () => {
      assert.throws(() => compileExpression(source), { code: 'query-invalid' });
    });
});
