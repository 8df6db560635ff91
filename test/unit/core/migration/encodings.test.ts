/** V4: legacy databases whose text is stored in another encoding than the target's. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { reencode } from '../../../../src/core/migration/encoding/text-encoding';
import { refusal } from '../../../fixtures/refusals';
import { hashTree, withFolder } from '../../../support/folders';
import { adopt, makePair, map, migratePlan, rehearsePlan } from '../../../support/plans';
import { cell, column, query } from '../../../support/sqlite';

/** SQL expressions, and what the target must hold: storage class, and the value or the bytes of the text in UTF-8. */
const values: readonly (readonly [sql: string, type: string, shown: string])[] = [
  ["'plain'", 'text', hex('plain')],
  ["''", 'text', ''],
  ["'Grüße, 世界 🚀'", 'text', hex('Grüße, 世界 🚀')],
  ['char(65279) || char(66)', 'text', hex('\uFEFFB')],
  ["'a' || char(0) || 'b'", 'text', hex('a\0b')],
  ["'007'", 'text', hex('007')],
  ['-9223372036854775808', 'integer', '-9223372036854775808'],
  ['9223372036854775807', 'integer', '9223372036854775807'],
  ['9007199254740993', 'integer', '9007199254740993'],
  ['2147483648', 'integer', '2147483648'],
  ['1.0', 'real', '1.0'],
  ['0.1', 'real', '0.1'],
  ['1e300 * 1e300', 'real', 'Inf'],
  ['-1e300 * 1e300', 'real', '-Inf'],
  ['0.0 * -1', 'real', '-0.0'],
  ['5e-324', 'real', '4.9406564584124654e-324'],
  ["x'00ff41'", 'blob', '00FF41'],
  ["x''", 'blob', ''],
  ['NULL', 'null', 'NULL'],
];

function hex(text: string): string {
  return Buffer.from(text, 'utf8').toString('hex').toUpperCase();
}

function legacy(encoding: string, width = 3): string {
  const rows = values.map(([sql], index) => `(${(index + 1) * width}, ${sql})`);
  return `PRAGMA encoding = '${encoding}'; CREATE TABLE t (k INTEGER PRIMARY KEY, v);
    CREATE TABLE "ünï" (a TEXT COLLATE NOCASE PRIMARY KEY, b CHECK (b > 0)) WITHOUT ROWID;
    CREATE TABLE counted (id INTEGER PRIMARY KEY AUTOINCREMENT, "größe" TEXT DEFAULT 'ä');
    INSERT INTO t VALUES ${rows.join(', ')};
    INSERT INTO "ünï" VALUES ('ß', 1), ('z', 2), ('🚀', 3);
    INSERT INTO counted VALUES (70, 'ö'), (9000, NULL); DELETE FROM counted WHERE id = 9000;
    CREATE INDEX "índex" ON t (v);`;
}

const shown =
  "SELECT typeof(v), CASE typeof(v) WHEN 'text' THEN hex(CAST(v AS BLOB)) WHEN 'blob' THEN hex(v) WHEN 'null' THEN 'NULL' WHEN 'real' THEN CASE WHEN v = 0 AND pow(v, -1) < 0 THEN '-0.0' ELSE printf('%s', v) END ELSE CAST(v AS TEXT) END FROM";

describe('V4: text encodings', function () {
  this.timeout(30_000);

  for (const encoding of ['UTF-16le', 'UTF-16be'] as const) {
    it(`${encoding}: every value arrives in a UTF-8 target, adopted or mapped, and every tier proves it`, () =>
      withFolder(async (folder) => {
        await makePair(folder, legacy(encoding), 'CREATE TABLE m (k INTEGER PRIMARY KEY, v)');
        const steps = [map('t', 'm', { k: 'k', v: 'v' }), adopt('ünï'), adopt('counted')];
        const { failure, steps: reports, warnings } = await migratePlan(folder, steps);
        assert.equal(failure, null);
        for (const { validation, legacy: of } of reports)
          assert.deepEqual(
            [validation.cells, validation.rebuilt, validation.counts],
            ['passed', 'passed', 'passed'],
            of.table,
          );
        assert.ok(!warnings.some(({ code }) => code === 'malformed-text'));
        const target = join(folder, 'target.db');
        assert.equal(await cell(target, 'PRAGMA encoding'), 'UTF-8');
        assert.deepEqual(
          await query(target, `${shown} m ORDER BY k`),
          values.map(([, type, value]) => [type, value]),
        );
        assert.deepEqual(await query(target, 'SELECT a, b FROM "ünï" ORDER BY b'), [
          ['ß', 1],
          ['z', 2],
          ['🚀', 3],
        ]);
        assert.deepEqual(await query(target, 'SELECT id, "größe" FROM counted'), [[70, 'ö']]);
        assert.equal(await cell(target, "SELECT seq FROM sqlite_sequence WHERE name = 'counted'"), 9000);
        // Nothing to do the second time.
        const again = await migratePlan(folder, steps);
        assert.deepEqual([again.failure, again.successors.length], [null, 0]);
      }));
  }

  it('a UTF-8 source goes into a UTF-16 target', () =>
    withFolder(async (folder) => {
      await makePair(
        folder,
        legacy('UTF-8'),
        "PRAGMA encoding = 'UTF-16le'; CREATE TABLE m (k INTEGER PRIMARY KEY, v)",
      );
      const { failure } = await migratePlan(folder, [map('t', 'm', { k: 'k', v: 'v' })]);
      assert.equal(failure, null);
      const target = join(folder, 'target.db');
      assert.deepEqual(
        await column(target, 'SELECT typeof(v) FROM m ORDER BY k'),
        values.map(([, type]) => type),
      );
      const texts = values.filter(([, type]) => type === 'text');
      assert.deepEqual(
        await column(target, "SELECT hex(CAST(v AS BLOB)) FROM m WHERE typeof(v) = 'text' ORDER BY k"),
        texts.map(([, , utf8]) =>
          Buffer.from(Buffer.from(utf8, 'hex').toString(), 'utf16le').toString('hex').toUpperCase(),
        ),
      );
    }));

  it('units that are no text are kept as bytes, counted and told', () =>
    withFolder(async (folder) => {
      const sql = "PRAGMA encoding = 'UTF-16le'; CREATE TABLE t (k INTEGER PRIMARY KEY, v TEXT);";
      await makePair(folder, `${sql} INSERT INTO t VALUES (1, CAST(x'410000D84200' AS TEXT)), (2, 'whole')`);
      const { failure, warnings } = await migratePlan(folder, [adopt('t')]);
      assert.equal(failure, null);
      const told = warnings.filter(({ code }) => code === 'malformed-text');
      assert.match(told[0]?.message ?? '', /^legacy\.db t: 1 text is not well-formed UTF-16le/);
      const kept = await column(join(folder, 'target.db'), 'SELECT hex(CAST(v AS BLOB)) FROM t ORDER BY k');
      assert.deepEqual(kept, ['41EDA08042', hex('whole')]);
    }));

  it('bytes that are no UTF-8 have no equal in a UTF-16 target: refused', () =>
    withFolder(async (folder) => {
      const target = "PRAGMA encoding = 'UTF-16be'; CREATE TABLE m (k)";
      await makePair(folder, "CREATE TABLE t (k); INSERT INTO t VALUES (CAST(x'41ff' AS TEXT))", target);
      await assert.rejects(rehearsePlan(folder, [adopt('t')]), { code: 'encoding-mismatch', path: 'legacy.db' });
    }));

  it('V4, S3: a full-text table is adopted in the other encoding, and finds what it found', () =>
    withFolder(async (folder) => {
      for (const options of ['w', "w, content=''", "w, content='said'"]) {
        await makePair(
          folder,
          `PRAGMA encoding = 'UTF-16le'; CREATE TABLE said (w TEXT); INSERT INTO said VALUES ('grüße 😀');
           CREATE VIRTUAL TABLE words USING fts4 (${options}); INSERT INTO words (docid, w) VALUES (1, 'grüße 😀')`,
        );
        const { failure } = await migratePlan(folder, [adopt('said'), adopt('words')]);
        assert.equal(failure, null, failure?.message);
        const target = join(folder, 'target.db');
        assert.deepEqual(await query(target, "SELECT docid FROM words WHERE words MATCH 'grüße'"), [[1]]);
        assert.equal(await cell(target, 'PRAGMA encoding'), 'UTF-8');
        const again = await migratePlan(folder, [adopt('said'), adopt('words')]);
        assert.deepEqual([again.failure, again.successors.length], [null, 0]);
      }
    }));

  it('V4, S3: a virtual table of an unknown module is refused by name, and the hint names the commands', () =>
    withFolder(async (folder) => {
      await makePair(
        folder,
        `PRAGMA encoding = 'UTF-16le'; CREATE TABLE t (a); PRAGMA writable_schema = ON;
         INSERT INTO sqlite_schema (type, name, tbl_name, rootpage, sql) VALUES ('table', 'words', 'words', 0, 'CREATE VIRTUAL TABLE words USING spellfix1')`,
      );
      const stood = await hashTree(folder);
      const error = await refusal(() => rehearsePlan(folder, [adopt('t')]), 'encoding-mismatch');
      assert.deepEqual(await hashTree(folder), stood);
      assert.equal(error.path, 'legacy.db');
      assert.match(
        error.message,
        /^legacy\.db stores text in another encoding than its target, .*: the virtual table words /,
      );
      assert.match(error.hint ?? '', /: sqlite3 legacy\.db \.dump > dump\.sql, then sqlite3 new\.db /);
    }));

  it('more rows than are carried at a time, with gaps between their rowids', () =>
    withFolder(async (folder) => {
      const rows = 'WITH RECURSIVE c (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 1700)';
      await makePair(
        folder,
        `PRAGMA encoding = 'UTF-16be'; CREATE TABLE t (v); ${rows} INSERT INTO t (rowid, v) SELECT i * 7 - 5000, 'row ' || i FROM c`,
      );
      const { failure, steps } = await migratePlan(folder, [adopt('t')]);
      assert.deepEqual([failure, steps[0]?.inserted], [null, 1700]);
      const target = join(folder, 'target.db');
      assert.equal(await cell(target, "SELECT count(*) FROM t WHERE v = 'row ' || ((rowid + 5000) / 7)"), 1700);
    }));

  it('half units and swapped bytes', () => {
    const be = Uint8Array.of(0x00, 0x41, 0xd8, 0x3d, 0xde, 0x80);
    assert.deepEqual(Buffer.from(reencode(be, 'UTF-16be', 'UTF-8').bytes).toString(), 'A🚀');
    assert.deepEqual([...reencode(be, 'UTF-16be', 'UTF-16le').bytes], [0x41, 0, 0x3d, 0xd8, 0x80, 0xde]);
    assert.deepEqual(reencode(Uint8Array.of(0x41, 0, 0x42), 'UTF-16le', 'UTF-8').wellFormed, false);
  });
});
