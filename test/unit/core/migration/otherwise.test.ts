/** `"otherwise": "adopt"`: a table of which the target cannot take every row goes there whole. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { withFolder } from '../../../support/folders';
import { makePair, map, migratePlan, rehearsePlan } from '../../../support/plans';
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
});
