import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { checkPlan, databasesToRead } from '../../../../src/core/plan/check-plan';
import { parsePlan } from '../../../../src/core/plan/parse-plan';
import { readPlanTables, type PlanDatabase } from '../../../../src/core/plan/plan-catalogue';
import type { PlanSource } from '../../../../src/core/plan/schema';
import type { SqliteEngine } from '../../../../src/core/sqlite/engine';
import { loadSqlJs } from '../../../../src/core/sqlite/sql-js-engine';

type Step = PlanSource['steps'][number];
type MapSource = Extract<Step, { strategy: 'map' }>;

const legacySql = `
  CREATE TABLE usage (id INTEGER PRIMARY KEY, model TEXT, cost REAL, "we""ird" TEXT);
  CREATE TABLE parents (id INTEGER PRIMARY KEY);
  CREATE TABLE children (id INTEGER PRIMARY KEY, parent INTEGER REFERENCES parents (id));
  CREATE VIEW seen AS SELECT * FROM usage;`;
const targetSql = `
  CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
  CREATE TABLE costs (id INTEGER PRIMARY KEY, model TEXT NOT NULL, cost REAL, user_id INTEGER REFERENCES users (id),
    code TEXT UNIQUE, metadata_json TEXT, doubled REAL AS (cost * 2));
  CREATE TABLE keyless (a);`;

const usage: MapSource = {
  domain: 'analytics',
  strategy: 'map',
  legacy: { database: 'legacy.db', table: 'usage' },
  target: { database: 'target.db', table: 'costs' },
  columns: { id: 'id', model: 'model', cost: 'cost', code: '"we""ird"' },
};
const adoptParents: Step = adopt('parents');
const adoptChildren: Step = adopt('children');
const whole: readonly Step[] = [usage, adoptParents, adoptChildren];

function adopt(table: string, target?: string): Step {
  return {
    domain: 'analytics',
    strategy: 'adopt',
    legacy: { database: 'legacy.db', table },
    target: { database: 'target.db', ...(target === undefined ? {} : { table: target }) },
  };
}

describe('checkPlan', function () {
  this.timeout(20_000);
  let engine: SqliteEngine;
  let databases: Map<string, PlanDatabase>;

  const read = (sql: string, identity: string): PlanDatabase => {
    const connection = engine.open(new Uint8Array(), identity);
    try {
      connection.execute(sql);
      return { state: 'read', tables: readPlanTables(connection), identity };
    } finally {
      connection.close();
    }
  };

  before(async () => {
    engine = await loadSqlJs(await readFile(require.resolve('sql.js/dist/sql-wasm.wasm')));
  });
  beforeEach(() => {
    databases = new Map([
      ['legacy.db', read(legacySql, '1:1')],
      ['target.db', read(targetSql, '1:2')],
    ]);
  });

  /** The problems as `severity code: the text that is marked`. */
  const check = (steps: readonly Step[], criteria: PlanSource['criteria'] = []): readonly string[] => {
    const text = JSON.stringify({ version: 1, steps, criteria });
    const parsed = parsePlan(text);
    assert.deepEqual(parsed.problems, []);
    const openScratch = (): ReturnType<SqliteEngine['open']> => engine.open(new Uint8Array(), 'scratch');
    return checkPlan(parsed, { dataFolder: 'data', databases, openScratch }).map(
      ({ severity, code, offset, length }) => `${severity} ${code}: ${text.slice(offset, offset + length)}`,
    );
  };
  const checkUsage = (change: Partial<MapSource>): readonly string[] =>
    check([{ ...usage, ...change }, adoptParents, adoptChildren]);

  it('has nothing to say about a plan that fits', () => assert.deepEqual(check(whole), []));

  const columns: readonly (readonly [what: string, change: Partial<MapSource>, expected: readonly string[]])[] = [
    [
      'a column that the target lacks',
      { columns: { ...usage.columns, other: '1' } },
      ['error unknown-column: "other"'],
    ],
    ['a generated column', { columns: { ...usage.columns, doubled: '1' } }, ['error generated-column: "doubled"']],
    ['a column filled twice', { columns: { ...usage.columns, COST: '1' } }, ['error duplicate-column: "COST"']],
    [
      'a column filled and referring',
      { references: { cost: { value: 'id', table: 'users', column: 'id' } } },
      ['error duplicate-column: "cost"'],
    ],
    [
      'a NOT NULL column that nothing fills',
      { columns: { id: 'id', cost: 'cost', code: '"we""ird"' }, rebuild: { model: 'code' } },
      ['error uncovered-not-null: "columns"'],
    ],
    [
      'NULL for a NOT NULL column',
      { columns: { ...usage.columns, model: ' null ' }, rebuild: { model: 'code' } },
      ['error uncovered-not-null: " null "'],
    ],
    [
      'an expression of nothing that is there',
      { columns: { ...usage.columns, cost: 'price' }, rebuild: { cost: 'cost' } },
      ['error bad-expression: "price"'],
    ],
    [
      'X4: an expression that is more than one',
      { columns: { ...usage.columns, cost: '1), (2' }, rebuild: { cost: 'cost' } },
      ['error bad-expression: "1), (2"'],
    ],
    ['a rebuilt column that is not there', { rebuild: { other: 'id' } }, ['error unknown-column: "other"']],
    [
      'a way back over columns of the wrong table',
      { rebuild: { cost: '"we""ird"' } },
      [String.raw`error bad-expression: "\"we\"\"ird\""`],
    ],
    [
      'a key column that nothing fills',
      { columns: { model: 'model', cost: 'cost', code: '"we""ird"' }, rebuild: { id: 'id' } },
      ['error key-not-covered: "columns"'],
    ],
    ['a key that is not there', { key: ['nr'] }, ['error unknown-column: "nr"']],
    ['a key that is not unique', { key: ['model'] }, ['error key-not-unique: "key"']],
    [
      'a target that is not there',
      { target: { database: 'target.db', table: 'gone' } },
      ['error unknown-table: "gone"'],
    ],
    [
      'a target without a key',
      { target: { database: 'target.db', table: 'keyless' }, columns: { a: 'id' }, residual: 'drop' },
      ['error no-key: "keyless"', 'warning values-lost: "drop"'],
    ],
    [
      'a legacy table that is not there',
      { legacy: { database: 'legacy.db', table: 'gone' } },
      ['warning unplanned-table: "steps"', 'error unknown-table: "gone"'],
    ],
    [
      'a view',
      { legacy: { database: 'legacy.db', table: 'seen' } },
      ['warning unplanned-table: "steps"', 'error not-a-table: "seen"'],
    ],
    [
      'a column without a home',
      { columns: { id: 'id', model: 'model', cost: 'cost' }, residual: 'sidecar' },
      ['note no-home: "sidecar"'],
    ],
    [
      'a column without a home, where nothing is said',
      { columns: { id: 'id', model: 'model', cost: 'cost' } },
      ['note no-home: {'],
    ],
    [
      'a residual column that JSON cannot name',
      { columns: { id: 'id', model: 'model', cost: 'cost' }, residual: 'metadata' },
      ['error no-metadata-column: "metadata"'],
    ],
    [
      'residual columns in a column that is not there',
      { columns: { id: 'id', model: 'model', code: '"we""ird"' }, residual: 'metadata', metadata: 'extra' },
      ['error no-metadata-column: "extra"'],
    ],
    [
      'residual columns in JSON',
      { columns: { id: 'id', model: 'model', code: '"we""ird"' }, residual: 'metadata' },
      ['note no-home: "metadata"'],
    ],
    ['a JSON column for nothing', { metadata: 'metadata_json' }, ['warning unused-metadata: "metadata"']],
    [
      'a reference to a table that is not there',
      { references: { user_id: { value: 'id', table: 'people', column: 'id' } } },
      ['error unknown-table: "people"'],
    ],
    [
      'a reference to a column that is not there',
      { references: { user_id: { value: 'id', table: 'users', column: 'nr' } } },
      ['error unknown-column: "nr"'],
    ],
    [
      'a reference by an expression that does not compile',
      { references: { user_id: { value: 'nr', table: 'users', column: 'id' } } },
      ['error bad-expression: "nr"'],
    ],
    [
      'parents of which too little is said',
      { parents: [{ table: 'users', columns: { nick: "'x'" } }] },
      ['error key-not-covered: "columns"', 'error uncovered-not-null: "columns"', 'error unknown-column: "nick"'],
    ],
    [
      'parents in the table of the step itself',
      { parents: [{ table: 'Costs', columns: { id: 'id', model: 'model' } }] },
      ['error parents-in-target: "Costs"'],
    ],
    [
      'parents in no table',
      { parents: [{ table: 'people', columns: { id: 'id' } }] },
      ['error unknown-table: "people"'],
    ],
  ];
  for (const [what, change, expected] of columns)
    it(`marks ${what}`, () => assert.deepEqual([...checkUsage(change)].sort(), [...expected].sort()));

  it('an INTEGER PRIMARY KEY may be left to SQLite where another key tells rows apart', () =>
    assert.deepEqual(
      checkUsage({
        columns: { model: 'model', cost: 'cost', code: '"we""ird"' },
        key: ['code'],
        rebuild: { id: 'id' },
      }),
      [],
    ));

  it('a reference may go to a table that is adopted in the same plan', () =>
    assert.deepEqual(checkUsage({ references: { user_id: { value: 'id', table: 'parents', column: 'id' } } }), []));

  it('says once what could not be looked at, and nothing about what it holds', () => {
    databases.delete('legacy.db');
    assert.deepEqual(check(whole), ['warning missing-database: "legacy.db"']);
    databases.set('legacy.db', { state: 'unreadable', reason: 'it is open.' });
    assert.deepEqual(check(whole), ['warning unreadable-database: "legacy.db"']);
    databases.delete('target.db');
    assert.deepEqual(check(whole), ['warning unreadable-database: "legacy.db"', 'error missing-database: "target.db"']);
  });

  it('two steps for one legacy table, two adopted tables of one name', () => {
    assert.deepEqual(check([...whole, adopt('USAGE')]), ['error duplicate-step: "USAGE"']);
    assert.deepEqual(check([usage, adopt('parents', 'x'), adopt('children', 'X')]), [
      'warning parent-not-adopted: "children"',
      'error duplicate-target: "X"',
    ]);
    assert.deepEqual(check([usage, adoptChildren, adopt('parents', 'sqlite_x')]), [
      'warning parent-not-adopted: "children"',
      'error reserved-name: "sqlite_x"',
    ]);
  });

  it('a table in no step, and a parent that stays behind', () =>
    assert.deepEqual(check([usage, adoptChildren]), [
      'warning unplanned-table: "steps"',
      'warning parent-not-adopted: "children"',
    ]));

  it('a parent that is mapped moves as well, under whatever name', () => {
    const mapParents: MapSource = {
      ...usage,
      legacy: { database: 'legacy.db', table: 'Parents' },
      target: { database: 'target.db', table: 'keyed' },
      columns: { id: 'id' },
    };
    databases.set('target.db', read(`${targetSql}; CREATE TABLE keyed (id INTEGER PRIMARY KEY)`, '1:2'));
    assert.deepEqual(check([usage, mapParents, adoptChildren]), []);
  });

  it('two steps that bring integer keys into one table', () => {
    databases.set('second.db', read('CREATE TABLE usage (id INTEGER PRIMARY KEY, model TEXT)', '1:3'));
    const second: Step = {
      ...usage,
      legacy: { database: 'second.db', table: 'usage' },
      columns: { id: 'id', model: 'model' },
    };
    assert.deepEqual(check([...whole, second]), ['warning shared-target: "costs"']);
  });

  it('E4: legacy and target are one file, by name, by case or by link', () => {
    const self = (database: string): Step => ({ ...usage, legacy: { database, table: 'costs' } });
    for (const [name, entry] of [
      ['target.db', databases.get('target.db')],
      ['Target.DB', { state: 'missing' }],
      ['link.db', databases.get('target.db')],
    ] as const) {
      databases.set(name, entry!);
      assert.ok(check([self(name)]).includes(`error same-file: "${name}"`), name);
    }
  });

  it('X1: an unsafe path is marked where it stands, and nothing is looked up for it', () => {
    const step: Step = { ...usage, legacy: { database: '../legacy.db', table: 'usage' } };
    databases.set('../legacy.db', databases.get('legacy.db')!);
    assert.deepEqual(check([step]), ['error unsafe-path: "../legacy.db"']);
    const parsed = parsePlan(JSON.stringify({ version: 1, steps: [step] }));
    assert.deepEqual(databasesToRead(parsed.plan!, 'data'), ['target.db']);
  });

  const criterion = (sql: string, database = 'target.db'): NonNullable<PlanSource['criteria']> => [
    { label: 'x', database, sql, expect: '>= 0' },
  ];
  const queries: readonly (readonly [sql: string, ok: boolean])[] = [
    ['SELECT count(*) FROM costs', true],
    ['SELECT count(*) FROM costs;', true],
    ['WITH n AS (SELECT 1 AS a) SELECT a FROM n', true],
    ['VALUES (1)', true],
    ['SELECT count(*) FROM parents', true],
    ['SELECT max(parent) FROM legacy_usage', false],
    ['SELECT max(parent) FROM legacy_children', true],
    ['SELECT count(*) FROM jarvis_migration_history WHERE anything', true],
    ['SELECT count(*) -- all of them\nFROM costs', true],
    ['SELECT count(*) FROM nothing', false],
    ['SELECT nothing FROM costs', false],
    ['SELECT 1, 2', false],
    ['SELECT 1; SELECT 2', false],
    ['SELECT ?1', false],
    ['DELETE FROM costs', false],
    ['WITH n AS (SELECT 1) DELETE FROM costs', false],
    ['PRAGMA user_version', false],
    ["ATTACH '/etc/x' AS y", false],
    ['EXPLAIN SELECT 1', false],
    ["SELECT 'open", false],
    ['SELECT 1 /*', false],
    ['SELEC 1', false],
  ];
  for (const [sql, ok] of queries) {
    it(`${ok ? 'takes' : 'refuses'} the criterion ${sql}`, () =>
      assert.deepEqual(check(whole, criterion(sql)), ok ? [] : [`error bad-query: ${JSON.stringify(sql)}`]));
  }

  it('a criterion on the sidecar that the run makes', () =>
    assert.deepEqual(
      check(
        [{ ...usage, columns: { id: 'id', model: 'model' } }, adoptParents, adoptChildren],
        criterion('SELECT sum(cost) FROM legacy_usage'),
      ),
      ['note no-home: {'],
    ));

  it('a criterion on a database that no step writes, or on rows that no step moves', () => {
    assert.deepEqual(check(whole, criterion('SELECT 1', 'legacy.db')), ['error unknown-database: "legacy.db"']);
    const accountedFor = { database: 'legacy.db', table: 'seen' };
    assert.deepEqual(check(whole, [{ label: 'x', accountedFor, expect: '= 1' }]), ['error unknown-step: "seen"']);
  });

  it('S1: a column called __proto__ is found and filled like any other', () => {
    databases.set('legacy.db', read('CREATE TABLE usage (id INTEGER PRIMARY KEY, "__proto__" TEXT)', '1:1'));
    databases.set('target.db', read('CREATE TABLE costs (id INTEGER PRIMARY KEY, "__proto__" TEXT NOT NULL)', '1:2'));
    const filled = Object.fromEntries([
      ['id', 'id'],
      ['__proto__', '"__proto__"'],
    ]);
    assert.deepEqual(check([{ ...usage, columns: filled }]), []);
  });

  it('S4: shadow tables go with their virtual table, also where this SQLite lacks the module', () => {
    const virtual = `PRAGMA writable_schema = ON;
      INSERT INTO sqlite_schema (type, name, tbl_name, rootpage, sql)
      VALUES ('table', 'notes', 'notes', 0, 'CREATE VIRTUAL TABLE notes USING fts5(a)'); PRAGMA writable_schema = RESET`;
    databases.set('legacy.db', read(`CREATE TABLE notes_data (id); CREATE TABLE notes_own (id); ${virtual}`, '1:1'));
    assert.deepEqual(check([adopt('notes')]), ['warning unplanned-table: "steps"']);
    assert.deepEqual(check([adopt('notes'), adopt('notes_own'), adopt('notes_data')]), [
      'error not-a-table: "notes_data"',
    ]);
  });

  it('S8: 1,000 tables of a step each', () => {
    const many = Array.from({ length: 1000 }, (_, i) => `t${i}`);
    databases.set(
      'legacy.db',
      read(many.map((name) => `CREATE TABLE ${name} (id INTEGER PRIMARY KEY)`).join(';'), '1:1'),
    );
    assert.deepEqual(check(many.map((name) => adopt(name))), []);
  });
});
