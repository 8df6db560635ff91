/** Queries against real files: every value as it is, nothing that writes, and results that are bounded and paged. */
import assert from 'node:assert/strict';
import { readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runQuery } from '../../../src/core/query/run-query';
import type { QueryResult } from '../../../src/core/query/model';
import { loadSqlJs } from '../../../src/core/sqlite/sql-js-engine';
import type { BrowseQuery } from '../../../src/engine/browse-protocol';
import { withFolder } from '../../support/folders';
import { create, edit } from '../../support/sqlite';
import { handlers, silent, wasmPath } from '../../support/workspace';

const schema = `CREATE TABLE teams (id INTEGER PRIMARY KEY, title TEXT);
  CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT, team INTEGER REFERENCES teams (id), big, note);
  CREATE VIEW reds AS SELECT name FROM people WHERE team = 1;
  INSERT INTO teams VALUES (1, 'red'), (2, 'blue');
  INSERT INTO people VALUES (1, 'Ada', 1, 9007199254740993, NULL), (2, 'Bob', 2, 1.0, ''), (3, 'Cy', 1, x'00ff', 'x')`;

interface Console {
  readonly path: string;
  readonly run: (sql: string, explain?: boolean) => Promise<QueryResult>;
  readonly on: BrowseQuery;
  readonly cells: () => Promise<readonly (readonly string[])[]>;
}

async function withConsole(body: (console: Console) => Promise<void>): Promise<void> {
  await withFolder(async (folder) => {
    const path = join(folder, 'some.db');
    await create(path, schema);
    const target = { path, database: 'data/some.db', viewer: 'query', result: true } as const;
    const on: BrowseQuery = { ...target, table: 'result', query: { sort: [], filters: [] } };
    try {
      await body({
        path,
        on,
        run: (sql, explain = false) => handlers['query.run']({ ...target, sql, explain }, silent),
        cells: async () => {
          const { rows } = await handlers['browse.rows']({ ...on, from: 0, count: 100 }, silent);
          return rows.map(({ cells }) => cells.map(({ type, text }) => `${type} ${text}`));
        },
      });
    } finally {
      await handlers['browse.close'](target, silent);
    }
  });
}

describe('requests of queries', () => {
  it('V1, V2: runs a statement and shows each value as it is', () =>
    withConsole(async ({ run, cells, on }) => {
      const result = await run(
        'SELECT p.id, t.id, name, big, note FROM people p JOIN teams t ON t.id = team ORDER BY p.id DESC -- last',
      );
      assert.equal(result.kind === 'rows' && result.rows, 3);
      assert.ok(result.milliseconds >= 0);
      assert.deepEqual(await cells(), [
        ['integer 3', 'integer 1', 'text Cy', 'blob 00ff', 'text x'],
        ['integer 2', 'integer 2', 'text Bob', 'real 1.0', 'text '],
        ['integer 1', 'integer 1', 'text Ada', 'integer 9007199254740993', 'null '],
      ]);
      const { columns } = await handlers['browse.open'](on, silent);
      assert.deepEqual(
        columns.map(({ name, numeric }) => `${name} ${numeric}`),
        ['id true', 'id_2 true', 'name false', 'big false', 'note false'],
      );
    }));

  it('sorts, filters and copies a result as it does a table', () =>
    withConsole(async ({ run, on }) => {
      await run('VALUES (2, NULL), (10, 1.0), (1, 9007199254740993)');
      const query = { sort: [{ column: 'column1', descending: true }], filters: [] };
      const text = await handlers['browse.copy'](
        { ...on, query, columns: ['column1', 'column2'], from: 0, to: 3, format: 'csv' },
        silent,
      );
      assert.equal(text.replaceAll('\r', ''), 'column1,column2\n10,1.0\n2,\n1,9007199254740993\n');
    }));

  it('reads the present state of the file with each run', () =>
    withConsole(async ({ path, run, cells }) => {
      await run('SELECT count(*) FROM people');
      await edit(path, 'DELETE FROM people WHERE id = 3');
      await run('SELECT count(*) FROM people');
      assert.deepEqual(await cells(), [['integer 2']]);
    }));

  it('tells a result whose file, or a sidecar of it, has changed since; through a link too', () =>
    withConsole(async ({ path, run }) => {
      const link = join(path, '..', 'link.db');
      await symlink(path, link);
      const { version } = (await run('SELECT 1')).state;
      const changed = (): Promise<readonly boolean[]> =>
        Promise.all([path, link].map((one) => handlers['query.changed']({ path: one, version }, silent)));
      assert.deepEqual(await changed(), [false, false]);
      await writeFile(`${path}-wal`, 'something');
      assert.deepEqual(await changed(), [true, true]);
      await rm(`${path}-wal`);
      assert.deepEqual(await changed(), [false, false]);
      await edit(path, 'DELETE FROM people');
      assert.deepEqual(await changed(), [true, true]);
    }));

  const refused = [
    'INSERT INTO teams VALUES (3, 4)',
    'UPDATE teams SET title = 1',
    'DELETE FROM teams',
    'REPLACE INTO teams VALUES (1, 1)',
    'WITH a AS (SELECT 1) DELETE FROM teams',
    'WITH a(x) AS (SELECT replace(1, 2, 3)) INSERT INTO teams SELECT x, x FROM a',
    'DROP TABLE teams',
    'CREATE TABLE x (y)',
    'CREATE TEMP TABLE x (y)',
    'ALTER TABLE teams ADD z',
    `ATTACH 'other.db' AS other`,
    'DETACH main',
    `VACUUM INTO 'copy.db'`,
    'VACUUM',
    'REINDEX',
    'ANALYZE',
    'BEGIN',
    'COMMIT',
    'SAVEPOINT a',
    'PRAGMA query_only = OFF',
    'PRAGMA user_version = 7',
    'PRAGMA user_version(7)',
    'PRAGMA main.journal_mode = WAL',
    'PRAGMA writable_schema(1)',
    'PRAGMA wal_checkpoint',
    'PRAGMA incremental_vacuum',
    'EXPLAIN PRAGMA user_version = 7',
    'EXPLAIN QUERY PLAN PRAGMA user_version = 7',
    'SELECT 1) RETURNING 1 --',
    'SELECT * FROM teams) UNION SELECT * FROM (SELECT 1, 2',
    'SELECT 1; DELETE FROM teams',
    'SELECT * FROM pragma_user_version(7)',
    `SELECT load_extension('x')`,
    `SELECT writefile('x', 'y')`,
    'SELECT ?1',
    '',
  ];
  it('refuses every statement that does more than read, in words, and leaves folder and file as they are', () =>
    withConsole(async ({ path, run, cells }) => {
      const before = await readFile(path);
      for (const sql of refused)
        await assert.rejects(run(sql), { name: 'CoreError', code: 'query-invalid' }, `${sql} was run`);
      await assert.rejects(run('ATTACH 1 AS x'), {
        message: 'ATTACH is refused: a query reads its own database only.',
      });
      await assert.rejects(run('pragma user_version = 1'), { message: /^PRAGMA user_version is refused here: only/ });
      assert.deepEqual(await readFile(path), before);
      assert.deepEqual(await readdir(join(path, '..')), ['some.db']);
      await run('SELECT title FROM teams UNION ALL SELECT user_version FROM pragma_user_version');
      assert.deepEqual(await cells(), [['text red'], ['text blue'], ['integer 0']]);
    }));

  it('has no way to write the image, whatever a function in a SELECT does', () =>
    withConsole(async ({ path, run, cells }) => {
      const before = await readFile(path);
      await run('SELECT * FROM pragma_optimize(0x10002)').catch(() => undefined);
      assert.deepEqual(await readFile(path), before);
      await run(`SELECT count(*) FROM sqlite_schema WHERE name LIKE 'sqlite_stat%'`);
      assert.deepEqual(await cells(), [['integer 0']]);
    }));

  it('compiles no PRAGMA of the user, which would run it', () =>
    withConsole(async ({ run, cells }) => {
      await run('PRAGMA hard_heap_limit');
      const before = await cells();
      for (const front of ['', '\uFEFF', '/* */\uFEFF', '('])
        await assert.rejects(run(`${front}PRAGMA hard_heap_limit = 100000000`), { code: 'query-invalid' });
      await run('PRAGMA hard_heap_limit');
      assert.deepEqual(await cells(), before);
    }));

  it('runs a PRAGMA that reads', () =>
    withConsole(async ({ run, cells }) => {
      await run(`PRAGMA main.table_info('teams')`);
      assert.deepEqual(
        (await cells()).map((row) => row[1]),
        ['text id', 'text title'],
      );
      await run('pragma table_info = people;');
      assert.equal((await cells()).length, 5);
      await run('PRAGMA integrity_check');
      assert.deepEqual(await cells(), [['text ok']]);
      for (const one of ['integrity_check(5)', 'quick_check = 2', 'integrity_check(people)']) {
        await run(`PRAGMA ${one}`);
        assert.deepEqual(await cells(), [['text ok']], one);
      }
      await run('PRAGMA table_list');
      assert.deepEqual((await cells()).map((row) => row[1]).sort(), [
        'text people',
        'text reds',
        'text sqlite_schema',
        'text teams',
      ]);
      await run('PRAGMA table_list(teams)');
      assert.equal((await cells()).length, 1);
    }));

  it('refuses a PRAGMA with more or less than one value, which would find nothing', () =>
    withConsole(async ({ run, cells }) => {
      for (const sql of [
        'table_info(teams',
        'table_info(teams) x',
        'table_info teams',
        'table_info()',
        'table_info =',
        'x \u0001',
      ])
        await assert.rejects(run(`PRAGMA ${sql}`), { message: /^PRAGMA takes one value/ }, sql);
      for (const value of ['= teams', '(teams)', '("teams")', `('teams')`, '/* */ ( teams ) --']) {
        await run(`PRAGMA table_info ${value}`);
        assert.equal((await cells()).length, 2, value);
      }
      await run('PRAGMA table_info(-1)');
    }));

  it('S1: reads a table that is called as the copy of a result would be', () =>
    withConsole(async ({ path, run, cells }) => {
      await edit(path, 'CREATE TABLE Jarvis_Result (x); INSERT INTO jarvis_result VALUES (7), (8)');
      await run('SELECT x FROM jarvis_result');
      assert.deepEqual(await cells(), [['integer 7'], ['integer 8']]);
    }));

  it('tells what is wrong with a statement in SQLite’s words', () =>
    withConsole(async ({ run }) => {
      await assert.rejects(run('SELECT nam FROM people'), { message: 'No such column: nam.' });
      await assert.rejects(run('SELCT 1'), { message: 'Near "SELCT": syntax error.' });
      await assert.rejects(run(`SELECT json('{')`), { message: 'Malformed JSON.' });
    }));

  it('explains the plan of a statement as a tree, and runs nothing', () =>
    withConsole(async ({ run }) => {
      const asked = await run('SELECT * FROM people WHERE id IN (SELECT team FROM people) ORDER BY name', true);
      assert.ok(asked.kind === 'plan');
      assert.deepEqual(asked.steps[0], { depth: 0, detail: 'SEARCH people USING INTEGER PRIMARY KEY (rowid=?)' });
      assert.ok(asked.steps.some(({ depth }) => depth === 1));
      const typed = await run('EXPLAIN QUERY PLAN DELETE FROM teams WHERE title = 1');
      assert.deepEqual(typed.kind === 'plan' && typed.steps, [{ depth: 0, detail: 'SCAN teams' }]);
    }));

  it('forgets the rows of before with each run, and says so', () =>
    withConsole(async ({ run, on }) => {
      await run('SELECT 1');
      await run('SELECT 1', true);
      await assert.rejects(handlers['browse.open'](on, silent), { hint: 'Run the statement again.' });
    }));

  it('lists tables, views and columns for completion', () =>
    withConsole(async ({ path }) => {
      const relations = await handlers['query.schema']({ path, database: 'some.db' }, silent);
      assert.deepEqual(
        relations.map(({ name, kind, columns }) => `${kind} ${name} ${columns.map((one) => one.name).join()}`),
        ['table people id,name,team,big,note', 'view reds name', 'table teams id,title'],
      );
    }));
});

describe('the limits of a result', () => {
  const endless = 'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i, hex(zeroblob(50)) FROM n';
  const bounded = async (sql: string, rows: number, bytes: number): Promise<ReturnType<typeof runQuery>> => {
    const connection = (await loadSqlJs(await readFile(wasmPath))).open(new Uint8Array(), 'new.db');
    try {
      return runQuery(connection, sql, false, { rows, bytes });
    } finally {
      connection.close();
    }
  };

  it('B8: keeps the first rows of a query that never ends', async () => {
    const answer = await bounded(endless, 1_000, 1024 ** 2);
    assert.ok(answer.kind === 'rows');
    assert.deepEqual([answer.rows, answer.cut, answer.relation.limit], [1_000, true, 1_000]);
    const whole = await bounded(`${endless} LIMIT 1000`, 1_000, 1024 ** 2);
    assert.deepEqual(whole.kind === 'rows' && [whole.rows, whole.cut], [1_000, false]);
  });

  it('refuses rows that take more memory than a result may', () =>
    assert.rejects(bounded(endless, 100_000, 1024 ** 2), {
      message: 'The rows take more than 1 MiB of memory.',
      hint: 'Select fewer columns, or add a LIMIT.',
    }));
});
