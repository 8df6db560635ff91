/** What two legacy databases, or an application that went on, do to a target's names and types. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { withFolder } from '../../../support/folders';
import { adopt, makePair, map, migratePlan, rehearsePlan } from '../../../support/plans';
import { cell, create, edit, query } from '../../../support/sqlite';

describe('names and types of the target', function () {
  this.timeout(20_000);

  it('two databases with an index and a view of one name are adopted in one run, and a second run has nothing to do', () =>
    withFolder(async (folder) => {
      const schema = (table: string): string =>
        `CREATE TABLE ${table} (ts); INSERT INTO ${table} VALUES (1); CREATE INDEX idx_ts ON ${table} (ts); CREATE VIEW v AS SELECT ts FROM ${table}`;
      await makePair(folder, schema('t1'));
      await create(join(folder, 'other.db'), schema('t2'));
      const steps = [adopt('t1'), adopt('t2', 'other.db')];
      const { failure } = await migratePlan(folder, steps);
      assert.equal(failure, null);
      const target = join(folder, 'target.db');
      assert.equal(
        await cell(
          target,
          "SELECT count(*) FROM sqlite_schema WHERE type IN ('index', 'view') AND name LIKE '%idx_ts' OR name IN ('v', 'other_v')",
        ),
        4,
      );
      assert.equal((await rehearsePlan(folder, steps)).successors.length, 0);
    }));

  it('a refused row is a reject, whatever the column is called', () =>
    withFolder(async (folder) => {
      await makePair(
        folder,
        'CREATE TABLE t (id INTEGER PRIMARY KEY, disk_locked); INSERT INTO t VALUES (1, NULL), (2, 1)',
        'CREATE TABLE m (id INTEGER PRIMARY KEY, disk_locked NOT NULL)',
      );
      const { failure, rejects } = await rehearsePlan(folder, [
        map('t', 'm', { id: 'id', disk_locked: 'disk_locked' }),
      ]);
      assert.equal(failure?.code, 'rejected-rows');
      assert.deepEqual(
        rejects.map(({ rowid }) => rowid),
        ['1'],
      );
    }));

  it('two references to its own table follow one shift', () =>
    withFolder(async (folder) => {
      const columns = 'id INTEGER PRIMARY KEY, parent REFERENCES m (id), root REFERENCES m (id)';
      await makePair(
        folder,
        'CREATE TABLE t (id INTEGER PRIMARY KEY, parent, root); INSERT INTO t VALUES (1, NULL, 1), (2, 1, 1)',
        `CREATE TABLE m (${columns}); INSERT INTO m VALUES (1, NULL, NULL)`,
      );
      const { failure } = await migratePlan(folder, [map('t', 'm', { id: 'id', parent: 'parent', root: 'root' })]);
      assert.equal(failure, null);
      assert.deepEqual(await query(join(folder, 'target.db'), 'SELECT * FROM m ORDER BY id'), [
        [1, null, null],
        [2, null, 2],
        [3, 2, 2],
      ]);
    }));

  it('V5: a column whose type the application changed since takes no value that it would change', () =>
    withFolder(async (folder) => {
      await makePair(folder, "CREATE TABLE t (id INTEGER PRIMARY KEY, code TEXT); INSERT INTO t VALUES (1, 'a')");
      const target = join(folder, 'target.db');
      await migratePlan(folder, [adopt('t')]);
      await edit(
        target,
        'CREATE TABLE n (id INTEGER PRIMARY KEY, code INTEGER); INSERT INTO n SELECT * FROM t; DROP TABLE t; ALTER TABLE n RENAME TO t',
      );
      await edit(join(folder, 'legacy.db'), "INSERT INTO t VALUES (2, '007'), (3, 'b')");
      const { failure, rejects } = await rehearsePlan(folder, [adopt('t')]);
      assert.equal(failure?.code, 'rejected-rows');
      assert.deepEqual(
        rejects.map(({ rowid }) => rowid),
        ['2'],
      );
    }));

  it('a table whose parent was adopted elsewhere is adopted as well: its rows find their own parents', () =>
    withFolder(async (folder) => {
      await makePair(
        folder,
        "CREATE TABLE p (id TEXT PRIMARY KEY, a); INSERT INTO p VALUES ('7', 'theirs'), ('8', NULL); CREATE TABLE c (id INTEGER PRIMARY KEY, p); INSERT INTO c VALUES (1, '7')",
        "CREATE TABLE mp (id TEXT PRIMARY KEY, a NOT NULL); INSERT INTO mp VALUES ('7', 'own'); CREATE TABLE mc (id INTEGER PRIMARY KEY, p REFERENCES mp (id))",
      );
      const otherwise = { otherwise: 'adopt' } as const;
      const steps = [
        map('p', 'mp', { id: 'id', a: 'a' }, {}, otherwise),
        map('c', 'mc', { id: 'id', p: 'p' }, {}, otherwise),
      ];
      const { failure, steps: reports } = await migratePlan(folder, steps);
      assert.equal(failure, null);
      assert.deepEqual(
        reports.map(({ strategy }) => strategy),
        ['adopt', 'adopt'],
      );
      assert.equal(await cell(join(folder, 'target.db'), 'SELECT a FROM c JOIN p ON p.id = c.p'), 'theirs');
      assert.equal((await rehearsePlan(folder, steps)).successors.length, 0);
    }));
});

describe('tables of very many columns', function () {
  this.timeout(60_000);
  const columns = (count: number): readonly string[] => Array.from({ length: count }, (_, index) => `c${index}`);
  const wide = (count: number, first = '', last = ''): string =>
    `CREATE TABLE w (${first}${columns(count).join(', ')}${last})`;

  it('S8: 2,000 columns without a key keep their rowids and arrive whole; later rows too', () =>
    withFolder(async (folder) => {
      await makePair(
        folder,
        `${wide(2000)}; INSERT INTO w (c0, c1999) VALUES (1, x'00'), (1, x'00'); INSERT INTO w (rowid, c0, c7) VALUES (77, NULL, 'last')`,
      );
      const path = join(folder, 'target.db');
      const first = await migratePlan(folder, [adopt('w')]);
      assert.equal(first.failure, null, first.failure?.message);
      assert.deepEqual(await query(path, 'SELECT rowid, c0, hex(c1999), c7 FROM w'), [
        [1, 1, '00', null],
        [2, 1, '00', null],
        [77, null, '', 'last'],
      ]);
      await edit(join(folder, 'legacy.db'), 'INSERT INTO w (c0, c1) VALUES (5, 6)');
      const second = await migratePlan(folder, [adopt('w')]);
      assert.deepEqual([second.failure, second.steps[0]?.inserted, second.steps[0]?.alreadyPresent], [null, 1, 3]);
    }));

  it('S8: are refused in words where no column can wait, where they are mapped, and where rejects cannot be kept', () =>
    withFolder(async (folder) => {
      const strict = columns(2000).map((column) => `${column} NOT NULL DEFAULT 0`);
      await makePair(folder, `CREATE TABLE w (${strict.join(', ')}); INSERT INTO w (c0) VALUES (1)`);
      await assert.rejects(rehearsePlan(folder, [adopt('w')]), {
        code: 'plan-invalid',
        message: 'legacy.db w has 2000 columns and no key: SQLite takes 2000 at a time, the rowid included.',
      });
      await makePair(
        folder,
        `${wide(1998, 'id INTEGER PRIMARY KEY, ')}; INSERT INTO w (c0) VALUES (1)`,
        'CREATE TABLE m (id INTEGER PRIMARY KEY)',
      );
      await assert.rejects(rehearsePlan(folder, [map('w', 'm', { id: 'id' })]), {
        code: 'plan-invalid',
        message: /have 1999 and 1 columns; SQLite takes 2000 at a time/,
      });
      await makePair(
        folder,
        `CREATE TABLE p (id INTEGER PRIMARY KEY); ${wide(1998, 'id INTEGER PRIMARY KEY, p REFERENCES p (id), ')}; INSERT INTO w (p) VALUES (404)`,
      );
      await assert.rejects(rehearsePlan(folder, [adopt('p'), adopt('w')], { rejects: 'collect' }), {
        code: 'rejected-rows',
        message: /no table of rejects\.db can hold them/,
      });
    }));
});
