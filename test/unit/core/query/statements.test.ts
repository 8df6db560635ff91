/** Where statements begin and end, which one a cursor is in, and where an error in one is. */
import assert from 'node:assert/strict';
import { placeOfError } from '../../../../src/core/query/error-place';
import { splitStatements, statementAt } from '../../../../src/core/query/statements';

const texts = (sql: string): readonly string[] => splitStatements(sql).map(({ text }) => text);

describe('statements of a text', () => {
  it('ends one at its semicolon, and at none in a text, a name or a comment', () => {
    assert.deepEqual(texts(`-- ; first\nSELECT ';' AS "a;b" /* ; */ FROM [x;y]; SELECT 2 -- end\n;;`), [
      `SELECT ';' AS "a;b" /* ; */ FROM [x;y]`,
      'SELECT 2',
    ]);
    assert.deepEqual(texts(' -- nothing\n ; '), []);
  });

  it('takes a quote that nothing closes to the end', () => {
    assert.deepEqual(texts(`SELECT 1; SELECT 'a; b;\n`), ['SELECT 1', `SELECT 'a; b;`]);
  });

  it('leaves a trigger whole', () => {
    const trigger = 'CREATE TEMP TRIGGER t AFTER INSERT ON a BEGIN DELETE FROM b; SELECT 1; END';
    assert.deepEqual(texts(`${trigger}; SELECT 2`), [trigger, 'SELECT 2']);
  });

  it('finds the statement of a cursor', () => {
    const sql = 'SELECT 1; -- one\n\nSELECT 2;\n\n';
    const at = (offset: number): string | undefined => statementAt(sql, offset)?.text;
    assert.equal(at(0), 'SELECT 1');
    assert.equal(at(9), 'SELECT 1', 'behind the semicolon');
    assert.equal(at(14), 'SELECT 1', 'on the same line');
    assert.equal(at(17), 'SELECT 2', 'on the line between');
    assert.equal(at(sql.length), 'SELECT 2', 'behind the last one');
    assert.equal(statementAt('', 0), undefined);
  });
});

describe('the place of an error', () => {
  const marked = (sql: string, message: string): string | null => {
    const place = placeOfError(sql, message);
    return place === null ? null : sql.slice(place.from, place.to);
  };

  for (const [sql, message, expected] of [
    ['SELECT a, b FROM t', 'No such column: b.', 'b'],
    ['SELECT x.nam FROM t x', 'No such column: x.nam.', 'nam'],
    ['SELECT * FROM "no such"', 'No such table: no such.', null],
    ['SELECT * FROM nope', 'No such table: nope.', 'nope'],
    ['SELCT 1', 'Near "SELCT": syntax error.', 'SELCT'],
    [`SELECT 'abc`, `Unrecognized token: "'abc".`, `'abc`],
    ['SELECT a = = 2', 'Near "=": syntax error.', null],
    ['DELETE FROM t', 'DELETE is refused: a query only reads, and nothing was changed.', 'DELETE'],
    ['SELECT (1', 'Incomplete input.', '1'],
  ] as const)
    it(`${sql}: ${message}`, () => assert.equal(marked(sql, message), expected));
});
