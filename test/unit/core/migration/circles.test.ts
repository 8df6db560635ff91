/** Tables that refer to one another in a circle: their keys are shifted, and their orphans told, as anywhere else. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PlanStep } from '../../../../src/core/plan/schema';
import { refusal } from '../../../fixtures/refusals';
import { withFolder } from '../../../support/folders';
import { adopt, makePair, map, migratePlan, rehearsePlan } from '../../../support/plans';
import { edit, query } from '../../../support/sqlite';

const tables =
  'CREATE TABLE a (id INTEGER PRIMARY KEY, b INTEGER, n); CREATE TABLE b (id INTEGER PRIMARY KEY, a INTEGER, n)';
const rows = `${tables}; INSERT INTO a VALUES (1, 2, 'a1'), (2, 1, 'a2'), (3, NULL, 'a3'); INSERT INTO b VALUES (1, 1, 'b1'), (2, 3, 'b2')`;
const target = `CREATE TABLE ma (id INTEGER PRIMARY KEY, b INTEGER REFERENCES mb (id), n); CREATE TABLE mb (id INTEGER PRIMARY KEY, a INTEGER REFERENCES ma (id), n)`;
const plainTarget = target.replaceAll(/ REFERENCES m[ab] \(id\)/g, '');
const mapped = [map('a', 'ma', { id: 'id', b: 'b', n: 'n' }), map('b', 'mb', { id: 'id', a: 'a', n: 'n' })];
const declared = (orphans: 'reject' | 'null'): readonly PlanStep[] =>
  [
    ['a', 'b'],
    ['b', 'a'],
  ].map(([own = '', other = '']) =>
    map(
      own,
      `m${own}`,
      { id: 'id', n: 'n' },
      {},
      {
        references: { [other]: { value: other, table: `m${other}`, column: 'id', orphans } },
      },
    ),
  );
const pairs = `SELECT a.n, b.n FROM ma AS a LEFT JOIN mb AS b ON b.id = a.b WHERE a.n LIKE 'a%'
  UNION ALL SELECT b.n, a.n FROM mb AS b LEFT JOIN ma AS a ON a.id = b.a WHERE b.n LIKE 'b%' ORDER BY 1`;
const meant = [
  ['a1', 'b2'],
  ['a2', 'b1'],
  ['a3', null],
  ['b1', 'a1'],
  ['b2', 'a3'],
];

async function assertSettled(folder: string, steps: readonly PlanStep[], expected: readonly unknown[]): Promise<void> {
  const first = await migratePlan(folder, steps, { rejects: 'collect' });
  assert.equal(first.failure, null, first.failure?.message);
  assert.deepEqual(await query(join(folder, 'target.db'), pairs), expected);
  for (const { validation } of first.steps)
    assert.deepEqual(validation, { schema: 'passed', counts: 'passed', cells: 'passed', rebuilt: 'passed' });
  const again = await migratePlan(folder, steps, { rejects: 'collect' });
  assert.deepEqual([again.failure, again.successors.length], [null, 0]);
}

describe('tables that refer to one another', function () {
  this.timeout(30_000);

  for (const [how, schema, steps] of [
    ['by foreign keys', target, mapped],
    ['by the plan, which rejects orphans', plainTarget, declared('reject')],
    ['by the plan, which lets orphans be NULL', plainTarget, declared('null')],
  ] as const) {
    for (const [what, own] of [
      ['free', ''],
      ['taken on one side', "; INSERT INTO ma VALUES (1, NULL, 'own')"],
      [
        'taken on both sides',
        "; INSERT INTO ma VALUES (1, NULL, 'own'), (2, NULL, 'own'); INSERT INTO mb VALUES (2, 1, 'own'), (7, NULL, 'own')",
      ],
    ] as const)
      it(`${how} keep their references where keys are ${what}, and in a later run`, () =>
        withFolder(async (folder) => {
          await makePair(folder, rows, schema + own);
          await assertSettled(folder, steps, meant);
          await edit(
            join(folder, 'legacy.db'),
            "INSERT INTO a VALUES (7, 7, 'a7'); INSERT INTO b VALUES (7, 7, 'b7'), (8, 1, 'b8')",
          );
          await assertSettled(folder, steps, [
            ...meant.slice(0, 3),
            ['a7', 'b7'],
            ...meant.slice(3),
            ['b7', 'a7'],
            ['b8', 'a1'],
          ]);
        }));

    it(`${how}: their orphans are told, and not taken for references to rows of the target's own`, () =>
      withFolder(async (folder) => {
        await makePair(
          folder,
          `${rows}; INSERT INTO a VALUES (4, 404, 'a4'); INSERT INTO b VALUES (4, 4, 'b4'), (5, 404, 'b5')`,
          `${schema}; INSERT INTO ma VALUES (404, NULL, 'own'); INSERT INTO mb VALUES (404, NULL, 'own')`,
        );
        const dry = await rehearsePlan(folder, steps, { rejects: 'collect' });
        const kept = steps[0]?.strategy === 'map' && Object.values(steps[0].references)[0]?.orphans === 'null';
        assert.deepEqual(
          dry.rejects.map(({ table, rowid }) => `${table}${rowid ?? ''}`).sort(),
          kept ? [] : ['a4', 'b4', 'b5'],
        );
        const expected = kept
          ? [...meant.slice(0, 3), ['a4', null], ...meant.slice(3), ['b4', 'a4'], ['b5', null]]
          : meant;
        await assertSettled(folder, steps, expected);
        if (kept)
          assert.deepEqual(await query(join(folder, 'target.db'), 'SELECT b FROM legacy_a WHERE id = 4'), [[404]]);
      }));
  }

  it('by foreign keys of adopted tables: orphans, and what they orphan, are rejects, each once in rejects.db', () =>
    withFolder(async (folder) => {
      await makePair(
        folder,
        `CREATE TABLE a (id INTEGER PRIMARY KEY, b REFERENCES b (id)); CREATE TABLE b (id INTEGER PRIMARY KEY, a REFERENCES a (id));
         INSERT INTO a VALUES (1, 404), (2, NULL), (3, 3); INSERT INTO b VALUES (1, 2), (2, 404), (3, 1)`,
      );
      const steps = [adopt('a'), adopt('b')];
      assert.equal((await rehearsePlan(folder, steps)).failure?.code, 'rejected-rows');
      const first = await migratePlan(folder, steps, { rejects: 'collect' });
      assert.equal(first.failure, null, first.failure?.message);
      assert.deepEqual(
        first.steps.map(({ inserted, rejected }) => [inserted, rejected]),
        [
          [1, 2],
          [1, 2],
        ],
      );
      assert.equal(first.targets[0]?.foreignKeys, 'passed');
      await writeFile(join(folder, 'rejects.db'), first.collected ?? new Uint8Array());
      assert.deepEqual(
        await query(join(folder, 'rejects.db'), 'SELECT legacy_table, row_id FROM rejects ORDER BY 1, 2'),
        [
          ['a', 1],
          ['a', 3],
          ['b', 2],
          ['b', 3],
        ],
      );
    }));

  it('are refused in words where each round rejects one row more', () =>
    withFolder(async (folder) => {
      // b1 is an orphan, so a1 is one, so b2 …: sixty rows fall, one a round.
      await makePair(
        folder,
        `${tables}; WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 30) INSERT INTO a SELECT i, i, 'a' FROM n;
         WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 30) INSERT INTO b SELECT i, CASE i WHEN 1 THEN 404 ELSE i - 1 END, 'b' FROM n`,
        target,
      );
      const error = await refusal(() => rehearsePlan(folder, mapped, { rejects: 'collect' }), 'target-conflict');
      assert.match(error.message, /refer to each other/);
    }));

  it('by texts that only the plan declares are told as orphans: nobody foresees a text', () =>
    withFolder(async (folder) => {
      await makePair(folder, rows.replaceAll('INTEGER', 'TEXT'), plainTarget.replaceAll('INTEGER', 'TEXT'));
      const { failure } = await rehearsePlan(folder, declared('reject'));
      assert.equal(failure?.code, 'rejected-rows');
    }));
});
