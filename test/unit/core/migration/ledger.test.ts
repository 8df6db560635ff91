/** Integer keys that are taken in the target: one offset for the step, in the ledger, and still known a run later. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { withFolder } from '../../../support/folders';
import type { SqliteEngine } from '../../../../src/core/sqlite/engine';
import { adopt, loadEngine, makePair, map, migratePlan, rehearsePlan } from '../../../support/plans';
import { cell, column, edit, query } from '../../../support/sqlite';

const people = (rows: string): string =>
  `CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, kept); INSERT INTO t VALUES ${rows}`;
const taken = "CREATE TABLE m (id INTEGER PRIMARY KEY, a TEXT); INSERT INTO m VALUES (2, 'own'), (10, 'own')";
const step = map('t', 'm', { id: 'id', a: 'a' });
const history =
  'SELECT strategy, legacy_database, legacy_table, target_table, key_columns, key_offset, inserted FROM jarvis_migration_history ORDER BY id';
const ranges = 'SELECT history, first_key, last_key FROM jarvis_migration_rows ORDER BY 1, 2';

async function assertNothingToDo(folder: string, steps: Parameters<typeof migratePlan>[1]): Promise<void> {
  const bytes = await readFile(join(folder, 'target.db'));
  const again = await migratePlan(folder, steps);
  assert.equal(again.failure, null, again.failure?.message);
  assert.equal(again.successors.length, 0);
  for (const { legacy, inserted, alreadyPresent, conflicts } of again.steps)
    assert.deepEqual([inserted, alreadyPresent, conflicts], [0, legacy.rows, 0], legacy.table);
  assert.deepEqual(await readFile(join(folder, 'target.db')), bytes);
  const looked = await rehearsePlan(folder, steps, { intent: 'look' });
  assert.equal(looked.failure, null, looked.failure?.message);
}

describe('integer keys that are taken', function () {
  this.timeout(20_000);

  it('shift the whole step by one offset, past every key of the target; the ledger has it and nothing comes twice', () =>
    withFolder(async (folder) => {
      await makePair(folder, people("(1, 'a', 1.0), (2, 'b', x'00'), (5, 'c', NULL)"), taken);
      const target = join(folder, 'target.db');
      const first = await migratePlan(folder, [step]);
      assert.equal(first.failure, null, first.failure?.message);
      assert.deepEqual([first.steps[0]?.inserted, first.steps[0]?.keyOffset, first.steps[0]?.conflicts], [3, '10', 0]);
      assert.deepEqual(first.steps[0]?.validation, {
        schema: 'passed',
        counts: 'passed',
        cells: 'passed',
        rebuilt: 'passed',
      });
      assert.deepEqual(
        first.warnings.filter(({ code }) => code === 'keys-shifted').map(({ message }) => message),
        ['legacy.db t: keys are taken in m, so every key was shifted by 10; rows that refer to them follow.'],
      );
      assert.deepEqual(await query(target, 'SELECT * FROM m ORDER BY id'), [
        [2, 'own'],
        [10, 'own'],
        [11, 'a'],
        [12, 'b'],
        [15, 'c'],
      ]);
      assert.deepEqual(await query(target, 'SELECT id, typeof(kept) FROM legacy_t ORDER BY id'), [
        [11, 'real'],
        [12, 'blob'],
        [15, 'null'],
      ]);
      assert.deepEqual(await query(target, history), [['map', 'legacy.db', 't', 'm', '["id"]', 10, 3]]);
      assert.deepEqual(await query(target, ranges), [
        [1, 1, 2],
        [1, 5, 5],
      ]);
      await assertNothingToDo(folder, [step]);
    }));

  it('rows that come later get the offset of the step, and another one where that is taken', () =>
    withFolder(async (folder) => {
      await makePair(folder, people("(1, 'a', 1), (2, 'b', 2)"), taken);
      const target = join(folder, 'target.db');
      await migratePlan(folder, [step]);
      await edit(join(folder, 'legacy.db'), "INSERT INTO t VALUES (20, 'd', 4), (21, 'e', 5)");
      const second = await migratePlan(folder, [step]);
      assert.equal(second.failure, null, second.failure?.message);
      assert.deepEqual(
        [second.steps[0]?.inserted, second.steps[0]?.alreadyPresent, second.steps[0]?.keyOffset],
        [2, 2, '10'],
      );
      await edit(target, "INSERT INTO m (id, a) VALUES (50, 'own')");
      await edit(join(folder, 'legacy.db'), "INSERT INTO t VALUES (40, 'f', 6), (-4, 'g', 7)");
      const third = await migratePlan(folder, [step]);
      assert.equal(third.failure, null, third.failure?.message);
      assert.deepEqual([third.steps[0]?.inserted, third.steps[0]?.alreadyPresent], [2, 4]);
      const offset = Number(third.steps[0]?.keyOffset);
      assert.ok(offset > 10);
      assert.deepEqual(await query(target, "SELECT id, a FROM m WHERE a <> 'own' ORDER BY a"), [
        [11, 'a'],
        [12, 'b'],
        [30, 'd'],
        [31, 'e'],
        [40 + offset, 'f'],
        [-4 + offset, 'g'],
      ]);
      assert.deepEqual(await column(target, 'SELECT key_offset FROM jarvis_migration_history ORDER BY id'), [
        10,
        10,
        offset,
      ]);
      assert.deepEqual(await query(target, 'SELECT id, kept FROM legacy_t ORDER BY kept'), [
        [11, 1],
        [12, 2],
        [30, 4],
        [31, 5],
        [40 + offset, 6],
        [-4 + offset, 7],
      ]);
      await assertNothingToDo(folder, [step]);
    }));

  it('a dozen runs with offsets of their own: the ledger is looked up by key, and each row is known', () =>
    withFolder(async (folder) => {
      await makePair(
        folder,
        people("(2, 'r1', 1)"),
        "CREATE TABLE m (id INTEGER PRIMARY KEY, a TEXT); WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 40) INSERT INTO m SELECT i, 'own' FROM n",
      );
      const target = join(folder, 'target.db');
      for (let number = 2; number <= 12; number++) {
        const { failure, steps } = await migratePlan(folder, [step], { run: `r${number}` });
        assert.equal(failure, null, failure?.message);
        assert.deepEqual([steps[0]?.inserted, steps[0]?.alreadyPresent], [1, number - 2]);
        await edit(join(folder, 'legacy.db'), `INSERT INTO t VALUES (${2 * number}, 'r${number}', ${number})`);
        // The application takes the very key that the row would get.
        await edit(
          target,
          `INSERT INTO m (id, a) SELECT ${2 * number} + key_offset, 'own' || id FROM jarvis_migration_history ORDER BY id DESC LIMIT 1`,
        );
      }
      const last = await migratePlan(folder, [step]);
      assert.deepEqual([last.failure, last.steps[0]?.inserted, last.steps[0]?.alreadyPresent], [null, 1, 11]);
      assert.equal(await cell(target, "SELECT count(*) FROM m WHERE a LIKE 'r%'"), 12);
      assert.equal(await cell(target, 'SELECT count(DISTINCT key_offset) FROM jarvis_migration_history'), 12);
      await assertNothingToDo(folder, [step]);
      await edit(target, "DELETE FROM m WHERE a = 'r7'");
      const gone = await migratePlan(folder, [step]);
      assert.deepEqual([gone.successors.length, gone.steps[0]?.conflicts, gone.steps[0]?.alreadyPresent], [0, 1, 11]);
    }));

  it('a row that equals the plan is the row itself, not in its way', () =>
    withFolder(async (folder) => {
      await makePair(
        folder,
        people("(1, 'a', 1), (2, 'b', 2), (3, 'c', 3)"),
        "CREATE TABLE m (id INTEGER PRIMARY KEY, a TEXT); INSERT INTO m VALUES (1, 'a'), (2, 'own')",
      );
      const target = join(folder, 'target.db');
      const first = await migratePlan(folder, [step]);
      assert.equal(first.failure, null, first.failure?.message);
      assert.deepEqual([first.steps[0]?.inserted, first.steps[0]?.alreadyPresent], [2, 1]);
      const offset = Number(first.steps[0]?.keyOffset);
      assert.deepEqual(await query(target, 'SELECT * FROM m ORDER BY id'), [
        [1, 'a'],
        [2, 'own'],
        [2 + offset, 'b'],
        [3 + offset, 'c'],
      ]);
      await assertNothingToDo(folder, [step]);
    }));

  it('V1: near 2^63 rows go below those of the target', () =>
    withFolder(async (folder) => {
      for (const [legacy, target, keys, offset] of [
        ["(1, 'a', 0), (2, 'b', 0)", "(1, 'own'), (9223372036854775806, 'own')", ['-1', '0'], '-2'],
        [
          "(1, 'a', 0), (9223372036854775807, 'b', 0)",
          "(1, 'own')",
          ['-9223372036854775806', '0'],
          '-9223372036854775807',
        ],
      ] as const) {
        await makePair(
          folder,
          people(legacy),
          `CREATE TABLE m (id INTEGER PRIMARY KEY, a TEXT); INSERT INTO m VALUES ${target}`,
        );
        const { failure, steps } = await migratePlan(folder, [step]);
        assert.equal(failure, null, failure?.message);
        assert.equal(steps[0]?.keyOffset, offset);
        assert.deepEqual(
          await query(join(folder, 'target.db'), "SELECT CAST(id AS TEXT), a FROM m WHERE a <> 'own' ORDER BY id"),
          [
            [keys[0], 'a'],
            [keys[1], 'b'],
          ],
        );
        await assertNothingToDo(folder, [step]);
      }
    }));

  it('near both ends of the integers there is no room: refused, and nothing is touched', () =>
    withFolder(async (folder) => {
      for (const [legacy, target] of [
        ["(1, 'a', 0), (2, 'b', 0)", "(1, 'own'), (9223372036854775806, 'own'), (-9223372036854775807, 'own')"],
        ["(-9223372036854775807 - 1, 'a', 0), (1, 'b', 0)", "(1, 'own'), (9223372036854775807, 'own')"],
      ] as const) {
        await makePair(
          folder,
          people(legacy),
          `CREATE TABLE m (id INTEGER PRIMARY KEY, a TEXT); INSERT INTO m VALUES ${target}`,
        );
        await assert.rejects(rehearsePlan(folder, [step]), { code: 'target-conflict', path: 'target.db' });
      }
    }));

  it('there is room up to the last key', () =>
    withFolder(async (folder) => {
      await makePair(
        folder,
        people("(1, 'a', 0), (2, 'b', 0)"),
        "CREATE TABLE m (id INTEGER PRIMARY KEY, a TEXT); INSERT INTO m VALUES (1, 'own'), (9223372036854775805, 'own')",
      );
      const first = await migratePlan(folder, [step]);
      assert.equal(first.failure, null, first.failure?.message);
      assert.deepEqual(await column(join(folder, 'target.db'), 'SELECT CAST(id AS TEXT) FROM m ORDER BY id'), [
        '1',
        '9223372036854775805',
        '9223372036854775806',
        '9223372036854775807',
      ]);
      await assertNothingToDo(folder, [step]);
    }));

  it('go beyond the AUTOINCREMENT mark: a number that was given out once is not given out again', () =>
    withFolder(async (folder) => {
      await makePair(
        folder,
        people("(1, 'a', 1), (2, 'b', 2)"),
        "CREATE TABLE m (id INTEGER PRIMARY KEY AUTOINCREMENT, a TEXT); INSERT INTO m VALUES (1, 'own'), (500, 'x'); DELETE FROM m WHERE id = 500",
      );
      const target = join(folder, 'target.db');
      const first = await migratePlan(folder, [step]);
      assert.equal(first.failure, null, first.failure?.message);
      assert.deepEqual(await column(target, 'SELECT id FROM m ORDER BY id'), [1, 501, 502]);
      assert.equal(await cell(target, "SELECT seq FROM sqlite_sequence WHERE name = 'm'"), 502);
      await assertNothingToDo(folder, [step]);
    }));

  it('conflict where the plan says so: rows under free keys come, the others are left alone with both sides listed', () =>
    withFolder(async (folder) => {
      const steps = [map('t', 'm', { id: 'id', a: 'a' }, {}, { takenKeys: 'conflict' })];
      await makePair(folder, people("(1, 'a', 1), (2, 'b', 2)"), taken);
      const first = await migratePlan(folder, steps);
      assert.equal(first.failure, null, first.failure?.message);
      assert.deepEqual([first.steps[0]?.inserted, first.steps[0]?.conflicts, first.steps[0]?.keyOffset], [1, 1, '0']);
      assert.deepEqual(first.mismatches, [
        {
          database: 'legacy.db',
          table: 't',
          tier: 'conflict',
          key: '2',
          column: 'a',
          legacy: "'b'",
          consolidated: "'own'",
        },
      ]);
      assert.deepEqual(await query(join(folder, 'target.db'), 'SELECT * FROM m ORDER BY id'), [
        [1, 'a'],
        [2, 'own'],
        [10, 'own'],
      ]);
      const second = await migratePlan(folder, steps);
      assert.deepEqual([second.failure, second.successors.length, second.steps[0]?.conflicts], [null, 0, 1]);
    }));

  it('text keys that are taken are conflicts, whatever the plan says', () =>
    withFolder(async (folder) => {
      await makePair(
        folder,
        "CREATE TABLE t (k TEXT PRIMARY KEY, a); INSERT INTO t VALUES ('x', 1), ('y', 2), ('z', 3)",
        "CREATE TABLE m (k TEXT PRIMARY KEY, a); INSERT INTO m VALUES ('y', 'own'), ('z', 3)",
      );
      const steps = [map('t', 'm', { k: 'k', a: 'a' })];
      const first = await migratePlan(folder, steps);
      assert.equal(first.failure, null, first.failure?.message);
      const [report] = first.steps;
      assert.deepEqual(
        [report?.inserted, report?.alreadyPresent, report?.conflicts, report?.keyOffset],
        [1, 1, 1, '0'],
      );
      assert.deepEqual(
        first.mismatches.map(({ tier, key, column: name, legacy, consolidated }) => [
          tier,
          key,
          name,
          legacy,
          consolidated,
        ]),
        [['conflict', "'y'", 'a', '2', "'own'"]],
      );
      assert.deepEqual(await query(join(folder, 'target.db'), 'SELECT * FROM m ORDER BY k'), [
        ['x', 1],
        ['y', 'own'],
        ['z', 3],
      ]);
    }));

  it('of an adopted table that the application went on to use are shifted in the next run', () =>
    withFolder(async (folder) => {
      await makePair(folder, "CREATE TABLE t (id INTEGER PRIMARY KEY, a); INSERT INTO t VALUES (1, 'a')");
      const target = join(folder, 'target.db');
      await migratePlan(folder, [adopt('t')]);
      await edit(target, "INSERT INTO t VALUES (2, 'own')");
      await edit(join(folder, 'legacy.db'), "INSERT INTO t VALUES (2, 'b'), (3, 'c')");
      const second = await migratePlan(folder, [adopt('t')]);
      assert.equal(second.failure, null, second.failure?.message);
      assert.deepEqual(
        [second.steps[0]?.inserted, second.steps[0]?.alreadyPresent, second.steps[0]?.keyOffset],
        [2, 1, '1'],
      );
      assert.deepEqual(await query(target, 'SELECT * FROM t ORDER BY id'), [
        [1, 'a'],
        [2, 'own'],
        [3, 'b'],
        [4, 'c'],
      ]);
      await assertNothingToDo(folder, [adopt('t')]);
    }));

  it('a shifted row that changed since, or is gone, is a conflict and not a new row', () =>
    withFolder(async (folder) => {
      await makePair(folder, people("(1, 'a', 1), (2, 'b', 2), (5, 'c', 3)"), taken);
      const target = join(folder, 'target.db');
      await migratePlan(folder, [step]);
      await edit(target, "UPDATE m SET a = 'A' WHERE id = 11; DELETE FROM m WHERE id = 12");
      await edit(join(folder, 'legacy.db'), 'UPDATE t SET kept = 9 WHERE id = 5');
      const second = await migratePlan(folder, [step]);
      assert.deepEqual([second.failure, second.successors.length], [null, 0]);
      assert.deepEqual([second.steps[0]?.alreadyPresent, second.steps[0]?.conflicts], [0, 3]);
      assert.deepEqual(
        second.mismatches.map(({ key, column: name, legacy, consolidated }) => [key, name, legacy, consolidated]),
        [
          ['1', 'a', "'a'", "'A'"],
          ['5', 'kept', '9', '3'],
        ],
      );
    }));
});

describe('what the ledger registers', function () {
  this.timeout(20_000);

  it('neighbours as ranges, up to the extremes of the integers', () =>
    withFolder(async (folder) => {
      await makePair(
        folder,
        'CREATE TABLE t (id INTEGER PRIMARY KEY); INSERT INTO t VALUES (-9223372036854775807 - 1), (-9223372036854775807), (0), (7), (8), (9), (9223372036854775806), (9223372036854775807)',
        'CREATE TABLE m (id INTEGER PRIMARY KEY)',
      );
      const steps = [map('t', 'm', { id: 'id' })];
      const first = await migratePlan(folder, steps);
      assert.equal(first.failure, null, first.failure?.message);
      assert.deepEqual(
        await query(
          join(folder, 'target.db'),
          'SELECT CAST(first_key AS TEXT), CAST(last_key AS TEXT) FROM jarvis_migration_rows ORDER BY first_key',
        ),
        [
          ['-9223372036854775808', '-9223372036854775807'],
          ['0', '0'],
          ['7', '9'],
          ['9223372036854775806', '9223372036854775807'],
        ],
      );
      await assertNothingToDo(folder, steps);
    }));

  it('10,000 rows without a gap as one', () =>
    withFolder(async (folder) => {
      await makePair(
        folder,
        'CREATE TABLE t (id INTEGER PRIMARY KEY, a); WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000) INSERT INTO t SELECT i, i FROM n',
      );
      await migratePlan(folder, [adopt('t')]);
      assert.deepEqual(await query(join(folder, 'target.db'), ranges), [[1, 1, 10000]]);
      await assertNothingToDo(folder, [adopt('t')]);
    }));

  for (const [what, keys] of [
    ['texts, blobs and reals that look alike', "('1'), (x'31'), (1.5), ('1.5'), (x''), ('')"],
    [
      'text with NUL and invalid UTF-8',
      "(CAST(x'6100' AS TEXT)), (CAST(x'61' AS TEXT)), (CAST(x'FF' AS TEXT)), (x'FF')",
    ],
  ] as const)
    it(`keys of every storage class: ${what}`, () =>
      withFolder(async (folder) => {
        const sql = `CREATE TABLE t (k PRIMARY KEY); INSERT INTO t VALUES ${keys}`;
        await makePair(folder, sql, 'CREATE TABLE m (k PRIMARY KEY)');
        const steps = [map('t', 'm', { k: 'k' })];
        const first = await migratePlan(folder, steps);
        assert.equal(first.failure, null, first.failure?.message);
        assert.equal(first.steps[0]?.inserted, first.steps[0]?.legacy.rows);
        await assertNothingToDo(folder, steps);
        await makePair(folder, sql);
        await migratePlan(folder, [adopt('t')]);
        await assertNothingToDo(folder, [adopt('t')]);
      }));

  for (const [what, overlap] of [
    ['', ''],
    [', also where two of them overlap', 'UPDATE jarvis_migration_rows SET last_key = 9 WHERE first_key = 1'],
  ] as const)
    it(`the keys of many runs are looked up in one place${what}: no line of another table is looked at for a key`, () =>
      withFolder(async (folder) => {
        const key = overlap === '' ? 'TEXT' : 'INTEGER';
        const text = (number: number): string =>
          overlap === '' ? `CAST(x'6100${10 + number}ff' AS TEXT)` : `${2 * number}`;
        await makePair(
          folder,
          `CREATE TABLE o (a); CREATE TABLE t (k ${key} PRIMARY KEY, a); INSERT INTO t VALUES (1, 0)`,
        );
        const steps = [adopt('t'), adopt('o')];
        for (let run = 1; run <= 12; run++) {
          const { failure, steps: reports } = await migratePlan(folder, steps, { run: `r${run}` });
          assert.equal(failure, null, failure?.message);
          assert.deepEqual([reports[0]?.inserted, reports[0]?.alreadyPresent], [1, run - 1]);
          await edit(
            join(folder, 'legacy.db'),
            `INSERT INTO t VALUES (${text(run)}, ${run}); INSERT INTO o VALUES (1)`,
          );
        }
        if (overlap !== '') await edit(join(folder, 'target.db'), overlap);
        await edit(join(folder, 'legacy.db'), 'DELETE FROM t WHERE a = 12; DELETE FROM o WHERE rowid = 12');
        const perKey = new Set<string>();
        const engine = await loadEngine();
        const watched: SqliteEngine = {
          version: engine.version,
          warmUp: () => undefined,
          open: (...given) => {
            const connection = engine.open(...given);
            const execute = connection.execute.bind(connection);
            connection.execute = (sql, parameters) => {
              if (sql.startsWith('INSERT INTO temp.jarvis_step_rows'))
                for (const { detail } of connection.all(`EXPLAIN QUERY PLAN ${sql}`)) perKey.add(String(detail));
              execute(sql, parameters);
            };
            return connection;
          },
        };
        const again = await migratePlan(folder, steps, { engine: watched });
        assert.deepEqual([again.failure, again.successors.length, again.steps[0]?.alreadyPresent], [null, 0, 12]);
        assert.ok(perKey.size > 0);
        assert.deepEqual(
          [...perKey].filter((detail) => /^SCAN [hr]\b/.test(detail)),
          [],
        );
        await assertNothingToDo(folder, steps);
      }));
});

describe('a ledger that was edited', () => {
  for (const statement of [
    'DELETE FROM jarvis_migration_history',
    'UPDATE jarvis_migration_history SET id = id + 1',
    'DROP TABLE jarvis_migration_history',
    'DROP TABLE jarvis_migration_rows',
  ])
    it(`is refused with what it lacks: ${statement}`, () =>
      withFolder(async (folder) => {
        await makePair(folder, people("(1, 'a', NULL)"), 'CREATE TABLE m (id INTEGER PRIMARY KEY, a TEXT)');
        assert.equal((await migratePlan(folder, [step])).failure, null);
        await edit(join(folder, 'target.db'), statement);
        await assert.rejects(migratePlan(folder, [step]), {
          code: 'plan-invalid',
          message: /^The ledger of target\.db was edited: .*jarvis_migration_(?:history|rows)/,
        });
      }));
});
