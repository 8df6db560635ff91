/** References to rows that a step of another domain brought, in a run of its own before. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { Domain } from '../../../../src/core/report/model';
import type { PlanStep } from '../../../../src/core/plan/schema';
import { withFolder } from '../../../support/folders';
import { adopt, makePair, map, migratePlan, rehearsePlan } from '../../../support/plans';
import { edit, query } from '../../../support/sqlite';

const parents = "CREATE TABLE p (id INTEGER PRIMARY KEY, n TEXT); INSERT INTO p VALUES (1, 'one'), (2, 'two')";
const children = (type: string): string =>
  `CREATE TABLE c (id INTEGER PRIMARY KEY, p ${type}); INSERT INTO c VALUES (1, 1), (2, 2), (3, NULL)`;
const own = "CREATE TABLE mp (id INTEGER PRIMARY KEY, n TEXT); INSERT INTO mp VALUES (1, 'own'), (2, 'own too')";
const mapped = map('p', 'mp', { id: 'id', n: 'n' }, {}, { domain: 'core' });
const core: readonly Domain[] = ['core'];
const expected = [
  [1, 'one'],
  [2, 'two'],
  [3, null],
];

describe('references to rows of another domain', function () {
  this.timeout(20_000);

  const ways: readonly (readonly [string, string, string, PlanStep])[] = [
    [
      'by a foreign key of the target',
      'INTEGER',
      '; CREATE TABLE mc (id INTEGER PRIMARY KEY, p INTEGER REFERENCES mp (id))',
      map('c', 'mc', { id: 'id', p: 'p' }),
    ],
    [
      'by the plan',
      'INTEGER',
      '; CREATE TABLE mc (id INTEGER PRIMARY KEY, p INTEGER)',
      map(
        'c',
        'mc',
        { id: 'id' },
        {},
        { references: { p: { value: 'p', table: 'mp', column: 'id', orphans: 'reject' } } },
      ),
    ],
  ];
  for (const [how, type, table, child] of ways)
    it(`follow the keys that an earlier run shifted, declared ${how}; again adds nothing`, () =>
      withFolder(async (folder) => {
        await makePair(folder, `${parents}; ${children(type)}`, own + table);
        const steps = [mapped, child];
        const first = await migratePlan(folder, steps, { domains: core });
        assert.deepEqual([first.failure, first.steps[0]?.keyOffset], [null, '2']);
        const second = await migratePlan(folder, steps);
        assert.equal(second.failure, null, second.failure?.message);
        assert.equal(second.steps.length, 1);
        const path = join(folder, 'target.db');
        const joined = 'SELECT c.id, n FROM mc AS c LEFT JOIN mp ON mp.id = c.p ORDER BY 1';
        assert.deepEqual(await query(path, joined), expected);
        assert.equal((await rehearsePlan(folder, steps, { intent: 'look' })).failure, null);
        const again = await migratePlan(folder, steps);
        assert.deepEqual([again.failure, again.successors.length], [null, 0]);
      }));

  it('follow an adopted table to the name that an earlier run gave it, keys and all that mentions it', () =>
    withFolder(async (folder) => {
      await makePair(
        folder,
        `${parents}; ${children('INTEGER REFERENCES p (id)')}; CREATE TRIGGER seen AFTER INSERT ON c BEGIN UPDATE p SET n = n || '!' WHERE id = new.p; END; CREATE VIEW v AS SELECT c.id, n FROM c LEFT JOIN p ON p.id = c.p`,
        "CREATE TABLE p (id INTEGER PRIMARY KEY, n TEXT); INSERT INTO p VALUES (1, 'own'), (2, 'own too')",
      );
      const steps: readonly PlanStep[] = [{ ...adopt('p'), domain: 'core' }, adopt('c')];
      const path = join(folder, 'target.db');
      assert.equal((await migratePlan(folder, steps, { domains: core })).failure, null);
      const second = await migratePlan(folder, steps);
      assert.equal(second.failure, null, second.failure?.message);
      assert.deepEqual(await query(path, 'SELECT * FROM v ORDER BY 1'), expected);
      assert.deepEqual(await query(path, `SELECT "table" FROM pragma_foreign_key_list('c')`), [['legacy_p']]);
      await edit(path, 'INSERT INTO c VALUES (9, 2)');
      assert.deepEqual(
        await query(path, 'SELECT n FROM legacy_p WHERE id = 2 UNION ALL SELECT n FROM p WHERE id = 2'),
        [['two!'], ['own too']],
      );
    }));

  it('are answered by nobody as long as that domain was never migrated, and a warning says so', () =>
    withFolder(async (folder) => {
      await makePair(folder, `${parents}; ${children('INTEGER')}`, own + (ways[0]?.[2] ?? ''));
      const steps = [mapped, map('c', 'mc', { id: 'id', p: 'p' })];
      const { failure, rejects, warnings } = await rehearsePlan(folder, steps);
      assert.deepEqual([failure?.code, rejects.map(({ rowid }) => rowid)], ['rejected-rows', ['1', '2']]);
      assert.deepEqual(
        warnings.filter(({ code }) => code === 'parents-not-migrated').map(({ message }) => message),
        [
          'legacy.db c refers to mp, where rows of legacy.db p belong: no run has brought them yet. Migrate core first.',
        ],
      );
    }));
});
