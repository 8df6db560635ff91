/** Rows that a target demands before those of a step, as the plan declares them. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { MapStep } from '../../../../src/core/plan/schema';
import { withFolder } from '../../../support/folders';
import { makePair, map, migratePlan, rehearsePlan } from '../../../support/plans';
import { cell, edit, query } from '../../../support/sqlite';

const legacy = `CREATE TABLE t (id INTEGER PRIMARY KEY, user INTEGER, name TEXT, a);
  INSERT INTO t VALUES (1, 10, 'ann', 1), (2, 10, 'ann', 2), (3, 20, 'bob', 3), (4, NULL, NULL, 4), (5, 30, 'own', 5)`;
const target = `CREATE TABLE log (n); CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT UNIQUE, status TEXT DEFAULT 'active', made TEXT DEFAULT CURRENT_TIMESTAMP);
  INSERT INTO users VALUES (30, 'own', 'x', 'y'); CREATE TRIGGER users_ai AFTER INSERT ON users BEGIN INSERT INTO log VALUES (new.id); END;
  CREATE TABLE m (id INTEGER PRIMARY KEY, user_id INTEGER REFERENCES users (id), a NOT NULL)`;
const step = (columns: Readonly<Record<string, string>> = { id: 'user', name: 'name' }): MapStep =>
  map(
    't',
    'm',
    { id: 'id', user_id: 'user', a: 'a' },
    {},
    {
      parents: [{ table: 'users', columns: { ...columns } }],
      residual: 'sidecar',
    },
  );

describe('parents', function () {
  this.timeout(20_000);

  it('are added once for each key that no row answers to, with explicit NULLs and without a trigger; the ledger has them', () =>
    withFolder(async (folder) => {
      await makePair(folder, legacy, target);
      const path = join(folder, 'target.db');
      const first = await migratePlan(folder, [step()]);
      assert.equal(first.failure, null, first.failure?.message);
      assert.deepEqual(first.steps[0]?.parents, [{ table: 'users', inserted: 2 }]);
      assert.equal(first.steps[0].inserted, 5);
      assert.deepEqual(
        first.warnings.filter(({ code }) => code === 'parents-added').map(({ message }) => message),
        ['legacy.db t: 2 rows were added to users, which the plan declares as its parents.'],
      );
      assert.deepEqual(await query(path, 'SELECT * FROM users ORDER BY id'), [
        [10, 'ann', null, null],
        [20, 'bob', null, null],
        [30, 'own', 'x', 'y'],
      ]);
      assert.equal(await cell(path, 'SELECT count(*) FROM log'), 0);
      assert.equal(await cell(path, "SELECT count(*) FROM sqlite_schema WHERE name = 'users_ai'"), 1);
      assert.deepEqual(
        await query(
          path,
          'SELECT strategy, target_table, inserted, key_columns FROM jarvis_migration_history ORDER BY id',
        ),
        [
          ['parent', 'users', 2, '["id"]'],
          ['map', 'm', 5, '["id"]'],
        ],
      );
      assert.deepEqual(
        await query(path, 'SELECT first_key, last_key FROM jarvis_migration_rows WHERE history = 1 ORDER BY 1'),
        [
          [10, 10],
          [20, 20],
        ],
      );
    }));

  it('a second run adds none, also where the application deleted one since', () =>
    withFolder(async (folder) => {
      await makePair(folder, legacy, target);
      const path = join(folder, 'target.db');
      await migratePlan(folder, [step()]);
      const bytes = await readFile(path);
      const second = await migratePlan(folder, [step()]);
      assert.deepEqual(
        [
          second.failure,
          second.successors.length,
          second.steps[0]?.parents.reduce((sum, { inserted }) => sum + inserted, 0),
        ],
        [null, 0, 0],
      );
      assert.deepEqual(await readFile(path), bytes);
      assert.equal((await rehearsePlan(folder, [step()], { intent: 'look' })).failure, null);
      await edit(join(folder, 'legacy.db'), "INSERT INTO t VALUES (6, 40, 'new', 6), (7, 10, 'other', 7)");
      const third = await migratePlan(folder, [step()]);
      assert.equal(third.failure, null, third.failure?.message);
      assert.deepEqual([third.steps[0]?.inserted, third.steps[0]?.parents], [2, [{ table: 'users', inserted: 1 }]]);
      assert.deepEqual(await query(path, 'SELECT id, name FROM users ORDER BY id'), [
        [10, 'ann'],
        [20, 'bob'],
        [30, 'own'],
        [40, 'new'],
      ]);
    }));

  it('none are added for rejected rows', () =>
    withFolder(async (folder) => {
      await makePair(folder, `${legacy}; UPDATE t SET a = NULL WHERE id IN (1, 3)`, target);
      const first = await migratePlan(folder, [step()], { rejects: 'collect' });
      assert.equal(first.failure, null, first.failure?.message);
      assert.deepEqual(
        [first.steps[0]?.inserted, first.steps[0]?.rejected, first.steps[0]?.parents],
        [3, 2, [{ table: 'users', inserted: 1 }]],
      );
      assert.deepEqual(await query(join(folder, 'target.db'), 'SELECT id, name FROM users ORDER BY id'), [
        [10, 'ann'],
        [30, 'own'],
      ]);
      // Where every child is refused, the target gains nothing at all.
      await makePair(folder, `${legacy}; UPDATE t SET a = NULL`, target);
      const none = await migratePlan(folder, [step()], { rejects: 'collect' });
      assert.deepEqual([none.failure, none.successors.length, none.steps[0]?.rejected], [null, 0, 5]);
    }));

  it('a parent that the target refuses makes orphans of its children: rejects, and a row of the target stays as it is', () =>
    withFolder(async (folder) => {
      await makePair(folder, `${legacy}; UPDATE t SET name = 'own' WHERE id = 3`, target);
      const first = await rehearsePlan(folder, [step()]);
      assert.equal(first.failure?.code, 'rejected-rows');
      assert.deepEqual(
        first.rejects.map(({ rowid, reason }) => [rowid, reason]),
        [['3', 'FOREIGN KEY constraint failed: user_id refers to a row of users that is not there']],
      );
      assert.equal(first.targets[0]?.untouchedRows, 'passed');
      assert.deepEqual(first.steps[0]?.parents, [{ table: 'users', inserted: 1 }]);
    }));

  it('of one key with different values in several rows are one row all the same', () =>
    withFolder(async (folder) => {
      await makePair(folder, `${legacy}; UPDATE t SET name = 'Ann' WHERE id = 2`, target);
      const first = await migratePlan(folder, [step()]);
      assert.equal(first.failure, null, first.failure?.message);
      assert.deepEqual(first.steps[0]?.parents, [{ table: 'users', inserted: 2 }]);
      assert.equal(await cell(join(folder, 'target.db'), 'SELECT count(*) FROM users'), 3);
    }));

  it('with a text key, and with a key of two columns', () =>
    withFolder(async (folder) => {
      await makePair(
        folder,
        "CREATE TABLE t (id INTEGER PRIMARY KEY, s TEXT, n INTEGER); INSERT INTO t VALUES (1, 'a', 1), (2, 'a', 2), (3, 'b', 1), (4, 'a', 1)",
        `CREATE TABLE s (name TEXT PRIMARY KEY) WITHOUT ROWID; CREATE TABLE p (s TEXT REFERENCES s, n INTEGER, PRIMARY KEY (s, n));
         CREATE TABLE m (id INTEGER PRIMARY KEY, s TEXT, n INTEGER, FOREIGN KEY (s, n) REFERENCES p)`,
      );
      const steps = [
        map(
          't',
          'm',
          { id: 'id', s: 's', n: 'n' },
          {},
          {
            parents: [
              { table: 's', columns: { name: 's' } },
              { table: 'p', columns: { s: 's', n: 'n' } },
            ],
          },
        ),
      ];
      const first = await migratePlan(folder, steps);
      assert.equal(first.failure, null, first.failure?.message);
      assert.deepEqual(first.steps[0]?.parents, [
        { table: 's', inserted: 2 },
        { table: 'p', inserted: 3 },
      ]);
      const second = await migratePlan(folder, steps);
      assert.deepEqual([second.failure, second.successors.length], [null, 0]);
    }));

  it('that would go into the table of the step itself, or of one that refers to it, refuse the plan', () =>
    withFolder(async (folder) => {
      await makePair(
        folder,
        'CREATE TABLE t (id INTEGER PRIMARY KEY, up INTEGER); INSERT INTO t VALUES (1, 3), (2, 404), (3, NULL); CREATE TABLE u (id INTEGER PRIMARY KEY, t INTEGER); INSERT INTO u VALUES (3, 1)',
        'CREATE TABLE m (id INTEGER PRIMARY KEY, up INTEGER); CREATE TABLE n (id INTEGER PRIMARY KEY, m INTEGER REFERENCES m (id))',
      );
      const into = (table: string): MapStep =>
        map('t', 'm', { id: 'id', up: 'up' }, {}, { parents: [{ table, columns: { id: 'up' } }] });
      await assert.rejects(rehearsePlan(folder, [into('m')]), {
        code: 'plan-invalid',
        message: /would go into m, which the step itself fills/,
      });
      await assert.rejects(rehearsePlan(folder, [map('u', 'n', { id: 'id', m: 't' }), into('n')]), {
        code: 'plan-invalid',
        message: /would go into [mn], which a step fills that refers to this one/,
      });
    }));

  const faults: readonly (readonly [string, Readonly<Record<string, string>>, RegExp])[] = [
    ['whose key is not filled', { name: 'name' }, /do not fill users\.id/],
    ['with a column that is not there', { id: 'user', nick: 'name' }, /no column nick/],
  ];
  for (const [what, columns, message] of faults)
    it(`${what} refuse the plan`, () =>
      withFolder(async (folder) => {
        await makePair(folder, legacy, target);
        await assert.rejects(rehearsePlan(folder, [step(columns)]), { code: 'plan-invalid', message });
      }));
});
