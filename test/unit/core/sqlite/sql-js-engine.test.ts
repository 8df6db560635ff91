import assert from 'node:assert/strict';
import { sameCell } from '../../../../src/core/sqlite/cells';
import { isConstraintFailure } from '../../../../src/core/sqlite/engine';
import { foldName, freeName, quoteIdentifier, quoteText, sameName } from '../../../../src/core/sqlite/identifiers';
import { loadEngine } from '../../../support/plans';

describe('the engine', function () {
  this.timeout(15_000);

  it('never changes the bytes it was given, Buffer or not', async () => {
    const engine = await loadEngine();
    const made = engine.open(new Uint8Array(), 'made');
    made.execute('CREATE TABLE t (a); INSERT INTO t VALUES (1)');
    const image = made.export();
    made.close();
    for (const given of [image, Buffer.from(image)]) {
      given.fill(2, 18, 20);
      const copy = Uint8Array.from(given);
      const connection = engine.open(given, 'given');
      connection.execute('UPDATE t SET a = 2; CREATE TABLE u (b)');
      connection.close();
      assert.deepEqual(Uint8Array.from(given), copy);
    }
  });

  it('keeps a column called __proto__ a column', async () => {
    const connection = (await loadEngine()).open(new Uint8Array(), 'test');
    assert.deepEqual(Object.entries(connection.all('SELECT 1 AS __proto__, 2 AS b')[0] ?? {}), [
      ['__proto__', 1],
      ['b', 2],
    ]);
    connection.close();
  });

  it('names the database in every failure and knows a constraint from others', async () => {
    const connection = (await loadEngine()).open(new Uint8Array(), 'data/x.db');
    connection.execute('CREATE TABLE t (a NOT NULL)');
    const failure = (sql: string): unknown => {
      try {
        connection.execute(sql);
        return null;
      } catch (error) {
        return error;
      }
    };
    const refused = failure('INSERT INTO t VALUES (NULL)');
    assert.ok(refused instanceof Error && refused.message.startsWith('data/x.db: NOT NULL constraint failed: t.a'));
    assert.equal(isConstraintFailure(refused), true);
    assert.equal(isConstraintFailure(failure('INSERT INTO nothing VALUES (1)')), false);
    connection.close();
  });

  it('attaches another open database and sees its rows', async () => {
    const engine = await loadEngine();
    const [a, b] = [engine.open(new Uint8Array(), 'a'), engine.open(new Uint8Array(), 'b')];
    b.execute('CREATE TABLE t (x); INSERT INTO t VALUES (9223372036854775807)');
    a.attach(b, 'we"ird');
    a.execute('CREATE TABLE c AS SELECT * FROM "we""ird".t');
    a.detach('we"ird');
    assert.deepEqual(a.all('SELECT quote(x) AS x FROM c'), [{ x: '9223372036854775807' }]);
    a.close();
    b.close();
  });
});

describe('sameCell', () => {
  const literals = [
    'NULL',
    '1',
    '1.0',
    "'1'",
    "x'31'",
    "''",
    "x''",
    '0',
    '0.0',
    '9e999',
    '-9e999',
    '9223372036854775807',
    '9.2233720368547758e18',
    "'a'",
    "'A'",
    "'a '",
    "CAST(x'610062' AS TEXT)",
    "CAST(x'FF' AS TEXT)",
    "CAST(x'FE' AS TEXT)",
    '0.1',
    '0.1 + 1e-17',
    '0.30000000000000004',
    '0.3',
  ];

  it('is 1 for a value and itself, and 0 for any other; never NULL', async () => {
    const connection = (await loadEngine()).open(new Uint8Array(), 'test');
    connection.execute(
      `CREATE TABLE v (a COLLATE NOCASE, n); ${literals.map((literal, n) => `INSERT INTO v VALUES (${literal}, ${n})`).join(';')}`,
    );
    const pairs = connection.all(
      `SELECT p.n AS p, q.n AS q, ${sameCell('p.a', 'q.a')} AS same FROM v AS p, v AS q ORDER BY p.n, q.n`,
    );
    connection.close();
    assert.equal(pairs.length, literals.length ** 2);
    for (const { p, q, same } of pairs) {
      assert.equal(same, p === q ? 1 : 0, `${literals[Number(p)]} and ${literals[Number(q)]}`);
    }
  });
});

describe('names', () => {
  it('are quoted', () => {
    assert.equal(quoteIdentifier('we"ird'), '"we""ird"');
    assert.equal(quoteIdentifier(''), '""');
    assert.equal(quoteText("it's"), "'it''s'");
  });

  it('are one name where only ASCII case differs', () => {
    assert.equal(sameName('Llm_Costs', 'LLM_COSTS'), true);
    assert.equal(sameName('Ä', 'ä'), false);
    assert.equal(foldName('İI'), 'İi');
  });

  it('get a number where every candidate is taken', () => {
    assert.equal(freeName(['a', 'x_a'], new Set()), 'a');
    assert.equal(freeName(['A', 'x_a'], new Set(['a'])), 'x_a');
    assert.equal(freeName(['a', 'X_a'], new Set(['a', 'x_a', 'x_a_2'])), 'X_a_3');
  });
});
