import assert from 'node:assert/strict';
import { filterText, parseFilter } from '../../../src/webview/table/filter-text';

describe('what is typed into a filter', () => {
  const cases: readonly (readonly [text: string, operator: string | null, value: string])[] = [
    ['abc', 'contains', 'abc'],
    ['  abc ', 'contains', 'abc'],
    ['!abc', 'notContains', 'abc'],
    ['^abc', 'startsWith', 'abc'],
    ['=abc', 'equals', 'abc'],
    ['=', 'equals', ''],
    ['=null', 'equals', 'null'],
    ['!=', 'notEquals', ''],
    ['<>5', 'notEquals', '5'],
    ['>= 5', 'greaterOrEqual', '5'],
    ['<9007199254740993', 'less', '9007199254740993'],
    ['NULL', 'isNull', ''],
    ['! null', 'isNotNull', ''],
    ['/^a.c$/', 'matches', '^a.c$'],
    ['/', 'contains', '/'],
    ['//', 'contains', '//'],
    ['', null, ''],
    ['>', null, ''],
    ['!', null, ''],
  ];
  for (const [text, operator, value] of cases) {
    it(`${JSON.stringify(text)} is ${operator ?? 'nothing'}`, () => {
      assert.deepEqual(parseFilter('c', text), operator === null ? null : { column: 'c', operator, value });
    });
  }

  it('is written as it is read', () => {
    for (const [text] of cases) {
      const parsed = parseFilter('c', text);
      if (parsed !== null) assert.deepEqual(parseFilter('c', filterText(parsed)), parsed, text);
    }
  });
});
