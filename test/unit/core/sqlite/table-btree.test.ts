/** Rows by position from the pages of a b-tree, held against what SQLite says about the same file. */
import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import initSqlJs, { type Database, type SqlJsStatic } from 'sql.js';
import { readTableRows, type TableRows } from '../../../../src/core/sqlite/table-btree';

describe('the rows of a table by position', () => {
  let sql: SqlJsStatic;
  before(async () => {
    sql = await initSqlJs();
  });

  function withTable(script: string, body: (image: Uint8Array, root: number, keys: readonly bigint[]) => void): void {
    const database = new sql.Database();
    try {
      database.run(script);
      const root = Number(texts(database, "SELECT rootpage FROM sqlite_schema WHERE name = 't'")[0]);
      const keys = texts(database, 'SELECT CAST(rowid AS TEXT) FROM t ORDER BY rowid').map(BigInt);
      body(database.export(), root, keys);
    } finally {
      database.close();
    }
  }

  for (const size of [512, 1024, 4096, 65536])
    it(`finds every row of pages of ${size} bytes, and where a key that is not there would stand`, () => {
      fc.assert(
        fc.property(
          fc.uniqueArray(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), { maxLength: 300 }),
          fc.integer({ min: 0, max: 3000 }),
          fc.integer({ min: 2, max: 9 }),
          (keys, length, every) => {
            const values = keys.map((key, index) => `(${key}, zeroblob(${index % every === 0 ? length : index % 40}))`);
            const insert = values.length === 0 ? '' : `INSERT INTO t VALUES ${values.join(', ')};`;
            withTable(
              `PRAGMA page_size = ${size}; CREATE TABLE t (id INTEGER PRIMARY KEY, b); ${insert}
               DELETE FROM t WHERE id % ${every} = 1`,
              (image, root, left) => {
                const rows = tableRows(image, root);
                assert.equal(rows.count, left.length);
                left.forEach((key, position) => {
                  assert.equal(rows.keyAt(position), key);
                  assert.equal(rows.positionOf(key), position);
                });
                for (const key of [...keys, -(2n ** 63n), 0n, 2n ** 63n - 1n])
                  assert.equal(rows.positionOf(key), left.filter((one) => one < key).length);
              },
            );
          },
        ),
        { numRuns: 15 },
      );
    });

  it('finds rows below several levels of pages', () =>
    withTable(
      `PRAGMA page_size = 512; CREATE TABLE t (v TEXT);
       WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 40000)
       INSERT INTO t (rowid, v) SELECT i * 7, 'row ' || i FROM n; DELETE FROM t WHERE rowid BETWEEN 7000 AND 70000`,
      (image, root, keys) => {
        const rows = tableRows(image, root);
        assert.equal(rows.count, keys.length);
        for (let position = 0; position < keys.length; position += 97) {
          assert.equal(rows.keyAt(position), keys[position]);
          assert.equal(rows.positionOf((keys[position] ?? 0n) + 1n), position + 1);
        }
        assert.throws(() => rows.keyAt(rows.count), RangeError);
      },
    ));

  it('reads the schema table, which begins behind the header of the file', () =>
    withTable('CREATE TABLE t (a); CREATE INDEX i ON t (a); CREATE VIEW v AS SELECT 1', (image) => {
      const rows = tableRows(image, 1);
      assert.deepEqual([rows.count, rows.keyAt(2), rows.positionOf(9n)], [3, 3n, 3]);
    }));

  it('B5: says what is wrong with a damaged tree, and ends', () =>
    withTable(
      `PRAGMA page_size = 512; CREATE TABLE t (v); CREATE INDEX i ON t (v);
       WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000) INSERT INTO t SELECT i FROM n`,
      (image, root) => {
        const faultOf = (page: number, change: (bytes: DataView) => void): string => {
          const copy = image.slice();
          change(new DataView(copy.buffer));
          const rows = readTableRows(copy, page);
          return 'fault' in rows ? rows.fault : 'none';
        };
        const at = (root - 1) * 512;
        const intact = (): void => undefined;
        assert.match(faultOf(root + 1, intact), /^leads to page \d+, which holds no rows of a table$/); // an index
        assert.match(faultOf(0, intact), /^has a page 0 in a file of \d+$/);
        assert.match(
          faultOf(root, (bytes) => bytes.setUint32(at + 8, 99_999)),
          /^has a page 99999 in a file of/,
        );
        assert.match(
          faultOf(root, (bytes) => bytes.setUint32(at + 8, root)),
          /^goes round in a circle of pages$/,
        );
        assert.match(
          faultOf(root, (bytes) => bytes.setUint16(at + 3, 60_000)),
          /^has more rows on page \d+ than fit$/,
        );
        assert.match(
          faultOf(root, (bytes) => bytes.setUint16(at + 12, 510)),
          /^has a broken page \d+$/,
        );
        fc.assert(
          fc.property(
            fc.integer({ min: 100, max: image.length - 1 }),
            fc.integer({ min: 0, max: 255 }),
            (place, byte) => {
              const copy = image.slice();
              copy[place] = byte;
              const rows = readTableRows(copy, root);
              if ('fault' in rows || rows.count === 0) return;
              rows.positionOf(rows.keyAt(rows.count - 1));
            },
          ),
          { numRuns: 300 },
        );
      },
    ));

  function tableRows(image: Uint8Array, root: number): TableRows {
    const rows = readTableRows(image, root);
    if ('fault' in rows) assert.fail(rows.fault);
    return rows;
  }
});

function texts(database: Database, query: string): readonly string[] {
  return (database.exec(query)[0]?.values ?? []).map(([value]) => String(value));
}
