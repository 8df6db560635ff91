/** Residual columns packed into JSON by SQL and given back by SQL: bit for bit, whatever they hold. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { packLegacy, unpackLegacy } from '../../../../src/core/plan/metadata';
import type { SqliteConnection } from '../../../../src/core/sqlite/engine';
import { loadEngine } from '../../../support/plans';
import { exact } from '../../../support/sqlite';

interface Packed {
  readonly json: string;
  readonly was: string;
  readonly is: string;
}

/** Packs a value as column `v` beside what an expression puts there, and unpacks it again. */
function pack(connection: SqliteConnection, literal: string, base = 'NULL'): Packed {
  const [row] = connection.all(
    `SELECT json, ${exact('v')} AS was, ${exact(unpackLegacy('json', 'v'))} AS "is" FROM` +
      ` (SELECT v, ${packLegacy(base, ['v'])} AS json FROM (SELECT ${literal} AS v))`,
  );
  return { json: String(row?.['json']), was: String(row?.['was']), is: String(row?.['is']) };
}

describe('packLegacy and unpackLegacy', function () {
  this.timeout(20_000);
  let connection: SqliteConnection;
  before(async () => {
    connection = (await loadEngine()).open(new Uint8Array(), 'test.db');
  });
  after(() => connection.close());

  const literals: readonly (readonly [literal: string, json: string])[] = [
    ['NULL', 'null'],
    ['0', '0'],
    ['-9223372036854775807 - 1', '-9223372036854775808'],
    ['9223372036854775807', '9223372036854775807'],
    ['1.0', '1.0'],
    ['0.1', '0.1'],
    ["'007'", '"007"'],
    ["'null'", '"null"'],
    [`'say "hi"'`, String.raw`"say \"hi\""`],
    ["'é💸'", '"é💸"'],
    ["'[1]'", '"[1]"'],
    ["x''", '{"blob":""}'],
    ["x'00FF'", '{"blob":"00FF"}'],
    ["CAST(x'610062' AS TEXT)", '{"text":"610062"}'],
    ["''", '""'],
  ];
  for (const [literal, json] of literals)
    it(`${literal} becomes ${json} and comes back`, () => {
      const packed = pack(connection, literal);
      assert.equal(packed.json, `{"legacy":{"v":${json}}}`);
      assert.equal(packed.is, packed.was);
    });

  for (const literal of ['9e999', '-9e999', '-0.0', '5e-324', '1.7976931348623157e308', '9007199254740993.0', '1e15'])
    it(`${literal} comes back`, () => {
      const packed = pack(connection, literal);
      assert.doesNotThrow(() => connection.all('SELECT json(?)', [packed.json]));
      assert.equal(packed.is, packed.was);
    });

  const bases: readonly (readonly [base: string, json: string])[] = [
    ['NULL', '{"legacy":{"v":1}}'],
    [`'{"a": [1, 2.50]}'`, '{"a":[1,2.50],"legacy":{"v":1}}'],
    [`'[1]'`, '{"legacy":{"v":1}}'],
    [`'no json'`, '{"legacy":{"v":1}}'],
    [`'{"legacy": 5}'`, '{"legacy":{"v":1}}'],
    [`x'7B7D'`, '{"legacy":{"v":1}}'],
    ['5', '{"legacy":{"v":1}}'],
  ];
  for (const [base, json] of bases)
    it(`goes beside ${base} as ${json}`, () => assert.equal(pack(connection, '1', base).json, json));

  it('tells what is not there from nothing else: it reads as NULL', () => {
    for (const json of ["'{}'", '\'{"legacy": {}}\'', '\'{"legacy": 5}\'', 'NULL'])
      assert.deepEqual(connection.all(`SELECT ${unpackLegacy(json, 'v')} AS v`), [{ v: null }], json);
  });

  for (const name of ["it's", '$.a', 'a.b', '[0]', '💸', ' ', '__proto__', 'legacy', '#-1', 'a*b', '?', '@'])
    it(`a column called ${JSON.stringify(name)}, beside others`, () => {
      const columns = ['before', name, 'after'];
      const quoted = `"${name}"`;
      const [row] = connection.all(
        `SELECT ${columns.map((column, index) => `${unpackLegacy('json', column)} AS c${index}`).join(', ')} FROM` +
          ` (SELECT ${packLegacy('NULL', columns)} AS json FROM (SELECT 1 AS "before", 'x' AS ${quoted}, 3 AS "after"))`,
      );
      assert.deepEqual(row, { c0: 1, c1: 'x', c2: 3 });
    });

  it('any value comes back', () => {
    const bytes = fc.uint8Array({ maxLength: 20 }).map((array) => `x'${Buffer.from(array).toString('hex')}'`);
    const anything = fc.oneof(
      fc.bigInt({ min: -(2n ** 63n) + 1n, max: 2n ** 63n - 1n }).map(String),
      fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value.toExponential()),
      bytes,
      bytes.map((blob) => `CAST(${blob} AS TEXT)`),
      fc
        .string({ unit: 'binary', maxLength: 12 })
        .map((text) => `CAST(x'${Buffer.from(text).toString('hex')}' AS TEXT)`),
    );
    fc.assert(
      fc.property(anything, fc.constantFrom('NULL', `'{"a":1}'`, "'x'"), (literal, base) => {
        const packed = pack(connection, literal, base);
        assert.equal(packed.is, packed.was);
        assert.equal(connection.count(`SELECT json_valid(?)`, [packed.json]), 1);
      }),
      { numRuns: 500 },
    );
  });
});
