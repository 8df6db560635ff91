/** Rows that refer to other rows: they follow where keys are shifted, and those that refer to nothing are told. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PlanStep } from '../../../../src/core/plan/schema';
import { refusal } from '../../../fixtures/refusals';
import { withFolder } from '../../../support/folders';
import { adopt, makePair, map, migratePlan, rehearsePlan } from '../../../support/plans';
import { cell, edit, query } from '../../../support/sqlite';

/** Migrates, states that all passed, and that a second run and a validation find everything in place. */
async function migrateAndRepeat(folder: string, steps: readonly PlanStep[]): ReturnType<typeof migratePlan> {
  const first = await migratePlan(folder, steps);
  assert.equal(first.failure, null, first.failure?.message);
  for (const { legacy, validation, residual } of first.steps) {
    assert.deepEqual(
      validation,
      { schema: 'passed', counts: 'passed', cells: 'passed', rebuilt: 'passed' },
      legacy.table,
    );
    assert.equal(residual.lostValues, 0);
  }
  const bytes = await readFile(join(folder, 'target.db'));
  const again = await migratePlan(folder, steps);
  assert.equal(again.failure, null, again.failure?.message);
  for (const { legacy, inserted, alreadyPresent } of again.steps)
    assert.deepEqual([legacy.table, inserted, alreadyPresent], [legacy.table, 0, legacy.rows]);
  assert.deepEqual(await readFile(join(folder, 'target.db')), bytes);
  const looked = await rehearsePlan(folder, steps, { intent: 'look' });
  assert.equal(looked.failure, null, looked.failure?.message);
  return first;
}

const parents =
  "CREATE TABLE p (id INTEGER PRIMARY KEY, n TEXT); INSERT INTO p VALUES (1, 'one'), (2, 'two'), (7, 'seven')";
const takenParents = "CREATE TABLE mp (id INTEGER PRIMARY KEY, n TEXT); INSERT INTO mp VALUES (1, 'own'), (9, 'own')";
const mapParents = map('p', 'mp', { id: 'id', n: 'n' });

describe('references to shifted rows', function () {
  this.timeout(20_000);

  it('follow by a foreign key that the target declares, in a mapped child', () =>
    withFolder(async (folder) => {
      await makePair(
        folder,
        `${parents}; CREATE TABLE c (id INTEGER PRIMARY KEY, p INTEGER); INSERT INTO c VALUES (1, 1), (2, 7), (3, NULL)`,
        `${takenParents}; CREATE TABLE mc (id INTEGER PRIMARY KEY, p INTEGER REFERENCES mp (id))`,
      );
      // The child stands first in the plan; its parents go first all the same.
      await migrateAndRepeat(folder, [map('c', 'mc', { id: 'id', p: 'p' }), mapParents]);
      assert.deepEqual(
        await query(join(folder, 'target.db'), 'SELECT c.id, c.p, n FROM mc AS c LEFT JOIN mp ON mp.id = c.p'),
        [
          [1, 10, 'one'],
          [2, 16, 'seven'],
          [3, null, null],
        ],
      );
    }));

  it('follow by "references" of the plan where no foreign key says it', () =>
    withFolder(async (folder) => {
      await makePair(
        folder,
        `${parents}; CREATE TABLE c (id INTEGER PRIMARY KEY, p INTEGER, note); INSERT INTO c VALUES (1, 1, 1), (2, 7, 7)`,
        `${takenParents}; CREATE TABLE mc (id INTEGER PRIMARY KEY, p INTEGER, note)`,
      );
      await migrateAndRepeat(folder, [
        map(
          'c',
          'mc',
          { id: 'id', note: 'note' },
          {},
          {
            references: { p: { value: 'p', table: 'mp', column: 'id', orphans: 'reject' } },
          },
        ),
        mapParents,
      ]);
      // A column that refers to nothing by any word stays as it is.
      assert.deepEqual(await query(join(folder, 'target.db'), 'SELECT * FROM mc'), [
        [1, 10, 1],
        [2, 16, 7],
      ]);
    }));

  describe('into a table that takes the rows of two', () => {
    const both = (child: string): string =>
      `${parents}; CREATE TABLE o (id INTEGER PRIMARY KEY, n TEXT); INSERT INTO o VALUES (1, 'other one'), (3, 'other three'); ${child}`;
    const target = `${takenParents}; CREATE TABLE mc (id INTEGER PRIMARY KEY, p INTEGER REFERENCES mp (id))`;
    const steps = (first: string, second: string): readonly PlanStep[] => [
      map(first, 'mp', { id: 'id', n: 'n' }),
      map(second, 'mp', { id: 'id', n: 'n' }),
      map('c', 'mc', { id: 'id', p: 'p' }),
    ];

    for (const order of [
      ['p', 'o'],
      ['o', 'p'],
    ] as const)
      it(`follow the one that the legacy table names, ${order.join(' before ')}`, () =>
        withFolder(async (folder) => {
          await makePair(
            folder,
            both(
              'CREATE TABLE c (id INTEGER PRIMARY KEY, p INTEGER REFERENCES o (id)); INSERT INTO c VALUES (1, 1), (2, 3)',
            ),
            target,
          );
          await migrateAndRepeat(folder, steps(order[0], order[1]));
          assert.deepEqual(
            await query(join(folder, 'target.db'), 'SELECT c.id, n FROM mc AS c LEFT JOIN mp ON mp.id = c.p'),
            [
              [1, 'other one'],
              [2, 'other three'],
            ],
          );
        }));

    it('are refused where nothing tells whose row is meant', () =>
      withFolder(async (folder) => {
        await makePair(
          folder,
          both('CREATE TABLE c (id INTEGER PRIMARY KEY, p INTEGER); INSERT INTO c VALUES (1, 1)'),
          target,
        );
        const error = await refusal(() => migratePlan(folder, steps('p', 'o')), 'plan-invalid');
        assert.match(error.message, /p refers to mp, which takes the rows of p and o under shifted keys/);
      }));
  });

  it('to a row that the legacy database lacks are orphans, whatever row of the target has that key', () =>
    withFolder(async (folder) => {
      await makePair(
        folder,
        `${parents}; CREATE TABLE c (id INTEGER PRIMARY KEY, p INTEGER); INSERT INTO c VALUES (1, 1), (2, 404), (3, NULL);
         CREATE TABLE d (id INTEGER PRIMARY KEY, p INTEGER); INSERT INTO d VALUES (1, 404), (2, 7)`,
        `${takenParents}; INSERT INTO mp (id, n) VALUES (404, 'own'); CREATE TABLE mc (id INTEGER PRIMARY KEY, p INTEGER REFERENCES mp (id));
         CREATE TABLE md (id INTEGER PRIMARY KEY, p INTEGER)`,
      );
      const steps = [
        mapParents,
        map('c', 'mc', { id: 'id', p: 'p' }),
        map(
          'd',
          'md',
          { id: 'id' },
          {},
          { references: { p: { value: 'p', table: 'mp', column: 'id', orphans: 'null' } } },
        ),
      ];
      const first = await migratePlan(folder, steps, { rejects: 'collect' });
      assert.equal(first.failure, null, first.failure?.message);
      assert.ok(Number(first.steps[0]?.keyOffset) > 0);
      assert.deepEqual(
        first.rejects.map(({ table, rowid }) => [table, rowid]),
        [['c', '2']],
      );
      const path = join(folder, 'target.db');
      assert.deepEqual(await query(path, 'SELECT c.id, n FROM mc AS c LEFT JOIN mp ON mp.id = c.p'), [
        [1, 'one'],
        [3, null],
      ]);
      assert.deepEqual(await query(path, 'SELECT d.id, n FROM md AS d LEFT JOIN mp ON mp.id = d.p'), [
        [1, null],
        [2, 'seven'],
      ]);
      const again = await migratePlan(folder, steps, { rejects: 'collect' });
      assert.equal(again.successors.length, 0);
      assert.deepEqual(
        again.steps.map(({ inserted, alreadyPresent, conflicts, rejected }) => [
          inserted,
          alreadyPresent,
          conflicts,
          rejected,
        ]),
        [
          [0, 3, 0, 0],
          [0, 2, 0, 1],
          [0, 2, 0, 0],
        ],
      );
    }));

  it('to a row of their own table that the legacy database lacks are orphans too', () =>
    withFolder(async (folder) => {
      await makePair(
        folder,
        `CREATE TABLE g (id INTEGER PRIMARY KEY, up INTEGER, n); INSERT INTO g VALUES (1, NULL, 'a'), (2, 1, 'b'), (3, 404, 'c'), (4, 3, 'd')`,
        `CREATE TABLE mg (id INTEGER PRIMARY KEY, up INTEGER REFERENCES mg (id), n); INSERT INTO mg VALUES (1, NULL, 'own'), (404, NULL, 'own')`,
      );
      const steps = [map('g', 'mg', { id: 'id', up: 'up', n: 'n' })];
      const first = await migratePlan(folder, steps, { rejects: 'collect' });
      assert.equal(first.failure, null, first.failure?.message);
      assert.deepEqual(
        first.rejects.map(({ rowid }) => rowid),
        ['3', '4'],
      );
      assert.deepEqual(
        await query(
          join(folder, 'target.db'),
          "SELECT g.n, u.n FROM mg AS g LEFT JOIN mg AS u ON u.id = g.up WHERE g.n <> 'own'",
        ),
        [
          ['a', null],
          ['b', 'a'],
        ],
      );
    }));

  it('follow in an adopted child whose parents were mapped, and in one adopted with its parents', () =>
    withFolder(async (folder) => {
      await makePair(
        folder,
        `CREATE TABLE p (id INTEGER PRIMARY KEY, n TEXT); CREATE TABLE c (id INTEGER PRIMARY KEY, p REFERENCES p (id) ON DELETE CASCADE)`,
      );
      const steps = [adopt('c'), adopt('p')];
      await migratePlan(folder, steps);
      await edit(join(folder, 'target.db'), "INSERT INTO p VALUES (1, 'own'), (5, 'own')");
      await edit(
        join(folder, 'legacy.db'),
        "INSERT INTO p VALUES (1, 'one'), (2, 'two'); INSERT INTO c VALUES (1, 2), (2, 1), (3, NULL)",
      );
      await migrateAndRepeat(folder, steps);
      assert.deepEqual(await query(join(folder, 'target.db'), 'SELECT c.id, n FROM c LEFT JOIN p ON p.id = c.p'), [
        [1, 'two'],
        [2, 'one'],
        [3, null],
      ]);
    }));

  it('follow to rows of several offsets, and back: each run knows which row is meant', () =>
    withFolder(async (folder) => {
      await makePair(
        folder,
        `${parents}; CREATE TABLE c (id INTEGER PRIMARY KEY, p INTEGER); INSERT INTO c VALUES (1, 1)`,
        `${takenParents}; CREATE TABLE mc (id INTEGER PRIMARY KEY, p INTEGER REFERENCES mp (id))`,
      );
      const steps = [mapParents, map('c', 'mc', { id: 'id', p: 'p' })];
      await migrateAndRepeat(folder, steps);
      // 10 is row 1 in the target; the legacy row 10 is another one. 50 is free.
      await edit(join(folder, 'legacy.db'), "INSERT INTO p VALUES (10, 'ten'); INSERT INTO c VALUES (2, 10), (3, 1)");
      await migrateAndRepeat(folder, steps);
      await edit(
        join(folder, 'legacy.db'),
        "INSERT INTO p VALUES (50, 'fifty'); INSERT INTO c VALUES (4, 50), (5, 10)",
      );
      await migrateAndRepeat(folder, steps);
      assert.deepEqual(
        await query(join(folder, 'target.db'), 'SELECT c.id, n FROM mc AS c JOIN mp ON mp.id = c.p ORDER BY 1'),
        [
          [1, 'one'],
          [2, 'ten'],
          [3, 'one'],
          [4, 'fifty'],
          [5, 'ten'],
        ],
      );
    }));

  for (const [how, column] of [
    ['declared by the target', 'up INTEGER REFERENCES m (id)'],
    ['declared by the plan', 'up INTEGER'],
  ] as const)
    it(`follow within one table, ${how}, children before their parents and rows that came earlier`, () =>
      withFolder(async (folder) => {
        await makePair(
          folder,
          'CREATE TABLE t (id INTEGER PRIMARY KEY, up INTEGER); INSERT INTO t VALUES (1, 3), (2, NULL), (3, 2), (4, 4)',
          `CREATE TABLE m (id INTEGER PRIMARY KEY, ${column}); INSERT INTO m VALUES (2, 2)`,
        );
        const step = column.includes('REFERENCES')
          ? map('t', 'm', { id: 'id', up: 'up' })
          : map(
              't',
              'm',
              { id: 'id' },
              {},
              { references: { up: { value: 'up', table: 'm', column: 'id', orphans: 'reject' } } },
            );
        await migrateAndRepeat(folder, [step]);
        const target = join(folder, 'target.db');
        const offset = Number(await cell(target, 'SELECT key_offset FROM jarvis_migration_history'));
        const rows = (): ReturnType<typeof query> =>
          query(target, `SELECT id - ${offset}, up - ${offset} FROM m WHERE id <> 2 ORDER BY 1`);
        assert.deepEqual(await rows(), [
          [1, 3],
          [2, null],
          [3, 2],
          [4, 4],
        ]);
        // One more that refers to a row of the first run.
        await edit(join(folder, 'legacy.db'), 'INSERT INTO t VALUES (40, 3)');
        await migrateAndRepeat(folder, [step]);
        assert.deepEqual((await rows()).at(-1), [40, 3]);
      }));

  it('a text that refers by another column is left as it is', () =>
    withFolder(async (folder) => {
      await makePair(
        folder,
        "CREATE TABLE p (id INTEGER PRIMARY KEY, code TEXT UNIQUE); INSERT INTO p VALUES (1, 'a'), (2, 'b'); CREATE TABLE c (id INTEGER PRIMARY KEY, code TEXT); INSERT INTO c VALUES (1, 'b'), (2, 'a')",
        "CREATE TABLE mp (id INTEGER PRIMARY KEY, code TEXT UNIQUE); INSERT INTO mp VALUES (1, 'own'); CREATE TABLE mc (id INTEGER PRIMARY KEY, code TEXT REFERENCES mp (code))",
      );
      await migrateAndRepeat(folder, [
        map('p', 'mp', { id: 'id', code: 'code' }),
        map('c', 'mc', { id: 'id', code: 'code' }),
      ]);
      assert.deepEqual(
        await query(join(folder, 'target.db'), 'SELECT mc.id, mp.id, mp.code FROM mc JOIN mp USING (code) ORDER BY 1'),
        [
          [1, 3, 'b'],
          [2, 2, 'a'],
        ],
      );
    }));

  for (const [how, foreignKey] of [
    ['declared by the target', ' REFERENCES mp (code)'],
    ['declared by the plan', ''],
  ] as const)
    it(`an integer that refers by a column other than the shifted key, ${how}, is left as it is`, () =>
      withFolder(async (folder) => {
        // 1 and 2 are keys and codes at once: followed by mistake, a code would lead to another row, and no check would see it.
        await makePair(
          folder,
          'CREATE TABLE p (id INTEGER PRIMARY KEY, code INTEGER UNIQUE); INSERT INTO p VALUES (1, 1), (2, 2), (3, 3); CREATE TABLE c (id INTEGER PRIMARY KEY, code INTEGER); INSERT INTO c VALUES (1, 1), (2, 2)',
          `CREATE TABLE mp (id INTEGER PRIMARY KEY, code INTEGER UNIQUE); INSERT INTO mp VALUES (1, 55); CREATE TABLE mc (id INTEGER PRIMARY KEY, code INTEGER${foreignKey})`,
        );
        const child =
          foreignKey === ''
            ? map(
                'c',
                'mc',
                { id: 'id' },
                {},
                { references: { code: { value: 'code', table: 'mp', column: 'code', orphans: 'reject' } } },
              )
            : map('c', 'mc', { id: 'id', code: 'code' });
        await migrateAndRepeat(folder, [map('p', 'mp', { id: 'id', code: 'code' }), child]);
        assert.deepEqual(await query(join(folder, 'target.db'), 'SELECT id, code FROM mc ORDER BY 1'), [
          [1, 1],
          [2, 2],
        ]);
      }));
});

describe('references to rows that are not there', function () {
  this.timeout(20_000);
  const legacy =
    "CREATE TABLE p (id INTEGER PRIMARY KEY); INSERT INTO p VALUES (1); CREATE TABLE c (id INTEGER PRIMARY KEY, p INTEGER, a); INSERT INTO c VALUES (1, 1, 'x'), (2, 404, 'y'), (3, NULL, 'z')";
  const target = 'CREATE TABLE mp (id INTEGER PRIMARY KEY); CREATE TABLE mc (id INTEGER PRIMARY KEY, p INTEGER, a)';
  const child = (orphans: 'reject' | 'null'): PlanStep =>
    map('c', 'mc', { id: 'id', a: 'a' }, {}, { references: { p: { value: 'p', table: 'mp', column: 'id', orphans } } });

  it('reject the row with the reason', () =>
    withFolder(async (folder) => {
      await makePair(folder, legacy, target);
      const steps = [map('p', 'mp', { id: 'id' }), child('reject')];
      const failed = await rehearsePlan(folder, steps);
      assert.equal(failed.failure?.code, 'rejected-rows');
      assert.deepEqual(failed.rejects, [
        {
          database: 'legacy.db',
          table: 'c',
          rowid: '2',
          key: '2',
          reason: 'p refers to a row of mp that is not there',
        },
      ]);
      const collected = await migratePlan(folder, steps, { rejects: 'collect' });
      assert.equal(collected.failure, null, collected.failure?.message);
      assert.deepEqual([collected.steps[1]?.inserted, collected.steps[1]?.rejected], [2, 1]);
      assert.deepEqual(await query(join(folder, 'target.db'), 'SELECT * FROM mc'), [
        [1, 1, 'x'],
        [3, null, 'z'],
      ]);
    }));

  it('become NULL where the plan says so, and the value is kept in the sidecar', () =>
    withFolder(async (folder) => {
      await makePair(folder, legacy, target);
      const first = await migrateAndRepeat(folder, [map('p', 'mp', { id: 'id' }), child('null')]);
      assert.deepEqual(first.steps[1]?.residual, { columns: ['p'], kept: 'legacy_c', lostValues: 0, lost: [] });
      const path = join(folder, 'target.db');
      assert.deepEqual(await query(path, 'SELECT * FROM mc'), [
        [1, 1, 'x'],
        [2, null, 'y'],
        [3, null, 'z'],
      ]);
      assert.deepEqual(await query(path, 'SELECT * FROM legacy_c'), [
        [1, 1],
        [2, 404],
        [3, null],
      ]);
    }));

  it('become NULL without a sidecar where there is no such row, and shifted parents are found', () =>
    withFolder(async (folder) => {
      await makePair(folder, legacy, `${target}; INSERT INTO mp VALUES (5), (1)`);
      await edit(join(folder, 'legacy.db'), 'ALTER TABLE p ADD COLUMN n; UPDATE p SET n = 9');
      await edit(join(folder, 'target.db'), 'ALTER TABLE mp ADD COLUMN n');
      const first = await migrateAndRepeat(folder, [map('p', 'mp', { id: 'id', n: 'n' }), child('null')]);
      assert.equal(first.steps[0]?.keyOffset, '5');
      assert.deepEqual(await query(join(folder, 'target.db'), 'SELECT * FROM mc'), [
        [1, 6, 'x'],
        [2, null, 'y'],
        [3, null, 'z'],
      ]);
    }));

  it("of an adopted table's own foreign keys are rejects, and what refers to those is rejected with them", () =>
    withFolder(async (folder) => {
      await makePair(
        folder,
        `CREATE TABLE p (id INTEGER PRIMARY KEY); INSERT INTO p VALUES (1);
         CREATE TABLE c (id INTEGER PRIMARY KEY, p REFERENCES p); INSERT INTO c VALUES (1, 1), (2, 404);
         CREATE TABLE g (id INTEGER PRIMARY KEY, c REFERENCES c (id), up REFERENCES g (id)); INSERT INTO g VALUES (1, 1, NULL), (2, 2, 1), (3, 1, 2), (4, 1, 3)`,
      );
      const steps = [adopt('g'), adopt('c'), adopt('p')];
      const failed = await rehearsePlan(folder, steps);
      assert.equal(failed.failure?.code, 'rejected-rows');
      const reason = (columns: string, parent: string): string =>
        `FOREIGN KEY constraint failed: ${columns} refers to a row of ${parent} that is not there`;
      assert.deepEqual(
        [...failed.rejects]
          .sort((a, b) => a.table.localeCompare(b.table))
          .map(({ table, rowid, reason: why }) => [table, rowid, why]),
        [
          ['c', '2', reason('p', 'p')],
          ['g', '2', reason('c', 'c')],
          ['g', '3', reason('up', 'g')],
          ['g', '4', reason('up', 'g')],
        ],
      );
      const collected = await migratePlan(folder, steps, { rejects: 'collect' });
      assert.equal(collected.failure, null, collected.failure?.message);
      assert.equal(collected.targets[0]?.foreignKeys, 'passed');
      assert.deepEqual(
        await query(
          join(folder, 'target.db'),
          'SELECT (SELECT count(*) FROM p), (SELECT count(*) FROM c), (SELECT count(*) FROM g)',
        ),
        [[1, 1, 1]],
      );
      const again = await migratePlan(folder, steps, { rejects: 'collect' });
      assert.equal(again.successors.length, 0);
      assert.deepEqual(
        again.steps.map(({ inserted, alreadyPresent, rejected }) => [inserted, alreadyPresent, rejected]),
        [
          [0, 1, 3],
          [0, 1, 1],
          [0, 1, 0],
        ],
      );
    }));

  it('by a foreign key of several columns', () =>
    withFolder(async (folder) => {
      await makePair(
        folder,
        `CREATE TABLE p (a, b, PRIMARY KEY (a, b)); INSERT INTO p VALUES (1, 'x'), (1, 'y');
         CREATE TABLE c (id INTEGER PRIMARY KEY, a, b, FOREIGN KEY (a, b) REFERENCES p); INSERT INTO c VALUES (1, 1, 'x'), (2, 1, 'z'), (3, NULL, 'z'), (4, 2, NULL)`,
      );
      const { rejects, failure } = await rehearsePlan(folder, [adopt('c'), adopt('p')]);
      assert.equal(failure?.code, 'rejected-rows');
      assert.deepEqual(
        rejects.map(({ rowid, reason }) => [rowid, reason]),
        [['2', 'FOREIGN KEY constraint failed: a, b refers to a row of p that is not there']],
      );
    }));

  it('two tables that refer to each other move together', () =>
    withFolder(async (folder) => {
      await makePair(
        folder,
        `CREATE TABLE a (id INTEGER PRIMARY KEY, b REFERENCES b (id)); CREATE TABLE b (id INTEGER PRIMARY KEY, a REFERENCES a (id));
         INSERT INTO a VALUES (1, 1), (2, NULL); INSERT INTO b VALUES (1, 2), (2, 1)`,
      );
      await migrateAndRepeat(folder, [adopt('a'), adopt('b')]);
    }));
});
