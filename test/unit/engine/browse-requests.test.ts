/** Viewers' requests against real files: every value as it is, every position by key, every change noticed. */
import assert from 'node:assert/strict';
import { copyFile, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TextSink } from '../../../src/core/browse/copy-rows';
import type { ColumnFilter, RowData, TableQuery } from '../../../src/core/browse/model';
import type { SqliteConnection, SqliteEngine } from '../../../src/core/sqlite/engine';
import { nodeFileStore } from '../../../src/core/storage/node-file-store';
import type { BrowseQuery, BrowseTable } from '../../../src/engine/browse-protocol';
import { createBrowseHandlers, type WriteNewFile } from '../../../src/engine/browse-requests';
import { QueryResults } from '../../../src/engine/query-requests';
import { FaultyFileStore } from '../../fixtures/faulty-file-store';
import { makeLog } from '../../fixtures/sidecar-files';
import { loadEngine } from '../../support/plans';
import { create, edit } from '../../support/sqlite';
import { handlers, silent } from '../../support/workspace';
import { withFolder } from '../../support/folders';

const plain: TableQuery = { sort: [], filters: [] };

interface Viewer {
  readonly path: string;
  readonly on: (table: string, query?: Partial<TableQuery>) => BrowseQuery;
  readonly rows: (
    table: string,
    from: number,
    count: number,
    query?: Partial<TableQuery>,
  ) => Promise<readonly RowData[]>;
  /** The first column, as text. */
  readonly first: (table: string, query?: Partial<TableQuery>) => Promise<readonly string[]>;
  readonly total: (table: string, query?: Partial<TableQuery>) => Promise<number>;
}

async function withDatabase(sql: string, body: (viewer: Viewer) => Promise<void>): Promise<void> {
  await withFolder(async (folder) => {
    const path = join(folder, 'odd.db');
    await create(path, sql);
    const target = { path, database: 'data/odd.db', viewer: 'test' };
    const viewer: Viewer = {
      path,
      on: (table, query = {}) => ({ ...target, table, query: { ...plain, ...query } }),
      rows: async (table, from, count, query) =>
        (await handlers['browse.rows']({ ...viewer.on(table, query), from, count }, silent)).rows,
      first: async (table, query) =>
        (await viewer.rows(table, 0, 1000, query)).map(({ cells }) => cells[0]?.text ?? ''),
      total: async (table, query) => {
        for (;;) {
          const { rows, complete } = await handlers['browse.status'](viewer.on(table, query), silent);
          if (complete) return rows;
        }
      },
    };
    try {
      await body(viewer);
    } finally {
      await handlers['browse.close'](target, silent);
    }
  });
}

interface OpenFiles {
  readonly browse: ReturnType<typeof createBrowseHandlers>;
  readonly on: (viewer: string) => BrowseTable;
  /** Whether the engine holds a connection. */
  readonly isOpen: () => boolean;
  /** Lengths of the pieces in which an export was written, to no file. */
  readonly pieces: readonly number[];
  /** The next reading waits once it has begun, and fails with the call of `fail`. */
  readonly failNextReading: () => { readonly begun: Promise<void>; readonly fail: () => void };
}

/** Handlers of their own, to see what they keep. */
async function withOpenFiles(sql: string, body: (given: OpenFiles) => Promise<void>): Promise<void> {
  await withFolder(async (folder) => {
    const path = join(folder, 'odd.db');
    await create(path, sql);
    const engine = await loadEngine();
    const open = new Set<SqliteConnection>();
    const pieces: number[] = [];
    let nextReading = (): Promise<void> => Promise.resolve();
    const ports = {
      files: new FaultyFileStore(nodeFileStore, async ({ method }) => {
        if (method === 'read') await nextReading();
      }),
      loadEngine: () =>
        Promise.resolve({
          ...engine,
          open: (...given: Parameters<SqliteEngine['open']>) => {
            const connection = engine.open(...given);
            const close = connection.close.bind(connection);
            open.add(connection);
            connection.close = () => {
              open.delete(connection);
              close();
            };
            return connection;
          },
        }),
      availableMemory: () => Infinity,
      writeNewFile: (<T>(_path: string, _database: string, write: (sink: TextSink) => Promise<T>): Promise<T> =>
        write({
          write: (text) => {
            pieces.push(text.length);
            return Promise.resolve();
          },
        })) satisfies WriteNewFile,
    };
    await body({
      browse: createBrowseHandlers(ports, new QueryResults()),
      on: (viewer) => ({ path, database: 'data/odd.db', viewer, table: 't' }),
      isOpen: () => open.size > 0,
      pieces,
      failNextReading: () => {
        let fail = (): void => undefined;
        const failure = new Promise<void>((_, reject) => {
          fail = () => reject(new Error('simulated'));
        });
        const begun = new Promise<void>((resolve) => {
          nextReading = () => {
            nextReading = () => Promise.resolve();
            resolve();
            return failure;
          };
        });
        return { begun, fail };
      },
    });
  });
}

const numbers = (rows: number): string =>
  `CREATE TABLE t (id INTEGER PRIMARY KEY, word TEXT, half REAL);
   WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${rows})
   INSERT INTO t SELECT i * 3, printf('word %05d', (i * 7919) % ${rows}), i / 2.0 FROM n`;

describe('requests of table viewers', function () {
  this.timeout(30_000);

  it('V1, V2: shows numbers with every digit, and NULL apart from empty', () =>
    withDatabase(
      `CREATE TABLE t (v); INSERT INTO t VALUES (9007199254740993), (-9223372036854775808), (9223372036854775807),
       (2147483648), (1.0), (0.1 + 0.2), (9e999), (-9e999), (NULL), (''), (x''), ('NULL'), (1e20)`,
      async ({ rows }) => {
        const cells = (await rows('t', 0, 20)).map(({ cells: [cell] }) => `${cell?.type ?? ''}:${cell?.text ?? ''}`);
        assert.deepEqual(cells, [
          'integer:9007199254740993',
          'integer:-9223372036854775808',
          'integer:9223372036854775807',
          'integer:2147483648',
          'real:1.0',
          'real:0.30000000000000004',
          'real:Inf',
          'real:-Inf',
          'null:',
          'text:',
          'blob:',
          'text:NULL',
          'real:1.0e+20',
        ]);
      },
    ));

  for (const encoding of ['UTF-8', 'UTF-16le', 'UTF-16be']) {
    it(`V3, V4: shows text with NUL, byte order mark and emoji from ${encoding}`, () =>
      withDatabase(
        `PRAGMA encoding = '${encoding}'; CREATE TABLE t (v);
         INSERT INTO t VALUES ('a' || char(0) || 'b'), (char(0xfeff) || 'mark'), ('😀 ü'), (char(0x202e) || 'abc')`,
        async ({ first }) => {
          assert.deepEqual(await first('t'), ['a\0b', '\ufeffmark', '😀 ü', '\u202eabc']);
        },
      ));
  }

  it('V3: shows bytes that are no text as such, and copies them exactly', () =>
    withDatabase(`CREATE TABLE t (v TEXT); INSERT INTO t VALUES (CAST(x'61ff62' AS TEXT))`, async ({ rows, on }) => {
      const [row] = await rows('t', 0, 1);
      assert.deepEqual(row?.cells, [{ type: 'text', text: 'a\ufffdb' }]);
      const copied = await handlers['browse.copy'](
        { ...on('t'), columns: ['v'], from: 0, to: 1, format: 'sql' },
        silent,
      );
      assert.equal(copied, `INSERT INTO "t" ("v") VALUES (CAST(x'61ff62' AS TEXT));\n`);
    }));

  it('S2: writes INSERTs that SQLite takes: without the columns that it computes', () => {
    const schema = 'CREATE TABLE g (a, b AS (a * 2), c INTEGER AS (a + 1) STORED, d)';
    return withDatabase(`${schema}; INSERT INTO g VALUES (21, 'x')`, async ({ on }) => {
      const copy = (format: 'sql' | 'csv', columns: readonly string[]): Promise<string> =>
        handlers['browse.copy']({ ...on('g'), columns, from: 0, to: 1, format }, silent);
      const inserts = await copy('sql', ['a', 'b', 'c', 'd']);
      assert.equal(inserts, `INSERT INTO "g" ("a", "d") VALUES (21, 'x');\n`);
      assert.equal(await copy('sql', ['b']), `INSERT INTO "g" ("b") VALUES (42);\n`);
      assert.equal(await copy('csv', ['a', 'b', 'c', 'd']), 'a,b,c,d\r\n21,42,22,x\r\n');
      await withDatabase(`${schema}; ${inserts}`, async ({ first }) => assert.deepEqual(await first('g'), ['21']));
    });
  });

  it('S1: tells the indexes of tables that are called as copies in memory are', () => {
    const names = Array.from({ length: 9 }, (_, index) => `jarvis_${index + 1}`);
    const tables = names.map((name) => `CREATE TABLE ${name} (v UNIQUE, p REFERENCES jarvis_1 (v));`);
    const schema = `${tables.join('')} CREATE VIEW w AS SELECT 1 AS x; CREATE VIEW y AS SELECT 2 AS x`;
    return withDatabase(schema, async ({ first, on }) => {
      for (const view of ['w', 'y']) await first(view, { sort: [{ column: 'x', descending: true }] });
      for (const name of names) {
        const { indexes, referencedBy } = await handlers['browse.describe'](on(name), silent);
        assert.deepEqual([name, indexes.map(({ columns }) => columns)], [name, [['v']]]);
        assert.equal(referencedBy.length, name === 'jarvis_1' ? 9 : 0);
      }
    });
  });

  it('copies no NULL in the place of a column that is not there', () =>
    withDatabase('CREATE TABLE t (v); INSERT INTO t VALUES (1)', async ({ on }) => {
      const missing = { code: 'query-invalid', message: /has no column gone any more/ };
      const asked = { ...on('t'), columns: ['v', 'gone'], from: 0, to: 1, format: 'csv' } as const;
      await assert.rejects(handlers['browse.copy'](asked, silent), missing);
      await assert.rejects(handlers['browse.profile']({ ...on('t'), column: 'gone' }, silent), missing);
      await assert.rejects(handlers['browse.cell']({ ...on('t'), position: 0, column: 'gone' }, silent), missing);
    }));

  it('carries the beginning of long values, and the rest on demand', () =>
    withDatabase(
      `CREATE TABLE t (a, b); INSERT INTO t VALUES (replace(hex(zeroblob(1000000)), '00', 'xy'), zeroblob(1000000))`,
      async ({ rows, on }) => {
        const [row] = await rows('t', 0, 1);
        assert.deepEqual(
          row?.cells.map(({ text, size }) => [text.length, size]),
          [
            [400, 2_000_000],
            [48, 1_000_000],
          ],
        );
        const text = await handlers['browse.cell']({ ...on('t'), position: 0, column: 'a' }, silent);
        assert.equal(text?.size, 2_000_000);
        assert.ok(text.cut && text.text.length > 1_000_000 && text.text.startsWith('xyxy'));
        const blob = await handlers['browse.cell']({ ...on('t'), position: 0, column: 'b' }, silent);
        assert.ok(blob?.cut === true && blob.hex.length === 32_768 && blob.image === null);
      },
    ));

  it('S1: reads tables and columns of any name', () => {
    const names = ['we"ird', "it's", 'new\nline', '', '😀', 'select', '__proto__', 'rowid'];
    const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;
    return withDatabase(
      names
        .map(
          (name) =>
            `CREATE TABLE ${quoted(name)} (${names.map(quoted).join(', ')}); INSERT INTO ${quoted(name)} VALUES (${names.map((_, index) => index).join(', ')});`,
        )
        .join('\n'),
      async ({ rows, on, path }) => {
        const listed = await handlers['browse.tables']({ path, database: 'x', viewer: 'test' }, silent);
        assert.deepEqual(listed.map(({ name }) => name).sort(), [...names].sort());
        for (const name of names) {
          const opened = await handlers['browse.open'](on(name), silent);
          assert.deepEqual(
            opened.columns.map((column) => column.name),
            names,
          );
          for (const column of names) {
            const [row] = await rows(name, 0, 1, {
              sort: [{ column, descending: true }],
              filters: [{ column, operator: 'equals', value: String(names.indexOf(column)) }],
            });
            assert.equal(row?.cells[3]?.text, '3', `${name}.${column}`);
          }
        }
      },
    );
  });

  it('knows the positions of keys without a gap at once', () =>
    withDatabase(
      'CREATE TABLE t (id INTEGER PRIMARY KEY); INSERT INTO t VALUES (-1), (0), (1), (2)',
      async ({ rows, total, on }) => {
        assert.equal(await total('t'), 4);
        assert.equal((await rows('t', 2, 1))[0]?.key, '1');
        assert.equal((await handlers['browse.locate']({ ...on('t'), key: '2' }, silent)).position, 3);
        assert.equal((await handlers['browse.locate']({ ...on('t'), key: '-7' }, silent)).position, 0);
      },
    ));

  it('jumps to any position by key, and knows the row again by its key', () =>
    withDatabase(numbers(20_000), async ({ rows, total, on }) => {
      assert.equal(await total('t'), 20_000);
      for (const position of [0, 1, 499, 500, 501, 7_777, 19_999]) {
        const [row] = await rows('t', position, 1);
        assert.equal(row?.key, String((position + 1) * 3));
        const at = async (key: number): Promise<number | null> =>
          (await handlers['browse.locate']({ ...on('t'), key: String(key) }, silent)).position;
        assert.equal(await at((position + 1) * 3), position);
        // The row is gone: the next one stands there.
        assert.equal(await at((position + 1) * 3 - 1), position);
      }
      assert.deepEqual(await rows('t', 20_000, 5), []);
      assert.equal((await rows('t', 19_990, 100)).length, 10);
    }));

  it('B5: shows the first rows of a damaged table, and says why there are no more', () =>
    withDatabase(`PRAGMA page_size = 4096; ${numbers(20_000)}`, async ({ path, rows, total }) => {
      const bytes = await readFile(path);
      // A leaf in the middle of the table.
      bytes.fill(0, 40 * 4096, 41 * 4096);
      await writeFile(path, bytes);
      assert.equal((await rows('t', 0, 3))[2]?.cells[0]?.text, '9');
      await assert.rejects(
        total('t'),
        /^CoreError: data\/odd\.db is damaged: the table t leads to page 41, which holds no/,
      );
    }));

  it('sorts by several columns, each in its direction, by storage class and value', () =>
    withDatabase(
      `CREATE TABLE t (id INTEGER PRIMARY KEY, a, b);
       INSERT INTO t (a, b) VALUES (2, 'x'), (NULL, 'y'), (1, 'x'), ('text', 'x'), (10, 'y'), (x'00', 'y')`,
      async ({ first }) => {
        const by = (...columns: readonly string[]): Promise<readonly string[]> =>
          first('t', {
            sort: columns.map((name) => ({ column: name.replace('-', ''), descending: name.startsWith('-') })),
          });
        assert.deepEqual(await by('a'), ['2', '3', '1', '5', '4', '6']);
        assert.deepEqual(await by('b', '-a'), ['4', '1', '3', '6', '5', '2']);
        assert.deepEqual(await by('-b', 'a'), ['2', '5', '6', '3', '1', '4']);
        assert.deepEqual(await by(), ['1', '2', '3', '4', '5', '6']);
      },
    ));

  const filterCases: readonly (readonly [ColumnFilter['operator'], string, readonly number[]])[] = [
    ['contains', 'OO', [5, 6]],
    ['contains', '%', [8]],
    ['notContains', 'oo', [1, 2, 3, 4, 7, 8, 9, 10]],
    ['startsWith', 'F', [5, 6]],
    ['equals', '9007199254740993', [1]],
    ['equals', '9007199254740992', [2]],
    ['equals', '1.5', [3]],
    ['equals', 'foo', [5]],
    ['equals', 'FOO', []],
    ['equals', '', [7]],
    ['equals', "x'66'", [9]],
    ['notEquals', 'foo', [1, 2, 3, 4, 6, 7, 8, 9, 10]],
    ['greater', '9007199254740992', [1]],
    ['greaterOrEqual', '9007199254740992', [1, 2]],
    ['less', '2', [3, 10]],
    ['greater', 'foo', [6]],
    ['isNull', '', [4]],
    ['isNotNull', '', [1, 2, 3, 5, 6, 7, 8, 9, 10]],
    ['matches', '^fo+l?$', [5, 6]],
    ['matches', '^-?\\d+$', [1, 2, 10]],
  ];
  for (const [operator, value, expected] of filterCases) {
    it(`filters ${operator} ${value}`, () =>
      withDatabase(
        `CREATE TABLE t (id INTEGER PRIMARY KEY, v); INSERT INTO t (v) VALUES (9007199254740993), (9007199254740992),
         (1.5), (NULL), ('foo'), ('fool'), (''), ('100%'), (x'66'), (-3)`,
        async ({ first, total }) => {
          const filters = [{ column: 'v', operator, value }];
          assert.deepEqual((await first('t', { filters })).map(Number), expected);
          assert.equal(await total('t', { filters }), expected.length);
        },
      ));
  }

  it('tells of how many rows a filter leaves some, to a viewer that never saw the others', () =>
    withDatabase(numbers(12_000), async ({ on }) => {
      const filtered = on('t', { filters: [{ column: 'id', operator: 'greater', value: '30000' }] });
      let status = await handlers['browse.status'](filtered, silent);
      while (!status.complete) status = await handlers['browse.status'](filtered, silent);
      assert.deepEqual([status.rows, status.total], [2_000, 12_000]);
    }));

  it('filters and sorts together, at any size', () =>
    withDatabase(numbers(20_000), async ({ rows, total }) => {
      const query: TableQuery = {
        sort: [{ column: 'word', descending: true }],
        filters: [{ column: 'id', operator: 'greater', value: '30000' }],
      };
      assert.equal(await total('t', query), 10_000);
      const words = (await rows('t', 0, 10_000, query)).map(({ cells }) => cells[1]?.text ?? '');
      assert.equal(words.length, 10_000);
      assert.deepEqual(words, [...words].sort().reverse());
      assert.deepEqual(
        (await rows('t', 9_999, 5, query)).map(({ cells }) => cells[1]?.text),
        words.slice(-1),
      );
    }));

  it('finds forwards, backwards and around the end, in the order that is shown', () =>
    withDatabase(numbers(12_000), async ({ on, rows, path }) => {
      await edit(path, "UPDATE t SET word = 'needle' WHERE id IN (300, 18000, 36000)");
      await handlers['browse.refresh']({ path, database: 'x', viewer: 'test' }, silent);
      const find = async (from: number, backwards = false, query: Partial<TableQuery> = {}): Promise<unknown> => {
        for (;;) {
          const found = await handlers['browse.find'](
            { ...on('t', query), text: 'NEEDLE', columns: ['id', 'word'], from, backwards },
            silent,
          );
          if (found.complete) return [found.position, found.ordinal, found.matches];
        }
      };
      assert.deepEqual(await find(0), [99, 1, 3]);
      assert.deepEqual(await find(100), [5_999, 2, 3]);
      assert.deepEqual(await find(11_999), [11_999, 3, 3]);
      assert.deepEqual(await find(5_998, true), [99, 1, 3]);
      assert.deepEqual(await find(98, true), [11_999, 3, 3]);
      const sort = [{ column: 'id', descending: true }];
      assert.deepEqual(await find(0, false, { sort }), [0, 1, 3]);
      assert.equal((await rows('t', 0, 1, { sort }))[0]?.key, '36000');
      const none = { filters: [{ column: 'id', operator: 'equals' as const, value: '3' }] };
      assert.deepEqual(await find(0, false, none), [null, 0, 0]);
    }));

  it('S2, S3: views, tables without rowid and generated columns are shown; what cannot be is said', () =>
    withDatabase(
      `CREATE TABLE w (k TEXT PRIMARY KEY, v) WITHOUT ROWID; INSERT INTO w VALUES ('b', 2), ('a', 9007199254740993);
       CREATE TABLE g (a, b AS (a * 2)); INSERT INTO g VALUES (21);
       CREATE VIEW v AS SELECT v, k FROM w ORDER BY k;
       CREATE VIEW endless AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n;
       CREATE VIEW broken AS SELECT * FROM nonesuch;
       CREATE TABLE p (c TEXT); INSERT INTO p VALUES ('b'), ('a');
       PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = 'CREATE TABLE p (c TEXT COLLATE pinyin)' WHERE name = 'p'`,
      async ({ first, rows, on, total, path }) => {
        assert.deepEqual(await first('w'), ['a', 'b']);
        assert.deepEqual(await first('v', { sort: [{ column: 'v', descending: false }] }), ['2', '9007199254740993']);
        assert.deepEqual(
          (await rows('g', 0, 1))[0]?.cells.map(({ text }) => text),
          ['21', '42'],
        );
        assert.deepEqual(await first('p'), ['b', 'a']);
        assert.deepEqual(await first('p', { sort: [{ column: 'c', descending: false }] }), ['a', 'b']);
        assert.deepEqual(await first('p', { filters: [{ column: 'c', operator: 'greater', value: 'a' }] }), ['b']);
        const opened = await handlers['browse.open'](on('endless'), silent);
        assert.equal(opened.limit, 1_000_000);
        assert.equal(await total('endless'), 1_000_000);
        const few = { filters: [{ column: 'i', operator: 'less', value: '3' }] } as const;
        const out = { columns: ['i'], format: 'csv', file: `${path}.csv` } as const;
        const exported = await handlers['browse.export']({ ...on('endless', few), ...out }, silent);
        assert.deepEqual(exported, { rows: 2, limit: 1_000_000 });
        await assert.rejects(handlers['browse.open'](on('broken'), silent), {
          message: 'data/odd.db: broken cannot be read: no such table: main.nonesuch.',
        });
        await assert.rejects(handlers['browse.open'](on('missing'), silent), { code: 'table-missing' });
      },
    ));

  it('S8: reads 1,900 columns', () => {
    const columns = Array.from({ length: 1_900 }, (_, index) => `c${index}`);
    return withDatabase(
      `CREATE TABLE t (${columns.join(', ')}); INSERT INTO t VALUES (${columns.map((_, index) => index).join(', ')})`,
      async ({ rows }) => {
        const [row] = await rows('t', 0, 1);
        assert.deepEqual(
          row?.cells.map(({ text }) => Number(text)),
          columns.map((_, index) => index),
        );
      },
    );
  });

  it('reads the file again when it has changed, and only then', () =>
    withDatabase(numbers(10), async ({ path, first, total }) => {
      const database = { path, database: 'data/odd.db', viewer: 'test' };
      assert.equal(await total('t'), 10);
      const before = await handlers['browse.refresh'](database, silent);
      assert.deepEqual(await handlers['browse.refresh'](database, silent), before);
      await edit(path, 'DELETE FROM t WHERE id <= 9');
      const after = await handlers['browse.refresh'](database, silent);
      assert.notEqual(after.state.version, before.state.version);
      assert.equal(after.problem, null);
      assert.equal((await first('t'))[0], '12');
      await rm(path);
      const gone = await handlers['browse.refresh'](database, silent);
      assert.equal(gone.problem?.code, 'file-missing');
      // What was read last can still be looked at.
      assert.equal(await total('t'), 7);
    }));

  it('keeps nothing open for a viewer that is closed while its file is being read', () =>
    withOpenFiles(numbers(10), async ({ browse, on, isOpen }) => {
      const opening = browse['browse.open'](on('a'), silent);
      await browse['browse.close'](on('a'), silent);
      await assert.rejects(opening, { code: 'changed-since' });
      assert.equal(isOpen(), false);
    }));

  it('keeps a file open that was opened again before an earlier reading of it failed', () =>
    withOpenFiles(numbers(10), async ({ browse, on, isOpen, failNextReading }) => {
      const { begun, fail } = failNextReading();
      const failing = browse['browse.open'](on('a'), silent);
      await begun;
      await browse['browse.close'](on('a'), silent);
      await browse['browse.open'](on('b'), silent);
      fail();
      await assert.rejects(failing, /simulated/);
      await browse['browse.close'](on('b'), silent);
      assert.equal(isOpen(), false);
    }));

  it('is as of the last write of what is shown: of the -wal file where frames of it are', () =>
    withDatabase(numbers(10), async ({ path, first }) => {
      const later = `${path}.later`;
      await copyFile(path, later);
      await edit(later, 'DELETE FROM t WHERE id <= 9');
      const main = (await readFile(path)).fill(2, 18, 20);
      const image = (await readFile(later)).fill(2, 18, 20);
      await writeFile(path, main);
      const pageSize = main.readUInt16BE(16);
      await utimes(path, 1_000_000, 1_000_000);
      await writeFile(`${path}-wal`, makeLog(main, image, pageSize));
      assert.equal((await first('t'))[0], '12');
      const { state } = await handlers['browse.refresh']({ path, database: 'data/odd.db', viewer: 'test' }, silent);
      assert.ok((state.frames ?? 0) > 0);
      assert.equal(state.modified, Math.floor((await stat(`${path}-wal`)).mtimeMs));
    }));

  it('exports all rows of a filter to a new file, and replaces none', () =>
    withDatabase(numbers(2_000), async ({ on, path }) => {
      const file = `${path}.csv`;
      const request = {
        ...on('t', { filters: [{ column: 'id', operator: 'lessOrEqual', value: '3600' }] }),
        columns: ['word', 'id'],
        format: 'csv' as const,
        file,
      };
      assert.deepEqual(await handlers['browse.export'](request, silent), { rows: 1_200, limit: null });
      const lines = (await readFile(file, 'utf8')).split('\r\n');
      assert.equal(lines.length, 1_202);
      assert.deepEqual(lines.slice(0, 2), ['word,id', 'word 01919,3']);
      await assert.rejects(handlers['browse.export'](request, silent), /EEXIST/);
      assert.equal((await readFile(file, 'utf8')).split('\r\n').length, 1_202);
    }));

  it('B8: exports large values piece by piece, for neither a string nor memory holds many of them', () =>
    withOpenFiles(
      `CREATE TABLE t (b); WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60)
       INSERT INTO t SELECT zeroblob(100000) FROM n`,
      async ({ browse, on, pieces }) => {
        const request = { ...on('a'), query: plain, columns: ['b'], format: 'sql' as const, file: '' };
        assert.deepEqual(await browse['browse.export'](request, silent), { rows: 60, limit: null });
        assert.ok(pieces.reduce((sum, length) => sum + length, 0) > 60 * 200_000);
        assert.ok(Math.max(...pieces) < 2 * 1024 ** 2, `${Math.max(...pieces)} characters at once`);
        await browse['browse.close'](on('a'), silent);
      },
    ));

  it('refuses what cannot be asked, in words', () =>
    withDatabase(numbers(3), async ({ rows }) => {
      const refused = (query: Partial<TableQuery>): Promise<void> =>
        assert.rejects(rows('t', 0, 1, query), { code: 'query-invalid' });
      await refused({ filters: [{ column: 'nothing', operator: 'isNull', value: '' }] });
      await refused({ sort: [{ column: 'nothing', descending: false }] });
      await refused({ filters: [{ column: 'word', operator: 'matches', value: '(' }] });
    }));

  it('describes a table and profiles a column', () =>
    withDatabase(
      `CREATE TABLE parent (id INTEGER PRIMARY KEY); CREATE TABLE t (id INTEGER PRIMARY KEY, p REFERENCES parent, v DEFAULT 7);
       CREATE INDEX iv ON t (v) WHERE v > 1; CREATE TRIGGER tr AFTER INSERT ON t BEGIN SELECT 1; END;
       INSERT INTO t (v) VALUES (1), (1), (NULL), ('x'), (2.5)`,
      async ({ on }) => {
        const described = await handlers['browse.describe'](on('t'), silent);
        assert.deepEqual(described.references, [{ table: 'parent', columns: [{ child: 'p', parent: null }] }]);
        assert.deepEqual(
          described.indexes.map(({ name, partial, columns }) => [name, partial, columns]),
          [['iv', true, ['v']]],
        );
        assert.deepEqual(
          described.triggers.map(({ name }) => name),
          ['tr'],
        );
        const parent = await handlers['browse.describe'](on('parent'), silent);
        assert.deepEqual(parent.referencedBy, [{ table: 't', columns: [{ child: 'p', parent: null }] }]);
        const profile = await handlers['browse.profile']({ ...on('t'), column: 'v' }, silent);
        assert.deepEqual(
          [profile.rows, profile.distinct, profile.least?.text, profile.greatest?.text, profile.top[0]?.rows],
          [5, 3, '1', 'x', 2],
        );
        assert.deepEqual(profile.classes.map(({ type, rows }) => [type, rows]).sort(), [
          ['integer', 2],
          ['null', 1],
          ['real', 1],
          ['text', 1],
        ]);
      },
    ));
});
