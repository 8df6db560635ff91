/** A row of the target's own that happens to have a legacy row's key answers no reference to that legacy row. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { MapStep, PlanStep } from '../../../../src/core/plan/schema';
import { withFolder } from '../../../support/folders';
import { adopt, makePair, map, migratePlan, rehearsePlan } from '../../../support/plans';
import { edit, query } from '../../../support/sqlite';

const legacy =
  "CREATE TABLE p (id INTEGER PRIMARY KEY, n TEXT); INSERT INTO p VALUES (1, 'one'), (2, 'two'); CREATE TABLE c (id INTEGER PRIMARY KEY, p); INSERT INTO c VALUES (1, 1), (2, 404), (3, NULL), (4, '2')";
const parents = "CREATE TABLE mp (id INTEGER PRIMARY KEY, n TEXT); INSERT INTO mp VALUES (404, 'own')";
const mapParents = map('p', 'mp', { id: 'id', n: 'n' });
const reference = (orphans: 'reject' | 'null'): Partial<MapStep> => ({
  references: { p: { value: 'p', table: 'mp', column: 'id', orphans } },
});
const joined = 'SELECT c.id, c.p, n FROM mc AS c LEFT JOIN mp ON mp.id = c.p ORDER BY 1';

describe("rows of the target's own under keys that legacy rows refer to", function () {
  this.timeout(20_000);

  for (const [how, target, child] of [
    ['by a foreign key', 'p INTEGER REFERENCES mp (id)', map('c', 'mc', { id: 'id', p: 'p' })],
    ['by the plan', 'p', map('c', 'mc', { id: 'id' }, {}, reference('reject'))],
  ] as const)
    it(`answer no reference, declared ${how}, though no key was shifted; a number in a text still refers`, () =>
      withFolder(async (folder) => {
        await makePair(folder, legacy, `${parents}; CREATE TABLE mc (id INTEGER PRIMARY KEY, ${target})`);
        if (target !== 'p') await edit(join(folder, 'legacy.db'), 'UPDATE c SET p = CAST(p AS INTEGER)');
        const steps = [mapParents, child];
        const failed = await rehearsePlan(folder, steps);
        assert.equal(failed.failure?.code, 'rejected-rows');
        assert.deepEqual(
          failed.rejects.map(({ table, rowid }) => [table, rowid]),
          [['c', '2']],
        );
        assert.match(failed.rejects[0]?.reason ?? '', /p refers to a row of mp that is not there$/);
        const collected = await migratePlan(folder, steps, { rejects: 'collect' });
        assert.deepEqual([collected.failure, collected.steps[0]?.keyOffset], [null, '0']);
        assert.deepEqual(
          (await query(join(folder, 'target.db'), joined)).map(([id, , n]) => [id, n]),
          [
            [1, 'one'],
            [3, null],
            [4, 'two'],
          ],
        );
      }));

  it('answer none that may be NULL: the value is kept in the sidecar, and a second run finds all in place', () =>
    withFolder(async (folder) => {
      await makePair(folder, legacy, `${parents}; CREATE TABLE mc (id INTEGER PRIMARY KEY, p)`);
      const steps = [mapParents, map('c', 'mc', { id: 'id' }, {}, reference('null'))];
      const first = await migratePlan(folder, steps);
      assert.equal(first.failure, null, first.failure?.message);
      const path = join(folder, 'target.db');
      assert.deepEqual(await query(path, joined), [
        [1, 1, 'one'],
        [2, null, null],
        [3, null, null],
        [4, '2', 'two'],
      ]);
      assert.deepEqual(await query(path, 'SELECT p FROM legacy_c WHERE id = 2'), [[404]]);
      const again = await migratePlan(folder, steps);
      assert.deepEqual([again.failure, again.successors.length], [null, 0]);
      assert.equal((await rehearsePlan(folder, steps, { intent: 'look' })).failure, null);
    }));

  it('answer no number in a text where keys were shifted: it cannot follow', () =>
    withFolder(async (folder) => {
      await makePair(
        folder,
        legacy,
        `${parents}; INSERT INTO mp VALUES (2, 'own two'); CREATE TABLE mc (id INTEGER PRIMARY KEY, p)`,
      );
      const steps = [mapParents, map('c', 'mc', { id: 'id' }, {}, reference('reject'))];
      const { rejects } = await rehearsePlan(folder, steps);
      assert.deepEqual(
        rejects.map(({ rowid }) => rowid),
        ['2', '4'],
      );
    }));

  it('answer none within one table, whether its keys are free, found equal or shifted', () =>
    withFolder(async (folder) => {
      for (const own of ['', ", (1, NULL, 'a')", ", (1, NULL, 'other')"]) {
        await makePair(
          folder,
          "CREATE TABLE g (id INTEGER PRIMARY KEY, up INTEGER, n); INSERT INTO g VALUES (1, NULL, 'a'), (2, 1, 'b'), (3, 404, 'c'), (4, 3, 'd')",
          `CREATE TABLE mg (id INTEGER PRIMARY KEY, up INTEGER REFERENCES mg (id), n); INSERT INTO mg VALUES (404, NULL, 'own')${own}`,
        );
        const steps = [map('g', 'mg', { id: 'id', up: 'up', n: 'n' })];
        const first = await migratePlan(folder, steps, { rejects: 'collect' });
        assert.equal(first.failure, null, first.failure?.message);
        assert.deepEqual(
          first.rejects.map(({ rowid }) => rowid),
          ['3', '4'],
        );
        assert.equal((first.steps[0]?.inserted ?? 0) + (first.steps[0]?.alreadyPresent ?? 0), 2);
        assert.deepEqual(
          await query(
            join(folder, 'target.db'),
            "SELECT g.n, u.n FROM mg AS g JOIN mg AS u ON u.id = g.up WHERE g.n = 'b'",
          ),
          [['b', 'a']],
        );
        const again = await migratePlan(folder, steps, { rejects: 'collect' });
        assert.deepEqual([again.failure, again.successors.length, again.steps[0]?.alreadyPresent], [null, 0, 2]);
      }
    }));

  it('answer where the plan says that keys mean the same: by conflicts, or by parents that it adds', () =>
    withFolder(async (folder) => {
      const target = `${parents}; CREATE TABLE mc (id INTEGER PRIMARY KEY, p REFERENCES mp (id))`;
      const child = (more: Partial<MapStep> = {}): PlanStep => map('c', 'mc', { id: 'id', p: 'p' }, {}, more);
      for (const steps of [
        [map('p', 'mp', { id: 'id', n: 'n' }, {}, { takenKeys: 'conflict' }), child()],
        [mapParents, child({ parents: [{ table: 'mp', columns: { id: 'p' } }] })],
      ]) {
        await makePair(folder, legacy, target);
        const { failure, steps: reports } = await migratePlan(folder, steps);
        assert.deepEqual([failure, reports[1]?.inserted], [null, 4]);
      }
    }));

  it('answer rows of a later run that refer to a parent which the legacy database has lost since', () =>
    withFolder(async (folder) => {
      await makePair(
        folder,
        `${legacy}; DELETE FROM c WHERE id IN (2, 4)`,
        `${parents}; CREATE TABLE mc (id INTEGER PRIMARY KEY, p REFERENCES mp (id))`,
      );
      const steps = [mapParents, map('c', 'mc', { id: 'id', p: 'p' })];
      await migratePlan(folder, steps);
      await edit(join(folder, 'legacy.db'), 'DELETE FROM p WHERE id = 2; INSERT INTO c VALUES (5, 2)');
      const second = await migratePlan(folder, steps);
      assert.deepEqual([second.failure, second.steps[1]?.inserted], [null, 1]);
    }));

  it('answer no foreign key of an adopted table', () =>
    withFolder(async (folder) => {
      await makePair(
        folder,
        'CREATE TABLE p (id INTEGER PRIMARY KEY); INSERT INTO p VALUES (1); CREATE TABLE c (id INTEGER PRIMARY KEY, p REFERENCES p (id)); INSERT INTO c VALUES (1, 1)',
      );
      const steps = [adopt('p'), adopt('c')];
      await migratePlan(folder, steps);
      // The application, switched over, has gone on; so has a part that was forgotten.
      await edit(join(folder, 'target.db'), 'INSERT INTO p VALUES (2)');
      await edit(join(folder, 'legacy.db'), 'PRAGMA foreign_keys = OFF; INSERT INTO c VALUES (2, 2)');
      const { rejects } = await rehearsePlan(folder, steps);
      assert.deepEqual(
        rejects.map(({ table, rowid }) => [table, rowid]),
        [['c', '2']],
      );
    }));
});
