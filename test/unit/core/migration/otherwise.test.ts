/** `"otherwise": "adopt"`: a table of which the target cannot take every row goes there whole. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { withFolder } from '../../../support/folders';
import { adopt, makePair, map, migratePlan, rehearsePlan } from '../../../support/plans';
import { edit, query } from '../../../support/sqlite';

describe('a map step that adopts otherwise', function () {
  this.timeout(20_000);

  const target = "CREATE TABLE m (id INTEGER PRIMARY KEY, a TEXT NOT NULL UNIQUE); INSERT INTO m VALUES (9, 'own')";
  const step = map('t', 'm', { id: 'id', a: 'a' }, {}, { otherwise: 'adopt', takenKeys: 'conflict' });

  it('maps where every row fits, and a row that comes later and does not fit is a reject', () =>
    withFolder(async (folder) => {
      await makePair(folder, "CREATE TABLE t (id INTEGER PRIMARY KEY, a); INSERT INTO t VALUES (1, 'x')", target);
      const first = await migratePlan(folder, [step]);
      assert.deepEqual([first.failure, first.steps[0]?.strategy, first.steps[0]?.inserted], [null, 'map', 1]);
      await edit(join(folder, 'legacy.db'), "INSERT INTO t VALUES (2, 'x')");
      const second = await rehearsePlan(folder, [step]);
      assert.equal(second.failure?.code, 'rejected-rows');
    }));

  for (const [what, rows] of [
    ['refused', "(1, 'x'), (2, NULL)"],
    ['kept out by a taken key', "(1, 'x'), (9, 'theirs')"],
  ] as const) {
    it(`adopts the whole table where a row would be ${what}, says why, and stays with it`, () =>
      withFolder(async (folder) => {
        await makePair(folder, `CREATE TABLE t (id INTEGER PRIMARY KEY, a); INSERT INTO t VALUES ${rows}`, target);
        const first = await migratePlan(folder, [step]);
        assert.equal(first.failure, null);
        const [report] = first.steps;
        assert.deepEqual([report?.strategy, report?.inserted, report?.rejected, report?.conflicts], ['adopt', 2, 0, 0]);
        assert.deepEqual(report?.target, { database: 'target.db', table: 't' });
        assert.ok(
          first.warnings.some(({ code, message }) => code === 'adopted-instead' && message.includes('m cannot')),
        );
        const path = join(folder, 'target.db');
        assert.deepEqual(await query(path, 'SELECT * FROM m'), [[9, 'own']]);
        assert.equal((await query(path, 'SELECT * FROM t')).length, 2);

        const again = await migratePlan(folder, [step]);
        assert.deepEqual([again.successors.length, again.steps[0]?.alreadyPresent], [0, 2]);
        await edit(join(folder, 'legacy.db'), "INSERT INTO t VALUES (3, 'later')");
        const third = await migratePlan(folder, [step]);
        assert.deepEqual([third.steps[0]?.strategy, third.steps[0]?.inserted], ['adopt', 1]);
        assert.equal((await query(path, 'SELECT * FROM m')).length, 1);
      }));
  }

  for (const [what, legacy, own] of [
    ['the legacy table lacks a column', 't (id INTEGER PRIMARY KEY, b)', 'm (id INTEGER PRIMARY KEY, a)'],
    ['the target lacks a column', 't (id INTEGER PRIMARY KEY, a)', 'm (id INTEGER PRIMARY KEY, b)'],
    ['the target has no key', 't (id INTEGER PRIMARY KEY, a)', 'm (id INTEGER, a)'],
  ] as const)
    it(`adopts the whole table where ${what}, as in another version of Jarvis; of a plan file it is refused`, () =>
      withFolder(async (folder) => {
        await makePair(folder, `CREATE TABLE ${legacy}; INSERT INTO t VALUES (1, 'x')`, `CREATE TABLE ${own}`);
        await assert.rejects(rehearsePlan(folder, [step], { fromFile: true }), { code: 'plan-invalid' });
        const first = await migratePlan(folder, [step], { rejects: 'collect' });
        assert.deepEqual([first.failure, first.steps[0]?.strategy, first.steps[0]?.inserted], [null, 'adopt', 1]);
        assert.ok(first.warnings.some(({ code }) => code === 'adopted-instead'));
        const again = await migratePlan(folder, [step]);
        assert.deepEqual([again.failure, again.successors.length, again.steps[0]?.alreadyPresent], [null, 0, 1]);
      }));

  it('is refused where a table lost a column after its rows were mapped', () =>
    withFolder(async (folder) => {
      await makePair(folder, "CREATE TABLE t (id INTEGER PRIMARY KEY, a, b); INSERT INTO t VALUES (1, 'x', 2)", target);
      const first = await migratePlan(folder, [step]);
      assert.deepEqual([first.failure, first.steps[0]?.strategy], [null, 'map']);
      await edit(join(folder, 'legacy.db'), 'ALTER TABLE t DROP COLUMN a');
      await assert.rejects(rehearsePlan(folder, [step]), { code: 'plan-invalid' });
    }));

  it('V1: adopts the whole table where no key is left for its rows', () =>
    withFolder(async (folder) => {
      await makePair(
        folder,
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a); INSERT INTO t VALUES (1, 'x'), (9223372036854775807, 'y'), (-9223372036854775808, 'z')",
        "CREATE TABLE m (id INTEGER PRIMARY KEY, a TEXT); INSERT INTO m VALUES (1, 'own')",
      );
      const first = await migratePlan(folder, [{ ...step, takenKeys: 'shift' }]);
      assert.deepEqual([first.failure, first.steps[0]?.strategy, first.steps[0]?.inserted], [null, 'adopt', 3]);
    }));

  it('collects the rejects instead where the user chose to collect', () =>
    withFolder(async (folder) => {
      await makePair(
        folder,
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a); INSERT INTO t VALUES (1, 'x'), (2, NULL)",
        target,
      );
      const { steps, collected } = await rehearsePlan(folder, [step], { rejects: 'collect' });
      assert.deepEqual([steps[0]?.strategy, steps[0]?.inserted, steps[0]?.rejected], ['map', 1, 1]);
      assert.ok(collected !== null);
    }));
});

describe('tables that refer to one that is adopted otherwise', function () {
  this.timeout(20_000);

  const legacy = `CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT); INSERT INTO t VALUES (1, 'x'), (2, NULL);
    CREATE TABLE c (id INTEGER PRIMARY KEY, t INTEGER REFERENCES t (id)); INSERT INTO c VALUES (1, 1), (2, 2);`;
  const own = "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT NOT NULL); INSERT INTO t VALUES (1, 'own')";
  const mapped = map('t', 't', { id: 'id', a: 'a' }, {}, { otherwise: 'adopt' });

  for (const steps of [
    [mapped, adopt('c')],
    [adopt('c'), mapped],
  ])
    it(`follow it under its new name when they are adopted, ${steps[0]?.strategy} first: foreign keys, triggers, views`, () =>
      withFolder(async (folder) => {
        await makePair(
          folder,
          `${legacy} CREATE TABLE log (n); CREATE VIEW v AS SELECT c.id, a FROM c JOIN t ON t.id = c.t;
           CREATE TRIGGER c_ai AFTER INSERT ON c BEGIN INSERT INTO log SELECT a FROM t WHERE id = new.t; END`,
          own,
        );
        const all = [...steps, adopt('log')];
        const first = await migratePlan(folder, all);
        assert.equal(first.failure, null, first.failure?.message);
        const path = join(folder, 'target.db');
        assert.deepEqual(await query(path, 'SELECT * FROM t'), [[1, 'own']]);
        assert.deepEqual(await query(path, 'SELECT * FROM v ORDER BY 1'), [
          [1, 'x'],
          [2, null],
        ]);
        assert.deepEqual(await query(path, 'SELECT "table" FROM pragma_foreign_key_list(\'c\')'), [['legacy_t']]);
        await edit(path, 'INSERT INTO c VALUES (3, 1)');
        assert.deepEqual(await query(path, 'SELECT n FROM log'), [['x']]);
        await edit(path, 'DELETE FROM c WHERE id = 3; DELETE FROM log');
        const told = first.warnings.filter(({ code }) => code === 'adopted-instead');
        assert.equal(told.length, 1);
        assert.match(told[0]?.message ?? '', /adopted as legacy_t instead/);

        const again = await migratePlan(folder, all);
        assert.deepEqual([again.failure, again.successors.length], [null, 0]);
        await edit(join(folder, 'legacy.db'), "INSERT INTO t VALUES (3, 'z'); INSERT INTO c VALUES (3, 3)");
        const third = await migratePlan(folder, all);
        assert.equal(third.failure, null, third.failure?.message);
      }));

  for (const [how, key] of [
    ['an integer', 'INTEGER'],
    ['a text', 'TEXT'],
  ] as const)
    it(`do not take the target's rows for its rows when they are mapped, the key being ${how}`, () =>
      withFolder(async (folder) => {
        await makePair(
          folder,
          legacy.replaceAll('INTEGER', key),
          `${own.replaceAll('INTEGER', key)}; CREATE TABLE mc (id INTEGER PRIMARY KEY, t ${key} REFERENCES t (id))`,
        );
        const { failure, rejects } = await rehearsePlan(folder, [mapped, map('c', 'mc', { id: 'id', t: 't' })]);
        assert.equal(failure?.code, 'rejected-rows');
        assert.deepEqual(
          rejects.map(({ table, rowid }) => [table, rowid]),
          [
            ['c', '1'],
            ['c', '2'],
          ],
        );
      }));

  it('are adopted with it where they would be adopted otherwise, too', () =>
    withFolder(async (folder) => {
      await makePair(folder, legacy, `${own}; CREATE TABLE mc (id INTEGER PRIMARY KEY, t INTEGER REFERENCES t (id))`);
      const child = map('c', 'mc', { id: 'id', t: 't' }, {}, { otherwise: 'adopt' });
      const first = await migratePlan(folder, [child, mapped]);
      assert.equal(first.failure, null, first.failure?.message);
      assert.deepEqual(
        first.steps.map(({ target, inserted }) => [target, inserted]),
        [
          [{ database: 'target.db', table: 'c' }, 2],
          [{ database: 'target.db', table: 'legacy_t' }, 2],
        ],
      );
      assert.equal(first.targets[0]?.foreignKeys, 'passed');
    }));
});
