/** Adopted tables whose foreign keys refer to a table that is mapped: they follow its rows to where these really are. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { PlanStep } from '../../../../src/core/plan/schema';
import { withFolder } from '../../../support/folders';
import { adopt, makePair, map, migratePlan, rehearsePlan } from '../../../support/plans';
import { create, edit, query } from '../../../support/sqlite';

const parents = "CREATE TABLE p (id INTEGER PRIMARY KEY, n TEXT); INSERT INTO p VALUES (1, 'one'), (2, 'two')";
const child = (references: string, table = 'c'): string =>
  `CREATE TABLE ${table} (id INTEGER PRIMARY KEY, p INTEGER REFERENCES ${references}); INSERT INTO ${table} VALUES (1, 1), (2, 2), (3, NULL)`;
/** The target's own: the table that takes the rows, and one that only has the legacy table's name. */
const home = "CREATE TABLE mp (id INTEGER PRIMARY KEY, n TEXT); INSERT INTO mp VALUES (2, 'own')";
const namesake =
  "CREATE TABLE p (id INTEGER PRIMARY KEY, n TEXT); INSERT INTO p VALUES (1, 'another'), (2, 'another too')";
const mapped = map('p', 'mp', { id: 'id', n: 'n' });
const expected = [
  [1, 'one'],
  [2, 'two'],
  [3, null],
];
const joined = 'SELECT c.id, n FROM c LEFT JOIN mp ON mp.id = c.p ORDER BY 1';
const parentOf = (table: string): string => `SELECT "table" FROM pragma_foreign_key_list('${table}')`;

describe('an adopted table whose parent is mapped', function () {
  this.timeout(20_000);

  for (const [how, references, target] of [
    ['by name', 'p (id)', namesake],
    ['by its key', '"P"', namesake],
    ['by name, with no table of that name in the target', 'p (id)', ''],
  ] as const)
    it(`refers to the table where the parent's rows are, ${how}, under the keys that they got`, () =>
      withFolder(async (folder) => {
        await makePair(folder, `${parents}; ${child(references)}`, `${home}; ${target}`);
        const steps = [adopt('c'), mapped];
        const first = await migratePlan(folder, steps);
        assert.equal(first.failure, null, first.failure?.message);
        const path = join(folder, 'target.db');
        assert.deepEqual(await query(path, joined), expected);
        assert.deepEqual(await query(path, parentOf('c')), [['mp']]);
        if (target !== '') assert.deepEqual(await query(path, 'SELECT count(*) FROM p'), [[2]]);
        assert.equal((await rehearsePlan(folder, steps, { intent: 'look' })).failure, null);
        await edit(join(folder, 'legacy.db'), "INSERT INTO p VALUES (3, 'three'); INSERT INTO c VALUES (4, 3)");
        const second = await migratePlan(folder, steps);
        assert.equal(second.failure, null, second.failure?.message);
        assert.deepEqual(await query(path, joined), [...expected, [4, 'three']]);
      }));

  it('takes its triggers along to that table, and its own name may be that of the table', () =>
    withFolder(async (folder) => {
      await makePair(
        folder,
        `${parents}; ${child('p (id)', 'mp')}; CREATE INDEX by_p ON mp (p); CREATE TRIGGER seen AFTER INSERT ON mp BEGIN UPDATE p SET n = n || '!' WHERE id = new.p; END`,
        `${home}; ${namesake}`,
      );
      const first = await migratePlan(folder, [mapped, adopt('mp')]);
      assert.equal(first.failure, null, first.failure?.message);
      const path = join(folder, 'target.db');
      assert.deepEqual(await query(path, parentOf('legacy_mp')), [['mp']]);
      await edit(path, 'INSERT INTO legacy_mp VALUES (9, (SELECT p FROM legacy_mp WHERE id = 1))');
      assert.deepEqual(await query(path, "SELECT n FROM mp UNION ALL SELECT n FROM p WHERE n LIKE '%!'"), [
        ['own'],
        ['one!'],
        ['two'],
      ]);
    }));

  it('is told of a trigger that mentions what that table lacks', () =>
    withFolder(async (folder) => {
      await makePair(
        folder,
        `${parents
          .replace('n TEXT', 'n TEXT, seen')
          .replace("'one'", "'one', 0")
          .replace(
            "'two'",
            "'two', 0",
          )}; ${child('p (id)')}; CREATE TRIGGER seen AFTER INSERT ON c BEGIN UPDATE p SET n = seen WHERE id = new.p; END`,
        `${home}; ${namesake}`,
      );
      const { failure, warnings } = await rehearsePlan(folder, [mapped, adopt('c')]);
      assert.equal(failure, null);
      const [loose] = warnings.filter(({ code }) => code === 'trigger-reference-missing');
      assert.match(loose?.message ?? '', /the trigger seen moves with c.*no such column: seen/);
    }));

  it('finds its own of two parents that went into one table', () =>
    withFolder(async (folder) => {
      await makePair(
        folder,
        `${parents}; CREATE TABLE r (id INTEGER PRIMARY KEY, n TEXT); INSERT INTO r VALUES (1, 'eins'), (2, 'zwei'); ${child('p (id)')}; ${child('r (id)', 'd')}`,
        `${home}; ${namesake}`,
      );
      const steps = [mapped, map('r', 'mp', { id: 'id', n: 'n' }), adopt('c'), adopt('d')];
      const first = await migratePlan(folder, steps);
      assert.equal(first.failure, null, first.failure?.message);
      const path = join(folder, 'target.db');
      assert.deepEqual(await query(path, joined), expected);
      assert.deepEqual(
        await query(
          path,
          joined.replaceAll('c.', 'd.').replace('FROM c AS', 'FROM d AS').replace('FROM c ', 'FROM d '),
        ),
        [
          [1, 'eins'],
          [2, 'zwei'],
          [3, null],
        ],
      );
    }));

  const refused: readonly (readonly [string, PlanStep, string, RegExp])[] = [
    [
      'whose key is computed',
      map('p', 'mp', { id: 'id + 100', n: 'n' }),
      'p (id)',
      /refers to p, whose rows go into mp of the target, where id is no copy of id\./,
    ],
    [
      'whose key has another name there',
      map('p', 'mq', { key: 'id', n: 'n' }),
      'p (id)',
      /refers to p, whose rows go into mq of the target, where id is no copy of id\./,
    ],
    [
      'of which another column is meant, that is no key there',
      mapped,
      'p (n)',
      /refers to p, whose rows go into mp, which has no such key\./,
    ],
    [
      'whose rows go into another database',
      map('p', 'mp', { id: 'id', n: 'n' }, {}, { target: { database: 'other.db', table: 'mp' } }),
      'p (id)',
      /refers to p, whose rows go into other\.db: no foreign key leads into another database\./,
    ],
  ];
  for (const [how, step, references, message] of refused)
    it(`is refused where it refers to a parent ${how}, whatever table has the parent's name`, () =>
      withFolder(async (folder) => {
        await makePair(
          folder,
          `${parents.replace('n TEXT', 'n TEXT UNIQUE')}; ${child(references)}`,
          `${home}; ${namesake.replace('n TEXT', 'n TEXT UNIQUE')}; CREATE TABLE mq (key INTEGER PRIMARY KEY, id INTEGER UNIQUE, n TEXT)`,
        );
        await create(join(folder, 'other.db'), home);
        await assert.rejects(rehearsePlan(folder, [step, adopt('c')]), { code: 'plan-invalid', message });
      }));
});
