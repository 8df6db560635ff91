/** What is proposed where: `|` is the cursor. */
import assert from 'node:assert/strict';
import { proposeAt, type QueryProposal } from '../../../../src/core/query/completion';
import { addToHistory, withoutEntry, type HistoryEntry } from '../../../../src/core/query/history';
import type { QueryRelation } from '../../../../src/core/query/model';
import { loadSql } from '../../../support/sqlite';

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

/** Every keyword of https://www.sqlite.org/lang_keywords.html. */
const keywords = (
  'ABORT ACTION ADD AFTER ALL ALTER ALWAYS ANALYZE AND AS ASC ATTACH AUTOINCREMENT BEFORE BEGIN BETWEEN BY CASCADE CASE' +
  ' CAST CHECK COLLATE COLUMN COMMIT CONFLICT CONSTRAINT CREATE CROSS CURRENT CURRENT_DATE CURRENT_TIME' +
  ' CURRENT_TIMESTAMP DATABASE DEFAULT DEFERRABLE DEFERRED DELETE DESC DETACH DISTINCT DO DROP EACH ELSE END ESCAPE' +
  ' EXCEPT EXCLUDE EXCLUSIVE EXISTS EXPLAIN FAIL FILTER FIRST FOLLOWING FOR FOREIGN FROM FULL GENERATED GLOB GROUP' +
  ' GROUPS HAVING IF IGNORE IMMEDIATE IN INDEX INDEXED INITIALLY INNER INSERT INSTEAD INTERSECT INTO IS ISNULL JOIN KEY' +
  ' LAST LEFT LIKE LIMIT MATCH MATERIALIZED NATURAL NO NOT NOTHING NOTNULL NULL NULLS OF OFFSET ON OR ORDER OTHERS' +
  ' OUTER OVER PARTITION PLAN PRAGMA PRECEDING PRIMARY QUERY RAISE RANGE RECURSIVE REFERENCES REGEXP REINDEX RELEASE' +
  ' RENAME REPLACE RESTRICT RETURNING RIGHT ROLLBACK ROW ROWS SAVEPOINT SELECT SET TABLE TEMP TEMPORARY THEN TIES TO' +
  ' TRANSACTION TRIGGER UNBOUNDED UNION UNIQUE UPDATE USING VACUUM VALUES VIEW VIRTUAL WHEN WHERE WINDOW WITH WITHOUT'
).split(' ');

describe('completion of a statement', () => {
  it('S1: quotes every name that SQLite would not take for one', async () => {
    const columns = keywords.map((name, index) => `"${name}" DEFAULT ${index}`);
    const database = new (await loadSql()).Database();
    try {
      database.run(`CREATE TABLE t (${columns.join(', ')}); INSERT INTO t DEFAULT VALUES`);
      const t: QueryRelation = { name: 't', kind: 'table', columns: keywords.map((name) => column(name)) };
      const { proposals } = proposeAt('SELECT  FROM t', 7, [t]);
      const named = proposals.filter(({ kind }) => kind === 'column');
      assert.equal(named.length, keywords.length);
      const [found] = database.exec(`SELECT ${named.map(({ text }) => text).join(', ')} FROM t`);
      assert.deepEqual(found?.values, [[...keywords.keys()]]);
    } finally {
      database.close();
    }
  });

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
