/** A migration into free keys is not looked at row by row: it must end as one that is. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import fc from 'fast-check';
import type { PlanStep } from '../../../../src/core/plan/schema';
import { withFolder } from '../../../support/folders';
import { adopt, makePair, map, migratePlan, rehearsePlan } from '../../../support/plans';
import { cell, exactRows } from '../../../support/sqlite';

const runs = Number(process.env['FC_RUNS'] ?? 20);

const blobs = fc.uint8Array({ maxLength: 8 }).map((array) => `x'${Buffer.from(array).toString('hex')}'`);
const integers = fc
  .oneof(fc.bigInt({ min: -(2n ** 63n) + 1n, max: 2n ** 63n - 1n }), fc.constantFrom(0n, 1n, 2n ** 31n, 2n ** 53n + 1n))
  .map(String);
const values = fc.oneof(
  integers,
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value.toExponential()),
  blobs,
  blobs.map((blob) => `CAST(${blob} AS TEXT)`),
  fc.constantFrom(
    'NULL',
    "''",
    "'007'",
    "'1e3'",
    '1.0',
    '-0.0',
    '9e999',
    "'own'",
    `'{"a": 1}'`,
    "CAST(x'610062' AS TEXT)",
  ),
);
const types = fc.constantFrom('', 'TEXT', 'INTEGER', 'REAL', 'NUMERIC', 'BLOB');
const constraints = fc.constantFrom('', '', '', ' UNIQUE', ' NOT NULL', " CHECK (typeof(a) <> 'blob')");
const residuals = fc.constantFrom('sidecar' as const, 'metadata' as const, 'drop' as const);
const rowIds = fc.oneof(fc.integer({ min: -20, max: 60 }).map(String), integers);

const tables = fc.record({
  legacyTypes: fc.tuple(types, types, types),
  targetType: types,
  constraint: constraints,
  residual: residuals,
  rows: fc.uniqueArray(fc.tuple(rowIds, values, values, values), { selector: ([id]) => id, maxLength: 12 }),
});

describe('the fast path and the slow one', function () {
  this.timeout(280_000);

  it('give the same rows, the same residual values and the same rejects: rows of the target on both sides of the keys make the difference', () =>
    fc.assert(
      fc.asyncProperty(tables, async ({ legacyTypes, targetType, constraint, residual, rows }) => {
        const [a, b, c] = legacyTypes;
        const inserted = rows.map((row) => `INSERT INTO t VALUES (${row.join(', ')});`).join('\n');
        const legacy = `CREATE TABLE t (id INTEGER PRIMARY KEY, a ${a}, b ${b}, c ${c}); INSERT INTO t VALUES (-99, NULL, 1, 1), (99, NULL, 1, 1); DELETE FROM t; ${inserted}`;
        const target = `CREATE TABLE m (id INTEGER PRIMARY KEY, a ${targetType}${constraint}, metadata_json TEXT)`;
        // Rows below and above: no key is taken, and no look at the extremes can say so.
        const unrelated =
          "INSERT INTO m VALUES (-9223372036854775807 - 1, 'unrelated', NULL), (9223372036854775807, 'other', NULL)";
        const steps: readonly PlanStep[] = [map('t', 'm', { id: 'id', a: 'a' }, {}, { residual })];
        const outcome = async (more: string): Promise<unknown> =>
          withFolder(async (folder) => {
            await makePair(folder, legacy, `${target}; ${more}`);
            const path = join(folder, 'target.db');
            const dry = await rehearsePlan(folder, steps, { rejects: 'collect' });
            const first = await migratePlan(folder, steps, { rejects: 'collect' });
            assert.equal(first.failure, null, first.failure?.message);
            assert.deepEqual(dry.steps, first.steps);
            const [step] = first.steps;
            assert.ok(step);
            assert.equal(step.inserted + step.rejected, step.legacy.rows);
            assert.equal(step.alreadyPresent + step.conflicts + step.leftBehind, 0);
            const second = await migratePlan(folder, steps, { rejects: 'collect' });
            assert.equal(second.failure, null, second.failure?.message);
            assert.equal(second.successors.length, 0);
            assert.deepEqual(
              [second.steps[0]?.alreadyPresent, second.steps[0]?.rejected],
              [step.inserted, step.rejected],
            );
            const hasSidecar = await cell(path, "SELECT count(*) FROM sqlite_schema WHERE name = 'legacy_t'");
            return {
              rows: await exactRows(path, "m WHERE a IS NULL OR a NOT IN ('unrelated', 'other')", [
                'id',
                'a',
                'metadata_json',
              ]),
              sidecar: hasSidecar === 1 ? await exactRows(path, 'legacy_t', ['id', 'b', 'c']) : [],
              rejects: first.rejects.map(({ rowid, reason }) => [rowid, reason]),
              lost: step.residual,
              validation: step.validation,
              ranges: hasSidecar === 1 ? await exactRows(path, 'jarvis_migration_rows', ['first_key', 'last_key']) : [],
            };
          });
        const ids = rows.map(([id]) => id);
        if (ids.includes(String(2n ** 63n - 1n))) return;
        assert.deepEqual(await outcome(''), await outcome(unrelated));
      }),
      { numRuns: runs, interruptAfterTimeLimit: 200_000 },
    ));

  it('random tables of odd values are adopted whole, and stay so', () =>
    fc.assert(
      fc.asyncProperty(
        fc.tuple(types, types, types),
        fc.constantFrom('id INTEGER PRIMARY KEY', 'id', 'id PRIMARY KEY', 'id TEXT PRIMARY KEY'),
        fc.constantFrom('', ', PRIMARY KEY (id, a)'),
        fc.uniqueArray(fc.tuple(rowIds, values, values, values), { selector: ([id]) => id, maxLength: 12 }),
        fc.boolean(),
        async ([a, b, c], key, composite, rows, isTaken) =>
          withFolder(async (folder) => {
            const id = composite !== '' ? 'id' : key;
            const sql = `CREATE TABLE t (${id}, a ${a}, b ${b}, c ${c}${composite}); ${rows.map((row) => `INSERT OR IGNORE INTO t VALUES (${row.join(', ')});`).join('\n')}`;
            await makePair(
              folder,
              sql,
              isTaken ? "CREATE TABLE t (own); INSERT INTO t VALUES ('mine')" : 'CREATE TABLE o (a)',
            );
            const first = await migratePlan(folder, [adopt('t')]);
            assert.equal(first.failure, null, first.failure?.message);
            assert.equal(first.steps[0]?.inserted, first.steps[0]?.legacy.rows);
            assert.deepEqual(
              await exactRows(join(folder, 'target.db'), isTaken ? 'legacy_t' : 't', ['rowid', 'id', 'a', 'b', 'c']),
              await exactRows(join(folder, 'legacy.db'), 't', ['rowid', 'id', 'a', 'b', 'c']),
            );
            const second = await migratePlan(folder, [adopt('t')]);
            assert.equal(second.failure, null, second.failure?.message);
            assert.equal(second.successors.length, 0);
            assert.equal(second.steps[0]?.alreadyPresent, second.steps[0]?.legacy.rows);
          }),
      ),
      { numRuns: runs, interruptAfterTimeLimit: 60_000 },
    ));
});
