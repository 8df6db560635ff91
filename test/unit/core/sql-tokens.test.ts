/** Statements of a schema in tokens: what they name, and where. */
import assert from 'node:assert/strict';
import { mentions, readStatement } from '../../../src/core/sql-tokens';

describe('the tokens of a statement', () => {
  it('are its names, literals and signs with their places; comments and spaces are none', () => {
    const sql = `CREATE -- "not"\nVIRTUAL TABLE [a b] USING fts5("x""y", 'it''s'=2.5, /* nor this */ +é$1, x'00', $v, ')')`;
    const tokens = readStatement(sql);
    for (const { text, start, end } of tokens) assert.equal(sql.slice(start, end), text);
    assert.deepEqual(
      tokens.map(({ text, name }) => name ?? `sign ${text}`),
      [
        ...['CREATE', 'VIRTUAL', 'TABLE', 'a b', 'USING', 'fts5', 'sign (', 'x"y', 'sign ,', "it's", 'sign =', '2.5'],
        ...['sign ,', 'sign +', 'é$1', 'sign ,', "sign x'00'", 'sign ,', 'sign $v', 'sign ,', ')', 'sign )'],
      ],
    );
  });

  it('are read to the end where a quote is not closed', () =>
    assert.deepEqual(
      readStatement(`a 'b c`).map(({ text }) => text),
      ['a', "'", 'b', 'c'],
    ));

  const mentioned: readonly (readonly [string, string, boolean])[] = [
    ['SELECT * FROM Notes', 'NOTES', true],
    ['SELECT * FROM notes_old', 'notes', false],
    ["SELECT 'notes'", 'notes', true],
    ['SELECT 1 -- notes', 'notes', false],
    ['SELECT "we""ird"', 'we"ird', true],
    ["SELECT 'it''s'", "it's", true],
    ['SELECT É', 'é', false],
  ];
  for (const [sql, name, expected] of mentioned)
    it(`${sql} ${expected ? 'mentions' : 'does not mention'} ${name}`, () =>
      assert.equal(mentions(sql, name), expected));
});
