import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describeDatabase } from '../../../../src/core/catalogue/describe';
import { CoreError } from '../../../../src/core/errors';
import { checkIntegrity } from '../../../../src/core/migration/target/validate-target';
import type { DatabaseDescription, TableInfo } from '../../../../src/core/catalogue/model';
import { withFolder } from '../../../support/folders';
import { loadEngine } from '../../../support/plans';
import { create, createManyTables } from '../../../support/sqlite';

async function describeFile(path: string): Promise<DatabaseDescription> {
  const connection = (await loadEngine()).open(await readFile(path), 'test.db');
  try {
    return describeDatabase(connection, 'test.db');
  } finally {
    connection.close();
  }
}

function describeSql(sql: string): Promise<readonly TableInfo[]> {
  return withFolder(async (folder) => {
    await create(join(folder, 'test.db'), sql);
    return (await describeFile(join(folder, 'test.db'))).tables;
  });
}

const writable = 'PRAGMA writable_schema = ON;';

describe('describeDatabase', function () {
  this.timeout(15_000);

  it('tells tables, views, columns, keys, references, indexes and rows', async () => {
    const tables = await describeSql(
      `CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE t (a TEXT NOT NULL DEFAULT 'x', b INT REFERENCES p, c AS (b * 2), PRIMARY KEY (b, a));
       CREATE INDEX i ON t (a); INSERT INTO t VALUES ('1', 2); CREATE VIEW v AS SELECT a FROM t`,
    );
    assert.deepEqual(
      tables.map(({ name, kind, rows }) => [name, kind, rows]),
      [
        ['p', 'table', 0],
        ['t', 'table', 1],
        ['v', 'view', null],
      ],
    );
    const [, t] = tables;
    assert.deepEqual(t?.indexes, ['sqlite_autoindex_t_1', 'i']);
    assert.deepEqual(t.columns, [
      { name: 'a', type: 'TEXT', notNull: true, primaryKey: 2, generated: false, defaultValue: "'x'", references: [] },
      {
        name: 'b',
        type: 'INT',
        notNull: false,
        primaryKey: 1,
        generated: false,
        defaultValue: null,
        references: ['p'],
      },
      { name: 'c', type: '', notNull: false, primaryKey: 0, generated: true, defaultValue: null, references: [] },
    ]);
  });

  it('S3: an unknown module shows on that table only', async () => {
    const tables = await describeSql(
      `CREATE TABLE t (a); INSERT INTO t VALUES (1); ${writable} INSERT INTO sqlite_schema VALUES ('table', 'f', 'f', 0, 'CREATE VIRTUAL TABLE f USING fts9(x)')`,
    );
    assert.deepEqual(
      tables.map(({ name, kind, rows, problem }) => [name, kind, rows, problem === null]),
      [
        ['f', 'virtual', null, false],
        ['t', 'table', 1, true],
      ],
    );
    assert.match(tables[0]?.problem ?? '', /no such module: fts9/);
  });

  it('S3: an unknown collation shows on that table at most', async () => {
    const tables = await describeSql(
      `CREATE TABLE c (a TEXT PRIMARY KEY, b) WITHOUT ROWID; CREATE TABLE t (a); INSERT INTO t VALUES (1);
       ${writable} UPDATE sqlite_schema SET sql = 'CREATE TABLE c (a TEXT COLLATE german PRIMARY KEY, b) WITHOUT ROWID' WHERE name = 'c'`,
    );
    assert.deepEqual([tables[1]?.name, tables[1]?.rows, tables[1]?.problem], ['t', 1, null]);
    assert.equal(tables[0]?.name, 'c');
  });

  it('a view that refers to nothing shows what is wrong with it', async () => {
    const tables = await describeSql(
      'CREATE TABLE t (a); CREATE VIEW v AS SELECT * FROM t; PRAGMA legacy_alter_table = ON; DROP TABLE t; CREATE TABLE u (a)',
    );
    assert.deepEqual(tables.find(({ name }) => name === 'u')?.problem, null);
    assert.match(tables.find(({ name }) => name === 'v')?.problem ?? '', /no such table/);
  });

  it('S4: shadow tables are told from tables', async () => {
    const tables = await describeSql("CREATE VIRTUAL TABLE f USING fts3(b); INSERT INTO f VALUES ('x')");
    assert.deepEqual([...new Set(tables.map(({ kind }) => kind))].sort(), ['shadow', 'virtual']);
  });

  it('a database without a table is described as that', async () => {
    assert.deepEqual(await describeSql('CREATE TABLE t (a); DROP TABLE t'), []);
  });

  it('S8: 10,000 tables', () =>
    withFolder(async (folder) => {
      await createManyTables(join(folder, 'many.db'), 10_000);
      const { tables } = await describeFile(join(folder, 'many.db'));
      assert.equal(tables.length, 10_000);
      assert.equal(
        tables.every(({ rows, problem, columns }) => rows === 0 && problem === null && columns.length === 1),
        true,
      );
    })).timeout(60_000);

  it('B6: 800 flipped bytes give an error or a clean read, and nothing worse', () =>
    withFolder(async (folder) => {
      const path = join(folder, 'test.db');
      await create(
        path,
        `PRAGMA page_size = 512; CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT UNIQUE, b); CREATE INDEX i ON t (b);
         WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60) INSERT INTO t SELECT i, 'text ' || i, zeroblob(i * 9) FROM n`,
      );
      const engine = await loadEngine();
      const sound = await readFile(path);
      let errors = 0;
      for (let flip = 0; flip < 800; flip++) {
        const image = Uint8Array.from(sound);
        // Half of them in the header and the schema, where they hurt most; the same ones on every machine.
        const at = (flip * 7919) % (flip % 2 === 0 ? 1024 : image.length);
        image[at] = (image[at] ?? 0) ^ (1 << (flip % 8));
        try {
          const connection = engine.open(image, 'test.db');
          try {
            describeDatabase(connection, 'test.db');
            if (checkIntegrity(connection).length > 0) errors++;
          } finally {
            connection.close();
          }
        } catch (error) {
          assert.ok(error instanceof CoreError, String(error));
          errors++;
        }
      }
      assert.ok(errors > 100, `${errors} of 800 were noticed`);
    }));

  it('S1: tables and columns of any name', async () => {
    const names = ['', ' ', '__proto__', 'a"b', "o'c", 'line\nbreak', '💸', 'select', 'constructor'];
    const tables = await describeSql(
      names.map((name) => `CREATE TABLE "${name.replaceAll('"', '""')}" ("${name.replaceAll('"', '""')}")`).join(';'),
    );
    assert.deepEqual(tables.map(({ name }) => name).sort(), [...names].sort());
    for (const { name, columns, problem } of tables)
      assert.deepEqual([problem, columns.map((column) => column.name)], [null, [name]]);
  });
});
