/** The built-in plan against the schemas and the rows of a sample installation, in real SQLite. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import initSqlJs, { type Database, type SqlJsStatic, type SqlValue } from 'sql.js';
import { databaseImage } from '../../../../scripts/sample/database-image';
import { CONSOLIDATED, FIRST_LEGACY, LATER_LEGACY } from '../../../../scripts/sample/databases';
import { Variant } from '../../../../scripts/sample/values';
import { knownDatabases } from '../../../../src/core/plan/jarvis-databases';
import { jarvisPlan } from '../../../../src/core/plan/jarvis-plan';
import { planSchema, targetDatabaseOf, type MapStep, type PlanStep } from '../../../../src/core/plan/schema';

const plan = jarvisPlan('data');
const mapSteps = plan.steps.filter((step): step is MapStep => step.strategy === 'map');
const nameOf = ({ legacy }: PlanStep): string => `${legacy.database} ${legacy.table}`;
const legacyDatabases = [...FIRST_LEGACY, ...LATER_LEGACY];

interface Column {
  readonly name: string;
  readonly type: string;
  readonly notNull: boolean;
  /** Position in the primary key, from 1; 0 where it is not in it. */
  readonly key: number;
  /** Whether SQLite numbers rows that leave it out. */
  readonly isRowid: boolean;
}

describe('the built-in plan of an installation', function () {
  this.timeout(30_000);

  const open = new Map<string, Database>();
  let sql: SqlJsStatic;

  before(async () => {
    sql = await initSqlJs();
    for (const [path, database] of openAll(new Variant(0))) open.set(path, database);
  });
  after(() => open.forEach((database) => database.close()));

  function openAll(variant: Variant): Map<string, Database> {
    const image = (database: (typeof CONSOLIDATED)[number], of: Variant): [string, Database] => [
      database.path,
      new sql.Database(databaseImage(sql, database, of).fill(1, 18, 20)),
    ];
    return new Map([
      ...legacyDatabases.map((database) => image(database, variant)),
      ...CONSOLIDATED.map((database) => image(database, new Variant(variant.number))),
    ]);
  }

  const databaseAt = (path: string): Database => {
    const database = open.get(path);
    assert.ok(database, path);
    return database;
  };
  const columnsOf = (database: Database, table: string): readonly Column[] => {
    const found = select(database, `SELECT name, type, "notnull", pk FROM pragma_table_info('${table}')`);
    const keys = found.filter(([, , , key]) => key !== 0).length;
    return found.map(([name, type, notNull, key]) => ({
      name: String(name),
      type: String(type),
      notNull: notNull === 1,
      key: Number(key),
      isRowid: key === 1 && keys === 1 && type === 'INTEGER',
    }));
  };
  const legacyColumns = (step: PlanStep): readonly Column[] =>
    columnsOf(databaseAt(step.legacy.database), step.legacy.table);
  const targetColumns = (step: MapStep): readonly Column[] =>
    columnsOf(databaseAt(step.target.database), step.target.table);

  it('has the shape of a plan file, with every default filled in', () => {
    for (const options of [{}, { rateLimits: 'database' as const }]) {
      const built = jarvisPlan('data', options);
      assert.deepEqual(planSchema.parse(built), built);
    }
  });

  it('names every table of every legacy database exactly once, and nothing else', () => {
    const tables = legacyDatabases.flatMap(({ path }) => tablesOf(databaseAt(path)).map((table) => `${path} ${table}`));
    assert.deepEqual([...plan.steps.map(nameOf)].sort(), [...tables].sort());
    assert.equal(tables.length, 106);
  });

  it('knows the databases that it names by the domains they go to', () => {
    const domains = new Map(
      knownDatabases
        .filter(({ role }) => role === 'legacy')
        .map(({ base, path, domain }) => [base === 'data' ? `data/${path}` : path, domain]),
    );
    for (const { path } of legacyDatabases) {
      const used = plan.steps.filter(({ legacy }) => legacy.database === path).map(({ domain }) => domain);
      const known = domains.get(path);
      assert.ok(known === null ? used.length === 0 : known !== undefined && used.includes(known), path);
    }
    assert.equal(domains.size, legacyDatabases.length);
  });

  it('names files of the data folder by it, and the others by the workspace folder', () => {
    for (const [folder, prefix] of [
      ['data', 'data/'],
      ['.', ''],
      ['/somewhere/else', '/somewhere/else/'],
    ] as const) {
      const { steps, criteria } = jarvisPlan(folder);
      const expected = legacyDatabases
        .filter(({ path }) => path !== 'data/recycle_test.db')
        .map(({ path }) => path.replace(/^data\//, prefix));
      assert.deepEqual([...new Set(steps.map(({ legacy }) => legacy.database))].sort(), [...new Set(expected)].sort());
      assert.deepEqual(
        new Set(steps.map(targetDatabaseOf).filter((path) => path !== null)),
        new Set(['core', 'analytics', 'cache'].map((domain) => `${prefix}jarvis_${domain}.db`)),
      );
      assert.equal(criteria[0]?.database, `${prefix}jarvis_analytics.db`);
      assert.equal(criteria[1]?.accountedFor?.database, `${prefix}rate_limiter.db`);
    }
  });

  it('writes each step into the database of its domain', () => {
    for (const step of plan.steps) {
      const target = targetDatabaseOf(step);
      if (target !== null) assert.equal(target, `data/jarvis_${step.domain}.db`, nameOf(step));
    }
  });

  it('writes the rate limits to a file, or adopts them where the database is to keep them', () => {
    const stepFor = (options?: { rateLimits: 'file' | 'database' }): PlanStep | undefined =>
      jarvisPlan('data', options).steps.find(({ legacy }) => legacy.table === 'rate_configs');
    const legacy = { database: 'data/rate_limiter.db', table: 'rate_configs' };
    const file = { domain: 'cache', strategy: 'config', legacy, target: { file: 'config/rate_limits.yaml' } };
    assert.deepEqual(stepFor(), file);
    assert.deepEqual(stepFor({ rateLimits: 'file' }), file);
    assert.deepEqual(stepFor({ rateLimits: 'database' }), {
      ...{ domain: 'cache', strategy: 'adopt', legacy },
      target: { database: 'data/jarvis_cache.db' },
    });
  });

  it('measures the two built-in criteria', () => {
    assert.deepEqual(
      plan.criteria.map(({ label, expect }) => [label, expect]),
      [
        ['llm_usage records in analytics', '>= 19'],
        ['rate_configs accounted for', '>= 5'],
      ],
    );
    assert.equal(scalar(databaseAt('data/jarvis_analytics.db'), plan.criteria[0]?.sql ?? ''), 0);
    assert.ok(plan.steps.some((step) => nameOf(step) === 'data/rate_limiter.db rate_configs'));
  });

  it('adopts the tables that foreign keys tie together into one database, parents first', () => {
    const positions = new Map(plan.steps.map((step, index) => [nameOf(step), { step, index }]));
    let checked = 0;
    for (const { step, index } of positions.values()) {
      if (step.legacy.table.endsWith('_fts')) continue;
      for (const [parent] of select(
        databaseAt(step.legacy.database),
        `SELECT "table" FROM pragma_foreign_key_list('${step.legacy.table}')`,
      )) {
        const of = positions.get(`${step.legacy.database} ${String(parent)}`);
        assert.ok(of && of.index < index, `${nameOf(step)} comes after ${String(parent)}`);
        assert.deepEqual([step.strategy, of.step.strategy], ['adopt', 'adopt']);
        assert.equal(targetDatabaseOf(of.step), targetDatabaseOf(step));
        checked += 1;
      }
    }
    assert.equal(checked, 9);
  });

  it('adopts full-text tables after the tables whose rows they find', () => {
    const order = plan.steps.filter(({ legacy }) => legacy.database === 'data/jarvis_memory.db').map(nameOf);
    for (const table of ['facts', 'reflections']) {
      assert.equal(
        order.indexOf(`data/jarvis_memory.db ${table}_fts`),
        order.indexOf(`data/jarvis_memory.db ${table}`) + 1,
      );
    }
  });

  it('demands users after the users of the legacy table have come', () => {
    const users = plan.steps.findIndex((step) => nameOf(step) === 'data/jarvis_admin.db users');
    assert.ok(plan.steps.every((step, index) => !('parents' in step) || step.parents.length === 0 || index > users));
  });

  it('maps no two steps to one table', () => {
    const targets = mapSteps.map(({ target }) => `${target.database} ${target.table}`);
    assert.equal(new Set(targets).size, targets.length);
  });

  for (const step of mapSteps) {
    describe(`${nameOf(step)} → ${step.target.table}`, () => {
      it('names only columns that are there, and fills every column that must not be NULL', () => {
        const columns = targetColumns(step);
        const filled = [...Object.keys(step.columns), ...Object.keys(step.references)];
        assert.deepEqual(
          filled.filter((name) => !columns.some((column) => column.name === name)),
          [],
        );
        assert.equal(new Set(filled).size, filled.length);
        assert.deepEqual(
          columns.filter(({ name, notNull, isRowid }) => notNull && !isRowid && !filled.includes(name)),
          [],
        );
      });

      it('has a key that it fills, and shifts none but a single integer', () => {
        const columns = targetColumns(step);
        const key = step.key ?? columns.filter((column) => column.key > 0).map(({ name }) => name);
        for (const name of key) assert.ok(name in step.columns, name);
        const isInteger = key.length === 1 && columns.some(({ name, isRowid }) => name === key[0] && isRowid);
        const meansSomething = step.columns['user_id'] !== undefined && key.includes('user_id');
        assert.equal(step.takenKeys, !meansSomething && (isInteger || key[0] === 'id') ? 'shift' : 'conflict');
      });

      it('evaluates on the legacy table', () => {
        const legacy = databaseAt(step.legacy.database);
        for (const expression of expressionsOf(step))
          select(legacy, `SELECT ${expression} FROM "${step.legacy.table}"`);
      });

      it('demands parents and refers to rows by columns that are there', () => {
        const target = databaseAt(step.target.database);
        for (const parent of step.parents) {
          const columns = columnsOf(target, parent.table);
          const names = columns.map(({ name }) => name);
          assert.deepEqual(
            Object.keys(parent.columns).filter((name) => !names.includes(name)),
            [],
          );
          for (const { name } of columns.filter(({ notNull, key }) => notNull || key > 0))
            assert.ok(name in parent.columns, name);
        }
        for (const { table, column } of Object.values(step.references)) {
          assert.ok(columnsOf(target, table).some(({ name }) => name === column));
          const [referred, own] = [`${step.target.database} ${table}`, mapSteps.indexOf(step)];
          const before = mapSteps.findIndex((other) => `${other.target.database} ${other.target.table}` === referred);
          assert.ok(before < own);
        }
      });

      it('accounts for each foreign key of the target with a parent or a reference', () => {
        const keys = select(
          databaseAt(step.target.database),
          `SELECT "from", "table" FROM pragma_foreign_key_list('${step.target.table}')`,
        );
        for (const [column, table] of keys.map((row) => row.map(String))) {
          const expression = step.columns[column ?? ''];
          const parent = step.parents.some(
            (entry) => entry.table === table && Object.values(entry.columns).includes(expression ?? ''),
          );
          assert.ok(parent || step.references[column ?? '']?.table === table, column);
        }
      });
    });
  }

  it('copies columns between equal affinities, but for the values of the cache', () => {
    const differing = mapSteps.flatMap((step) =>
      copiesOf(step, legacyColumns(step), targetColumns(step))
        .filter(({ from, to }) => affinityOf(from.type) !== affinityOf(to.type))
        .map(({ from, to }) => `${nameOf(step)}.${from.name} ${from.type} → ${to.type}`),
    );
    assert.deepEqual(differing, ['data/cache/file_cache.db cache_entries.value BLOB → TEXT']);
  });

  it('can be refused a NULL in two places only', () => {
    const nullable = mapSteps.flatMap((step) =>
      copiesOf(step, legacyColumns(step), targetColumns(step))
        .filter(({ from, to }) => to.notNull && !from.notNull && !from.isRowid)
        .map(({ from }) => `${nameOf(step)}.${from.name}`),
    );
    assert.deepEqual(nullable, ['data/jarvis.db daily_stats.date', 'data/jarvis_admin.db mod_actions.action_type']);
  });

  for (const [what, number, volume] of [
    ['the documented installation', 0, {}],
    ['a filled one', 0, { fill: true, rows: 3 }],
    ['another one', 2, { fill: true }],
  ] as const) {
    it(`maps every row of ${what} past the constraints of its target`, () => {
      const databases = openAll(new Variant(number, volume));
      try {
        for (const step of mapSteps) {
          const [legacy, target] = [databases.get(step.legacy.database), databases.get(step.target.database)];
          assert.ok(legacy && target);
          target.run('PRAGMA foreign_keys = ON');
          const rows = Number(scalar(legacy, `SELECT count(*) FROM "${step.legacy.table}"`));
          const before = Number(scalar(target, `SELECT count(*) FROM "${step.target.table}"`));
          moveRows(step, legacy, target, targetColumns(step));
          assert.equal(scalar(target, `SELECT count(*) FROM "${step.target.table}"`), before + rows, nameOf(step));
          assert.deepEqual(select(target, 'PRAGMA foreign_key_check'), []);
        }
        const core = databases.get('data/jarvis_core.db');
        assert.ok(core);
        assert.deepEqual(select(core, 'SELECT DISTINCT side FROM trades ORDER BY 1'), [['buy'], ['sell']]);
        assert.ok(Number(scalar(core, 'SELECT count(*) FROM trades WHERE tx_signature IS NULL')) > 1);
        assert.equal(scalar(core, "SELECT count(*) FROM trades WHERE coalesce(status, slippage_pct, '') <> ''"), 0);
        assert.equal(scalar(core, 'SELECT count(*) FROM users WHERE user_id = 777000'), 1);
        const cache = databases.get('data/jarvis_cache.db');
        assert.ok(cache);
        assert.deepEqual(
          select(cache, "SELECT DISTINCT typeof(value), length(created_at) FROM kv_cache WHERE key LIKE 'price:%'"),
          [['blob', 19]],
        );
      } finally {
        databases.forEach((database) => database.close());
      }
    });
  }

  it('is described in the documentation, table by table', () => {
    const page = readFileSync(resolve('docs', 'plan.md'), 'utf8');
    const lines = page.split('\n').filter((line) => line.startsWith('|'));
    const taken = new Map(
      CONSOLIDATED.map(({ path }) => [
        path,
        new Set(select(databaseAt(path), 'SELECT name FROM sqlite_master').map(([name]) => String(name))),
      ]),
    );
    for (const step of plan.steps) {
      const [database, table] = [`\`${step.legacy.database.replace(/^data\//, '')}\``, step.legacy.table];
      const names = taken.get(targetDatabaseOf(step) ?? '') ?? new Set<string>();
      const adopted = names.has(table) ? `${basename(step.legacy.database, '.db')}_${table}` : table;
      const words =
        step.strategy === 'map'
          ? [`\`${table}\``, `\`${step.target.table}\``]
          : step.strategy === 'adopt'
            ? [adopted === table ? `\`${table}\`` : `\`${table}\` (as \`${adopted}\`)`]
            : [`\`${table}\``];
      if (step.strategy === 'adopt') names.add(adopted);
      assert.ok(
        lines.some((line) => line.startsWith(`| ${database} `) && words.every((word) => line.includes(word))),
        `${nameOf(step)}: ${words.join(' ')}`,
      );
    }
  });

  it('is not contradicted by the examples of plan files in the documentation', () => {
    const page = readFileSync(resolve('docs', 'plan.md'), 'utf8');
    const examples = [...page.matchAll(/```jsonc?\n([\s\S]*?)```/g)].map(([, text]) => text ?? '');
    assert.equal(examples.length, 4);
    for (const text of examples) planSchema.parse(JSON.parse(text.replaceAll(/^\s*\/\/.*$/gm, '')));
  });
});

function select(database: Database, query: string): SqlValue[][] {
  return database.exec(query)[0]?.values ?? [];
}

function scalar(database: Database, query: string): SqlValue | undefined {
  return select(database, query)[0]?.[0];
}

/** Ordinary and virtual tables, without those in which virtual ones keep things. */
function tablesOf(database: Database): readonly string[] {
  return select(
    database,
    `SELECT name FROM sqlite_master AS t WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND NOT EXISTS (
       SELECT * FROM sqlite_master AS v WHERE v.sql LIKE 'CREATE VIRTUAL%' AND t.name GLOB v.name || '_*')`,
  ).map(([name]) => String(name));
}

function expressionsOf(step: MapStep): readonly string[] {
  return [
    ...Object.values(step.columns),
    ...Object.values(step.references).map(({ value }) => value),
    ...step.parents.flatMap(({ columns }) => Object.values(columns)),
  ];
}

/** The columns that are copied as they are. */
function copiesOf(
  step: MapStep,
  legacy: readonly Column[],
  target: readonly Column[],
): readonly { readonly from: Column; readonly to: Column }[] {
  return Object.entries(step.columns).flatMap(([name, expression]) => {
    const [from, to] = [legacy.find((column) => column.name === expression), target.find((one) => one.name === name)];
    return from === undefined || to === undefined ? [] : [{ from, to }];
  });
}

/** What SQLite makes of a declared type. INTEGER and NUMERIC store alike. */
function affinityOf(type: string): string {
  if (/INT/i.test(type)) return 'NUMERIC';
  if (/CHAR|CLOB|TEXT/i.test(type)) return 'TEXT';
  if (/BLOB/i.test(type) || type === '') return 'BLOB';
  return /REAL|FLOA|DOUB/i.test(type) ? 'REAL' : 'NUMERIC';
}

/** The rows of a step as the plan says, by the plainest means: each read, and inserted with every column named. */
function moveRows(step: MapStep, legacy: Database, target: Database, columns: readonly Column[]): void {
  const from = `FROM "${step.legacy.table}"`;
  for (const parent of step.parents) {
    const names = Object.keys(parent.columns);
    const values = Object.values(parent.columns).join(', ');
    for (const row of select(legacy, `SELECT DISTINCT ${values} ${from}`)) {
      const key = row[names.indexOf('user_id')];
      if (key === null || select(target, `SELECT 1 FROM "${parent.table}" WHERE user_id = ${String(key)}`).length > 0)
        continue;
      target.run(
        `INSERT INTO "${parent.table}" (${names.join(', ')}) VALUES (${names.map(() => '?').join(', ')})`,
        row,
      );
    }
  }
  const cells = columns.map(({ name }) => step.columns[name] ?? step.references[name]?.value ?? ('NULL' as const));
  const insert = `INSERT INTO "${step.target.table}" (${columns.map(({ name }) => `"${name}"`).join(', ')}) VALUES (${columns
    .map(({ name }) => {
      const reference = step.references[name];
      if (reference === undefined) return '?';
      return `(SELECT ${reference.column} FROM ${reference.table} WHERE ${reference.column} = ?)`;
    })
    .join(', ')})`;
  for (const row of select(legacy, `SELECT ${cells.join(', ')} ${from}`)) target.run(insert, row);
}
