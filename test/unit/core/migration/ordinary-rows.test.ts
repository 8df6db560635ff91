/**
 * The rows of a large table are taken for ordinary if its first and last ones are. One that is not, in the middle, must
 * make no difference to what a look at each row gives.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { PlanStep } from '../../../../src/core/plan/schema';
import { withFolder } from '../../../support/folders';
import { inspecting } from '../../../support/inspecting-engine';
import { adopt, loadEngine, makePair, map, migratePlan } from '../../../support/plans';
import { cell, exactRows } from '../../../support/sqlite';

const rows = 20_001;
const middle = 10_000;

interface Outcome {
  /** What must not differ. */
  readonly result: unknown;
  /** How often the rows were moved. */
  readonly inserts: number;
  readonly warnings: readonly string[];
  readonly residual: readonly string[];
  readonly rejected: number;
}

const mapped = map('t', 'm', { id: 'id', n: 'n', at: 'coalesce(at, made)' }, { at: 'at' }, { residual: 'sidecar' });

/** @param strangers rows of the target's own before and after all keys: nobody can say without a look that keys are free */
async function migrate(step: PlanStep, change: string, strangers: boolean): Promise<Outcome> {
  return withFolder(async (folder) => {
    const table = 'CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER, at TEXT, made TEXT)';
    const filled = `INSERT INTO t WITH RECURSIVE k (i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM k WHERE i < ${rows}) SELECT i, i * 7, 'at ' || i, 'made ' || i FROM k`;
    const target = 'CREATE TABLE m (id INTEGER PRIMARY KEY, n INTEGER, at TEXT)';
    const own = strangers ? '; INSERT INTO m VALUES (-5, 1, NULL), (900000, 1, NULL)' : '';
    await makePair(folder, `${table}; ${filled}; ${change}`, `${target}${own}`);
    let inserts = 0;
    const engine = inspecting(await loadEngine(), (_, sql) => {
      if (/^INSERT OR ABORT INTO main\."(?:m|t)"/.test(sql)) inserts++;
    });
    const { failure, steps, warnings, rejects } = await migratePlan(folder, [step], { engine, rejects: 'collect' });
    assert.equal(failure, null, failure?.message);
    const [report] = steps;
    assert.ok(report);
    const path = join(folder, 'target.db');
    const name = step.strategy === 'adopt' ? 't' : 'm';
    const hasSidecar = (await cell(path, "SELECT count(*) FROM sqlite_schema WHERE name = 'legacy_t'")) === 1;
    const { validation, inserted, rejected, residual } = report;
    return {
      result: {
        rows: await exactRows(path, `${name} WHERE id BETWEEN 1 AND ${rows}`, ['id', 'n', 'at']),
        sidecar: hasSidecar ? await exactRows(path, 'legacy_t', residual.columns) : [],
        counts: { inserted, rejected },
        rejects,
        validation,
        residual,
        warnings,
      },
      inserts,
      warnings: warnings.map(({ code }) => code),
      residual: residual.columns,
      rejected,
    };
  });
}

describe('rows that are taken for ordinary', function () {
  this.timeout(60_000);

  it('are moved once where they are', async () => {
    const outcome = await migrate(mapped, 'SELECT 1', false);
    assert.deepEqual(outcome, { ...outcome, inserts: 1, warnings: [], residual: ['made'], rejected: 0 });
    assert.equal((await migrate(adopt('t'), 'SELECT 1', false)).inserts, 1);
  });

  const cases: readonly (readonly [what: string, change: string, expected: Partial<Outcome>])[] = [
    ['a text that stays one in a number column', "n = 'seven'", { warnings: ['unexpected-storage-class'] }],
    ['a way back that does not lead back', 'at = NULL', { residual: ['at', 'made'] }],
    ['a BLOB in a number column', "n = CAST('0x' AS BLOB)", { warnings: ['unexpected-storage-class'] }],
  ];
  for (const [what, change, expected] of cases) {
    it(`are looked at one by one for ${what}`, async () => {
      const update = `UPDATE t SET ${change} WHERE id = ${middle}`;
      const taken = await migrate(mapped, update, false);
      const lookedAt = await migrate(mapped, update, true);
      assert.deepEqual(taken.result, lookedAt.result);
      assert.deepEqual({ ...taken, ...expected }, taken);
      assert.ok(taken.inserts > 1, 'it was never moved as if it were ordinary: the case says nothing');
    });
  }

  it('are looked at one by one for a value that the target would change', async () => {
    // A legacy column without a type holds texts that look like numbers; the target has one.
    const before = `DROP TABLE t; CREATE TABLE t (id INTEGER PRIMARY KEY, n, at TEXT, made TEXT); INSERT INTO t WITH RECURSIVE k (i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM k WHERE i < ${rows}) SELECT i, i * 7, 'at ' || i, 'made ' || i FROM k;`;
    const update = `${before} UPDATE t SET n = '007' WHERE id = ${middle}`;
    const taken = await migrate(mapped, update, false);
    assert.deepEqual(taken.result, (await migrate(mapped, update, true)).result);
    assert.equal(taken.rejected, 1);
    assert.ok(taken.inserts > 1);
  });
});
