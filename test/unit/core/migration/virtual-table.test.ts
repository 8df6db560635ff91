/** Virtual tables that move without their module, and are searched and checked afterwards by an SQLite that has it. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import {
  adoptVirtual,
  refreshVirtual,
  sameVirtual,
  type VirtualPlace,
} from '../../../../src/core/migration/adopt/move-virtual';
import type { SqliteConnection, SqliteEngine } from '../../../../src/core/sqlite/engine';
import { loadSqlJs } from '../../../../src/core/sqlite/sql-js-engine';
import {
  countVirtualRows,
  isMovable,
  readVirtualTable,
  shadowTables,
  stubColumns,
  virtualSql,
  type VirtualTable,
} from '../../../../src/core/sqlite/virtual-table';
import { execute } from '../../../support/cli';
import { withFolder } from '../../../support/folders';

let loading: Promise<SqliteEngine> | undefined;

function loadEngine(): Promise<SqliteEngine> {
  return (loading ??= readFile(resolve('node_modules', 'sql.js', 'dist', 'sql-wasm.wasm')).then(loadSqlJs));
}

async function open(path: string): Promise<SqliteConnection> {
  return (await loadEngine()).open(await readFile(path), path);
}

/** Statements run by Python's SQLite on the file itself; the rows of the queries among them come back. */
const script = `
import json, sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
print(json.dumps([[list(row) for row in connection.execute(sql)] for sql in json.loads(sys.argv[2])]))
connection.close()
`;

const hasModules =
  spawnSync('python3', [
    '-c',
    `import sqlite3; c = sqlite3.connect(':memory:'); c.execute('CREATE VIRTUAL TABLE a USING fts5(x)'); c.execute('CREATE VIRTUAL TABLE b USING rtree(i, x, y)'); c.execute('CREATE VIRTUAL TABLE c USING fts4(x)')`,
  ]).status === 0;

async function native(path: string, ...sql: readonly string[]): Promise<readonly (readonly unknown[])[][]> {
  const { code, stdout, stderr } = await execute('python3', ['-c', script, path, JSON.stringify(sql)]);
  if (code !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as (readonly unknown[])[][];
}

const triggers = [
  `CREATE TRIGGER facts_ai AFTER INSERT ON facts BEGIN INSERT INTO facts_fts(rowid, entity, fact) VALUES (new.id, new.entity, new.fact); END`,
  `CREATE TRIGGER facts_ad AFTER DELETE ON facts BEGIN INSERT INTO facts_fts(facts_fts, rowid, entity, fact) VALUES ('delete', old.id, old.entity, old.fact); END`,
];

const legacySql = [
  'CREATE TABLE facts (id INTEGER PRIMARY KEY AUTOINCREMENT, entity TEXT, fact TEXT)',
  `CREATE VIRTUAL TABLE facts_fts USING fts5(entity, fact, content='facts', content_rowid='id')`,
  ...triggers,
  `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300)
   INSERT INTO facts (entity, fact) SELECT 'person ' || i, 'likes dish number ' || i || ' ünï 💸' FROM n`,
  `DELETE FROM facts WHERE id IN (7, 9)`,
  `CREATE VIRTUAL TABLE notes USING fts5(title, "the body" UNINDEXED, tokenize = "porter ascii", prefix='2 3')`,
  `INSERT INTO notes VALUES ('running dogs', 'one'), ('cats', NULL)`,
  `CREATE VIRTUAL TABLE bare USING fts5(a, content='')`,
  `INSERT INTO bare (rowid, a) VALUES (3, 'hello'), (9, 'world')`,
  `CREATE VIRTUAL TABLE old4 USING fts4(subject, body TEXT, tokenize=porter)`,
  `INSERT INTO old4 VALUES ('first mail', 'jumping'), ('second', 'walking')`,
  `CREATE VIRTUAL TABLE boxes USING rtree(id, x0, x1, +label)`,
  `INSERT INTO boxes VALUES (1, 0, 2, 'a'), (2, 5, 6, 'b')`,
];

const targetFacts = 'CREATE TABLE facts (id INTEGER PRIMARY KEY AUTOINCREMENT, entity TEXT, fact TEXT)';

async function withLegacy(
  body: (legacy: SqliteConnection, target: SqliteConnection, folder: string) => Promise<void> | void,
): Promise<void> {
  await withFolder(async (folder) => {
    const path = join(folder, 'legacy.db');
    await native(path, ...legacySql);
    const [legacy, target] = [await open(path), (await loadEngine()).open(new Uint8Array(), 'target.db')];
    try {
      target.attach(legacy, 'legacy');
      await body(legacy, target, folder);
    } finally {
      legacy.close();
      target.close();
    }
  });
}

function read(target: SqliteConnection, table: string): VirtualTable {
  const virtual = readVirtualTable(target, table, 'legacy');
  assert.ok(virtual !== null);
  return virtual;
}

/** A schema row as text: what an SQLite without the module can be given to read. */
async function parse(sql: string, more = ''): Promise<VirtualTable> {
  const connection = (await loadEngine()).open(new Uint8Array(), 'test.db');
  try {
    connection.execute(`${more}; PRAGMA writable_schema = ON`);
    connection.execute(
      `INSERT INTO sqlite_schema (type, name, tbl_name, rootpage, sql) VALUES ('table', 'v', 'v', 0, ?)`,
      [sql],
    );
    connection.execute('PRAGMA writable_schema = RESET');
    const virtual = readVirtualTable(connection, 'V');
    assert.ok(virtual !== null);
    return virtual;
  } finally {
    connection.close();
  }
}

describe('readVirtualTable', function () {
  this.timeout(20_000);

  const cases: readonly (readonly [sql: string, expected: Partial<VirtualTable>])[] = [
    [
      'CREATE VIRTUAL TABLE v USING fts5(a, b)',
      { module: 'fts5', args: ['a', 'b'], columns: ['a', 'b'], content: null },
    ],
    [
      `CREATE VIRTUAL TABLE "v" USING "FTS5" ( "a,b" , [c)d] UNINDEXED, 'e''f', content = "it's, ""his""" )`,
      { module: 'fts5', columns: ['a,b', 'c)d', `e'f`], unindexed: ['c)d'], content: `it's, "his"` },
    ],
    [
      `CREATE VIRTUAL TABLE v USING fts5(a, /* content='no' */ content=t, -- one, two\n content_rowid=id)`,
      { columns: ['a'], content: 't', contentRowid: 'id', args: ['a', 'content=t', 'content_rowid=id'] },
    ],
    [`CREATE VIRTUAL TABLE v USING fts5(a, cont=t, content_r=k)`, { content: 't', contentRowid: 'k' }],
    [`CREATE VIRTUAL TABLE v USING fts5(a, content='')`, { columns: ['a'], content: null }],
    [`CREATE VIRTUAL TABLE v USING fts5(a, content=)`, { columns: ['a'], content: null }],
    [`CREATE VIRTUAL TABLE v USING fts5(content)`, { columns: ['content'], content: null }],
    [
      `CREATE VIRTUAL TABLE v USING fts4(a TEXT, tokenize unicode61 "x=y", content="t", notindexed=a, languageid=lang)`,
      { module: 'fts4', columns: ['a'], content: 't', unindexed: ['a'], contentRowid: 'rowid' },
    ],
    ['CREATE VIRTUAL TABLE v USING fts3', { module: 'fts3', args: [], columns: ['content'] }],
    ['CREATE VIRTUAL TABLE v USING rtree(id, x0, x1, +note)', { columns: ['id', 'x0', 'x1', 'note'] }],
    ['CREATE VIRTUAL TABLE v USING spellfix1(a(b,c), d)', { module: 'spellfix1', args: ['a(b,c)', 'd'], columns: [] }],
  ];
  for (const [sql, expected] of cases)
    it(sql.replace('CREATE VIRTUAL TABLE ', ''), async () => {
      const virtual = await parse(sql);
      assert.deepEqual({ ...virtual, ...expected }, virtual);
      assert.equal(virtual.sql, sql);
    });

  it('takes only what the module made for a shadow table', async () => {
    const tables = ['data', 'idx', 'config', 'docsize', 'content', 'other'].map((name) => `CREATE TABLE V_${name} (a)`);
    const shadowsOf = async (args: string): Promise<readonly string[]> =>
      (await parse(`CREATE VIRTUAL TABLE v USING ${args}`, tables.join(';'))).shadows;
    assert.deepEqual(await shadowsOf('fts5(a)'), ['V_data', 'V_idx', 'V_content', 'V_docsize', 'V_config']);
    assert.deepEqual(await shadowsOf(`fts5(a, content='v_content')`), ['V_data', 'V_idx', 'V_docsize', 'V_config']);
    assert.deepEqual(await shadowsOf('fts5(a, columnsize=0)'), ['V_data', 'V_idx', 'V_content', 'V_config']);
    assert.deepEqual(await shadowsOf('unknown(a)'), []);
  });

  it('knows no ordinary table, and no table that is not there', async () => {
    const connection = (await loadEngine()).open(new Uint8Array(), 'test.db');
    connection.execute('CREATE TABLE t (a)');
    assert.equal(readVirtualTable(connection, 't'), null);
    assert.equal(readVirtualTable(connection, 'nothing'), null);
    connection.close();
  });
});

describe('virtualSql', function () {
  this.timeout(20_000);

  it('changes the name and the content table, and nothing else', async () => {
    const sql = `CREATE VIRTUAL TABLE [v]  USING fts5( a, content = "facts" , content_rowid=id ) -- end`;
    const virtual = await parse(sql);
    assert.equal(virtualSql(virtual, 'v', 'facts'), sql);
    assert.equal(virtualSql(virtual, 'v', null), sql);
    assert.equal(
      virtualSql(virtual, 'a "b"', `o'facts`),
      `CREATE VIRTUAL TABLE "a ""b"""  USING fts5( a, content = 'o''facts' , content_rowid=id ) -- end`,
    );
  });
});

describe('a virtual table without its module', function () {
  this.timeout(30_000);
  before(function () {
    if (!hasModules) this.skip();
  });

  const all = ['facts_fts', 'notes', 'bare', 'old4', 'boxes'];

  it('has the columns, shadow tables and rows that its module says', () =>
    withLegacy(async (legacy, _, folder) => {
      const counts = await native(join(folder, 'legacy.db'), ...all.map((name) => `SELECT count(*) FROM ${name}`));
      const virtuals = all.map((name) => readVirtualTable(legacy, name));
      assert.deepEqual(
        virtuals.map((virtual) => virtual && countVirtualRows(legacy, virtual)),
        counts.map(([row]) => row?.[0]),
      );
      assert.deepEqual(virtuals[1]?.columns, ['title', 'the body']);
      assert.deepEqual(stubColumns(virtuals[1]), ['title', 'the body', 'notes', 'rank']);
      const shadows = shadowTables(legacy);
      const names = legacy
        .all(`SELECT name FROM sqlite_schema WHERE type = 'table' AND rootpage > 0 AND name NOT LIKE 'sqlite_%'`)
        .map((row) => String(row['name']));
      assert.deepEqual(
        names.filter((name) => !shadows.has(name)),
        ['facts'],
      );
    }));

  it("counts what full-text tables of other people's making count", () =>
    withFolder(async (folder) => {
      const path = join(folder, 'counts.db');
      const tables = ['loose', 'viewed', 'four', 'four_bare', 'untracked'];
      await native(
        path,
        'CREATE TABLE t (k, a)',
        `INSERT INTO t VALUES (1, 'a'), (NULL, 'b'), ('text', 'c'), (2.5, 'd'), (9, 'e')`,
        'CREATE VIEW w AS SELECT k, a FROM t WHERE a < 3 OR k = 1',
        `CREATE VIRTUAL TABLE loose USING fts5(a, content='t', content_rowid='k')`,
        `CREATE VIRTUAL TABLE viewed USING fts5(a, content='w', content_rowid='k')`,
        `CREATE VIRTUAL TABLE four USING fts4(content="t", a)`,
        `CREATE VIRTUAL TABLE four_bare USING fts4(a, matchinfo=fts3)`,
        `INSERT INTO four_bare VALUES ('x'), ('y'), ('z')`,
        `CREATE VIRTUAL TABLE untracked USING fts5(a, columnsize=0)`,
        `INSERT INTO untracked VALUES ('x'), ('y')`,
      );
      const counts = await native(path, ...tables.map((name) => `SELECT count(*) FROM ${name}`));
      const connection = await open(path);
      for (const [index, name] of tables.entries()) {
        const virtual = readVirtualTable(connection, name);
        assert.equal(virtual && countVirtualRows(connection, virtual), counts[index]?.[0]?.[0], name);
      }
      connection.execute('DROP VIEW w');
      const viewed = readVirtualTable(connection, 'viewed');
      assert.equal(viewed && countVirtualRows(connection, viewed), null);
      connection.close();
    }));

  for (const renamed of [false, true])
    it(`moves whole, is searched and passes every check of its module${renamed ? ', under another name' : ''}`, () =>
      withLegacy(async (_, target, folder) => {
        const content = renamed ? 'old facts' : 'facts';
        const nameOf = (table: string): string => (renamed ? `old "${table}"` : table);
        target.execute('BEGIN');
        target.execute(targetFacts.replace('facts', `"${content}"`));
        target.execute(`INSERT INTO "${content}" SELECT * FROM legacy.facts`);
        const places = all.map((table): VirtualPlace => {
          const virtual = read(target, table);
          return { virtual, name: nameOf(table), contentName: virtual.content === null ? null : content };
        });
        for (const place of places) assert.equal(sameVirtual(target, place), false);
        for (const place of places) adoptVirtual(target, place);
        target.execute('COMMIT');
        for (const place of places) assert.equal(sameVirtual(target, place), true);
        // A trigger with the table's name comes after it, and the schema stays one that can be altered.
        target.execute(
          `CREATE TRIGGER g AFTER INSERT ON "${content}" BEGIN INSERT INTO "${nameOf('facts_fts').replaceAll('"', '""')}" (rowid, entity, fact) VALUES (new.id, new.entity, new.fact); END;
           CREATE TABLE more (a); CREATE INDEX more_a ON more (a); ALTER TABLE more ADD COLUMN b; DROP INDEX more_a;
           CREATE INDEX by_fact ON "${content}" (fact); ALTER TABLE "${content}" ADD COLUMN extra`,
        );
        const path = join(folder, 'target.db');
        await writeFile(path, target.export());
        const image = await open(path);
        const legacyAgain = await open(join(folder, 'legacy.db'));
        image.attach(legacyAgain, 'legacy');
        for (const place of places) assert.equal(sameVirtual(image, place), true);
        assert.deepEqual(image.all('PRAGMA integrity_check'), [{ integrity_check: 'ok' }]);
        for (const connection of [image, legacyAgain]) connection.close();

        const q = (table: string): string => `"${nameOf(table).replaceAll('"', '""')}"`;
        const answers = await native(
          path,
          'PRAGMA integrity_check',
          ...['facts_fts', 'notes', 'bare', 'old4'].map(
            (name) => `INSERT INTO ${q(name)}(${q(name)}) VALUES ('integrity-check')`,
          ),
          `SELECT rtreecheck('${nameOf('boxes')}')`,
          `SELECT rowid FROM ${q('facts_fts')} WHERE ${q('facts_fts')} MATCH 'dish AND 299'`,
          `SELECT title FROM ${q('notes')} WHERE ${q('notes')} MATCH 'run*'`,
          `SELECT rowid FROM ${q('bare')} WHERE ${q('bare')} MATCH 'world'`,
          `SELECT subject FROM ${q('old4')} WHERE body MATCH 'walk'`,
          `SELECT label FROM ${q('boxes')} WHERE x0 > 3`,
          `INSERT INTO "${content}" (entity, fact) VALUES ('new', 'zebra')`,
          `SELECT fact FROM ${q('facts_fts')} WHERE ${q('facts_fts')} MATCH 'zebra'`,
          'PRAGMA integrity_check',
          ...all.map((name) => `DROP TABLE ${q(name)}`),
          `SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'`,
        );
        assert.deepEqual(
          answers.filter((rows) => rows.length > 0).map((rows) => rows[0]?.[0]),
          ['ok', 'ok', 299, 'running dogs', 9, 'second', 'b', 'zebra', 'ok', 2],
        );
      }));

  it('is not moved where its module is unknown', () =>
    withLegacy((_, target) => {
      const virtual = { ...read(target, 'notes'), module: 'fts9' };
      assert.equal(isMovable(virtual), false);
      assert.equal(countVirtualRows(target, virtual, 'legacy'), null);
      const before = target.all('SELECT * FROM main.sqlite_schema');
      assert.throws(() => adoptVirtual(target, { virtual, name: 'notes', contentName: null }), {
        code: 'plan-invalid',
        message: /fts9/,
      });
      assert.deepEqual(target.all('SELECT * FROM main.sqlite_schema'), before);
    }));

  it('leaves nothing behind where the transaction is rolled back', () =>
    withLegacy((_, target) => {
      target.execute('BEGIN');
      adoptVirtual(target, { virtual: read(target, 'notes'), name: 'notes', contentName: null });
      target.execute('ROLLBACK');
      assert.equal(target.count('SELECT count(*) FROM main.sqlite_schema'), 0);
      target.execute('CREATE TABLE notes (a); CREATE TABLE notes_data (a)');
    }));

  it('is the same only where every cell of every shadow table is', () =>
    withLegacy((_, target) => {
      const place = { virtual: read(target, 'notes'), name: 'n', contentName: null };
      adoptVirtual(target, place);
      const changes = [
        `UPDATE n_config SET v = CAST(v AS TEXT)`,
        `DELETE FROM n_docsize WHERE id = 2`,
        `INSERT INTO n_content VALUES (99, 'a', 'b')`,
        `UPDATE n_data SET block = block || x'00' WHERE id = 1`,
        `UPDATE n_content SET c1 = '' WHERE c1 IS NULL`,
        `DROP TABLE n_idx`,
        `PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = replace(sql, 'porter', 'porteR') WHERE name = 'n'`,
        `PRAGMA writable_schema = ON; DELETE FROM sqlite_schema WHERE name = 'n'`,
      ];
      for (const change of changes) {
        target.execute(`SAVEPOINT s; ${change}`);
        assert.equal(sameVirtual(target, place), false, change);
        target.execute('ROLLBACK TO s; RELEASE s; PRAGMA writable_schema = OFF');
        assert.equal(sameVirtual(target, place), true, change);
      }
    }));

  it('is refreshed where it lacks rows that the content table has from the legacy one, and is stale where they differ', () =>
    withLegacy(async (legacy, target, folder) => {
      const place = { virtual: read(target, 'facts_fts'), name: 'search', contentName: 'facts' };
      target.execute(`${targetFacts}; INSERT INTO main.facts SELECT * FROM legacy.facts`);
      adoptVirtual(target, place);
      assert.equal(refreshVirtual(target, place, true), 'same');
      target.detach('legacy');

      const path = join(folder, 'legacy.db');
      await native(path, `INSERT INTO facts (entity, fact) VALUES ('later', 'zebra')`);
      const later = await open(path);
      target.attach(later, 'legacy');
      // The new row is not in the content table either.
      assert.equal(refreshVirtual(target, place, true), 'complete');
      assert.equal(refreshVirtual(target, { ...place, contentName: 'nothing' }, true), 'stale');
      assert.equal(sameVirtual(target, place), false);
      target.execute(`INSERT INTO main.facts SELECT * FROM legacy.facts WHERE fact = 'zebra'`);
      target.execute(`INSERT INTO main.facts (entity, fact) VALUES ('own', 'row')`);
      assert.equal(refreshVirtual(target, place, true), 'stale');
      target.execute(`DELETE FROM main.facts WHERE entity = 'own'`);
      // The row that it lacks is not of this run.
      assert.equal(refreshVirtual(target, place, false), 'stale');
      assert.equal(refreshVirtual(target, place, true), 'replaced');
      assert.equal(sameVirtual(target, place), true);
      assert.equal(refreshVirtual(target, place, true), 'same');
      const image = join(folder, 'target.db');
      await writeFile(image, target.export());
      later.close();
      assert.equal(legacy.label, path);
      const answers = await native(
        image,
        `INSERT INTO search(search) VALUES ('integrity-check')`,
        `SELECT entity FROM search WHERE search MATCH 'zebra'`,
        'PRAGMA integrity_check',
      );
      assert.deepEqual(answers, [[], [['later']], [['ok']]]);
    }));

  it('is left alone with content of its own, which somebody else may have written', () =>
    withLegacy(async (_, target, folder) => {
      const place = { virtual: read(target, 'notes'), name: 'notes', contentName: null };
      adoptVirtual(target, place);
      target.detach('legacy');
      const path = join(folder, 'legacy.db');
      await native(path, `INSERT INTO notes VALUES ('zebra', 'three')`);
      const later = await open(path);
      target.attach(later, 'legacy');
      assert.equal(refreshVirtual(target, place, true), 'stale');
      later.close();
    }));
});
