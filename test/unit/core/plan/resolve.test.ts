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

describe('what tells the rows of a map step apart', () => {
  const keys: readonly (readonly [
    what: string,
    legacy: string,
    target: string,
    step: Readonly<{ columns: Readonly<Record<string, string>>; key?: string[] }>,
    expected: { readonly key: readonly string[]; readonly keyIsRowid: boolean; readonly keyIsSound: boolean },
  ])[] = [
    [
      'the rowid, copied from a rowid',
      'CREATE TABLE t (id INTEGER PRIMARY KEY)',
      'CREATE TABLE m (n INTEGER PRIMARY KEY)',
      { columns: { n: 'id' } },
      { key: ['n'], keyIsRowid: true, keyIsSound: true },
    ],
    [
      'the rowid, from a column that may hold anything',
      'CREATE TABLE t (id INTEGER, o INTEGER PRIMARY KEY)',
      'CREATE TABLE m (n INTEGER PRIMARY KEY)',
      { columns: { n: 'id' } },
      { key: ['n'], keyIsRowid: true, keyIsSound: false },
    ],
    [
      'the rowid, computed',
      'CREATE TABLE t (id INTEGER PRIMARY KEY)',
      'CREATE TABLE m (n INTEGER PRIMARY KEY)',
      { columns: { n: 'id + 0' } },
      { key: ['n'], keyIsRowid: true, keyIsSound: false },
    ],
    [
      'a key of two columns, in its own order',
      'CREATE TABLE t (a, b)',
      'CREATE TABLE m (a, b, PRIMARY KEY (b, a))',
      { columns: { a: 'a', b: 'b' } },
      { key: ['b', 'a'], keyIsRowid: false, keyIsSound: false },
    ],
    [
      'a UNIQUE column that the plan names, while SQLite numbers the rows',
      'CREATE TABLE t (code)',
      'CREATE TABLE m (id INTEGER PRIMARY KEY, code UNIQUE)',
      { columns: { CODE: 'code' }, key: ['Code'] },
      { key: ['code'], keyIsRowid: false, keyIsSound: false },
    ],
    [
      'the rowid by another key of the plan',
      'CREATE TABLE t (id INTEGER PRIMARY KEY)',
      'CREATE TABLE m (code UNIQUE, n INTEGER PRIMARY KEY)',
      { columns: { n: 'id' }, key: ['n'] },
      { key: ['n'], keyIsRowid: true, keyIsSound: true },
    ],
  ];
  for (const [what, legacy, target, { columns, key }, expected] of keys) {
    it(what, async () => {
      const more = key === undefined ? {} : { key };
      const step = resolveMap(mapStep(columns, more), await tableOf(legacy, 't'), ...(await targetOf(target)));
      assert.deepEqual(
        { key: step.key.map((cell) => cell.target), keyIsRowid: step.keyIsRowid, keyIsSound: step.keyIsSound },
        expected,
      );
    });
  }

  it('refuses a key that no UNIQUE constraint covers, and a partial one', async () => {
    const legacy = await tableOf('CREATE TABLE t (code)', 't');
    for (const sql of [
      'CREATE TABLE m (id INTEGER PRIMARY KEY, code)',
      'CREATE TABLE m (id INTEGER PRIMARY KEY, code); CREATE UNIQUE INDEX u ON m (code) WHERE code > 0',
      'CREATE TABLE m (id INTEGER PRIMARY KEY, code); CREATE UNIQUE INDEX u ON m (lower(code))',
      'CREATE TABLE m (id INTEGER PRIMARY KEY, code, b, UNIQUE (code, b))',
    ]) {
      const target = await targetOf(sql);
      assert.throws(() => resolveMap(mapStep({ code: 'code' }, { key: ['code'] }), legacy, ...target), {
        code: 'plan-invalid',
        message: /no UNIQUE key covers it/,
      });
    }
  });
});

describe('what may be rewritten on its way', () => {
  const cases: readonly (readonly [type: string, expression: string, legacyType: string, expected: boolean])[] = [
    ['INTEGER', 'v', 'INTEGER', false],
    ['BIGINT', 'v', 'INT', false],
    ['INTEGER', 'v', 'TEXT', true],
    ['INTEGER', 'v', '', true],
    ['TEXT', 'v', 'VARCHAR(9)', false],
    ['TEXT', 'v', 'INTEGER', true],
    ['REAL', 'v', 'FLOAT', false],
    ['NUMERIC', 'v', 'DATETIME', false],
    ['NUMERIC', 'v', 'REAL', true],
    ['', 'v', 'INTEGER', false],
    ['BLOB', 'upper(v)', 'TEXT', false],
    ['TEXT', "'constant''s'", 'TEXT', false],
    ['TEXT', "'a' || 'b'", 'TEXT', true],
    ['INTEGER', '42', 'TEXT', false],
    ['INTEGER', "'42'", 'TEXT', true],
    ['INTEGER', 'v + 1', 'INTEGER', true],
    ['INTEGER', ' null ', 'INTEGER', false],
    ['INTEGER', 'V', 'INTEGER', false],
    ['INTEGER', '"v"', 'INTEGER', false],
  ];
  for (const [type, expression, legacyType, expected] of cases) {
    it(`${expression} of a ${legacyType || 'typeless'} column into a ${type || 'typeless'} one: ${expected ? 'is looked at' : 'is not'}`, async () => {
      const step = resolveMap(
        mapStep({ id: 'id', w: expression }),
        await tableOf(`CREATE TABLE t (id INTEGER PRIMARY KEY, v ${legacyType})`, 't'),
        ...(await targetOf(`CREATE TABLE m (id INTEGER PRIMARY KEY, w ${type})`)),
      );
      assert.equal(step.cells.find(({ target }) => target === 'w')?.mayRewrite, expected);
    });
  }
});

describe('what gives a legacy column back', () => {
  const legacy = 'CREATE TABLE t (id INTEGER PRIMARY KEY, a, b, up)';
  const target = 'CREATE TABLE m (id INTEGER PRIMARY KEY, a, b, up, metadata_json TEXT)';
  const resolve = async (
    columns: Readonly<Record<string, string>>,
    more: Parameters<typeof map>[4] = {},
  ): Promise<ReturnType<typeof resolveMap>> =>
    resolveMap(mapStep(columns, more), await tableOf(legacy, 't'), ...(await targetOf(target)));

  it('a copy, a declared way back, or nothing', async () => {
    const step = await resolve({ id: 'id', a: 'upper(a)', b: 'b' }, { rebuild: { A: 'lower(a)' } });
    assert.deepEqual(step.recovered, [
      { legacy: 'id', expression: '"id"', declared: false },
      { legacy: 'a', expression: 'lower(a)', declared: true },
      { legacy: 'b', expression: '"b"', declared: false },
    ]);
    assert.deepEqual(step.residual, ['up']);
  });

  it('a reference that may become NULL gives it back only where it did not: it is tried', async () => {
    const reference = (orphans: 'null' | 'reject'): Parameters<typeof map>[4] => ({
      references: { up: { value: 'up', table: 'm', column: 'id', orphans } },
    });
    const declared = async (orphans: 'null' | 'reject'): Promise<boolean | undefined> =>
      (await resolve({ id: 'id' }, reference(orphans))).recovered.find(({ legacy: name }) => name === 'up')?.declared;
    assert.deepEqual([await declared('null'), await declared('reject')], [true, false]);
  });

  it('JSON, together with the column that was put there', async () => {
    const step = await resolve({ id: 'id', metadata_json: 'a' }, { residual: 'metadata' });
    assert.equal(step.metadataColumn, 'metadata_json');
    assert.deepEqual(step.residual, ['a', 'b', 'up']);
    assert.deepEqual(
      step.recovered.map(({ legacy: name, declared }) => [name, declared]),
      [
        ['id', false],
        ['a', true],
        ['b', true],
        ['up', true],
      ],
    );
    assert.ok(step.cells.every(({ target: name, copyOf }) => name !== 'metadata_json' || copyOf === null));
  });

  it('no JSON where nothing is residual', async () => {
    const step = await resolve({ id: 'id', a: 'a', b: 'b', up: 'up' }, { residual: 'metadata' });
    assert.deepEqual([step.metadataColumn, step.residual], [null, []]);
  });

  it('a column named in "columns" and in "references" is named twice', async () => {
    const references = { up: { value: 'up', table: 'm', column: 'id', orphans: 'reject' as const } };
    await assert.rejects(resolve({ id: 'id', UP: 'up' }, { references }), {
      code: 'plan-invalid',
      message: /named twice/,
    });
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
      const step = resolveAdopt(adopt('t'), await tableOf(sql, 't'), holdsNull ? 'rowid' : 'key', holdsNull);
      assert.deepEqual(
        step.key.map(({ target }) => target),
        expected,
      );
    });
  }
});
