/** Where adopted tables go: names, and all that refers to them. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { planAdoption, type Adoption } from '../../../../src/core/migration/adopt/adopt';
import type { RequestedTable } from '../../../../src/core/migration/adopt/moves';
import { CoreError } from '../../../../src/core/errors';
import type { SqliteConnection, SqliteEngine } from '../../../../src/core/sqlite/engine';
import { foldName } from '../../../../src/core/sqlite/identifiers';
import { loadSqlJs } from '../../../../src/core/sqlite/sql-js-engine';

let loading: Promise<SqliteEngine> | undefined;

function loadEngine(): Promise<SqliteEngine> {
  return (loading ??= readFile(resolve('node_modules', 'sql.js', 'dist', 'sql-wasm.wasm')).then(loadSqlJs));
}

type Request = string | ({ readonly table: string } & Partial<RequestedTable>);

interface Case {
  readonly legacy: string;
  readonly target?: string;
  readonly tables: readonly Request[];
}

/** Plans, and carries the plan out on the empty tables, so that every statement has been run. */
async function plan(
  given: Case,
  look: (adoption: Adoption, target: SqliteConnection) => void = () => undefined,
): Promise<Adoption> {
  const engine = await loadEngine();
  const [target, legacy] = [engine.open(new Uint8Array(), 'target.db'), engine.open(new Uint8Array(), 'old.db')];
  try {
    legacy.execute(given.legacy);
    if (given.target !== undefined) target.execute(given.target);
    target.attach(legacy, 'legacy');
    const tables = given.tables
      .map((request) => (typeof request === 'string' ? { table: request } : request))
      .map((request) => ({ existing: null, wanted: null, ...request }));
    const before = target.all('SELECT * FROM main.sqlite_schema');
    const adoption = planAdoption(engine, { target, legacyDatabase: 'data/old.db', tables });
    assert.deepEqual(target.all('SELECT * FROM main.sqlite_schema'), before);
    const isNew = (table: string): boolean => tables.every((one) => one.table !== table || one.existing === null);
    const made = tables.filter(({ table }) => isNew(table)).map(({ table }) => adoption.tables.get(foldName(table)));
    for (const adopted of made) target.execute(adopted?.create ?? '');
    for (const adopted of made) for (const sql of adopted?.indexes ?? []) target.execute(sql);
    for (const adopted of made) for (const sql of adopted?.triggers ?? []) target.execute(sql);
    for (const { create, triggers } of adoption.views) for (const sql of [create, ...triggers]) target.execute(sql);
    look(adoption, target);
    return adoption;
  } finally {
    target.close();
    legacy.close();
  }
}

async function refusal(given: Case): Promise<CoreError> {
  let thrown: unknown = null;
  await plan(given).catch((error: unknown) => (thrown = error));
  assert.ok(thrown instanceof CoreError, String(thrown));
  assert.equal(thrown.code, 'plan-invalid');
  assert.equal(thrown.path, 'data/old.db');
  assert.notEqual(thrown.hint, null);
  return thrown;
}

const schemaOf = (adoption: Adoption, table: string) => adoption.tables.get(foldName(table));
const codes = (adoption: Adoption): string[] => adoption.warnings.map(({ code }) => code);

describe('planAdoption', function () {
  this.timeout(20_000);

  it('plans nothing where nothing is asked for', async () => {
    const adoption = await plan({ legacy: 'CREATE TABLE t (a); CREATE VIEW v AS SELECT * FROM t', tables: [] });
    assert.equal(adoption.tables.size, 0);
    assert.deepEqual([adoption.views, adoption.warnings], [[], []]);
  });

  it('keeps every statement byte for byte where no name changes', async () => {
    const create = 'CREATE TABLE  Tasks( id INTEGER PRIMARY KEY AUTOINCREMENT -- the key\n, a TEXT DEFAULT "x" )';
    const index = 'CREATE INDEX tasks_a ON "Tasks" ( a ) WHERE a <> "y"';
    const trigger = 'CREATE TRIGGER tasks_ai AFTER INSERT  ON tasks BEGIN UPDATE Tasks SET a = "z" ; END';
    const view = 'CREATE VIEW open AS SELECT  a FROM tasks';
    const adoption = await plan({ legacy: [create, index, trigger, view].join(';'), tables: ['Tasks'] });
    const stored = (sql: string): string => sql.replace('CREATE TABLE  ', 'CREATE TABLE ');
    assert.deepEqual(schemaOf(adoption, 'TASKS'), {
      name: 'Tasks',
      create: stored(create),
      indexes: [index],
      triggers: [trigger],
    });
    assert.deepEqual(adoption.views, [{ name: 'open', create: view, triggers: [] }]);
    assert.deepEqual(adoption.warnings, []);
  });

  it('gives a taken name the stem of the database, then a number', async () => {
    const tables = ['t', 'u', 'v'];
    const legacy = tables.map((name) => `CREATE TABLE ${name} (a)`).join(';');
    const target = 'CREATE TABLE T (z); CREATE TABLE u (z); CREATE TABLE old_U (z)';
    const adoption = await plan({ legacy, target, tables });
    assert.deepEqual(
      tables.map((table) => schemaOf(adoption, table)?.name),
      ['old_t', 'old_u_2', 'v'],
    );
  });

  it('avoids the name of another legacy table, adopted or not', async () => {
    const adoption = await plan({
      legacy: 'CREATE TABLE t (a); CREATE TABLE old_t (b)',
      target: 'CREATE TABLE t (z)',
      tables: ['t'],
    });
    assert.equal(schemaOf(adoption, 't')?.name, 'old_t_2');
  });

  it('gives the name that the plan asks for, and refuses one that is taken', async () => {
    const legacy = 'CREATE TABLE t (id INTEGER PRIMARY KEY); CREATE TABLE u (a REFERENCES t)';
    const adoption = await plan({ legacy, tables: [{ table: 't', wanted: 'tickets' }, 'u'] });
    assert.equal(schemaOf(adoption, 't')?.name, 'tickets');
    assert.equal(schemaOf(adoption, 'u')?.create, 'CREATE TABLE u (a REFERENCES "tickets")');
    const tables = [{ table: 't', wanted: 'Tickets' }];
    assert.match((await refusal({ legacy, target: 'CREATE VIEW tickets AS SELECT 1', tables })).message, /Tickets/);
    await refusal({
      legacy,
      tables: [
        { table: 't', wanted: 'same' },
        { table: 'u', wanted: 'SAME' },
      ],
    });
    await refusal({ legacy, tables: [{ table: 't', wanted: 'sqlite_t' }] });
  });

  it('lets two tables swap names, and everything that names them follows', async () => {
    const adoption = await plan({
      legacy: `CREATE TABLE a (id INTEGER PRIMARY KEY, b REFERENCES b (id)); CREATE TABLE b (id INTEGER PRIMARY KEY, a REFERENCES A, self REFERENCES b);
        CREATE INDEX ia ON a (b); CREATE TRIGGER ta AFTER INSERT ON a BEGIN INSERT INTO b (id) SELECT max(id) + 1 FROM a; END`,
      tables: [
        { table: 'a', wanted: 'b' },
        { table: 'b', wanted: 'a' },
      ],
    });
    assert.deepEqual(schemaOf(adoption, 'a'), {
      name: 'b',
      create: 'CREATE TABLE "b" (id INTEGER PRIMARY KEY, b REFERENCES "a" (id))',
      indexes: ['CREATE INDEX ia ON "b" (b)'],
      triggers: ['CREATE TRIGGER ta AFTER INSERT ON "b" BEGIN INSERT INTO "a" (id) SELECT max(id) + 1 FROM "b"; END'],
    });
    assert.equal(
      schemaOf(adoption, 'b')?.create,
      'CREATE TABLE "a" (id INTEGER PRIMARY KEY, a REFERENCES "b", self REFERENCES "a")',
    );
  });

  it('refuses a table that refers to another whose name somebody else gets', async () => {
    const legacy = 'CREATE TABLE a (x); CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE c (p REFERENCES p)';
    // The parent is in the target under another name, since an earlier run; its old name is asked for by `a`.
    const adoption = await plan({
      legacy,
      target: 'CREATE TABLE old_p (id INTEGER PRIMARY KEY)',
      tables: [{ table: 'a', wanted: 'p' }, { table: 'p', existing: 'old_p' }, 'c'],
    });
    assert.equal(schemaOf(adoption, 'c')?.create, 'CREATE TABLE c (p REFERENCES "old_p")');
    const trigger = 'CREATE TRIGGER ct AFTER INSERT ON q BEGIN DELETE FROM p; END';
    const error = await refusal({
      legacy: `${legacy}; CREATE TABLE q (x); ${trigger}`,
      tables: [{ table: 'a', wanted: 'p' }, 'q'],
    });
    assert.match(error.message, /q.*ct/);
    assert.doesNotMatch(error.message, /jarvis_scratch/);
  });

  for (const name of [
    'we"ird',
    "o'clock",
    'back`tick',
    'square]bracket[',
    'line\nbreak',
    ' ',
    '',
    '💸 costs',
    'select',
    'a.b',
  ])
    it(`renames ${JSON.stringify(name)} and its references`, async () => {
      const quoted = `"${name.replaceAll('"', '""')}"`;
      const target = `CREATE TABLE ${quoted} (z)`;
      const legacy = `CREATE TABLE ${quoted} (id INTEGER PRIMARY KEY, up REFERENCES ${quoted}); CREATE TABLE c (p REFERENCES ${quoted});
        CREATE INDEX i ON ${quoted} (up); CREATE TRIGGER g AFTER INSERT ON ${quoted} BEGIN DELETE FROM ${quoted}; END; CREATE VIEW w AS SELECT up FROM ${quoted}`;
      await plan({ legacy, target, tables: [name, 'c'] }, (adoption, connection) => {
        const got = schemaOf(adoption, name)?.name ?? '';
        assert.equal(got, `old_${name}`);
        const parents = (table: string) =>
          connection.all('SELECT "table" AS p FROM pragma_foreign_key_list(?)', [table]);
        assert.deepEqual([...parents('c'), ...parents(got)], [{ p: got }, { p: got }]);
        const rows = connection.all(`SELECT name FROM main.sqlite_schema WHERE tbl_name = ? AND sql IS NOT NULL`, [
          got,
        ]);
        assert.deepEqual(
          rows.map((row) => row['name']),
          [got, 'i', 'g'],
        );
        assert.equal(connection.count('SELECT count(*) FROM w'), 0);
      });
    });

  it('renames generated columns, STRICT, WITHOUT ROWID, partial and expression indexes', async () => {
    const adoption = await plan({
      legacy: `CREATE TABLE t (a TEXT NOT NULL, b ANY AS (a || 'x') STORED, CHECK (t.a <> ''), PRIMARY KEY (a)) STRICT, WITHOUT ROWID;
        CREATE UNIQUE INDEX i ON t (lower(a)) WHERE b <> 'y'`,
      target: 'CREATE TABLE t (z); CREATE INDEX i ON t (z)',
      tables: ['t'],
    });
    assert.deepEqual(schemaOf(adoption, 't'), {
      name: 'old_t',
      create: `CREATE TABLE "old_t" (a TEXT NOT NULL, b ANY AS (a || 'x') STORED, CHECK ("old_t".a <> ''), PRIMARY KEY (a)) STRICT, WITHOUT ROWID`,
      indexes: [`CREATE UNIQUE INDEX "old_i" ON "old_t" (lower(a)) WHERE b <> 'y'`],
      triggers: [],
    });
  });

  it('says so of a table that cannot be made here, and only where it would have to be rewritten', async () => {
    const legacy = `CREATE TABLE t (a); CREATE TABLE plain (id INTEGER PRIMARY KEY); PRAGMA writable_schema = ON;
      UPDATE sqlite_schema SET sql = 'CREATE TABLE t (a COLLATE german, b REFERENCES plain)' WHERE name = 't'; PRAGMA writable_schema = RESET`;
    const engine = await loadEngine();
    const connect = (target: string): [SqliteConnection, SqliteConnection] => {
      const pair: [SqliteConnection, SqliteConnection] = [
        engine.open(new Uint8Array(), 'target.db'),
        engine.open(new Uint8Array(), 'old.db'),
      ];
      pair[0].execute(target);
      pair[1].execute(legacy);
      pair[0].attach(pair[1], 'legacy');
      return pair;
    };
    const tables = ['t', 'plain'].map((table) => ({ table, existing: null, wanted: null }));
    const check = (target: string, look: (run: () => Adoption) => void): void => {
      const pair = connect(target);
      look(() => planAdoption(engine, { target: pair[0], legacyDatabase: 'data/old.db', tables }));
      for (const connection of pair) connection.close();
    };
    check('CREATE TABLE other (a)', (run) => {
      assert.equal(schemaOf(run(), 't')?.create, 'CREATE TABLE t (a COLLATE german, b REFERENCES plain)');
    });
    for (const target of ['CREATE TABLE t (a)', 'CREATE TABLE plain (a)'])
      check(target, (run) => assert.throws(run, { code: 'plan-invalid', message: /old\.db t: .*german/ }));
  });

  it('is not kept from a rename by a trigger or a view that nobody can read', async () => {
    const adoption = await plan({
      legacy: `CREATE TABLE t (a); CREATE TABLE u (a); CREATE VIEW broken AS SELECT a FROM nowhere;
        CREATE TRIGGER lost AFTER INSERT ON u BEGIN INSERT INTO nowhere VALUES (1); END; CREATE VIEW w AS SELECT a FROM t`,
      target: 'CREATE TABLE t (z)',
      tables: ['t', 'u'],
    });
    assert.equal(schemaOf(adoption, 't')?.create, 'CREATE TABLE "old_t" (a)');
    assert.deepEqual(schemaOf(adoption, 'u')?.triggers, [
      'CREATE TRIGGER lost AFTER INSERT ON u BEGIN INSERT INTO nowhere VALUES (1); END',
    ]);
    assert.deepEqual(adoption.views, [{ name: 'w', create: 'CREATE VIEW w AS SELECT a FROM "old_t"', triggers: [] }]);
    assert.deepEqual(codes(adoption), ['view-left-behind']);
    const error = await refusal({
      legacy: 'CREATE TABLE t (a); CREATE TRIGGER lost AFTER INSERT ON t BEGIN INSERT INTO nowhere VALUES (1); END',
      target: 'CREATE TABLE t (z)',
      tables: ['t'],
    });
    assert.match(error.message, /t: .*lost.*nowhere/);
  });

  it('warns of a trigger that mentions what the target will not have', async () => {
    const legacy = `CREATE TABLE t (a); CREATE TABLE log (a); CREATE TRIGGER g AFTER INSERT ON t BEGIN INSERT INTO log VALUES (new.a); END`;
    const adoption = await plan({ legacy, tables: ['t'] });
    assert.deepEqual(codes(adoption), ['trigger-reference-missing']);
    assert.match(adoption.warnings[0]?.message ?? '', /g .*log/);
    assert.deepEqual(codes(await plan({ legacy, tables: ['t', 'log'] })), []);
    assert.deepEqual(codes(await plan({ legacy, tables: ['t'], target: 'CREATE TABLE log (a)' })), []);
  });

  it('takes what an earlier run adopted as it stands', async () => {
    const adoption = await plan({
      legacy: `CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE INDEX i ON p (id); CREATE TABLE c (p REFERENCES p)`,
      target: 'CREATE TABLE p (z); CREATE TABLE old_p (id INTEGER PRIMARY KEY, more); CREATE INDEX old_i ON old_p (id)',
      tables: [{ table: 'p', existing: 'old_p' }, 'c'],
    });
    assert.deepEqual(schemaOf(adoption, 'p'), {
      name: 'old_p',
      create: 'CREATE TABLE old_p (id INTEGER PRIMARY KEY, more)',
      indexes: ['CREATE INDEX old_i ON old_p (id)'],
      triggers: [],
    });
    assert.equal(schemaOf(adoption, 'c')?.create, 'CREATE TABLE c (p REFERENCES "old_p")');
  });
});

describe('foreign keys of adopted tables', function () {
  this.timeout(20_000);
  const legacy = `CREATE TABLE p (id INTEGER PRIMARY KEY, a TEXT, b INT, UNIQUE (a, b)); CREATE TABLE c (p REFERENCES p (id));
    CREATE TABLE d (a, b, FOREIGN KEY (a, b) REFERENCES p (a, b)); INSERT INTO p VALUES (1, 'x', 1); INSERT INTO c VALUES (1)`;

  it('refuses a child whose parent stays behind', async () => {
    const error = await refusal({ legacy, tables: ['c'] });
    assert.match(error.message, /c \(p\) refers to p/);
    assert.match(error.hint ?? '', /Adopt p too, or skip c/);
  });

  it('accepts a parent of the target where the columns are a key', async () => {
    const columns = 'id INTEGER PRIMARY KEY, a TEXT, b INT';
    await plan({
      legacy,
      target: `CREATE TABLE P (${columns}); CREATE UNIQUE INDEX ab ON p (a, b)`,
      tables: ['c', 'd'],
    });
    await refusal({ legacy, target: `CREATE TABLE p (${columns}); CREATE INDEX ab ON p (a, b)`, tables: ['d'] });
    await refusal({ legacy, target: 'CREATE TABLE p (id, a, b)', tables: ['c'] });
    await refusal({ legacy, target: 'CREATE VIEW p AS SELECT 1 AS id', tables: ['c'] });
  });

  it('accepts a parent from an earlier run, unless it is gone', async () => {
    const tables = [{ table: 'p', existing: 'old_p' }, 'c'];
    await plan({ legacy, target: 'CREATE TABLE old_p (id INTEGER PRIMARY KEY)', tables });
    assert.match((await refusal({ legacy, tables })).message, /gone/);
  });

  it('warns of a parent that the legacy database lacks as well, and of one without the key', async () => {
    const dangling = await plan({
      legacy: 'CREATE TABLE c (p REFERENCES gone); INSERT INTO c VALUES (1), (NULL)',
      tables: ['c'],
    });
    assert.deepEqual(codes(dangling), ['foreign-key-dangling']);
    assert.match(dangling.warnings[0]?.message ?? '', /1 row stays/);
    const mismatch = await plan({
      legacy: 'CREATE TABLE p (a); CREATE TABLE c (p REFERENCES p (a))',
      tables: ['p', 'c'],
    });
    assert.deepEqual(codes(mismatch), ['foreign-key-mismatch']);
  });
});

describe('views of adopted tables', function () {
  this.timeout(20_000);
  const legacy = `CREATE TABLE t (a, b); CREATE TABLE u (a); CREATE VIEW second AS SELECT x FROM first; CREATE VIEW first AS SELECT a AS x FROM t;
    CREATE VIEW both AS SELECT t.a FROM t JOIN u USING (a);
    CREATE TRIGGER first_ii INSTEAD  OF INSERT ON first WHEN new.x <> 1 BEGIN INSERT INTO t VALUES (new.x, "instead of"); DELETE FROM second; END`;

  it('move where everything they read is adopted, in the order of their needs', async () => {
    const adoption = await plan({ legacy, tables: ['t'] });
    assert.deepEqual(
      adoption.views.map(({ name }) => name),
      ['first', 'second'],
    );
    assert.match(adoption.views[0]?.triggers[0] ?? '', /^CREATE TRIGGER first_ii INSTEAD {2}OF INSERT ON first WHEN/);
    assert.deepEqual(codes(adoption), ['view-left-behind']);
    assert.match(adoption.warnings[0]?.message ?? '', /both .*no such table: .*u/);
    assert.deepEqual(codes(await plan({ legacy, tables: ['t', 'u'] })), []);
  });

  it('follow renamed tables and each other, and their triggers follow them', async () => {
    const adoption = await plan({
      legacy,
      target:
        'CREATE TABLE t (z); CREATE TABLE first (z); CREATE TRIGGER first_ii AFTER INSERT ON t BEGIN SELECT 1; END',
      tables: ['t', 'u'],
    });
    assert.deepEqual(adoption.views, [
      {
        name: 'old_first',
        create: 'CREATE VIEW "old_first" AS SELECT a AS x FROM "old_t"',
        triggers: [
          'CREATE TRIGGER "old_first_ii" INSTEAD  OF INSERT ON "old_first" WHEN new.x <> 1 BEGIN INSERT INTO "old_t" VALUES (new.x, "instead of"); DELETE FROM second; END',
        ],
      },
      { name: 'both', create: 'CREATE VIEW both AS SELECT "old_t".a FROM "old_t" JOIN u USING (a)', triggers: [] },
      { name: 'second', create: 'CREATE VIEW second AS SELECT x FROM "old_first"', triggers: [] },
    ]);
  });

  it('are not moved again by a later run', async () => {
    const target = 'CREATE TABLE t (z); CREATE TABLE first (z)';
    let stood = '';
    await plan({ legacy, target, tables: ['t', 'u'] }, (_, connection) => {
      stood = connection
        .all('SELECT sql FROM main.sqlite_schema')
        .map((row) => String(row['sql']))
        .join(';');
    });
    const tables = [
      { table: 't', existing: 'old_t' },
      { table: 'u', existing: 'u' },
    ];
    const again = await plan({ legacy, target: stood, tables });
    assert.deepEqual([again.views, again.warnings], [[], []]);
  });
});

describe('adopted tables beside virtual ones', function () {
  this.timeout(20_000);
  const virtual = (name: string, args: string): string =>
    `PRAGMA writable_schema = ON; INSERT INTO sqlite_schema (type, name, tbl_name, rootpage, sql)
      VALUES ('table', '${name}', '${name}', 0, 'CREATE VIRTUAL TABLE ${name} USING fts5(${args.replaceAll("'", "''")})'); PRAGMA writable_schema = RESET`;
  const legacy = `CREATE TABLE facts (id INTEGER PRIMARY KEY, fact TEXT DEFAULT "none"); CREATE TABLE facts_fts_data (id INTEGER PRIMARY KEY, block);
    CREATE TABLE other (a DEFAULT "x"); CREATE TRIGGER o AFTER INSERT ON other BEGIN SELECT "y"; END;
    ${virtual('facts_fts', "fact, content='facts', content_rowid='id'")};
    CREATE TRIGGER facts_ad AFTER DELETE ON facts BEGIN INSERT INTO facts_fts(facts_fts, rowid, fact) VALUES ('delete', old.id, old.fact); END;
    CREATE VIEW ranked AS SELECT rowid, fact FROM facts_fts WHERE facts_fts MATCH 'x' ORDER BY rank`;

  it('keep a trigger that feeds a full-text table', async () => {
    const adoption = await plan({ legacy, tables: ['facts'], target: 'CREATE TABLE facts (z)' });
    assert.match(
      schemaOf(adoption, 'facts')?.triggers[0] ?? '',
      /ON "old_facts" BEGIN INSERT INTO facts_fts\(facts_fts, /,
    );
    assert.deepEqual(codes(adoption), ['view-left-behind', 'trigger-reference-missing']);
  });

  it('follow a renamed full-text table, its hidden column included, and nothing else is touched', async () => {
    const engine = await loadEngine();
    const [target, old] = [engine.open(new Uint8Array(), 'target.db'), engine.open(new Uint8Array(), 'old.db')];
    old.execute(legacy);
    target.execute('CREATE TABLE facts (z); CREATE TABLE facts_fts_data (z)');
    target.attach(old, 'legacy');
    const tables = ['facts', 'facts_fts', 'other'].map((table) => ({ table, existing: null, wanted: null }));
    const adoption = planAdoption(engine, { target, legacyDatabase: 'old.db', tables });
    assert.equal(
      schemaOf(adoption, 'facts_fts')?.create,
      `CREATE VIRTUAL TABLE "old_facts_fts" USING fts5(fact, content='old_facts', content_rowid='id')`,
    );
    assert.deepEqual(schemaOf(adoption, 'facts')?.triggers, [
      `CREATE TRIGGER facts_ad AFTER DELETE ON "old_facts" BEGIN INSERT INTO "old_facts_fts"("old_facts_fts", rowid, fact) VALUES ('delete', old.id, old.fact); END`,
    ]);
    assert.equal(
      schemaOf(adoption, 'facts')?.create,
      'CREATE TABLE "old_facts" (id INTEGER PRIMARY KEY, fact TEXT DEFAULT "none")',
    );
    assert.deepEqual(schemaOf(adoption, 'other'), {
      name: 'other',
      create: 'CREATE TABLE other (a DEFAULT "x")',
      indexes: [],
      triggers: ['CREATE TRIGGER o AFTER INSERT ON other BEGIN SELECT "y"; END'],
    });
    assert.deepEqual(adoption.warnings, []);
    assert.deepEqual(adoption.views, [
      {
        name: 'ranked',
        create: `CREATE VIEW ranked AS SELECT rowid, fact FROM "old_facts_fts" WHERE "old_facts_fts" MATCH 'x' ORDER BY rank`,
        triggers: [],
      },
    ]);
    assert.deepEqual(adoption.warnings, []);
    target.close();
    old.close();
  });
});
