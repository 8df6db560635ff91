/** What moves beside rows: views over adopted tables, and full-text indexes with the tables they find. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { execute } from '../../../support/cli';
import { withFolder } from '../../../support/folders';
import { adopt, makePair, map, migratePlan, rehearsePlan } from '../../../support/plans';
import { cell, column, create, edit, query } from '../../../support/sqlite';

describe('views', function () {
  this.timeout(20_000);
  const legacy = `CREATE TABLE t (id INTEGER PRIMARY KEY, a); INSERT INTO t VALUES (1, 'x'), (2, 'y'); CREATE TABLE u (id INTEGER PRIMARY KEY, t REFERENCES t (id)); INSERT INTO u VALUES (1, 2);
    CREATE VIEW v AS SELECT u.id, a FROM u JOIN t ON t.id = u.t; CREATE VIEW w AS SELECT a FROM v;
    CREATE TRIGGER v_ii INSTEAD OF INSERT ON v BEGIN INSERT INTO t (a) VALUES (new.a); END`;

  it('move with their tables, once', () =>
    withFolder(async (folder) => {
      await makePair(folder, legacy);
      const steps = [adopt('u'), adopt('t')];
      const first = await migratePlan(folder, steps);
      assert.equal(first.failure, null, first.failure?.message);
      const target = join(folder, 'target.db');
      assert.deepEqual(await query(target, 'SELECT * FROM v'), [[1, 'y']]);
      assert.deepEqual(await column(target, 'SELECT a FROM w'), ['y']);
      assert.equal(
        await cell(target, "SELECT sql FROM sqlite_schema WHERE name = 'v'"),
        await cell(join(folder, 'legacy.db'), "SELECT sql FROM sqlite_schema WHERE name = 'v'"),
      );
      assert.equal(await cell(target, "SELECT count(*) FROM sqlite_schema WHERE name = 'v_ii'"), 1);
      const second = await migratePlan(folder, steps);
      assert.deepEqual([second.failure, second.successors.length], [null, 0]);
      assert.equal((await rehearsePlan(folder, steps, { intent: 'look' })).failure, null);
    }));

  it('speak of the names that the tables got', () =>
    withFolder(async (folder) => {
      await makePair(
        folder,
        legacy,
        "CREATE TABLE t (own); INSERT INTO t VALUES ('mine'); CREATE VIEW v AS SELECT own FROM t",
      );
      const steps = [adopt('u'), adopt('t')];
      const first = await migratePlan(folder, steps);
      assert.equal(first.failure, null, first.failure?.message);
      const target = join(folder, 'target.db');
      assert.deepEqual(await query(target, 'SELECT * FROM v'), [['mine']]);
      assert.deepEqual(await query(target, 'SELECT * FROM legacy_v'), [[1, 'y']]);
      assert.deepEqual(await column(target, 'SELECT a FROM w'), ['y']);
      assert.equal((await migratePlan(folder, steps)).successors.length, 0);
    }));

  it('over a table that stays behind are left behind with a warning', () =>
    withFolder(async (folder) => {
      await makePair(folder, legacy, 'CREATE TABLE m (id INTEGER PRIMARY KEY, a)');
      const first = await migratePlan(folder, [map('t', 'm', { id: 'id', a: 'a' })]);
      assert.equal(first.failure, null, first.failure?.message);
      const second = await migratePlan(folder, [adopt('t')]);
      assert.equal(second.failure, null, second.failure?.message);
      assert.ok(second.warnings.some(({ code, message }) => code === 'view-left-behind' && /\bv\b/.test(message)));
      assert.equal(await cell(join(folder, 'target.db'), "SELECT count(*) FROM sqlite_schema WHERE type = 'view'"), 0);
    }));

  it('come back where the application dropped one, and leave alone what it changed', () =>
    withFolder(async (folder) => {
      await makePair(folder, legacy);
      const steps = [adopt('u'), adopt('t')];
      await migratePlan(folder, steps);
      await edit(join(folder, 'target.db'), "DROP VIEW w; CREATE VIEW w AS SELECT 'mine' AS a");
      const second = await migratePlan(folder, steps);
      assert.equal(second.failure, null, second.failure?.message);
      assert.deepEqual(await column(join(folder, 'target.db'), 'SELECT a FROM w'), ['mine']);
    }));
});

const script = `
import json, sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
print(json.dumps([[list(row) for row in connection.execute(sql)] for sql in json.loads(sys.argv[2])]))
connection.close()
`;

/** Statements run by Python's SQLite, which has the modules, on the file itself. */
async function native(path: string, ...sql: readonly string[]): Promise<readonly (readonly unknown[])[][]> {
  const { code, stdout, stderr } = await execute('python3', ['-c', script, path, JSON.stringify(sql)]);
  if (code !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as (readonly unknown[])[][];
}

describe('a full-text index', function () {
  this.timeout(30_000);
  before(function () {
    const probe = "import sqlite3; sqlite3.connect(':memory:').execute('CREATE VIRTUAL TABLE a USING fts5(x)')";
    if (spawnSync('python3', ['-c', probe]).status !== 0) this.skip();
  });

  const facts = [
    'CREATE TABLE facts (id INTEGER PRIMARY KEY AUTOINCREMENT, entity TEXT, fact TEXT)',
    `CREATE VIRTUAL TABLE facts_fts USING fts5(entity, fact, content='facts', content_rowid='id')`,
    'CREATE TRIGGER facts_ai AFTER INSERT ON facts BEGIN INSERT INTO facts_fts(rowid, entity, fact) VALUES (new.id, new.entity, new.fact); END',
    `INSERT INTO facts (entity, fact) VALUES ('ann', 'likes fish'), ('bob', 'likes ünïcode 💸')`,
    'CREATE VIRTUAL TABLE notes USING fts5(title)',
    `INSERT INTO notes VALUES ('running dogs')`,
  ];
  const steps = [adopt('facts_fts'), adopt('facts'), adopt('notes')];
  const sound = [
    "INSERT INTO facts_fts(facts_fts) VALUES ('integrity-check')",
    "INSERT INTO notes(notes) VALUES ('integrity-check')",
    'PRAGMA integrity_check',
  ];

  async function withFacts(body: (folder: string, legacy: string, target: string) => Promise<void>): Promise<void> {
    await withFolder(async (folder) => {
      const [legacy, target] = [join(folder, 'legacy.db'), join(folder, 'target.db')];
      await native(legacy, ...facts);
      await create(target, 'CREATE TABLE other (a)');
      await body(folder, legacy, target);
    });
  }

  it('S3: is adopted after the table it finds, is searched by a native SQLite, and comes once', () =>
    withFacts(async (folder, _, target) => {
      const first = await migratePlan(folder, steps);
      assert.equal(first.failure, null, first.failure?.message);
      assert.deepEqual(
        first.steps.map(({ legacy, inserted, validation }) => [legacy.table, inserted, validation.cells]),
        [
          ['facts_fts', 2, 'passed'],
          ['facts', 2, 'passed'],
          ['notes', 1, 'passed'],
        ],
      );
      const second = await migratePlan(folder, steps);
      assert.deepEqual([second.failure, second.successors.length], [null, 0]);
      assert.deepEqual(
        second.steps.map(({ alreadyPresent }) => alreadyPresent),
        [2, 2, 1],
      );
      assert.equal((await rehearsePlan(folder, steps, { intent: 'look' })).failure, null);
      const answers = await native(
        target,
        ...sound,
        `SELECT entity FROM facts_fts WHERE facts_fts MATCH 'fish'`,
        `SELECT title FROM notes WHERE notes MATCH 'dogs'`,
      );
      assert.deepEqual(answers.slice(2), [[['ok']], [['ann']], [['running dogs']]]);
    }));

  it('S4: its shadow tables are no tables of the plan: none is listed as unplanned', () =>
    withFacts(async (folder) => {
      const { warnings } = await rehearsePlan(folder, steps);
      assert.deepEqual(
        warnings.filter(({ code }) => code.startsWith('unplanned')),
        [],
      );
      const { warnings: some } = await rehearsePlan(folder, [adopt('facts')]);
      const listed = some
        .filter(({ code }) => code.startsWith('unplanned'))
        .map(({ message }) => message)
        .join('\n');
      assert.match(listed, /notes/);
      assert.doesNotMatch(listed, /_data|_idx|_config|_docsize|_content/);
    }));

  it('S3: is refreshed with the rows that came since', () =>
    withFacts(async (folder, legacy, target) => {
      await migratePlan(folder, steps);
      await native(legacy, `INSERT INTO facts (entity, fact) VALUES ('cid', 'likes zebras')`);
      const second = await migratePlan(folder, steps);
      assert.equal(second.failure, null, second.failure?.message);
      assert.deepEqual(
        second.steps.map(({ legacy: { table }, inserted, alreadyPresent, conflicts }) => [
          table,
          inserted,
          alreadyPresent,
          conflicts,
        ]),
        [
          ['facts_fts', 1, 2, 0],
          ['facts', 1, 2, 0],
          ['notes', 0, 1, 0],
        ],
      );
      const answers = await native(target, ...sound, `SELECT entity FROM facts_fts WHERE facts_fts MATCH 'zebras'`);
      assert.deepEqual(answers.slice(2), [[['ok']], [['cid']]]);
      assert.equal((await migratePlan(folder, steps)).successors.length, 0);
    }));

  it('S3: is left alone where the application went on to write to it, with words on what to do', () =>
    withFacts(async (folder, legacy, target) => {
      await migratePlan(folder, steps);
      await native(target, `INSERT INTO facts (entity, fact) VALUES ('own', 'stays')`);
      await native(legacy, `INSERT INTO facts (id, entity, fact) VALUES (50, 'cid', 'likes zebras')`);
      const second = await migratePlan(folder, steps);
      assert.equal(second.failure, null, second.failure?.message);
      assert.ok(
        second.warnings.some(({ code, message }) => code === 'index-stale' && message.includes("VALUES ('rebuild')")),
      );
      assert.deepEqual(await native(target, `SELECT entity FROM facts_fts WHERE facts_fts MATCH 'stays'`), [[['own']]]);
      assert.equal(await cell(target, 'SELECT count(*) FROM facts'), 4);
    }));

  it('S3: claims no row that it finds and that is not there, in no run', () =>
    withFacts(async (folder, _, target) => {
      await migratePlan(folder, steps);
      // The table has no trigger for it, so that the index keeps the row.
      await native(target, 'DELETE FROM facts WHERE id = 1');
      for (const rehearse of [migratePlan, rehearsePlan]) {
        const { steps: reports, warnings } = await rehearse(folder, steps);
        const index = reports.find(({ legacy }) => legacy.table === 'facts_fts');
        assert.deepEqual([index?.inserted, index?.alreadyPresent, index?.leftBehind], [0, 1, 1]);
        assert.ok(warnings.some(({ message }) => message.includes('1 of the rows that it finds are not there')));
      }
    }));

  it('S3: is left alone while it finds every row of its content table, however the legacy one is built', () =>
    withFacts(async (folder, legacy) => {
      await migratePlan(folder, steps);
      await native(
        legacy,
        `INSERT INTO facts_fts(facts_fts) VALUES ('optimize')`,
        `INSERT INTO facts_fts(facts_fts, rank) VALUES ('automerge', 2)`,
      );
      for (const rehearse of [migratePlan, rehearsePlan]) {
        const second = await rehearse(folder, steps);
        assert.deepEqual([second.failure, second.successors.length, second.warnings], [null, 0, []]);
        const index = second.steps.find(({ legacy: { table } }) => table === 'facts_fts');
        assert.deepEqual([index?.inserted, index?.alreadyPresent, index?.conflicts], [0, 2, 0]);
      }
    }));

  it('S3: is refreshed though its content table lacks rows of the legacy one', () =>
    withFacts(async (folder, legacy, target) => {
      await migratePlan(folder, steps);
      await native(target, 'DELETE FROM facts WHERE id = 1');
      await native(legacy, `INSERT INTO facts (entity, fact) VALUES ('cid', 'likes zebras')`);
      const second = await migratePlan(folder, steps);
      const index = second.steps.find(({ legacy: { table } }) => table === 'facts_fts');
      assert.deepEqual([index?.inserted, index?.alreadyPresent, index?.leftBehind], [1, 1, 1]);
      assert.deepEqual(await native(target, `SELECT entity FROM facts_fts WHERE facts_fts MATCH 'zebras'`), [
        [['cid']],
      ]);
    }));

  it('S3: is left alone where the application took a row out of it, and says which rows it does not find', () =>
    withFacts(async (folder, _, target) => {
      await migratePlan(folder, steps);
      await native(
        target,
        `INSERT INTO facts_fts(facts_fts, rowid, entity, fact) VALUES ('delete', 1, 'ann', 'likes fish')`,
      );
      const second = await migratePlan(folder, steps);
      assert.deepEqual([second.failure, second.successors.length], [null, 0]);
      const index = second.steps.find(({ legacy: { table } }) => table === 'facts_fts');
      assert.deepEqual([index?.alreadyPresent, index?.conflicts, index?.leftBehind], [1, 1, 0]);
      assert.ok(second.warnings.some(({ code }) => code === 'index-stale'));
    }));

  it('S3: follows its content table to another name', () =>
    withFacts(async (folder, _, target) => {
      await create(target, 'CREATE TABLE facts (own); CREATE TABLE notes (own)');
      const first = await migratePlan(folder, steps);
      assert.equal(first.failure, null, first.failure?.message);
      const answers = await native(
        target,
        `INSERT INTO legacy_facts (entity, fact) VALUES ('new', 'zebra')`,
        `SELECT entity FROM facts_fts WHERE facts_fts MATCH 'zebra OR fish' ORDER BY rowid`,
        `SELECT title FROM legacy_notes WHERE legacy_notes MATCH 'dogs'`,
        'PRAGMA integrity_check',
      );
      assert.deepEqual(answers.slice(1), [[['ann'], ['new']], [['running dogs']], [['ok']]]);
    }));

  it('S3: is skipped like any table, its rows counted', () =>
    withFacts(async (folder) => {
      const { steps: reports, failure } = await rehearsePlan(folder, [
        {
          domain: 'analytics',
          strategy: 'skip',
          legacy: { database: 'legacy.db', table: 'facts_fts' },
          reason: 'Made anew.',
        },
      ]);
      assert.equal(failure, null);
      assert.deepEqual([reports[0]?.leftBehind, reports[0]?.reason], [2, 'Made anew.']);
    }));
});
