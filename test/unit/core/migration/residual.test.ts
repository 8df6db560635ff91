/** Legacy columns without a home: kept beside the row, inside its JSON, or dropped and counted. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { MapStep } from '../../../../src/core/plan/schema';
import { unpackLegacy } from '../../../../src/core/plan/metadata';
import { withFolder } from '../../../support/folders';
import { makePair, map, migratePlan, rehearsePlan } from '../../../support/plans';
import { cell, edit, exactRows, query } from '../../../support/sqlite';

const literals = [
  'NULL',
  '0',
  '-9223372036854775807 - 1',
  '9223372036854775807',
  '9007199254740993',
  '1.0',
  '-0.0',
  '0.1',
  '1e300',
  '5e-324',
  '1.7976931348623157e308',
  '9e999',
  '-9e999',
  "''",
  "'007'",
  "'null'",
  `'{"blob":"00"}'`,
  `'[1, 2]'`,
  `'say "hi" \\ /'`,
  "'line' || char(10) || char(9) || char(31) || 'end'",
  "char(8232) || char(65279) || '👩‍🚀'",
  "CAST(x'610062' AS TEXT)",
  "CAST(x'00' AS TEXT)",
  "CAST(x'FF' AS TEXT)",
  "CAST(x'C3' AS TEXT)",
  "CAST(x'EDA080' AS TEXT)",
  "CAST(x'EFBBBF61' AS TEXT)",
  "x''",
  "x'00FF'",
  "x'6C6567616379'",
  'zeroblob(3000)',
];
const legacy = `CREATE TABLE t (id INTEGER PRIMARY KEY, a, v, "it's 🐈 $.x" ); INSERT INTO t VALUES ${literals
  .map((literal, index) => `(${index + 1}, ${index}, ${literal}, ${literal})`)
  .join(', ')}`;
const columns = ['v', `"it's 🐈 $.x"`];

async function assertKept(folder: string, steps: readonly MapStep[]): ReturnType<typeof migratePlan> {
  const first = await migratePlan(folder, steps);
  assert.equal(first.failure, null, first.failure?.message);
  assert.deepEqual(first.steps[0]?.validation, {
    schema: 'passed',
    counts: 'passed',
    cells: 'passed',
    rebuilt: 'passed',
  });
  assert.equal(first.steps[0].residual.lostValues, 0);
  const bytes = await readFile(join(folder, 'target.db'));
  const second = await migratePlan(folder, steps);
  assert.deepEqual([second.failure, second.successors.length], [null, 0]);
  assert.equal(second.steps[0]?.alreadyPresent, second.steps[0]?.legacy.rows);
  assert.equal(second.steps[0]?.rejected, 0);
  assert.deepEqual(await readFile(join(folder, 'target.db')), bytes);
  assert.equal((await rehearsePlan(folder, steps, { intent: 'look' })).failure, null);
  return first;
}

describe('residual columns in the sidecar', function () {
  this.timeout(20_000);

  it('keep every value in its storage class', () =>
    withFolder(async (folder) => {
      await makePair(folder, legacy, 'CREATE TABLE m (id INTEGER PRIMARY KEY, a)');
      const first = await assertKept(folder, [map('t', 'm', { id: 'id', a: 'a' })]);
      assert.equal(first.steps[0]?.residual.kept, 'legacy_t');
      assert.deepEqual(
        await exactRows(join(folder, 'target.db'), 'legacy_t', ['id', ...columns]),
        await exactRows(join(folder, 'legacy.db'), 't', ['id', ...columns]),
      );
    }));

  it('a column that the legacy table gained since is kept as well, for the rows of before too', () =>
    withFolder(async (folder) => {
      await makePair(
        folder,
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a, v); INSERT INTO t VALUES (1, 1, 'v1')",
        'CREATE TABLE m (id INTEGER PRIMARY KEY, a)',
      );
      const steps = [map('t', 'm', { id: 'id', a: 'a' })];
      await assertKept(folder, steps);
      await edit(
        join(folder, 'legacy.db'),
        "ALTER TABLE t ADD COLUMN more DEFAULT 'd'; INSERT INTO t VALUES (2, 2, 'v2', x'00')",
      );
      const widened = await assertKept(folder, steps);
      assert.deepEqual([widened.steps[0]?.inserted, widened.steps[0]?.alreadyPresent], [1, 1]);
      assert.deepEqual(await query(join(folder, 'target.db'), 'SELECT id, v, quote(more) FROM legacy_t'), [
        [1, 'v1', "'d'"],
        [2, 'v2', "X'00'"],
      ]);
    }));

  it('a column that the legacy table gained since, without a new row', () =>
    withFolder(async (folder) => {
      await makePair(
        folder,
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a, v); INSERT INTO t VALUES (1, 1, 'v1')",
        'CREATE TABLE m (id INTEGER PRIMARY KEY, a)',
      );
      const steps = [map('t', 'm', { id: 'id', a: 'a' })];
      await assertKept(folder, steps);
      await edit(join(folder, 'legacy.db'), "ALTER TABLE t ADD COLUMN more DEFAULT 'd'");
      await assertKept(folder, steps);
      assert.deepEqual(await query(join(folder, 'target.db'), 'SELECT id, v, more FROM legacy_t'), [[1, 'v1', 'd']]);
    }));

  it('a table that had no residual column gets a sidecar when it gains one', () =>
    withFolder(async (folder) => {
      await makePair(
        folder,
        'CREATE TABLE t (id INTEGER PRIMARY KEY, a); INSERT INTO t VALUES (1, 1)',
        'CREATE TABLE m (id INTEGER PRIMARY KEY, a)',
      );
      const steps = [map('t', 'm', { id: 'id', a: 'a' })];
      const first = await assertKept(folder, steps);
      assert.equal(first.steps[0]?.residual.kept, null);
      await edit(join(folder, 'legacy.db'), 'ALTER TABLE t ADD COLUMN more DEFAULT 5; INSERT INTO t VALUES (2, 2, 6)');
      await assertKept(folder, steps);
      assert.deepEqual(await query(join(folder, 'target.db'), 'SELECT * FROM legacy_t'), [
        [1, 5],
        [2, 6],
      ]);
    }));
});

describe('residual columns in JSON', function () {
  this.timeout(20_000);
  const step = (more: Parameters<typeof map>[4] = {}, cells: Readonly<Record<string, string>> = {}): MapStep =>
    map('t', 'm', { id: 'id', a: 'a', ...cells }, {}, { residual: 'metadata', ...more });

  it('keep every value in its storage class, in JSON that is valid', () =>
    withFolder(async (folder) => {
      await makePair(folder, legacy, 'CREATE TABLE m (id INTEGER PRIMARY KEY, a, metadata_json TEXT)');
      const first = await assertKept(folder, [step()]);
      assert.equal(first.steps[0]?.residual.kept, 'metadata_json');
      const target = join(folder, 'target.db');
      assert.equal(await cell(target, 'SELECT min(json_valid(metadata_json)) FROM m'), 1);
      assert.equal(await cell(target, "SELECT count(*) FROM sqlite_schema WHERE name = 'legacy_t'"), 0);
      assert.deepEqual(
        await exactRows(target, 'm', [
          'id',
          unpackLegacy('metadata_json', 'v'),
          unpackLegacy('metadata_json', "it's 🐈 $.x"),
        ]),
        await exactRows(join(folder, 'legacy.db'), 't', ['id', ...columns]),
      );
    }));

  it('go beside the JSON that the plan puts there, which stays what it was', () =>
    withFolder(async (folder) => {
      await makePair(
        folder,
        `CREATE TABLE t (id INTEGER PRIMARY KEY, a, extra TEXT, v);
         INSERT INTO t VALUES (1, 1, '{"k": [1, 2.0]}', 'x'), (2, 2, NULL, NULL), (3, 3, 'no json', 5), (4, 4, '{"legacy": 1}', 6), (5, 5, '[1]', 7), (6, 6, '{"a":1,"a":2}', 8)`,
        'CREATE TABLE m (id INTEGER PRIMARY KEY, a, meta TEXT)',
      );
      await assertKept(folder, [step({ metadata: 'meta' }, { meta: 'extra' })]);
      const target = join(folder, 'target.db');
      assert.deepEqual(
        await query(target, "SELECT json_extract(meta, '$.k'), json_extract(meta, '$.legacy.v') FROM m WHERE id = 1"),
        [['[1,2.0]', 'x']],
      );
      // The letters of the legacy JSON are kept too: JSON itself does not give them back.
      assert.deepEqual(
        await exactRows(target, 'm', ['id', unpackLegacy('meta', 'extra'), unpackLegacy('meta', 'v')]),
        await exactRows(join(folder, 'legacy.db'), 't', ['id', 'extra', 'v']),
      );
    }));

  it('go beside constant JSON', () =>
    withFolder(async (folder) => {
      await makePair(folder, legacy, 'CREATE TABLE m (id INTEGER PRIMARY KEY, a, metadata_json TEXT)');
      await assertKept(folder, [step({}, { metadata_json: `'{"source": "old"}'` })]);
      assert.equal(
        await cell(join(folder, 'target.db'), "SELECT json_extract(metadata_json, '$.source') FROM m LIMIT 1"),
        'old',
      );
    }));

  it('a value spoiled in the JSON is a conflict, and fails a validation', () =>
    withFolder(async (folder) => {
      await makePair(folder, legacy, 'CREATE TABLE m (id INTEGER PRIMARY KEY, a, metadata_json TEXT)');
      await assertKept(folder, [step()]);
      await edit(
        join(folder, 'target.db'),
        "UPDATE m SET metadata_json = json_set(metadata_json, '$.legacy.v', 1) WHERE id = 6",
      );
      const second = await migratePlan(folder, [step()]);
      assert.deepEqual([second.failure, second.successors.length, second.steps[0]?.conflicts], [null, 0, 1]);
      assert.equal((await rehearsePlan(folder, [step()], { intent: 'look' })).failure?.code, 'validation-failed');
    }));

  it('a target without such a column refuses the plan', () =>
    withFolder(async (folder) => {
      await makePair(folder, legacy, 'CREATE TABLE m (id INTEGER PRIMARY KEY, a)');
      await assert.rejects(rehearsePlan(folder, [step()]), {
        code: 'plan-invalid',
        message: /no column metadata_json/,
      });
    }));

  it('200 columns', () =>
    withFolder(async (folder) => {
      const names = Array.from({ length: 200 }, (_, index) => `c${index}`);
      await makePair(
        folder,
        `CREATE TABLE t (id INTEGER PRIMARY KEY, a, ${names.join(', ')}); INSERT INTO t (id, c0, c199) VALUES (1, 'x', x'00'), (2, NULL, 1.0)`,
        'CREATE TABLE m (id INTEGER PRIMARY KEY, a, metadata_json TEXT)',
      );
      await assertKept(folder, [step()]);
    }));
});

describe('residual columns that are dropped', function () {
  this.timeout(20_000);

  it('are not those that have a home: an orphan that becomes NULL is kept in the sidecar, and nothing of it is lost', () =>
    withFolder(async (folder) => {
      await makePair(
        folder,
        'CREATE TABLE p (id INTEGER PRIMARY KEY); INSERT INTO p VALUES (1); CREATE TABLE c (id INTEGER PRIMARY KEY, p INTEGER, gone); INSERT INTO c VALUES (1, 1, 5), (2, 404, 6), (3, NULL, NULL)',
        'CREATE TABLE mp (id INTEGER PRIMARY KEY); CREATE TABLE mc (id INTEGER PRIMARY KEY, p INTEGER)',
      );
      const references = { p: { value: 'p', table: 'mp', column: 'id', orphans: 'null' as const } };
      const steps = [map('p', 'mp', { id: 'id' }), map('c', 'mc', { id: 'id' }, {}, { residual: 'drop', references })];
      const first = await migratePlan(folder, steps);
      assert.equal(first.failure, null, first.failure?.message);
      const [, child] = first.steps;
      assert.deepEqual(child?.residual, {
        columns: ['p', 'gone'],
        kept: 'legacy_c',
        lostValues: 2,
        lost: [{ column: 'gone', values: 2 }],
      });
      assert.deepEqual(
        child.mapping
          .filter(({ target }) => target === null)
          .map(({ legacy, transformation }) => [legacy, transformation]),
        [
          ['p', 'kept in legacy_c'],
          ['gone', 'dropped'],
        ],
      );
      assert.deepEqual(child.validation, { schema: 'passed', counts: 'passed', cells: 'passed', rebuilt: 'passed' });
      const path = join(folder, 'target.db');
      assert.deepEqual(await query(path, 'SELECT id, p FROM mc'), [
        [1, 1],
        [2, null],
        [3, null],
      ]);
      assert.deepEqual(await query(path, 'SELECT * FROM legacy_c'), [
        [1, 1],
        [2, 404],
        [3, null],
      ]);
      const again = await migratePlan(folder, steps);
      assert.deepEqual([again.failure, again.successors.length], [null, 0]);
    }));

  it('count as lost value by value, and "0 values lost" fails as a warning', () =>
    withFolder(async (folder) => {
      await makePair(
        folder,
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a, v, w, empty); INSERT INTO t VALUES (1, 1, 'x', NULL, NULL), (2, 2, '', 0, NULL), (3, 3, NULL, NULL, NULL)",
        'CREATE TABLE m (id INTEGER PRIMARY KEY, a)',
      );
      const steps = [map('t', 'm', { id: 'id', a: 'a' }, {}, { residual: 'drop' })];
      const dry = await rehearsePlan(folder, steps);
      const first = await migratePlan(folder, steps);
      for (const { failure, steps: reports, criteria, warnings } of [dry, first]) {
        assert.equal(failure, null, failure?.message);
        assert.deepEqual(reports[0]?.residual, {
          columns: ['v', 'w', 'empty'],
          kept: null,
          lostValues: 3,
          lost: [
            { column: 'v', values: 2 },
            { column: 'w', values: 1 },
          ],
        });
        assert.deepEqual(reports[0].validation, {
          schema: 'passed',
          counts: 'passed',
          cells: 'passed',
          rebuilt: 'passed',
        });
        const lost = criteria.find(({ label }) => label === '0 rows and 0 values lost');
        assert.deepEqual([lost?.status, lost?.actual], ['failed', '0 rows, 3 values']);
        assert.equal(warnings.filter(({ code }) => code === 'values-dropped').length, 2);
        assert.ok(warnings.some(({ code, message }) => code === 'criterion-failed' && message.includes('3 values')));
      }
      assert.equal(
        await cell(join(folder, 'target.db'), "SELECT count(*) FROM sqlite_schema WHERE name LIKE 'legacy%'"),
        0,
      );
      const second = await migratePlan(folder, steps);
      assert.deepEqual([second.failure, second.successors.length, second.steps[0]?.alreadyPresent], [null, 0, 3]);
    }));
});
