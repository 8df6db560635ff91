/** `"otherwise": "adopt"`: a table of which the target cannot take every row goes there whole. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { refusal } from '../../../fixtures/refusals';
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

  describe('and an adopted table that refers to it', () => {
    const legacy = (rows: string, child = 'REFERENCES t (id)'): string =>
      `CREATE TABLE t (id INTEGER PRIMARY KEY, a); INSERT INTO t VALUES ${rows};
       CREATE TABLE c (id INTEGER PRIMARY KEY, t INTEGER ${child}); INSERT INTO c VALUES (1, 1), (2, 9)`;
    // The target has a table of the legacy table's name, with rows of its own.
    const taken = `CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT NOT NULL); INSERT INTO t VALUES (9, 'own'), (1, 'own')`;
    const steps = [map('t', 't', { id: 'id', a: 'a' }, {}, { otherwise: 'adopt', takenKeys: 'conflict' }), adopt('c')];

    it('goes with it: what its rows refer to are the rows that moved, not those of the target', () =>
      withFolder(async (folder) => {
        await makePair(folder, legacy("(1, NULL), (9, 'theirs')"), taken);
        const first = await migratePlan(folder, steps);
        assert.equal(first.failure, null, first.failure?.message);
        const path = join(folder, 'target.db');
        assert.deepEqual(await query(path, 'SELECT "table", "from", "to" FROM pragma_foreign_key_list(\'c\')'), [
          ['legacy_t', 't', 'id'],
        ]);
        assert.equal(first.targets[0]?.foreignKeys, 'passed');
        assert.deepEqual(await query(path, 'SELECT c.id, a FROM c JOIN legacy_t AS p ON p.id = c.t'), [
          [1, null],
          [2, 'theirs'],
        ]);
        const again = await migratePlan(folder, steps);
        assert.deepEqual([again.failure, again.successors.length], [null, 0]);
        await edit(join(folder, 'legacy.db'), "INSERT INTO t VALUES (10, 'later'); INSERT INTO c VALUES (3, 10)");
        const third = await migratePlan(folder, steps);
        assert.deepEqual([third.failure, third.steps.map(({ inserted }) => inserted)], [null, [1, 1]]);
      }));

    it('keeps the names of its indexes and triggers', () =>
      withFolder(async (folder) => {
        const extras =
          'CREATE INDEX by_t ON c (t); CREATE TRIGGER on_c AFTER DELETE ON c BEGIN DELETE FROM c WHERE 0; END';
        await makePair(folder, `${legacy("(1, NULL), (9, 'theirs')")}; ${extras}`, taken);
        const { failure } = await migratePlan(folder, steps);
        assert.equal(failure, null, failure?.message);
        assert.deepEqual(
          await query(join(folder, 'target.db'), "SELECT name FROM sqlite_schema WHERE tbl_name = 'c' ORDER BY name"),
          [['by_t'], ['c'], ['on_c']],
        );
      }));

    it('is refused where it is mapped and must not go with it: the rows of the target are not those it means', () =>
      withFolder(async (folder) => {
        await makePair(
          folder,
          legacy("(1, NULL), (9, 'theirs')"),
          `${taken}; CREATE TABLE mc (id INTEGER PRIMARY KEY, t INTEGER REFERENCES t (id))`,
        );
        const [parent] = steps;
        assert.ok(parent !== undefined);
        const error = await refusal(
          () => migratePlan(folder, [parent, map('c', 'mc', { id: 'id', t: 't' })]),
          'target-conflict',
        );
        assert.match(error.message, /c refers to t, whose rows of that database were adopted/);
      }));

    it('leaves the table mapped in a circle, where rows refer to it by now: the run fails with the rejects', () =>
      withFolder(async (folder) => {
        await makePair(
          folder,
          `CREATE TABLE t (id INTEGER PRIMARY KEY, a, c INTEGER REFERENCES c (id)); INSERT INTO t VALUES (1, NULL, 1);
           CREATE TABLE c (id INTEGER PRIMARY KEY, t INTEGER REFERENCES t (id)); INSERT INTO c VALUES (1, 1)`,
          'CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT NOT NULL, c INTEGER REFERENCES c (id))',
        );
        const mapped = map('t', 't', { id: 'id', a: 'a', c: 'c' }, {}, { otherwise: 'adopt', takenKeys: 'conflict' });
        const { failure, successors } = await rehearsePlan(folder, [adopt('c'), mapped]);
        assert.ok(failure !== null);
        assert.match(failure.message, /NOT NULL/);
        assert.ok(successors.length <= 1);
      }));
  });
});
