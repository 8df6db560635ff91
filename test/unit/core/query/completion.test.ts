/** What is proposed where: `|` is the cursor. */
import assert from 'node:assert/strict';
import { proposeAt, type QueryProposal } from '../../../../src/core/query/completion';
import { addToHistory, withoutEntry, type HistoryEntry } from '../../../../src/core/query/history';
import type { QueryRelation } from '../../../../src/core/query/model';

const column = (name: string, type = 'TEXT', primaryKey = false): QueryRelation['columns'][number] => ({
  name,
  type,
  primaryKey,
});
const relations: readonly QueryRelation[] = [
  {
    name: 'people',
    kind: 'table',
    columns: [column('id', 'INTEGER', true), column('name'), column('team', 'INTEGER')],
  },
  { name: 'order', kind: 'table', columns: [column('id', 'INTEGER', true), column('two words', '')] },
  { name: 'reds', kind: 'view', columns: [column('name')] },
];

function propose(sql: string): { readonly proposals: readonly QueryProposal[]; readonly typed: string } {
  const offset = sql.indexOf('|');
  const { from, proposals } = proposeAt(sql.replace('|', ''), offset, relations);
  return { proposals, typed: sql.slice(from, offset) };
}
const texts = (sql: string): readonly string[] =>
  propose(sql)
    .proposals.filter(({ kind }) => kind !== 'keyword')
    .map(({ text }) => text);

describe('completion of a statement', () => {
  for (const sql of [
    'SELECT * FROM |',
    'SELECT * FROM pe|',
    'SELECT * FROM people, |',
    'SELECT 1 FROM people p LEFT JOIN |',
    'SELECT * FROM people WHERE team IN (SELECT id FROM |)',
  ])
    it(`tables in ${sql}`, () => assert.deepEqual(texts(sql), ['people', '"order"', 'reds']));

  for (const [sql, expected] of [
    ['SELECT p.| FROM people p', ['id', 'name', 'team']],
    ['SELECT p.na| FROM people AS p', ['id', 'name', 'team']],
    ['SELECT * FROM people p JOIN "order" o ON p.id = o.|', ['id', '"two words"']],
    ['SELECT "order".| FROM main."order"', ['id', '"two words"']],
    ['SELECT x.| FROM people p', []],
    ['SELECT | FROM people', ['id', 'name', 'team', 'people']],
    ['SELECT * FROM people p, "order" o WHERE |', ['id', 'name', 'team', '"two words"', 'p', 'o']],
    ['SELECT * FROM reds ORDER BY |', ['name', 'reds']],
    ['SELECT count(|) FROM reds', ['name', 'reds']],
    [`SELECT 'p.|' FROM people p`, []],
    ['SELECT 1 -- from |', []],
    ['SELECT * FROM people |', []],
  ] as const)
    it(`${expected.join(', ') || 'no name'} in ${sql}`, () => assert.deepEqual(texts(sql), expected));

  it('the tables of a WITH too', () =>
    assert.deepEqual(texts('WITH few AS (SELECT 1) SELECT * FROM |'), ['people', '"order"', 'reds', 'few']));

  it('types, keys and where a column is from as details; what is typed is replaced', () => {
    const { proposals, typed } = propose('SELECT te| FROM people');
    assert.equal(typed, 'te');
    assert.deepEqual(
      proposals.slice(0, 3).map(({ detail }) => detail),
      ['INTEGER PRIMARY KEY (people)', 'TEXT (people)', 'INTEGER (people)'],
    );
  });

  it('keywords behind a table', () =>
    assert.ok(propose('SELECT * FROM people w|').proposals.some(({ label }) => label === 'WHERE')));
});

describe('the history of statements', () => {
  const entry = (sql: string, file = 'a', at = 0): HistoryEntry => ({
    ...{ sql, file, at, database: file, milliseconds: 1, rows: 1, cut: false },
  });
  const names = (history: readonly HistoryEntry[]): readonly string[] =>
    history.map(({ sql, file }) => `${sql} ${file}`);

  it('has each statement of a database once, the newest first', () => {
    const history = [entry('1'), entry('2'), entry('1', 'b'), entry('1', 'a', 9)].reduce<readonly HistoryEntry[]>(
      addToHistory,
      [],
    );
    assert.deepEqual(names(history), ['1 a', '1 b', '2 a']);
    assert.equal(history[0]?.at, 9);
    assert.deepEqual(names(withoutEntry(history, entry('1'))), ['1 b', '2 a']);
  });

  it('is bounded, in statements and in their length', () => {
    let history: readonly HistoryEntry[] = [];
    for (let at = 0; at < 250; at++) history = addToHistory(history, entry(`SELECT ${at}`));
    assert.equal(history.length, 200);
    assert.equal(history[0]?.sql, 'SELECT 249');
    assert.deepEqual(addToHistory(history, entry('x'.repeat(20_001))), history);
  });
});
