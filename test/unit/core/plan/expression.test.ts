import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import * as fc from 'fast-check';
import { checkExpression, isColumnName } from '../../../../src/core/plan/expression';
import type { SqliteConnection } from '../../../../src/core/sqlite/engine';
import { loadSqlJs } from '../../../../src/core/sqlite/sql-js-engine';

const columns = ['id', 'Name', 'at', '__proto__', 'we"ird', 'two words', 'größe'].map((name) => ({
  name,
  type: 'TEXT',
}));

describe('checkExpression', function () {
  this.timeout(20_000);
  let scratch: SqliteConnection;

  before(async () => {
    const engine = await loadSqlJs(await readFile(require.resolve('sql.js/dist/sql-wasm.wasm')));
    scratch = engine.open(new Uint8Array(), 'scratch');
    scratch.execute('CREATE TABLE other (id); CREATE TABLE t (id)');
  });
  after(() => scratch.close());
  afterEach('leaves the scratch database as it was', () =>
    assert.deepEqual(
      scratch.all('SELECT name FROM sqlite_schema').map(({ name }) => name),
      ['other', 't'],
    ),
  );

  const fine = [
    'id',
    'ID',
    '"id"',
    '[two words]',
    '`we"ird`',
    '"we""ird"',
    '"__proto__"',
    'größe',
    'NULL',
    "'x'",
    "'it''s'",
    "'; DROP TABLE t; --'",
    "x'00'",
    '-9223372036854775808',
    '1.5e-3',
    '0x10',
    '1 COLLATE nocase',
    'id IN (1, 2)',
    'id + length(Name)',
    "coalesce(at, 'never')",
    'max(id, 2)',
    'CASE WHEN id > 1 THEN 1 ELSE 2 END',
    'CAST(id AS TEXT)',
    "json_extract(Name, '$.a[0]')",
    "Name ->> '$.a'",
    "json_object('id', id)",
    "strftime('%Y', at)",
    "datetime(at, '+1 day')",
    "unixepoch(at, 'auto')",
    "'now'",
    "printf('%d', id)",
    `${'('.repeat(90)}id${')'.repeat(90)}`,
  ];
  for (const text of fine) it(`takes ${text}`, () => assert.equal(checkExpression(scratch, columns, text), null));

  const refused: readonly (readonly [string, RegExp])[] = [
    ['', /empty/],
    ['  \n', /empty/],
    ['1), (2', /closes a bracket/],
    ['1, 2', /syntax error/],
    ['(1, 2)', /row value/],
    ['id) FROM x; DROP TABLE y; --', /closes a bracket/],
    ['id; DROP TABLE t', /semicolon/],
    ['id -- comment', /comment/],
    ['id /* comment */', /comment/],
    ['id /* open', /comment/],
    ['(id', /not closed/],
    ["'open", /' is not closed/],
    ['"open', /" is not closed/],
    ['[open', /\[ is not closed/],
    ['`open', /` is not closed/],
    ['(SELECT max(id) FROM t)', /subqueries/],
    ['EXISTS (SELECT 1)', /subqueries/],
    ['id IN other', /subqueries/],
    ['id IN (SELECT id FROM t)', /subqueries/],
    ['(VALUES (1))', /subqueries/],
    ['random()', /non-deterministic/],
    ['randomblob(4)', /non-deterministic/],
    ['last_insert_rowid()', /non-deterministic/],
    ['changes()', /non-deterministic/],
    ["load_extension('x')", /no such function/],
    ["readfile('/etc/passwd')", /no such function/],
    ['nosuch(id)', /no such function/],
    ["Name REGEXP '(a+)+$'", /no such function/],
    ['rowid', /no such column/],
    ['t.id', /no such column/],
    ['missing', /no such column/],
    ['`missing`', /no such column/],
    ['"no such column"', /no column "no such column"/],
    ['?1', /parameter/],
    ['?', /parameter/],
    [':a', /parameter/],
    ['@a', /parameter/],
    ['$a', /parameter/],
    ['#1', /parameter/],
    ['max(id)', /aggregate/],
    ['json_group_array(id)', /aggregate/],
    ['count(*) OVER ()', /window/],
    ["RAISE(ABORT, 'x')", /RAISE/],
    ['id AS x', /syntax error/],
    ['(id) STORED', /syntax error/],
    ['id UNIQUE', /syntax error/],
    ['id\u0000', /NUL/],
    ['id \u0001', /no meaning/],
    ['CURRENT_TIMESTAMP', /non-deterministic/],
    ['current_date', /non-deterministic/],
    ["datetime('now')", /invents no facts/],
    ["datetime( 'NOW' )", /invents no facts/],
    ["coalesce(at, strftime('%s', 'now'))", /invents no facts/],
    ["date(at, 'localtime')", /invents no facts/],
    ["unixepoch('subsec')", /invents no facts/],
    ['datetime()', /present time/],
    ['julianday ( )', /present time/],
    ["strftime('%Y')", /present time/],
    [`${'('.repeat(5000)}id${')'.repeat(5000)}`, /nest deeper/],
    [`${'abs('.repeat(99)}${'NOT '.repeat(5000)}1${')'.repeat(99)}`, /too deeply|too large/],
    [`id${' + 1'.repeat(5000)}`, /too large/],
    ['- '.repeat(10_000) + '1', /too deeply|too large/],
    [' '.repeat(40_000), /more than 32,768/],
  ];
  for (const [text, reason] of refused) {
    it(`refuses ${text.length > 60 ? `${text.slice(0, 40)}… (${text.length})` : JSON.stringify(text)}`, () =>
      assert.match(checkExpression(scratch, columns, text) ?? 'taken', reason));
  }

  it('S8: tables of 2,000 columns', () => {
    const wide = Array.from({ length: 2000 }, (_, i) => ({ name: `c${i}`, type: '' }));
    assert.equal(checkExpression(scratch, wide, 'c0 + "C1999"'), null);
    assert.match(checkExpression(scratch, wide, 'c2000') ?? '', /no such column/);
  });

  it('declared types are no SQL here', () => {
    const hostile = [{ name: 'a', type: 'INT, x AS (1)); DROP TABLE t; --' }];
    assert.equal(checkExpression(scratch, hostile, 'a'), null);
  });

  it('X4: whatever is written, nothing but the one column is added and nothing throws', () => {
    const piece = fc.constantFrom(
      ...['(', ')', ',', ';', "'", '"', '[', ']', '`', '--', '/*', '*/', ' ', '\n', '?', ':x', 'id', 'AS', 'SELECT'],
      ...[
        'FROM',
        't',
        'STORED',
        '1',
        "''",
        'x',
        'IN',
        'CHECK',
        'REFERENCES',
        'now()',
        '+',
        '.',
        '\u0000',
        'PRIMARY KEY',
      ],
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const verdict = checkExpression(scratch, columns, pieces.join(' '));
        return verdict === null || verdict.length > 0;
      }),
      { numRuns: 2000 },
    );
  });
});

describe('isColumnName', () => {
  const cases: readonly (readonly [string, string, boolean])[] = [
    ['id', 'ID', true],
    [' "id" ', 'id', true],
    ['[id]', 'id', true],
    ['`id`', 'id', true],
    ['"we""ird"', 'we"ird', true],
    ["'id'", 'id', false],
    ['id + 0', 'id', false],
    ['(id)', 'id', false],
    ['', 'id', false],
    ['"open', 'open', false],
  ];
  for (const [text, column, expected] of cases)
    it(`${text} ${expected ? 'is' : 'is not'} ${column}`, () => assert.equal(isColumnName(text, column), expected));
});
