/** SAFETY.md, S1 to S8: names and schemas as people really make them. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { withFolder } from '../../../support/folders';
import { adopt, makePair, map, migratePlan, rehearsePlan } from '../../../support/plans';
import {
  cell,
  column,
  columnsOf,
  create,
  createManyTables,
  edit,
  exactRows,
  query,
  quoted,
} from '../../../support/sqlite';

const other = 'CREATE TABLE other (a)';

/** Adopts one table, states that the run passed and that every row is there under the name it got. */
async function adoptWhole(folder: string, table: string, name = table, extra: readonly string[] = []): Promise<void> {
  const rehearsal = await migratePlan(folder, [adopt(table)]);
  assert.equal(rehearsal.failure, null, rehearsal.failure?.message);
  const [step] = rehearsal.steps;
  assert.deepEqual(step?.target, { database: 'target.db', table: name });
  assert.equal(step.inserted, step.legacy.rows);
  assert.deepEqual(step.validation, { schema: 'passed', counts: 'passed', cells: 'passed', rebuilt: 'passed' });
  const legacy = join(folder, 'legacy.db');
  const columns = [...(await columnsOf(legacy, table)).map(quoted), ...extra];
  assert.deepEqual(
    await exactRows(join(folder, 'target.db'), quoted(name), columns),
    await exactRows(legacy, quoted(table), columns),
  );
  await assertNothingToDo(folder, [adopt(table)]);
}

async function assertNothingToDo(folder: string, steps: Parameters<typeof migratePlan>[1]): Promise<void> {
  const again = await migratePlan(folder, steps);
  assert.equal(again.failure, null, again.failure?.message);
  assert.equal(again.successors.length, 0);
  for (const step of again.steps) {
    assert.equal(step.inserted, 0);
    assert.equal(step.alreadyPresent, step.legacy.rows);
  }
}

describe('names', function () {
  this.timeout(15_000);

  const names = [
    'we"ird',
    "o'clock",
    'back`tick',
    'square]bracket[',
    'line\nbreak',
    ' ',
    '',
    '💸 costs',
    'select',
    'table',
    '__proto__',
    'constructor',
    'toString',
    'semi;colon -- comment',
    'a.b',
    '%_\\',
    'rowid',
    'x',
    't',
    's',
    'main',
    'temp',
    'legacy',
    'ÄÖÜ',
    '1st',
  ];
  for (const name of names) {
    it(`S1: a table, a column and an index called ${JSON.stringify(name)}`, () =>
      withFolder(async (folder) => {
        const q = quoted(name);
        const index = name === '' ? quoted('index of nothing') : quoted(`index ${name}`);
        await makePair(
          folder,
          `CREATE TABLE ${q} (id INTEGER PRIMARY KEY, ${q} TEXT, n INTEGER);
           CREATE INDEX ${index} ON ${q} (${q});
           INSERT INTO ${q} VALUES (1, 'a', 7), (2, NULL, -1), (3, 'c', NULL)`,
          other,
        );
        await adoptWhole(folder, name);
      }));

    it(`S1: ${JSON.stringify(name)} where the name is taken in the target`, () =>
      withFolder(async (folder) => {
        const q = quoted(name);
        const index = quoted(`index ${name}`);
        await makePair(
          folder,
          `CREATE TABLE ${q} (id INTEGER PRIMARY KEY, ${q} TEXT UNIQUE); CREATE INDEX ${index} ON ${q} (${q}, id);
           INSERT INTO ${q} VALUES (1, 'a')`,
          `CREATE TABLE ${q} (own); INSERT INTO ${q} VALUES ('mine'); CREATE INDEX ${index} ON ${q} (own)`,
        );
        await adoptWhole(folder, name, `legacy_${name}`);
        assert.deepEqual(await query(join(folder, 'target.db'), `SELECT * FROM ${q}`), [['mine']]);
      }));

    it(`S1: ${JSON.stringify(name)} mapped, with ${JSON.stringify(name)} as a residual column`, () =>
      withFolder(async (folder) => {
        const q = quoted(name);
        await makePair(
          folder,
          `CREATE TABLE ${q} (id INTEGER PRIMARY KEY, ${q} TEXT, "kept ${name.replaceAll('"', '""')}");
           INSERT INTO ${q} VALUES (1, 'a', 1.5), (2, NULL, x'00')`,
          `CREATE TABLE ${q} (id INTEGER PRIMARY KEY, ${q} TEXT)`,
        );
        const step = map(name, name, { id: 'id', [name]: q });
        const rehearsal = await migratePlan(folder, [step]);
        assert.equal(rehearsal.failure, null, rehearsal.failure?.message);
        assert.deepEqual(rehearsal.steps[0]?.residual, {
          columns: [`kept ${name}`],
          kept: `legacy_${name}`,
          lostValues: 0,
          lost: [],
        });
        const target = join(folder, 'target.db');
        assert.deepEqual(await query(target, `SELECT * FROM ${q} ORDER BY id`), [
          [1, 'a'],
          [2, null],
        ]);
        assert.deepEqual(
          await column(target, `SELECT typeof(${quoted(`kept ${name}`)}) FROM ${quoted(`legacy_${name}`)} ORDER BY id`),
          ['real', 'blob'],
        );
        await assertNothingToDo(folder, [step]);
      }));
  }

  it('S1: names that differ in case only are one name to SQLite, and the legacy spelling is kept', () =>
    withFolder(async (folder) => {
      await makePair(
        folder,
        'CREATE TABLE Costs (ID INTEGER PRIMARY KEY, Note); INSERT INTO costs VALUES (1, 2)',
        other,
      );
      const rehearsal = await migratePlan(folder, [adopt('COSTS')]);
      assert.equal(rehearsal.failure, null);
      assert.deepEqual(rehearsal.steps[0]?.target, { database: 'target.db', table: 'Costs' });
      await assertNothingToDo(folder, [adopt('costs')]);
    }));

  it('a name taken by a view, an index or another spelling is taken', () =>
    withFolder(async (folder) => {
      await makePair(
        folder,
        'CREATE TABLE a (x); CREATE TABLE b (x); CREATE TABLE c (x); INSERT INTO a VALUES (1); INSERT INTO b VALUES (2); INSERT INTO c VALUES (3)',
        'CREATE VIEW A AS SELECT 1 AS own; CREATE TABLE t (x); CREATE INDEX b ON t (x); CREATE TABLE C (own); CREATE TABLE legacy_c (own)',
      );
      const steps = [adopt('a'), adopt('b'), adopt('c')];
      const rehearsal = await migratePlan(folder, steps);
      assert.equal(rehearsal.failure, null, rehearsal.failure?.message);
      assert.deepEqual(
        rehearsal.steps.map(({ target }) => target !== null && 'table' in target && target.table),
        ['legacy_a', 'legacy_b', 'legacy_c_2'],
      );
      await assertNothingToDo(folder, steps);
    }));

  it('a sidecar name that is taken gets the database in front', () =>
    withFolder(async (folder) => {
      await makePair(
        folder,
        'CREATE TABLE t (id INTEGER PRIMARY KEY, kept); INSERT INTO t VALUES (1, 2)',
        'CREATE TABLE m (id INTEGER PRIMARY KEY); CREATE TABLE LEGACY_T (own); INSERT INTO legacy_t VALUES (5)',
      );
      const rehearsal = await migratePlan(folder, [map('t', 'm', { id: 'id' })]);
      assert.equal(rehearsal.failure, null);
      assert.equal(rehearsal.steps[0]?.residual.kept, 'legacy_legacy_t');
      assert.deepEqual(await query(join(folder, 'target.db'), 'SELECT * FROM legacy_t'), [[5]]);
      await assertNothingToDo(folder, [map('t', 'm', { id: 'id' })]);
    }));

  it('a residual column spelled like the key of the target', () =>
    withFolder(async (folder) => {
      await makePair(
        folder,
        "CREATE TABLE t (number INTEGER PRIMARY KEY, ID TEXT); INSERT INTO t VALUES (1, 'a')",
        'CREATE TABLE m (id INTEGER PRIMARY KEY)',
      );
      const rehearsal = await migratePlan(folder, [map('t', 'm', { id: 'number' })]);
      assert.equal(rehearsal.failure, null, rehearsal.failure?.message);
      assert.deepEqual(await query(join(folder, 'target.db'), 'SELECT target_id, ID FROM legacy_t'), [[1, 'a']]);
      await assertNothingToDo(folder, [map('t', 'm', { id: 'number' })]);
    }));
});

describe('adopting', function () {
  this.timeout(15_000);

  const tables: readonly (readonly [what: string, table: string, sql: string, extra?: readonly string[]])[] = [
    [
      'an INTEGER PRIMARY KEY',
      't',
      "CREATE TABLE t (id INTEGER PRIMARY KEY, a); INSERT INTO t VALUES (5, 'x'), (-3, 'y')",
      ['rowid'],
    ],
    [
      'an INTEGER PRIMARY KEY DESC, which is no rowid',
      't',
      "CREATE TABLE t (id INTEGER PRIMARY KEY DESC, a); INSERT INTO t (rowid, id, a) VALUES (5, 50, 'x'), (9, 10, 'y')",
      ['rowid'],
    ],
    [
      'no key',
      't',
      'CREATE TABLE t (a, b); INSERT INTO t (rowid, a, b) VALUES (7, 1, 1), (9, 1, 1), (-2, NULL, NULL)',
      ['rowid'],
    ],
    [
      'no key and a column called rowid',
      't',
      "CREATE TABLE t (rowid TEXT, b); INSERT INTO t (_rowid_, rowid, b) VALUES (7, 'r', 1), (9, 'r', 1)",
      ['_rowid_'],
    ],
    [
      'no key and columns called rowid and _rowid_',
      't',
      "CREATE TABLE t (ROWID TEXT, _rowid_); INSERT INTO t (oid, rowid) VALUES (7, 'r'), (9, 'r')",
      ['oid'],
    ],
    [
      'a key, and columns that hide every name of the rowid',
      't',
      "CREATE TABLE t (rowid TEXT PRIMARY KEY, _rowid_, oid); INSERT INTO t VALUES ('a', 1, 2), ('b', 1, 2)",
    ],
    [
      'a composite key',
      't',
      "CREATE TABLE t (a TEXT, b INTEGER, c, PRIMARY KEY (b, a)); INSERT INTO t VALUES ('x', 1, 1), ('x', 2, 1), ('y', 1, 1), ('1', 12, 0), ('11', 2, 0)",
      ['rowid'],
    ],
    [
      'a composite key without types',
      't',
      "CREATE TABLE t (a, b, PRIMARY KEY (a, b)); INSERT INTO t VALUES (1, '2'), ('1', 2), (1.5, x'32'), (x'31', '2'), ('1,t32', ''), ('', '')",
    ],
    [
      'a primary key with NULLs',
      't',
      "CREATE TABLE t (k TEXT PRIMARY KEY, a); INSERT INTO t VALUES (NULL, 1), (NULL, 1), ('k', 2)",
      ['rowid'],
    ],
    [
      'a composite key with NULLs',
      't',
      'CREATE TABLE t (a, b, PRIMARY KEY (a, b)); INSERT INTO t VALUES (NULL, 1), (NULL, 1), (1, NULL), (1, 1)',
      ['rowid'],
    ],
    [
      'a key that ignores case',
      't',
      "CREATE TABLE t (k TEXT COLLATE NOCASE PRIMARY KEY, a); INSERT INTO t VALUES ('Key', 1), ('other', 2)",
    ],
    [
      'a key of every storage class',
      't',
      "CREATE TABLE t (k PRIMARY KEY, a); INSERT INTO t VALUES (1, 1), ('1', 2), (x'31', 3), (1.5, 4), ('', 5), (x'', 6), (9e999, 7), (9223372036854775807, 8)",
    ],
    [
      'S2: WITHOUT ROWID',
      't',
      "CREATE TABLE t (k TEXT PRIMARY KEY, a) WITHOUT ROWID; INSERT INTO t VALUES ('b', 1), ('a', 2)",
    ],
    [
      'S2: WITHOUT ROWID with a composite key',
      't',
      "CREATE TABLE t (a, k TEXT COLLATE NOCASE, b, PRIMARY KEY (k DESC, b)) WITHOUT ROWID; INSERT INTO t VALUES (1, 'b', 1), (2, 'B', 2)",
    ],
    [
      'S2: STRICT',
      't',
      "CREATE TABLE t (id INTEGER PRIMARY KEY, i INT, r REAL, t TEXT, b BLOB, a ANY) STRICT; INSERT INTO t VALUES (1, 1, 1, '1', x'31', '007'), (2, NULL, NULL, NULL, NULL, 1.0)",
    ],
    [
      'S2: STRICT and WITHOUT ROWID',
      't',
      "CREATE TABLE t (k ANY PRIMARY KEY, a ANY) STRICT, WITHOUT ROWID; INSERT INTO t VALUES (1, '007'), ('1', 1.0)",
    ],
    [
      'S2: generated columns, virtual and stored',
      't',
      "CREATE TABLE t (id INTEGER PRIMARY KEY, a INTEGER, v INTEGER GENERATED ALWAYS AS (a * 2) VIRTUAL, s TEXT AS (a || '!') STORED, z); INSERT INTO t (id, a, z) VALUES (1, 7, 'z'), (2, NULL, x'00'); CREATE INDEX tv ON t (v)",
      ['v', 's'],
    ],
    [
      'S2: a partial unique index, an index on an expression, a descending one',
      't',
      "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, d); CREATE UNIQUE INDEX u ON t (a) WHERE d IS NULL; CREATE INDEX e ON t (lower(a) COLLATE NOCASE DESC, id); INSERT INTO t VALUES (1, 'a', 1), (2, 'a', 1), (3, 'a', NULL)",
    ],
    [
      'constraints of every kind',
      't',
      "CREATE TABLE t (id INTEGER PRIMARY KEY ON CONFLICT REPLACE, a TEXT NOT NULL ON CONFLICT IGNORE DEFAULT 'd' CHECK (length(a) < 9), b UNIQUE ON CONFLICT FAIL, self REFERENCES t (id) ON DELETE CASCADE); INSERT INTO t VALUES (1, 'a', 1, NULL), (2, 'b', NULL, 1)",
    ],
    [
      'a column called like an internal name of ours',
      't',
      'CREATE TABLE t (k INTEGER PRIMARY KEY, state, p0, c0, l0, legacy_key, x, s); INSERT INTO t VALUES (1, 2, 3, 4, 5, 6, 7, 8)',
    ],
    [
      'the name of a table of ours',
      'jarvis_step_rows',
      'CREATE TABLE jarvis_step_rows (k, state); INSERT INTO jarvis_step_rows VALUES (1, 2)',
    ],
    [
      'AS SELECT',
      't',
      "CREATE TABLE s (a INT, b TEXT); INSERT INTO s VALUES (1, 'x'); CREATE TABLE t AS SELECT * FROM s",
    ],
    [
      'comments in its SQL',
      't',
      'CREATE TABLE /* why */ t -- so\n (id INTEGER PRIMARY KEY, /* ( */ a -- last\n); CREATE INDEX i/* x */ON t(a); INSERT INTO t VALUES (1, 2)',
    ],
    ['no rows', 't', 'CREATE TABLE t (id INTEGER PRIMARY KEY, a)'],
    ['a single column', 't', 'CREATE TABLE t (id INTEGER PRIMARY KEY); INSERT INTO t VALUES (1), (NULL)'],
  ];
  for (const [what, table, sql, extra] of tables) {
    it(`a table with ${what}`, () =>
      withFolder(async (folder) => {
        await makePair(folder, sql, other);
        await adoptWhole(folder, table, table, extra);
      }));

    it(`a table with ${what}, under another name`, () =>
      withFolder(async (folder) => {
        const indexes = /INDEX (\w+)/.exec(sql)?.[1];
        const taken = indexes === undefined ? '' : `; CREATE INDEX ${indexes} ON ${table} (own)`;
        await makePair(folder, sql, `CREATE TABLE ${table} (own)${taken}`);
        await adoptWhole(folder, table, `legacy_${table}`, extra);
      }));

    it(`a table with ${what}: rows that come later are added, and only those`, () =>
      withFolder(async (folder) => {
        await makePair(folder, sql, other);
        const legacy = join(folder, 'legacy.db');
        const target = join(folder, 'target.db');
        await makePair(folder, `${sql}; DELETE FROM ${table}`, other);
        await migratePlan(folder, [adopt(table)]);
        await create(legacy, sql);
        if (what.endsWith('key with NULLs')) {
          // The empty table was adopted by its declared key, by which rows with a NULL in it cannot be told apart.
          const refused = await rehearsePlan(folder, [adopt(table)]);
          assert.equal(refused.failure?.code, 'rejected-rows');
          const nulls = refused.steps[0]?.rejected ?? 0;
          assert.ok(nulls > 1 && refused.rejects.every(({ reason }) => reason === 'its key in the target is NULL'));
          const collected = await migratePlan(folder, [adopt(table)], { rejects: 'collect' });
          assert.equal(collected.failure, null, collected.failure?.message);
          assert.deepEqual([collected.steps[0]?.inserted, collected.steps[0]?.rejected], [1, nulls]);
          return;
        }
        const rehearsal = await migratePlan(folder, [adopt(table)]);
        assert.equal(rehearsal.failure, null, rehearsal.failure?.message);
        assert.equal(rehearsal.steps[0]?.inserted, rehearsal.steps[0]?.legacy.rows);
        const columns = (await columnsOf(legacy, table)).map(quoted);
        assert.deepEqual(await exactRows(target, table, columns), await exactRows(legacy, table, columns));
        await assertNothingToDo(folder, [adopt(table)]);
      }));
  }

  it('refuses a table without a key whose columns hide the rowid, in plain words', () =>
    withFolder(async (folder) => {
      await makePair(folder, 'CREATE TABLE t (rowid, _rowid_, oid); INSERT INTO t VALUES (1, 2, 3)', other);
      await assert.rejects(rehearsePlan(folder, [adopt('t')]), {
        code: 'plan-invalid',
        message: 'legacy.db t: its rows have no key, and its columns hide the rowid.',
        hint: /primary key, or take the strategy skip/,
      });
      const { failure, steps } = await rehearsePlan(folder, [
        { domain: 'analytics', strategy: 'skip', legacy: { database: 'legacy.db', table: 't' }, reason: 'no key' },
      ]);
      assert.deepEqual([failure, steps[0]?.leftBehind], [null, 1]);
    }));

  it('brings triggers along, which have not seen the rows', () =>
    withFolder(async (folder) => {
      const trigger = 'CREATE TRIGGER log AFTER INSERT ON T BEGIN INSERT INTO seen VALUES (new.id); END';
      await makePair(
        folder,
        `CREATE TABLE t (id INTEGER PRIMARY KEY); CREATE TABLE seen (id); INSERT INTO t VALUES (1), (2); ${trigger}`,
        'CREATE TABLE seen (id)',
      );
      const rehearsal = await migratePlan(folder, [adopt('t')]);
      assert.equal(rehearsal.failure, null, rehearsal.failure?.message);
      const target = join(folder, 'target.db');
      assert.deepEqual(await column(target, 'SELECT id FROM seen'), []);
      assert.deepEqual(await column(target, "SELECT sql FROM sqlite_schema WHERE type = 'trigger'"), [trigger]);
      // And rows that come later do not fire them either.
      await edit(join(folder, 'legacy.db'), 'INSERT INTO t VALUES (3)');
      assert.equal((await migratePlan(folder, [adopt('t')])).steps[0]?.inserted, 1);
      assert.deepEqual(await column(target, 'SELECT id FROM seen'), []);
    }));

  it('S7: carries the AUTOINCREMENT high-water mark, also where the table is empty', () =>
    withFolder(async (folder) => {
      await makePair(
        folder,
        `CREATE TABLE a (id INTEGER PRIMARY KEY AUTOINCREMENT, x); CREATE TABLE b (id INTEGER PRIMARY KEY AUTOINCREMENT, x);
         CREATE TABLE c (id INTEGER PRIMARY KEY AUTOINCREMENT, x);
         INSERT INTO a VALUES (1, 1), (900, 2); DELETE FROM a WHERE id = 900; INSERT INTO b VALUES (7, 1); DELETE FROM b;`,
        other,
      );
      const rehearsal = await migratePlan(folder, [adopt('a'), adopt('b'), adopt('c')]);
      assert.equal(rehearsal.failure, null);
      const target = join(folder, 'target.db');
      assert.deepEqual(await query(target, 'SELECT name, seq FROM sqlite_sequence ORDER BY name'), [
        ['a', 900],
        ['b', 7],
      ]);
      await edit(target, "INSERT INTO a (x) VALUES ('next')");
      assert.equal(await cell(target, 'SELECT max(id) FROM a'), 901);
    }));

  it('S7: neither hides nor invents foreign key violations', () =>
    withFolder(async (folder) => {
      await makePair(
        folder,
        'CREATE TABLE t (id INTEGER PRIMARY KEY, a)',
        `CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE c (p REFERENCES p (id)); INSERT INTO c VALUES (404);`,
      );
      const rehearsal = await migratePlan(folder, [adopt('t')]);
      assert.equal(rehearsal.failure, null);
      assert.equal(rehearsal.targets[0]?.foreignKeys, 'passed');
    }));

  it('S7: a row that would be a new violation is a reject', () =>
    withFolder(async (folder) => {
      await makePair(
        folder,
        'CREATE TABLE t (id INTEGER PRIMARY KEY, p REFERENCES p (id)); INSERT INTO t VALUES (1, 404)',
        `CREATE TABLE p (id INTEGER PRIMARY KEY)`,
      );
      const rehearsal = await rehearsePlan(folder, [adopt('t')]);
      assert.equal(rehearsal.failure?.code, 'rejected-rows');
      assert.deepEqual(
        rehearsal.rejects.map(({ rowid, reason }) => [rowid, reason]),
        [['1', 'FOREIGN KEY constraint failed: p refers to a row of p that is not there']],
      );
      assert.equal(rehearsal.targets[0]?.foreignKeys, 'passed');
    }));

  it('says in plain words that the legacy table has a column which the adopted one lacks', () =>
    withFolder(async (folder) => {
      await makePair(folder, 'CREATE TABLE t (id INTEGER PRIMARY KEY); INSERT INTO t VALUES (1)', other);
      await migratePlan(folder, [adopt('t')]);
      await edit(join(folder, 'legacy.db'), 'ALTER TABLE t ADD COLUMN added; INSERT INTO t VALUES (2, 3)');
      await assert.rejects(rehearsePlan(folder, [adopt('t')]), {
        code: 'plan-invalid',
        message: /has the column added/,
      });
    }));
});

describe('the target', function () {
  this.timeout(15_000);

  it('S5: triggers do not fire and stand afterwards as before', () =>
    withFolder(async (folder) => {
      const triggers = [
        'CREATE TRIGGER "log it" AFTER INSERT ON m BEGIN INSERT INTO log VALUES (new.id); END',
        'CREATE TRIGGER ignore_it BEFORE INSERT ON M WHEN new.id = 2 BEGIN SELECT RAISE(IGNORE); END',
        'CREATE TRIGGER roll_back BEFORE INSERT ON "m" WHEN new.id = 3 BEGIN SELECT RAISE(ROLLBACK, \'no\'); END',
        "CREATE TRIGGER expire AFTER INSERT ON [m] BEGIN DELETE FROM m WHERE a < '2'; END",
        'CREATE TRIGGER elsewhere AFTER UPDATE ON log BEGIN SELECT 1; END',
      ];
      await makePair(
        folder,
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a); INSERT INTO t VALUES (1, '1'), (2, '2'), (3, '3')",
        `CREATE TABLE m (id INTEGER PRIMARY KEY, a); CREATE TABLE log (id); ${triggers.join(';')};`,
      );
      const target = join(folder, 'target.db');
      const stood = await query(
        target,
        "SELECT name, tbl_name, sql FROM sqlite_schema WHERE type = 'trigger' ORDER BY name",
      );
      const rehearsal = await migratePlan(folder, [map('t', 'm', { id: 'id', a: 'a' })]);
      assert.equal(rehearsal.failure, null, rehearsal.failure?.message);
      assert.equal(rehearsal.steps[0]?.inserted, 3);
      assert.deepEqual(await column(target, 'SELECT id FROM m ORDER BY id'), [1, 2, 3]);
      assert.equal(await cell(target, 'SELECT count(*) FROM log'), 0);
      assert.deepEqual(
        await query(target, "SELECT name, tbl_name, sql FROM sqlite_schema WHERE type = 'trigger' ORDER BY name"),
        stood,
      );
    }));

  it('predecessor: six triggers that delete expired rows on every insert delete nothing', () =>
    withFolder(async (folder) => {
      await makePair(
        folder,
        "CREATE TABLE t (k TEXT PRIMARY KEY, expires_at TEXT); INSERT INTO t VALUES ('old', '2020-01-01T00:00:00'), ('new', '2999-01-01')",
        `CREATE TABLE m (k TEXT PRIMARY KEY, expires_at TEXT); INSERT INTO m VALUES ('own', '2021-01-01');
         CREATE TRIGGER clean AFTER INSERT ON m BEGIN DELETE FROM m WHERE expires_at < datetime('now'); END`,
      );
      const rehearsal = await migratePlan(folder, [map('t', 'm', { k: 'k', expires_at: 'expires_at' })]);
      assert.equal(rehearsal.failure, null);
      assert.deepEqual(await column(join(folder, 'target.db'), 'SELECT k FROM m ORDER BY k'), ['new', 'old', 'own']);
    }));

  for (const resolution of ['REPLACE', 'IGNORE', 'FAIL', 'ROLLBACK', 'ABORT']) {
    it(`S6: a schema with ON CONFLICT ${resolution} loses no row without a word`, () =>
      withFolder(async (folder) => {
        await makePair(
          folder,
          "CREATE TABLE t (id INTEGER PRIMARY KEY, a, n); INSERT INTO t VALUES (1, 'own', 1), (2, 'b', 1), (3, 'b', 1), (4, 'c', NULL)",
          `CREATE TABLE m (id INTEGER PRIMARY KEY ON CONFLICT ${resolution}, a UNIQUE ON CONFLICT ${resolution}, n NOT NULL ON CONFLICT ${resolution} DEFAULT 5);
           INSERT INTO m VALUES (77, 'own', 9)`,
        );
        const rehearsal = await rehearsePlan(folder, [map('t', 'm', { id: 'id', a: 'a', n: 'n' })]);
        assert.equal(rehearsal.failure?.code, 'rejected-rows');
        assert.equal(rehearsal.steps[0]?.rejected, 3);
        assert.equal(rehearsal.targets[0]?.untouchedRows, 'passed');
        assert.deepEqual(
          rehearsal.rejects.map(({ rowid, key, reason }) => [rowid, key, reason]),
          [
            ['1', '1', 'UNIQUE constraint failed: m.a'],
            ['3', '3', 'UNIQUE constraint failed: m.a'],
            ['4', '4', 'NOT NULL constraint failed: m.n'],
          ],
        );
      }));
  }

  it('predecessor: INSERT OR REPLACE reported 19 rows and left 18', () =>
    withFolder(async (folder) => {
      await makePair(
        folder,
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a); INSERT INTO t VALUES (1, 'x'), (2, 'x')",
        'CREATE TABLE m (id INTEGER PRIMARY KEY, a UNIQUE)',
      );
      const rehearsal = await rehearsePlan(folder, [map('t', 'm', { id: 'id', a: 'a' })]);
      assert.deepEqual([rehearsal.steps[0]?.inserted, rehearsal.steps[0]?.rejected], [1, 1]);
      assert.equal(rehearsal.failure?.code, 'rejected-rows');
    }));

  it('S2: generated columns, STRICT and WITHOUT ROWID take mapped rows', () =>
    withFolder(async (folder) => {
      await makePair(
        folder,
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a, b); INSERT INTO t VALUES (1, 7, 'x'), (2, 8, 'y')",
        `CREATE TABLE m (a INTEGER, b TEXT, twice INTEGER AS (a * 2) STORED, thrice AS (a * 3), PRIMARY KEY (b, a)) STRICT, WITHOUT ROWID`.replace(
          'thrice AS',
          'thrice ANY AS',
        ),
      );
      const step = map('t', 'm', { a: 'a', b: 'b' });
      const rehearsal = await migratePlan(folder, [step]);
      assert.equal(rehearsal.failure, null, rehearsal.failure?.message);
      assert.deepEqual(await query(join(folder, 'target.db'), 'SELECT * FROM m ORDER BY a'), [
        [7, 'x', 14, 21],
        [8, 'y', 16, 24],
      ]);
      assert.deepEqual(await query(join(folder, 'target.db'), 'SELECT b, a, id FROM legacy_t ORDER BY a'), [
        ['x', 7, 1],
        ['y', 8, 2],
      ]);
      await assertNothingToDo(folder, [step]);
    }));

  it('predecessor: a DEFAULT of the target invents nothing', () =>
    withFolder(async (folder) => {
      await makePair(
        folder,
        'CREATE TABLE t (id INTEGER PRIMARY KEY); INSERT INTO t VALUES (1)',
        `CREATE TABLE m (id INTEGER PRIMARY KEY, status TEXT DEFAULT 'pending', slippage REAL DEFAULT 1.0,
          fee INTEGER DEFAULT 5000, at TEXT DEFAULT CURRENT_TIMESTAMP)`,
      );
      const rehearsal = await migratePlan(folder, [map('t', 'm', { id: 'id' })]);
      assert.equal(rehearsal.failure, null);
      assert.deepEqual(await query(join(folder, 'target.db'), 'SELECT * FROM m'), [[1, null, null, null, null]]);
    }));

  it('a NOT NULL column that the plan does not fill refuses the plan, whatever its DEFAULT', () =>
    withFolder(async (folder) => {
      await makePair(
        folder,
        'CREATE TABLE t (id INTEGER PRIMARY KEY); INSERT INTO t VALUES (1)',
        "CREATE TABLE m (id INTEGER PRIMARY KEY, status TEXT NOT NULL DEFAULT 'pending')",
      );
      await assert.rejects(rehearsePlan(folder, [map('t', 'm', { id: 'id' })]), {
        code: 'plan-invalid',
        message: /status/,
      });
    }));

  it('keeps user_version, application_id, page size and auto_vacuum', () =>
    withFolder(async (folder) => {
      await makePair(
        folder,
        'CREATE TABLE t (id INTEGER PRIMARY KEY); INSERT INTO t VALUES (1)',
        'PRAGMA page_size = 1024; PRAGMA auto_vacuum = 2; VACUUM; PRAGMA user_version = 42; PRAGMA application_id = 99; CREATE TABLE o (a); INSERT INTO o VALUES (zeroblob(9000)); DELETE FROM o',
      );
      const target = join(folder, 'target.db');
      const pragmas = ['user_version', 'application_id', 'page_size', 'auto_vacuum', 'encoding'];
      const read = (): Promise<unknown[]> => Promise.all(pragmas.map((name) => cell(target, `PRAGMA ${name}`)));
      const stood = await read();
      assert.deepEqual(stood, [42, 99, 1024, 2, 'UTF-8']);
      assert.equal((await migratePlan(folder, [adopt('t')])).failure, null);
      assert.deepEqual(await read(), stood);
    }));

  it('S3: a table of an unknown module elsewhere in the databases is left alone', () =>
    withFolder(async (folder) => {
      const unknown = `PRAGMA writable_schema = ON; INSERT INTO sqlite_schema (type, name, tbl_name, rootpage, sql)
        VALUES ('table', 'documents', 'documents', 0, 'CREATE VIRTUAL TABLE documents USING fts9(body)')`;
      await makePair(
        folder,
        `CREATE TABLE t (id INTEGER PRIMARY KEY, a); INSERT INTO t VALUES (1, 2); ${unknown}`,
        `CREATE TABLE o (a); INSERT INTO o VALUES (1); ${unknown}`,
      );
      await adoptWhole(folder, 't');
    }));

  it('S3: a table of an unknown collation elsewhere in the target is left alone, and compared', () =>
    withFolder(async (folder) => {
      const unknown = `CREATE TABLE c (a TEXT); INSERT INTO c VALUES ('x'); PRAGMA writable_schema = ON;
        UPDATE sqlite_schema SET sql = 'CREATE TABLE c (a TEXT COLLATE german)' WHERE name = 'c'`;
      await makePair(folder, `CREATE TABLE t (id INTEGER PRIMARY KEY); INSERT INTO t VALUES (1)`, unknown);
      await adoptWhole(folder, 't');
    }));
});

describe('sizes', function () {
  this.timeout(30_000);

  it('S8: a table of 2,000 columns', () =>
    withFolder(async (folder) => {
      const columns = Array.from({ length: 1999 }, (_, index) => `c${index} INTEGER`).join(', ');
      await makePair(
        folder,
        `CREATE TABLE t (id INTEGER PRIMARY KEY, ${columns}); INSERT INTO t (id, c0, c1998) VALUES (1, 2, 3), (2, 3, 4)`,
        other,
      );
      const rehearsal = await migratePlan(folder, [adopt('t')]);
      assert.equal(rehearsal.failure, null, rehearsal.failure?.message);
      assert.deepEqual(await query(join(folder, 'target.db'), 'SELECT id, c0, c1998 FROM t'), [
        [1, 2, 3],
        [2, 3, 4],
      ]);
    }));

  it('S8: a target of 3,000 tables', () =>
    withFolder(async (folder) => {
      await makePair(folder, 'CREATE TABLE t (id INTEGER PRIMARY KEY); INSERT INTO t VALUES (1)');
      await createManyTables(join(folder, 'target.db'), 3_000);
      const rehearsal = await migratePlan(folder, [adopt('t')]);
      assert.equal(rehearsal.failure, null, rehearsal.failure?.message);
      assert.equal(rehearsal.targets[0]?.untouchedRows, 'passed');
    }));
});
