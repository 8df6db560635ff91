/** SAFETY.md, Values: what SQLite can store arrives with the same value in the same storage class. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { adopt, makePair, map, migratePlan, rehearsePlan } from '../../../support/plans';
import { withFolder } from '../../../support/folders';
import { cell, column, exactRows } from '../../../support/sqlite';

/** SQL literals, by the case they belong to. */
const awkward: readonly (readonly [name: string, literals: readonly string[]])[] = [
  [
    'V1: the extremes of the integers',
    [
      '-9223372036854775807 - 1',
      '9223372036854775807',
      '9007199254740993',
      '-9007199254740993',
      '2147483648',
      '4294967296',
      '0',
    ],
  ],
  ['V2: reals that look like integers', ['1.0', '-1.0', '0.0', '-0.0', '1e15', '9007199254740993.0', '1e300']],
  ['V2: infinities', ['9e999', '-9e999']],
  [
    'V2: reals that need every digit',
    ['0.1', '9.9e-05', '5e-324', '2.2250738585072014e-308', '1.7976931348623157e308', '0.1 + 0.2'],
  ],
  ['V3: text with a NUL', ["CAST(x'610062' AS TEXT)", "CAST(x'00' AS TEXT)", "CAST(x'6100' AS TEXT)"]],
  ['V3: text with a byte order mark', ["CAST(x'EFBBBF61' AS TEXT)", "CAST(x'EFBBBF' AS TEXT)"]],
  [
    'V3: text that is no UTF-8',
    ["CAST(x'FF' AS TEXT)", "CAST(x'C3' AS TEXT)", "CAST(x'EDA080' AS TEXT)", "CAST(x'C0AF' AS TEXT)"],
  ],
  ['V3: text of every plane', ["'Ünïcödé'", "'日本語'", "'👩‍🚀'", "'e' || char(769)", "char(8238) || 'abc'"]],
  ['text that looks like something else', ["'NULL'", "'007'", "'1.0'", "'  1 '", "''", "'x''00'''", "'-'", "'0x10'"]],
  ['blobs', ["x''", "x'00'", "x'FF'", "x'31'", 'zeroblob(5000)', "CAST('abc' AS BLOB)"]],
  ['NULL', ['NULL']],
];

const declarations = ['', 'BLOB', 'TEXT', 'INTEGER', 'REAL', 'NUMERIC', 'ANY', 'VARCHAR(10)', 'BOOLEAN', 'DATETIME'];

/** A table with a column of each affinity, and a row for each value with that value in all of them. */
function tableOf(literals: readonly string[]): string {
  const columns = declarations.map((type, index) => `c${index} ${type}`).join(', ');
  const rows = literals.map((literal, index) => `(${index + 1}, ${declarations.map(() => literal).join(', ')})`);
  return `CREATE TABLE t (id INTEGER PRIMARY KEY, ${columns}); INSERT INTO t VALUES ${rows.join(', ')};`;
}

const cells = ['id', ...declarations.map((_, index) => `c${index}`)];

describe('values', function () {
  this.timeout(15_000);

  for (const [name, literals] of awkward) {
    it(`${name}, adopted and mapped`, () =>
      withFolder(async (folder) => {
        const columns = declarations.map((type, index) => `c${index} ${type}`).join(', ');
        await makePair(folder, tableOf(literals), `CREATE TABLE mapped (id INTEGER PRIMARY KEY, ${columns})`);
        const legacy = join(folder, 'legacy.db');
        const target = join(folder, 'target.db');
        const expected = await exactRows(legacy, 't', cells);
        assert.equal(expected.length, literals.length);

        const adopted = await migratePlan(folder, [adopt('t')]);
        assert.equal(adopted.failure, null);
        assert.deepEqual(await exactRows(target, 't', cells), expected);

        await makePair(folder, tableOf(literals), `CREATE TABLE mapped (id INTEGER PRIMARY KEY, ${columns})`);
        const mapped = await migratePlan(folder, [
          map('t', 'mapped', Object.fromEntries(cells.map((column) => [column, column]))),
        ]);
        assert.equal(mapped.failure, null);
        assert.deepEqual(await exactRows(target, 'mapped', cells), expected);
      }));

    it(`${name}, kept as residual values`, () =>
      withFolder(async (folder) => {
        await makePair(folder, tableOf(literals), 'CREATE TABLE mapped (id INTEGER PRIMARY KEY)');
        const rehearsal = await migratePlan(folder, [map('t', 'mapped', { id: 'id' })]);
        assert.equal(rehearsal.failure, null);
        assert.equal(rehearsal.steps[0]?.residual.kept, 'legacy_t');
        assert.deepEqual(
          await exactRows(join(folder, 'target.db'), 'legacy_t', cells),
          await exactRows(join(folder, 'legacy.db'), 't', cells),
        );
      }));
  }

  for (const encoding of ['UTF-16le', 'UTF-16be']) {
    it(`V4: moves rows where both databases are in ${encoding}`, () =>
      withFolder(async (folder) => {
        const pragma = `PRAGMA encoding = '${encoding}';`;
        await makePair(
          folder,
          `${pragma} CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT); INSERT INTO t VALUES (1, 'ä👩‍🚀'), (2, '')`,
          `${pragma} CREATE TABLE t (other)`,
        );
        const rehearsal = await migratePlan(folder, [adopt('t')]);
        assert.equal(rehearsal.failure, null);
        assert.deepEqual(await column(join(folder, 'target.db'), 'SELECT a FROM legacy_t ORDER BY id'), ['ä👩‍🚀', '']);
        assert.equal(await cell(join(folder, 'target.db'), 'PRAGMA encoding'), encoding);
      }));
  }

  describe('V5: affinity would rewrite a value', () => {
    const rewritten: readonly (readonly [string, string, string])[] = [
      ['TEXT', "'007'", 'INTEGER'],
      ['TEXT', "'1e3'", 'REAL'],
      ['BLOB', '1.0', 'INTEGER'],
      ['BLOB', '1', 'REAL'],
      ['BLOB', '1', 'TEXT'],
      ['TEXT', "' 42 '", 'NUMERIC'],
    ];
    for (const [from, literal, to] of rewritten) {
      it(`rejects ${literal} of a ${from} column on its way to a ${to} column, and publishes nothing`, () =>
        withFolder(async (folder) => {
          await makePair(
            folder,
            `CREATE TABLE t (id INTEGER PRIMARY KEY, v ${from}); INSERT INTO t VALUES (1, ${literal}), (2, NULL)`,
            `CREATE TABLE mapped (id INTEGER PRIMARY KEY, v ${to})`,
          );
          const rehearsal = await rehearsePlan(folder, [map('t', 'mapped', { id: 'id', v: 'v' })]);
          assert.equal(rehearsal.failure?.code, 'rejected-rows');
          assert.deepEqual(
            rehearsal.rejects.map(({ rowid, reason }) => [rowid, reason]),
            [['1', "v would not keep its value: the column's type turns it into another"]],
          );
          assert.deepEqual([rehearsal.steps[0]?.inserted, rehearsal.steps[0]?.rejected], [1, 1]);
          assert.equal(rehearsal.steps[0]?.validation.cells, 'passed');
        }));
    }

    it('S2: ANY keeps a value as it is in a STRICT table only: on its way to ANY elsewhere it is looked at', () =>
      withFolder(async (folder) => {
        await makePair(
          folder,
          "CREATE TABLE t (id INTEGER PRIMARY KEY, v ANY) STRICT; INSERT INTO t VALUES (1, '007'), (2, 'x')",
          'CREATE TABLE mapped (id INTEGER PRIMARY KEY, v ANY)',
        );
        const { rejects, steps } = await rehearsePlan(folder, [map('t', 'mapped', { id: 'id', v: 'v' })]);
        assert.deepEqual([rejects.map(({ rowid }) => rowid), steps[0]?.validation.cells], [['1'], 'passed']);
      }));
  });
});
