/** What a run does as a whole: several targets, databases that take no part, steps that move no row, cells that differ. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { withFolder } from '../../../support/folders';
import type { PlanStep } from '../../../../src/core/plan/schema';
import type { SqliteEngine } from '../../../../src/core/sqlite/engine';
import { adopt, loadEngine, makePair, map, migratePlan, rehearsePlan } from '../../../support/plans';
import { cell, create, edit, query } from '../../../support/sqlite';

describe('several targets', function () {
  this.timeout(20_000);
  const legacy =
    "CREATE TABLE t (id INTEGER PRIMARY KEY, a); INSERT INTO t VALUES (1, 'x'), (2, NULL); CREATE TABLE s (id INTEGER PRIMARY KEY); INSERT INTO s VALUES (5)";
  const steps = [adopt('s', 'legacy.db', 'second.db'), map('t', 'm', { id: 'id', a: 'a' })];

  it('are published together', () =>
    withFolder(async (folder) => {
      await makePair(folder, legacy, 'CREATE TABLE m (id INTEGER PRIMARY KEY, a)');
      await create(join(folder, 'second.db'), 'CREATE TABLE o (a)');
      const { successors, failure, targets } = await migratePlan(folder, steps);
      assert.equal(failure, null, failure?.message);
      assert.deepEqual(successors.map(({ snapshot }) => snapshot.database).sort(), ['second.db', 'target.db']);
      assert.deepEqual(
        targets.map(({ untouchedRows, integrity, foreignKeys }) => [untouchedRows, integrity, foreignKeys]),
        [
          ['passed', 'passed', 'passed'],
          ['passed', 'passed', 'passed'],
        ],
      );
    }));

  it('or none is: a reject in one holds the other back', () =>
    withFolder(async (folder) => {
      await makePair(folder, legacy, 'CREATE TABLE m (id INTEGER PRIMARY KEY, a NOT NULL)');
      await create(join(folder, 'second.db'), 'CREATE TABLE o (a)');
      const stood = [await readFile(join(folder, 'target.db')), await readFile(join(folder, 'second.db'))];
      const { failure, steps: reports } = await migratePlan(folder, steps);
      assert.equal(failure?.code, 'rejected-rows');
      assert.deepEqual(
        reports.map(({ legacy: { table }, rejected }) => [table, rejected]),
        [
          ['s', 0],
          ['t', 1],
        ],
      );
      assert.deepEqual([await readFile(join(folder, 'target.db')), await readFile(join(folder, 'second.db'))], stood);
    }));

  it('or none is: a tier that fails in one fails the run', () =>
    withFolder(async (folder) => {
      await makePair(folder, legacy, 'CREATE TABLE m (id INTEGER PRIMARY KEY, a)');
      await create(join(folder, 'second.db'), 'CREATE TABLE o (a)');
      const engine = await spoiling('UPDATE m SET a = 99 WHERE id = 1');
      const { failure } = await migratePlan(folder, [steps[0] as PlanStep, map('t', 'm', { id: 'id', a: 'a' })], {
        engine,
      });
      assert.equal(failure?.code, 'validation-failed');
      assert.equal(await cell(join(folder, 'second.db'), "SELECT count(*) FROM sqlite_schema WHERE name = 's'"), 0);
    }));

  for (const [sql, shown] of [
    ['SELECT NULL', 'NULL'],
    ['SELECT a FROM m WHERE 0', 'no row'],
    ["SELECT ''", 'an empty text'],
    ["SELECT x'30'", 'a BLOB'],
  ] as const)
    it(`what is no number does not pass for 0: ${sql}`, () =>
      withFolder(async (folder) => {
        await makePair(folder, legacy, 'CREATE TABLE m (id INTEGER PRIMARY KEY, a)');
        const criterion = { label: 'none', database: 'target.db', sql, expect: '= 0', required: false };
        const { criteria } = await rehearsePlan(folder, steps.slice(1), { criteria: [criterion] });
        assert.deepEqual([criteria[0]?.actual, criteria[0]?.status], [shown, 'failed']);
      }));

  it('a required criterion that fails holds every target back, any other is a warning', () =>
    withFolder(async (folder) => {
      const criterion = { label: 'many', database: 'target.db', sql: 'SELECT count(*) FROM m', expect: '>= 3' };
      await makePair(folder, legacy, 'CREATE TABLE m (id INTEGER PRIMARY KEY, a)');
      await create(join(folder, 'second.db'), 'CREATE TABLE o (a)');
      const failed = await rehearsePlan(folder, steps, { criteria: [{ ...criterion, required: true }] });
      assert.equal(failed.failure?.code, 'validation-failed');
      assert.match(failed.failure.message, /many >= 3, found 2/);
      const warned = await rehearsePlan(folder, steps, { criteria: [{ ...criterion, required: false }] });
      assert.equal(warned.failure, null);
      assert.ok(warned.warnings.some(({ code, message }) => code === 'criterion-failed' && message.startsWith('many')));
      assert.deepEqual([warned.criteria[0]?.actual, warned.criteria[0]?.status], [2, 'failed']);
    }));

  it('a database that takes no part keeps its bytes, and is not read', () =>
    withFolder(async (folder) => {
      await makePair(folder, legacy, 'CREATE TABLE m (id INTEGER PRIMARY KEY, a)');
      await create(join(folder, 'second.db'), 'CREATE TABLE o (a)');
      await create(join(folder, 'idle.db'), 'CREATE TABLE o (a)');
      const bytes = await Promise.all(
        ['second.db', 'idle.db', 'legacy.db'].map((name) => readFile(join(folder, name))),
      );
      const other = { ...adopt('o', 'idle.db', 'second.db'), domain: 'core' } as const;
      const {
        databases,
        failure,
        steps: reports,
      } = await migratePlan(folder, [other, map('t', 'm', { id: 'id', a: 'a' })]);
      assert.equal(failure, null);
      assert.equal(reports.length, 1);
      assert.deepEqual(databases.map(({ database }) => database).sort(), ['legacy.db', 'target.db']);
      assert.deepEqual(
        await Promise.all(['second.db', 'idle.db', 'legacy.db'].map((name) => readFile(join(folder, name)))),
        bytes,
      );
    }));

  it('a target of which nothing changes keeps its bytes beside one that changes', () =>
    withFolder(async (folder) => {
      await makePair(folder, legacy, 'CREATE TABLE m (id INTEGER PRIMARY KEY, a)');
      await create(join(folder, 'second.db'), 'CREATE TABLE o (a)');
      await migratePlan(folder, steps);
      await edit(join(folder, 'legacy.db'), "INSERT INTO t VALUES (3, 'new')");
      const { successors, targets } = await migratePlan(folder, steps);
      assert.deepEqual(
        successors.map(({ snapshot }) => snapshot.database),
        ['target.db'],
      );
      const second = targets.find(({ database }) => database === 'second.db');
      assert.equal(second?.sha256After, second?.sha256Before);
    }));
});

describe('a step that moves no row', function () {
  this.timeout(20_000);

  it('skip: its rows are counted as left behind, with the reason', () =>
    withFolder(async (folder) => {
      await makePair(folder, 'CREATE TABLE t (a); INSERT INTO t VALUES (1), (2), (3); CREATE TABLE s (a)');
      const skip: PlanStep = {
        domain: 'analytics',
        strategy: 'skip',
        legacy: { database: 'legacy.db', table: 'T' },
        reason: 'Only a cache.',
      };
      const { steps, failure, successors, warnings } = await rehearsePlan(folder, [skip]);
      assert.deepEqual([failure, successors.length], [null, 0]);
      const [step] = steps;
      assert.deepEqual(
        [step?.strategy, step?.reason, step?.leftBehind, step?.inserted, step?.target],
        ['skip', 'Only a cache.', 3, 0, null],
      );
      assert.deepEqual(step?.validation, { schema: 'notRun', counts: 'notRun', cells: 'notRun', rebuilt: 'notRun' });
      // The other table is named by no step.
      const unplanned = warnings.filter(({ code }) => code.startsWith('unplanned'));
      assert.equal(unplanned.length, 1);
      assert.match(unplanned[0]?.message ?? '', /\bs\b/);
    }));

  it('a legacy table or database that is not there is left out with a warning', () =>
    withFolder(async (folder) => {
      await makePair(folder, 'CREATE TABLE t (a); INSERT INTO t VALUES (1)');
      const { steps, failure, warnings } = await rehearsePlan(folder, [
        adopt('t'),
        adopt('nothing'),
        adopt('t', 'gone.db'),
      ]);
      assert.equal(failure, null);
      assert.equal(steps.length, 1);
      assert.ok(warnings.some(({ code, message }) => code === 'legacy-table-missing' && message.includes('nothing')));
    }));
});

describe('a legacy table without a key', () => {
  it('is mapped by its rowid: equal rows stay two, and a row that comes later is added', () =>
    withFolder(async (folder) => {
      const rows = "('a', 1.0), ('a', 1.0), (NULL, x'00')";
      await makePair(
        folder,
        `CREATE TABLE t (v TEXT, n); INSERT INTO t VALUES ${rows}`,
        "CREATE TABLE m (id INTEGER PRIMARY KEY, v TEXT); INSERT INTO m VALUES (2, 'own')",
      );
      const steps = [map('t', 'm', { id: 'rowid', v: 'v' })];
      const { failure, steps: first } = await migratePlan(folder, steps);
      assert.equal(failure, null, failure?.message);
      assert.deepEqual([first[0]?.inserted, first[0]?.keyOffset], [3, '2']);
      await edit(join(folder, 'legacy.db'), "INSERT INTO t VALUES ('b', 2)");
      const { steps: again } = await migratePlan(folder, steps);
      assert.deepEqual([again[0]?.inserted, again[0]?.alreadyPresent, again[0]?.conflicts], [1, 3, 0]);
      const target = join(folder, 'target.db');
      assert.deepEqual(
        await query(target, "SELECT quote(v) || ' ' || quote(n) AS row FROM m JOIN legacy_t USING (id) ORDER BY id"),
        ["'a' 1.0", "'a' 1.0", "NULL X'00'", "'b' 2"].map((row) => [row]),
      );
    }));
});

describe('a configuration step', function () {
  this.timeout(20_000);
  const config = (table: string, file = 'config/all.json'): PlanStep => ({
    domain: 'analytics',
    strategy: 'config',
    legacy: { database: 'legacy.db', table },
    target: { file },
  });
  const legacy =
    "CREATE TABLE a (name TEXT PRIMARY KEY, n INTEGER); INSERT INTO a VALUES ('x', 1), ('y', 9223372036854775807); CREATE TABLE b (name TEXT PRIMARY KEY, r REAL); INSERT INTO b VALUES ('z', 1.0)";

  it('two steps write one file, which holds the rows of both; a second run writes nothing', () =>
    withFolder(async (folder) => {
      await makePair(folder, legacy);
      const steps = [config('a'), config('b')];
      const first = await migratePlan(folder, steps);
      assert.equal(first.failure, null, first.failure?.message);
      assert.equal(first.files.length, 1);
      assert.deepEqual(
        first.steps.map(({ inserted, validation }) => [inserted, validation.cells, validation.rebuilt]),
        [
          [2, 'passed', 'passed'],
          [1, 'passed', 'passed'],
        ],
      );
      const text = await readFile(join(folder, 'config', 'all.json'), 'utf8');
      assert.match(text, /9223372036854775807/);
      JSON.parse(text);
      const second = await migratePlan(folder, steps);
      assert.deepEqual([second.failure, second.files.length], [null, 0]);
      assert.deepEqual(
        second.steps.map(({ alreadyPresent }) => alreadyPresent),
        [2, 1],
      );
      assert.equal((await rehearsePlan(folder, steps, { intent: 'look' })).failure, null);
    }));

  it('is looked for again where no other step of its domain leaves a trace in a ledger', () =>
    withFolder(async (folder) => {
      await makePair(
        folder,
        `${legacy}; CREATE TABLE t (id INTEGER PRIMARY KEY, a)`,
        'CREATE TABLE m (id INTEGER PRIMARY KEY)',
      );
      const steps: readonly PlanStep[] = [{ ...config('a'), domain: 'cache' }, adopt('b')];
      const look = () => rehearsePlan(folder, steps, { intent: 'look', domains: ['analytics', 'cache'] });
      await migratePlan(folder, steps);
      const waiting = await look();
      assert.deepEqual(
        waiting.warnings.map(({ code }) => code).filter((code) => code === 'not-migrated'),
        ['not-migrated'],
      );
      assert.equal(waiting.steps[0]?.leftBehind, 2);
      await migratePlan(folder, steps, { domains: ['cache'] });
      const { steps: found, failure } = await look();
      assert.equal(failure, null, failure?.message);
      assert.deepEqual([found[0]?.alreadyPresent, found[0]?.validation.rebuilt], [2, 'passed']);
    }));

  it('is held back with the databases where a row is rejected', () =>
    withFolder(async (folder) => {
      await makePair(
        folder,
        `${legacy}; CREATE TABLE t (id INTEGER PRIMARY KEY, a); INSERT INTO t VALUES (1, NULL)`,
        'CREATE TABLE m (id INTEGER PRIMARY KEY, a NOT NULL)',
      );
      const { failure } = await migratePlan(folder, [config('a', 'a.yaml'), map('t', 'm', { id: 'id', a: 'a' })]);
      assert.equal(failure?.code, 'rejected-rows');
      await assert.rejects(readFile(join(folder, 'a.yaml')));
    }));
});

/** An engine that spoils the image that is to be published, between the copying and the proof. */
async function spoiling(sql: string): Promise<SqliteEngine> {
  const engine = await loadEngine();
  let images = 0;
  return {
    version: engine.version,
    warmUp: () => engine.warmUp(),
    open(image, label, options) {
      // Read, worked on, and opened again for the proof.
      if (label !== 'target.db' || ++images < 3) return engine.open(image, label, options);
      const connection = engine.open(image, label);
      connection.execute(sql);
      return connection;
    },
  };
}

describe('cells that differ', function () {
  this.timeout(20_000);

  it('a cell that is other than planned fails the cells tier: key, column and both values are listed, nothing is published', () =>
    withFolder(async (folder) => {
      await makePair(
        folder,
        'CREATE TABLE t (id INTEGER PRIMARY KEY, a); INSERT INTO t VALUES (1, 7), (2, 8)',
        'CREATE TABLE m (id INTEGER PRIMARY KEY, a, b)',
      );
      const bytes = await readFile(join(folder, 'target.db'));
      const engine = await spoiling('UPDATE m SET a = -a; UPDATE m SET b = CAST(b AS TEXT) WHERE id = 2');
      const { failure, steps, mismatches } = await migratePlan(folder, [map('t', 'm', { id: 'id', a: 'a', b: 'a' })], {
        engine,
      });
      assert.equal(failure?.code, 'validation-failed');
      assert.equal(steps[0]?.validation.cells, 'failed');
      assert.deepEqual([steps[0].validation.schema, steps[0].validation.counts], ['passed', 'passed']);
      const cells = mismatches.filter(({ tier }) => tier === 'cells');
      assert.deepEqual(
        cells.map((cell) => [cell.database, cell.table, cell.key, cell.column, cell.legacy, cell.consolidated]),
        [
          ['legacy.db', 't', '1', 'a', '7', '-7'],
          ['legacy.db', 't', '2', 'a', '8', '-8'],
          ['legacy.db', 't', '2', 'b', '8', "'8'"],
        ],
      );
      assert.deepEqual(await readFile(join(folder, 'target.db')), bytes);
    }));

  it('a mapped row changed since: each cell that differs is listed as a conflict', () =>
    withFolder(async (folder) => {
      await makePair(
        folder,
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a, b, kept); INSERT INTO t VALUES (1, 1, 'x', 5), (2, 2, 'y', 6)",
        'CREATE TABLE m (id INTEGER PRIMARY KEY, a, b)',
      );
      const steps = [map('t', 'm', { id: 'id', a: 'a', b: 'b' })];
      await migratePlan(folder, steps);
      await edit(join(folder, 'target.db'), "UPDATE m SET a = '1', b = NULL WHERE id = 1");
      await edit(join(folder, 'legacy.db'), "UPDATE t SET kept = x'06' WHERE id = 2");
      const { mismatches, failure, steps: reports } = await migratePlan(folder, steps);
      assert.equal(failure, null);
      assert.equal(reports[0]?.conflicts, 2);
      assert.deepEqual(
        mismatches.map(({ tier, key, column, legacy, consolidated }) => [tier, key, column, legacy, consolidated]),
        [
          ['conflict', '1', 'a', '1', "'1'"],
          ['conflict', '1', 'b', "'x'", 'NULL'],
          ['conflict', '2', 'kept', "X'06'", '6'],
        ],
      );
      // What a person changed is theirs.
      assert.deepEqual(await query(join(folder, 'target.db'), 'SELECT * FROM m'), [
        [1, '1', null],
        [2, 2, 'y'],
      ]);
    }));
});
