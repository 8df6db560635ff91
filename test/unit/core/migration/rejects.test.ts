/** Rows that the target refuses, and rows that are not what their columns declare. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { RejectReport } from '../../../../src/core/report/model';
import { hashTree, pick, withFolder } from '../../../support/folders';
import { adopt, makePair, map, migratePlan, rehearsePlan } from '../../../support/plans';
import { cell, column, edit, exactRows, query } from '../../../support/sqlite';
import { pathsOf, run, stepOf, withSample } from '../../../support/workspace';

const isDatabase = (name: string): boolean => !name.startsWith('data/backups/') && name.endsWith('.db');

/** The legacy table without its constraints, as an older version of the application might have made it. */
const loosened = `CREATE TABLE loose (id INTEGER PRIMARY KEY AUTOINCREMENT, timestamp TEXT, provider TEXT, model TEXT, input_tokens INTEGER,
    output_tokens INTEGER, cost_usd REAL, latency_ms REAL, success INTEGER, error TEXT, metadata TEXT, created_at TEXT DEFAULT CURRENT_TIMESTAMP);
  INSERT INTO loose SELECT * FROM llm_usage; DROP TABLE llm_usage; ALTER TABLE loose RENAME TO llm_usage;`;

describe('rejects', function () {
  this.timeout(15_000);

  it('stop the run: nothing is published, each row is listed with key and reason, and the accounting adds up', () =>
    withSample(async (workspace) => {
      const { llm } = pathsOf(workspace);
      await edit(
        llm,
        `${loosened} UPDATE llm_usage SET provider = NULL WHERE id IN (3, 17); UPDATE llm_usage SET model = NULL WHERE id = 9`,
      );
      const stood = pick(await hashTree(workspace), isDatabase);
      const report = await run(workspace);
      assert.equal(report.outcome, 'rolledBack');
      assert.equal(report.error?.code, 'rejected-rows');
      const step = stepOf(report, 'llm_usage');
      assert.deepEqual([step.inserted, step.rejected, step.leftBehind, step.legacy.rows], [0, 3, 22, 25]);
      assert.equal(step.residual.kept, null);
      const reject = (rowid: string, column: string): RejectReport => ({
        database: 'data/llm_costs.db',
        table: 'llm_usage',
        rowid,
        key: rowid,
        reason: `NOT NULL constraint failed: llm_costs.${column}`,
      });
      assert.deepEqual(report.rejects, [reject('3', 'provider'), reject('9', 'model'), reject('17', 'provider')]);
      assert.match(report.error.message, /^3 legacy rows are refused.*data\/llm_costs\.db llm_usage, row 3 \(key 3\): NOT NULL/);
      assert.equal(report.rejectsFile, null);
      assert.deepEqual(report.lost, { rows: 0, values: 0 });
      assert.deepEqual(pick(await hashTree(workspace), isDatabase), stood);
      // A dry run says the same, before anybody is asked to confirm.
      const dry = await run(workspace, 'dryRun');
      assert.deepEqual(
        [dry.outcome, dry.error?.code, stepOf(dry, 'llm_usage').rejected],
        ['rolledBack', 'rejected-rows', 3],
      );
    }));

  const constraints: readonly (readonly [string, string, string, number])[] = [
    ['NOT NULL', 'CREATE TABLE m (id INTEGER PRIMARY KEY, a NOT NULL)', 'NOT NULL constraint failed: m.a', 1],
    [
      'CHECK',
      "CREATE TABLE m (id INTEGER PRIMARY KEY, a CONSTRAINT small CHECK (a IS NULL OR a < 'c'))",
      'CHECK constraint failed: small',
      1,
    ],
    ['UNIQUE', 'CREATE TABLE m (id INTEGER PRIMARY KEY, a UNIQUE)', 'UNIQUE constraint failed: m.a', 1],
    [
      'a partial UNIQUE index',
      "CREATE TABLE m (id INTEGER PRIMARY KEY, a); CREATE UNIQUE INDEX u ON m (a) WHERE a = 'a'",
      'UNIQUE constraint failed: m.a',
      1,
    ],
    [
      'a UNIQUE index on an expression',
      'CREATE TABLE m (id INTEGER PRIMARY KEY, a); CREATE UNIQUE INDEX u ON m (upper(a))',
      "UNIQUE constraint failed: index 'u'",
      1,
    ],
    [
      'STRICT',
      'CREATE TABLE m (id INTEGER PRIMARY KEY, a INTEGER) STRICT',
      'cannot store TEXT value in INTEGER column m.a',
      3,
    ],
    [
      'a key that must be an integer',
      'CREATE TABLE m (a INTEGER PRIMARY KEY, id)',
      'its key in the target is no integer',
      3,
    ],
  ];
  for (const [what, sql, reason, rows] of constraints) {
    it(`${what} refuses ${rows} of 4 rows, one by one and in SQLite's words`, () =>
      withFolder(async (folder) => {
        const values =
          what === 'a key that must be an integer'
            ? "(1, 'a'), (2, 7), (3, 'c'), (4, 'd')"
            : "(1, 'a'), (2, NULL), (3, 'a'), (4, 'c')";
        await makePair(folder, `CREATE TABLE t (id INTEGER PRIMARY KEY, a); INSERT INTO t VALUES ${values}`, sql);
        const rehearsal = await rehearsePlan(folder, [map('t', 'm', { id: 'id', a: 'a' })]);
        assert.equal(rehearsal.failure?.code, 'rejected-rows');
        assert.deepEqual([rehearsal.steps[0]?.rejected, rehearsal.steps[0]?.inserted], [rows, 4 - rows]);
        assert.equal(rehearsal.rejects.length, rows);
        for (const reject of rehearsal.rejects) {
          assert.deepEqual([reject.database, reject.table, reject.reason], ['legacy.db', 't', reason]);
          assert.match(reject.rowid ?? '', /^[1-4]$/);
        }
      }));
  }

  it('are listed one by one, however many there are', () =>
    withFolder(async (folder) => {
      await makePair(
        folder,
        'CREATE TABLE t (id INTEGER PRIMARY KEY, a); WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500) INSERT INTO t SELECT i, iif(i % 2, NULL, i) FROM n',
        'CREATE TABLE m (id INTEGER PRIMARY KEY, a NOT NULL)',
      );
      const { rejects, steps } = await rehearsePlan(folder, [map('t', 'm', { id: 'id', a: 'a' })]);
      assert.equal(steps[0]?.rejected, 250);
      assert.deepEqual(
        rejects.map(({ rowid }) => rowid),
        Array.from({ length: 250 }, (_, index) => String(2 * index + 1)),
      );
    }));

  it('in one step stop every step', () =>
    withFolder(async (folder) => {
      await makePair(
        folder,
        'CREATE TABLE t (id INTEGER PRIMARY KEY, a); INSERT INTO t VALUES (1, NULL); CREATE TABLE s (id INTEGER PRIMARY KEY); INSERT INTO s VALUES (1)',
        'CREATE TABLE m (id INTEGER PRIMARY KEY, a NOT NULL)',
      );
      const rehearsal = await migratePlan(folder, [adopt('s'), map('t', 'm', { id: 'id', a: 'a' })]);
      assert.equal(rehearsal.failure?.code, 'rejected-rows');
      assert.deepEqual(await column(join(folder, 'target.db'), 'SELECT name FROM sqlite_schema'), ['m']);
    }));
});

describe('values that their column did not declare', function () {
  this.timeout(15_000);

  it('predecessor: one text in an integer column aborted the whole table; two were concatenated into a "total"', () =>
    withSample(async (workspace) => {
      const { llm, target } = pathsOf(workspace);
      await edit(
        llm,
        "UPDATE llm_usage SET input_tokens = '12 tokens', output_tokens = 'many' WHERE id = 2; UPDATE llm_usage SET output_tokens = 'n/a' WHERE id = 3",
      );
      const report = await run(workspace);
      assert.equal(report.error, null, report.error?.message);
      assert.equal(report.outcome, 'committed');
      const input = Number(await cell(llm, 'SELECT input_tokens FROM llm_usage WHERE id = 3'));
      assert.deepEqual(
        await query(
          target,
          'SELECT id, prompt_tokens, completion_tokens, total_tokens, typeof(total_tokens) FROM llm_costs WHERE id IN (2, 3)',
        ),
        [
          [2, '12 tokens', 'many', 12, 'integer'],
          [3, input, 'n/a', input, 'integer'],
        ],
      );
      const [line] = report.warnings.filter(({ code }) => code === 'unexpected-storage-class');
      assert.match(
        line?.message ?? '',
        /data\/llm_costs\.db llm_usage: 1 value of the INTEGER column input_tokens is no number/,
      );
      assert.equal(report.warnings.filter(({ code }) => code === 'unexpected-storage-class').length, 2);
    }));

  it('takes created_at for a NULL timestamp and keeps the NULL in the sidecar: nothing is lost', () =>
    withSample(async (workspace) => {
      const { llm, target } = pathsOf(workspace);
      await edit(
        llm,
        `${loosened} UPDATE llm_usage SET timestamp = NULL WHERE id IN (4, 5); UPDATE llm_usage SET created_at = NULL WHERE id = 5`,
      );
      const report = await run(workspace);
      assert.equal(report.error, null, report.error?.message);
      const step = stepOf(report, 'llm_usage');
      assert.equal(step.inserted, 25);
      assert.deepEqual(step.residual, {
        columns: ['timestamp', 'latency_ms', 'success', 'error', 'created_at'],
        kept: 'legacy_llm_usage',
        lostValues: 0,
        lost: [],
      });
      assert.deepEqual(
        await exactRows(target, 'llm_costs', ['id', 'timestamp']),
        await exactRows(llm, 'llm_usage', ['id', 'coalesce(timestamp, created_at)']),
      );
      assert.deepEqual(
        await exactRows(target, 'legacy_llm_usage', ['id', 'timestamp', 'created_at']),
        await exactRows(llm, 'llm_usage', ['id', 'timestamp', 'created_at']),
      );
      assert.equal((await run(workspace)).outcome, 'nothingToDo');
      assert.equal((await run(workspace, 'validate')).error, null);
    }));

  it('a NULL timestamp that comes after the first run is not lost either: the sidecar gets a column for it', () =>
    withSample(async (workspace) => {
      const { llm, target } = pathsOf(workspace);
      await edit(llm, loosened);
      assert.equal((await run(workspace)).outcome, 'committed');
      await edit(llm, "INSERT INTO llm_usage (id, provider, model, created_at) VALUES (900, 'p', 'm', '2026')");
      const second = await run(workspace);
      assert.equal(second.outcome, 'committed', second.error?.message);
      assert.deepEqual([stepOf(second, 'llm_usage').inserted, stepOf(second, 'llm_usage').alreadyPresent], [1, 25]);
      assert.deepEqual(
        await exactRows(target, 'legacy_llm_usage', ['id', 'timestamp', 'created_at', 'error']),
        await exactRows(llm, 'llm_usage', ['id', 'timestamp', 'created_at', 'error']),
      );
      assert.equal((await run(workspace)).outcome, 'nothingToDo');
      assert.equal((await run(workspace, 'validate')).error, null);
    }));

  it('V5: text that looks like a number in a column without affinity is a reject, and nothing is published', () =>
    withSample(async (workspace) => {
      const { llm } = pathsOf(workspace);
      await edit(
        llm,
        `${loosened.replace('input_tokens INTEGER', 'input_tokens TEXT')} UPDATE llm_usage SET input_tokens = '007' WHERE id = 1`,
      );
      const stood = pick(await hashTree(workspace), isDatabase);
      const report = await run(workspace);
      assert.deepEqual([report.outcome, report.error?.code], ['rolledBack', 'rejected-rows']);
      // In a TEXT column every count is text: each one would turn into another value.
      assert.equal(stepOf(report, 'llm_usage').rejected, 25);
      assert.deepEqual(
        [report.rejects[0]?.rowid, report.rejects[0]?.reason],
        ['1', "prompt_tokens would not keep its value: the column's type turns it into another"],
      );
      assert.deepEqual(pick(await hashTree(workspace), isDatabase), stood);
    }));
});
