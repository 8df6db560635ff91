/** Two databases compared: every difference of value or storage class is found and counted, and no file is touched. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { summarise, type DatabaseComparison, type TableComparison } from '../../../../src/core/compare/model';
import { CoreError } from '../../../../src/core/errors';
import { execute } from '../../../support/cli';
import { photograph, withFolder } from '../../../support/folders';
import { create, loadSql, query } from '../../../support/sqlite';
import { handlers, silent } from '../../../support/workspace';

/** Compares two files that are in a folder, and proves that nothing in it changed. */
async function compareIn(folder: string): Promise<DatabaseComparison & { readonly markdown: string }> {
  const file = (name: string): { path: string; database: string } => ({ path: join(folder, name), database: name });
  const before = await photograph(folder);
  const result = await handlers['compare.databases']({ left: file('left.db'), right: file('right.db') }, silent);
  assert.deepEqual(await photograph(folder), before);
  return { ...result.comparison, markdown: result.markdown };
}

function compare(left: string, right: string): Promise<DatabaseComparison & { readonly markdown: string }> {
  return withFolder(async (folder) => {
    await create(join(folder, 'left.db'), left);
    await create(join(folder, 'right.db'), right);
    return compareIn(folder);
  });
}

function only({ tables }: DatabaseComparison): TableComparison {
  assert.equal(tables.length, 1);
  return tables[0]!;
}

/** Only left, only right, different, equal. */
function counts({ onlyLeft, onlyRight, different, equal, problem }: TableComparison): readonly number[] {
  assert.equal(problem, null);
  return [onlyLeft, onlyRight, different, equal];
}

/** Pairs that are equal to a comparison that converts, or that looks at the shown value only. */
const pairs: readonly (readonly [left: string, right: string])[] = [
  ['NULL', "''"],
  ['1', '1.0'],
  ['1', "'1'"],
  ['1.0', "'1.0'"],
  ["'a'", "x'61'"],
  ["''", "x''"],
  ['9007199254740993', '9007199254740992'],
  ['9223372036854775807', '9223372036854775806'],
  ['9007199254740993', '9007199254740992.0'],
  ['0.1 + 0.2', '0.3'],
  ["'a'", "'A'"],
  ["'a'", "'a '"],
  ["'a' || char(0) || 'b'", "'a' || char(0) || 'c'"],
  ["CAST(x'ff' AS TEXT)", "CAST(x'fe' AS TEXT)"],
  ["printf('%.5000c', 'x')", "printf('%.5000c', 'x') || 'y'"],
];
const table = (values: readonly string[], key: boolean): string =>
  `CREATE TABLE t (${key ? 'id INTEGER PRIMARY KEY, ' : ''}v COLLATE NOCASE); ` +
  values.map((value, index) => `INSERT INTO t VALUES (${key ? `${index}, ` : ''}${value});`).join(' ');

describe('comparing two databases', function () {
  this.timeout(30_000);

  it('V1, V2, V3: tells values apart by storage class and bytes, by key and without one', async () => {
    const lefts = pairs.map(([left]) => left);
    const rights = pairs.map(([, right]) => right);
    assert.deepEqual(counts(only(await compare(table(lefts, true), table(rights, true)))), [0, 0, pairs.length, 0]);
    assert.deepEqual(counts(only(await compare(table(lefts, true), table(lefts, true)))), [0, 0, 0, pairs.length]);
    for (const [left, right] of pairs) {
      const found = only(await compare(table([left], false), table([right], false)));
      assert.deepEqual(counts(found), [1, 1, 0, 0], `${left} and ${right}`);
    }
    assert.deepEqual(counts(only(await compare(table(lefts, false), table(lefts, false)))), [0, 0, 0, pairs.length]);
  });

  it('shows what differs as literals that SQLite reads back', async () => {
    const values = [
      "'it''s' || char(10) || 'x'",
      '9007199254740993',
      '-9e999',
      "x'00ff'",
      "char(8238) || '\\'",
      'NULL',
    ];
    const { shown } = only(await compare(table(values, false), table([], false)));
    const SQL = await loadSql();
    const database = new SQL.Database();
    for (const { cells } of shown) {
      const literal = cells[0]?.left ?? '';
      assert.ok(!literal.includes('\n') && !literal.includes('\u202E'));
      const same = values.map((value) => `quote(${literal}) = quote(${value})`).join(' OR ');
      assert.equal(database.exec(`SELECT ${same}`)[0]?.values[0]?.[0], 1, literal);
    }
    database.close();
    assert.equal(shown.length, values.length);
  });

  it('says of two long values that they differ where what is shown does not', async () => {
    const long = "printf('%.5000c', 'x')";
    const { shown } = only(await compare(table([long], true), table([`${long.slice(0, -1)}) || 'y'`], true)));
    const [cell] = shown[0]?.cells ?? [];
    assert.notEqual(cell?.left, cell?.right);
    assert.match(cell?.left ?? '', /… \(5000 bytes\)$/);
  });

  it('counts rows without a key as often as they are there', async () => {
    const left = "CREATE TABLE t (a, b); INSERT INTO t VALUES (1, 'x'), (1, 'x'), (1, 'x'), (2, NULL), (2, NULL)";
    const right = "CREATE TABLE t (a, b); INSERT INTO t VALUES (2, NULL), (1, 'x'), (3, ''), (2, NULL), (2, NULL)";
    const found = only(await compare(left, right));
    assert.deepEqual(counts(found), [2, 2, 0, 3]);
    assert.deepEqual([found.leftRows, found.rightRows, found.key], [5, 5, []]);
    assert.deepEqual(
      found.shown.map(({ kind, times, cells }) => [kind, times, cells.map((cell) => cell.left ?? cell.right)]),
      [
        ['onlyLeft', 2, ['1', "'x'"]],
        ['onlyRight', 1, ['2', 'NULL']],
        ['onlyRight', 1, ['3', "''"]],
      ],
    );
  });

  it('S2: compares WITHOUT ROWID, STRICT and generated columns by their keys', async () => {
    const schema = `CREATE TABLE w (a TEXT COLLATE NOCASE, b, v, PRIMARY KEY (b, a)) WITHOUT ROWID;
      CREATE TABLE s (id INTEGER PRIMARY KEY, v ANY, g TEXT AS (v || 'x') STORED) STRICT;`;
    const { tables } = await compare(
      `${schema} INSERT INTO w VALUES ('a', 1, 1), ('b', 2, 2), ('c', 3, 3); INSERT INTO s VALUES (1, '7'), (2, 8)`,
      `${schema} INSERT INTO w VALUES ('A', 1, 1), ('b', 2, 9), ('c', 3, 3); INSERT INTO s VALUES (1, 7), (3, 8)`,
    );
    assert.deepEqual(
      tables.map((one) => [one.table, one.key, counts(one)]),
      [
        ['s', ['id'], [1, 1, 1, 0]],
        ['w', ['a', 'b'], [1, 1, 1, 1]],
      ],
    );
  });

  it('compares whole rows where a key is NULL, or is another one on the other side', async () => {
    const nulls = "CREATE TABLE t (k TEXT PRIMARY KEY, v); INSERT INTO t VALUES (NULL, 1), (NULL, 2), ('a', 3)";
    assert.deepEqual(counts(only(await compare(nulls, nulls))), [0, 0, 0, 3]);
    const other = only(await compare('CREATE TABLE t (a PRIMARY KEY, b)', 'CREATE TABLE t (a, b PRIMARY KEY)'));
    assert.deepEqual(other.key, []);
  });

  it('finds what the schemas differ in, white space aside', async () => {
    const { objects, outcome } = await compare(
      `CREATE TABLE same (a, b); CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT DEFAULT 'x  y', gone);
       CREATE TABLE mine (v); INSERT INTO mine VALUES (1), (2);
       CREATE INDEX i ON t (a); CREATE VIEW v AS SELECT 1; CREATE TRIGGER r AFTER INSERT ON t BEGIN SELECT 1; END`,
      `CREATE TABLE same (\n  a,\tb\n); CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT DEFAULT 'x y', new INT NOT NULL DEFAULT 0);
       CREATE INDEX i ON t (a DESC); CREATE TABLE v (x)`,
    );
    assert.equal(outcome, 'different');
    assert.deepEqual(
      objects.map(({ type, name, kind, rows }) => [type, name, kind, rows]),
      [
        ['table', 't', 'different', null],
        ['table', 'mine', 'onlyLeft', 2],
        ['index', 'i', 'different', null],
        ['view', 'v', 'onlyLeft', null],
        ['trigger', 'r', 'onlyLeft', null],
        ['table', 'v', 'onlyRight', 0],
      ],
    );
    assert.deepEqual(objects[0]?.columns, [
      { column: 'a', left: "TEXT DEFAULT 'x  y'", right: "TEXT DEFAULT 'x y'" },
      { column: 'gone', left: 'no type', right: null },
      { column: 'new', left: null, right: 'INT NOT NULL DEFAULT 0' },
    ]);
  });

  it('compares what two tables share, and says which columns they do not', async () => {
    const found = only(
      await compare(
        'CREATE TABLE t (id INTEGER PRIMARY KEY, a, b); INSERT INTO t VALUES (1, 2, 3)',
        'CREATE TABLE T (c, A, ID INTEGER PRIMARY KEY); INSERT INTO T VALUES (9, 2, 1)',
      ),
    );
    assert.deepEqual([counts(found), found.leftColumns, found.rightColumns], [[0, 0, 0, 1], ['b'], ['c']]);
  });

  it('S1: takes any name for a name', async () => {
    const name = `we"ird'\n]--;<img src=x>[x](command:y)|\u202E__proto__`;
    const sql = (value: string): string =>
      `CREATE TABLE "${name.replaceAll('"', '""')}" ("${name.replaceAll('"', '""')}" TEXT PRIMARY KEY, "a""b"); ` +
      `INSERT INTO "${name.replaceAll('"', '""')}" VALUES ('k', ${value})`;
    const result = await compare(sql("'<b>'"), sql("'|\n'"));
    assert.deepEqual([only(result).table, only(result).key, counts(only(result))], [name, [name], [0, 0, 1, 0]]);
    // X2
    assert.doesNotMatch(result.markdown, /\u202E|^#.*\n.*img/m);
    assert.doesNotMatch(result.markdown.replace(/`[^`]*`/g, ''), /<img|\]\(|<b>/);
  });

  it('S3: says of a table that cannot be read that it was not compared, and goes on', async () => {
    const schema = `CREATE TABLE t (id INTEGER PRIMARY KEY, v); INSERT INTO t VALUES (1, 'a');
      PRAGMA writable_schema = ON;
      INSERT INTO sqlite_schema VALUES ('table', 'odd', 'odd', 0, 'CREATE VIRTUAL TABLE odd USING nowhere (x)');`;
    const same = await compare(schema, schema);
    assert.deepEqual([same.outcome, counts(only(same))], ['equal', [0, 0, 0, 1]]);
    const other = await compare(
      schema,
      `${schema} UPDATE sqlite_schema SET sql = replace(sql, 'x', 'y') WHERE name = 'odd'`,
    );
    assert.deepEqual(
      other.objects.map(({ name, kind }) => [name, kind]),
      [['odd', 'different']],
    );
  });

  it('S3: takes a key for what its bytes are where its collation is unknown here', async () => {
    const schema = (value: string): string =>
      `CREATE TABLE t (k TEXT COLLATE NOCASE, v); INSERT INTO t VALUES ('a', ${value}); PRAGMA writable_schema = ON;
       UPDATE sqlite_schema SET sql = 'CREATE TABLE t (k TEXT COLLATE unheard, v)' WHERE type = 'table'`;
    assert.deepEqual(counts(only(await compare(schema('1'), schema('2')))), [1, 1, 0, 0]);
    const keyed = (value: string): string =>
      schema(value).replace('NOCASE', 'NOCASE PRIMARY KEY').replace('unheard', 'unheard PRIMARY KEY');
    assert.deepEqual(counts(only(await compare(keyed('1'), keyed('2')))), [0, 0, 1, 0]);
  });

  it('V4: compares databases of different text encodings by their characters', async () => {
    const sql = (encoding: string, last: string): string =>
      `PRAGMA encoding = '${encoding}'; CREATE TABLE t (k TEXT PRIMARY KEY, v);
       INSERT INTO t VALUES ('ä', '🚀'), ('b', x'e4'), ('c', 9007199254740993), ('d', ${last})`;
    const equal = await compare(sql('UTF-8', '1'), sql('UTF-16le', '1'));
    assert.deepEqual([equal.outcome, counts(only(equal))], ['equal', [0, 0, 0, 4]]);
    const different = await compare(sql('UTF-16be', '1'), sql('UTF-8', "'1'"));
    assert.deepEqual(counts(only(different)), [0, 0, 1, 3]);
  });

  it('counts every row, however few are shown', async () => {
    const rows = (first: number): string =>
      `CREATE TABLE t (id INTEGER PRIMARY KEY, v); WITH RECURSIVE n (i) AS (SELECT ${first} UNION ALL SELECT i + 1 FROM n WHERE i < ${first + 999})
       INSERT INTO t SELECT i, i * ${first + 1} FROM n`;
    const found = only(await compare(rows(0), rows(400)));
    assert.deepEqual(counts(found), [400, 400, 600, 0]);
    assert.equal(found.shown.length, 300);
  });

  it('R1: compares what the write-ahead log adds, on one side', () =>
    withFolder(async (folder) => {
      const left = join(folder, 'left.db');
      const script = `import sqlite3, shutil, sys
left, right = sys.argv[1:3]
c = sqlite3.connect(left); c.executescript("PRAGMA journal_mode=WAL; CREATE TABLE t (id INTEGER PRIMARY KEY, v); INSERT INTO t VALUES (1, 'a')")
c.execute("PRAGMA wal_checkpoint(TRUNCATE)"); c.execute("PRAGMA wal_autocheckpoint=0")
c.execute("INSERT INTO t VALUES (2, 'b')"); c.commit()
shutil.copy(left, right)
for s in ('', '-wal'): shutil.copy(left + s, left + '.kept' + s)
c.close()
for s in ('', '-wal'): shutil.move(left + '.kept' + s, left + s)`;
      const { code, stderr } = await execute('python3', ['-c', script, left, join(folder, 'right.db')]);
      assert.equal(code, 0, stderr);
      const result = await compareIn(folder);
      assert.deepEqual([result.left.applied, result.right.applied], ['wal', null]);
      assert.deepEqual(counts(only(result)), [1, 0, 0, 1]);
    }));

  it('calls the same file the same, and a database equal to its own copy', () =>
    withFolder(async (folder) => {
      const path = join(folder, 'left.db');
      await create(path, 'CREATE TABLE t (v); INSERT INTO t VALUES (1), (1)');
      const left = { path, database: 'left.db' };
      await assert.rejects(
        handlers['compare.databases']({ left, right: { ...left, database: 'the same' } }, silent),
        (error) => error instanceof CoreError && error.code === 'same-file',
      );
      await create(join(folder, 'right.db'), 'CREATE TABLE t (v); INSERT INTO t VALUES (1), (1)');
      assert.equal((await compareIn(folder)).outcome, 'equal');
      assert.ok((await readFile(path)).length > 0);
      assert.equal((await query(path, 'SELECT * FROM t')).length, 2);
    }));

  it('tells a user_version apart', async () => {
    const { outcome, markdown } = await compare('PRAGMA user_version = 3; CREATE TABLE t (v)', 'CREATE TABLE t (v)');
    assert.equal(outcome, 'different');
    assert.match(markdown, /Different.*`user_version`/);
  });

  it('says what differs without a word on what does not, or was not compared', async () => {
    const schema = 'CREATE TABLE t (v); INSERT INTO t VALUES (1)';
    const none = { objects: 0, rows: 0, tables: 0, header: [], unread: 0 };
    assert.deepEqual(summarise(await compare(schema, schema)), none);
    const id = await compare(`PRAGMA application_id = 3; ${schema}`, schema);
    assert.deepEqual(summarise(id), { ...none, header: ['application_id'] });
    const both = await compare(`${schema}; CREATE TABLE a (v)`, `${schema}, (2); CREATE TABLE a (w)`);
    assert.deepEqual(summarise(both), { objects: 1, rows: 1, tables: 1, header: [], unread: 1 });
    assert.match(
      both.markdown,
      /Different\*\*: 1 object of the schema and 1 row of 1 table\. 1 table could not be compared/,
    );
  });
});
