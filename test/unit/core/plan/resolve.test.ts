import assert from 'node:assert/strict';
import { jarvisPlan } from '../../../../src/core/plan/jarvis-plan';
import { describeMapping, resolveAdopt, resolveMap } from '../../../../src/core/plan/resolve';
import { planSchema, type MapStep } from '../../../../src/core/plan/schema';
import { readTable, readUniqueKeys, type TableSchema } from '../../../../src/core/sqlite/schema';
import { adopt, loadEngine, map } from '../../../support/plans';

async function tableOf(sql: string, name: string): Promise<TableSchema> {
  return (await keyedTableOf(sql, name)).table;
}

type Keyed = readonly [table: TableSchema, uniqueKeys: readonly (readonly string[])[]];

/** A target table, and the sets of columns that it keeps unique. */
async function targetOf(sql: string): Promise<Keyed> {
  const { table, uniqueKeys } = await keyedTableOf(sql, 'm');
  return [table, uniqueKeys];
}

async function keyedTableOf(
  sql: string,
  name: string,
): Promise<{ readonly table: TableSchema; readonly uniqueKeys: readonly (readonly string[])[] }> {
  const connection = (await loadEngine()).open(new Uint8Array(), 'test.db');
  try {
    connection.execute(sql);
    const table = readTable(connection, name);
    assert.ok(table);
    return { table, uniqueKeys: readUniqueKeys(connection, table) };
  } finally {
    connection.close();
  }
}

const mapStep = (columns: Readonly<Record<string, string>>, more: Parameters<typeof map>[4] = {}): MapStep =>
  map('t', 'm', columns, {}, more);

describe('the built-in plan', () => {
  it('has the shape that a plan file must have', () => {
    const plan = jarvisPlan('data');
    assert.deepEqual(planSchema.parse(plan), plan);
  });

  it('names files by the data folder', () => {
    const names = (dataFolder: string): readonly string[] =>
      jarvisPlan(dataFolder).steps.map(({ legacy }) => legacy.database);
    assert.equal(names('data')[0], 'data/llm_costs.db');
    assert.equal(names('.')[0], 'llm_costs.db');
    assert.equal(names('/somewhere/else')[0], '/somewhere/else/llm_costs.db');
  });
});

describe('resolveMap', function () {
  this.timeout(15_000);

  const refusals: readonly (readonly [string, string, string, Readonly<Record<string, string>>, RegExp])[] = [
    [
      'a column that the target lacks',
      'CREATE TABLE t (id)',
      'CREATE TABLE m (id INTEGER PRIMARY KEY)',
      { id: 'id', other: '1' },
      /no column other/,
    ],
    [
      'a generated column',
      'CREATE TABLE t (id)',
      'CREATE TABLE m (id INTEGER PRIMARY KEY, g AS (id))',
      { id: 'id', g: '1' },
      /generated/,
    ],
    [
      'a NOT NULL column that nothing fills',
      'CREATE TABLE t (id)',
      'CREATE TABLE m (id INTEGER PRIMARY KEY, n NOT NULL DEFAULT 1)',
      { id: 'id' },
      /does not fill n/,
    ],
    [
      'a key that nothing fills',
      'CREATE TABLE t (id)',
      'CREATE TABLE m (id INTEGER PRIMARY KEY, a)',
      { a: '1' },
      /key column id/,
    ],
    ['a target without a key', 'CREATE TABLE t (id)', 'CREATE TABLE m (id)', { id: 'id' }, /no primary key/],
  ];
  for (const [what, legacy, target, columns, message] of refusals) {
    it(`refuses ${what}`, async () => {
      const [from, to] = [await tableOf(legacy, 't'), await targetOf(target)];
      assert.throws(
        () => resolveMap(mapStep(columns), from, ...to),
        (error: Error & { code?: string }) => {
          assert.equal(error.code, 'plan-invalid');
          assert.match(error.message, message);
          return true;
        },
      );
    });
  }

  it('fills what the plan does not name with NULL, and tells copied columns from residual ones', async () => {
    const step = resolveMap(
      mapStep({ ID: '"Id"', a: 'A', b: "x || '!'" }),
      await tableOf('CREATE TABLE t (id INTEGER, a, x, y, g AS (x))', 't'),
      ...(await targetOf('CREATE TABLE m (id INTEGER PRIMARY KEY, A, B, c DEFAULT 5)')),
    );
    assert.deepEqual(
      step.cells.map(({ target, expression }) => [target, expression]),
      [
        ['id', '"Id"'],
        ['A', 'A'],
        ['B', "x || '!'"],
        ['c', 'NULL'],
      ],
    );
    assert.deepEqual(step.residual, ['x', 'y']);
    assert.deepEqual(
      describeMapping(step, 'legacy_t', step.residual).map(({ legacy, target, transformation }) => [
        legacy,
        target,
        transformation,
      ]),
      [
        ['id', 'id', 'unchanged'],
        ['a', 'A', 'renamed'],
        [null, 'B', "computed: x || '!'"],
        [null, 'c', 'constant: NULL'],
        ['x', null, 'kept in legacy_t'],
        ['y', null, 'kept in legacy_t'],
      ],
    );
  });

  it('tells columns apart as SQLite does: by ASCII case only', async () => {
    const step = resolveMap(
      mapStep({ id: 'id', Ä: 'a' }),
      await tableOf('CREATE TABLE t (id, a)', 't'),
      ...(await targetOf('CREATE TABLE m (id INTEGER PRIMARY KEY, Ä, ä)')),
    );
    assert.deepEqual(
      step.cells.map(({ expression }) => expression),
      ['id', 'a', 'NULL'],
    );
  });
});

describe('resolveAdopt', () => {
  const keys: readonly (readonly [string, boolean, readonly string[]])[] = [
    ['CREATE TABLE t (id INTEGER PRIMARY KEY, a)', false, ['id']],
    ['CREATE TABLE t (a, b, PRIMARY KEY (b, a))', false, ['b', 'a']],
    ['CREATE TABLE t (a, b, PRIMARY KEY (b, a))', true, ['rowid']],
    ['CREATE TABLE t (a)', false, ['rowid']],
    ['CREATE TABLE t (RowID)', false, ['_rowid_']],
    ['CREATE TABLE t (rowid, _ROWID_)', false, ['oid']],
  ];
  for (const [sql, holdsNull, expected] of keys) {
    it(`${sql}${holdsNull ? ' with a NULL in its key' : ''}: rows are known by ${expected.join(', ')}`, async () => {
      const step = resolveAdopt(adopt('t'), await tableOf(sql, 't'), holdsNull);
      assert.deepEqual(
        step.key.map(({ target }) => target),
        expected,
      );
    });
  }
});
