import assert from 'node:assert/strict';
import { CoreError } from '../../../../src/core/errors';
import { checkIntegrity } from '../../../../src/core/migration/target/validate-target';
import type { SqliteConnection, SqliteEngine } from '../../../../src/core/sqlite/engine';
import { loadEngine } from '../../../support/plans';

const fill = (rows: number): string =>
  `WITH RECURSIVE n (i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < ${rows}) INSERT INTO t (a, b) SELECT i, hex(zeroblob(100)) FROM n`;

function make(engine: SqliteEngine, rows: number): Uint8Array {
  const connection = engine.open(new Uint8Array(), 'made');
  connection.execute(`CREATE TABLE t (a, b); CREATE INDEX i ON t (b); ${fill(rows)}`);
  const image = connection.export();
  connection.close();
  return image;
}

/** Rows of an image that must be sound. */
function countSound(engine: SqliteEngine, image: Uint8Array): number {
  const connection = engine.open(image, 'exported');
  try {
    assert.deepEqual(connection.all('PRAGMA integrity_check'), [{ integrity_check: 'ok' }]);
    return connection.count('SELECT count(*) FROM t');
  } finally {
    connection.close();
  }
}

function shared(image: Uint8Array): Uint8Array {
  const copy = new Uint8Array(new SharedArrayBuffer(image.length));
  copy.set(image);
  return copy;
}

describe('a shared image', function () {
  this.timeout(15_000);

  for (const version of [1, 2]) {
    it(`is read in place and never changed, format version ${version}`, async () => {
      const engine = await loadEngine();
      for (const image of [make(engine, 1000), Buffer.from(make(engine, 1000)), shared(make(engine, 1000))]) {
        image.fill(version, 18, 20);
        const copy = Uint8Array.from(image);
        const connection = engine.open(image, 'shared', { access: 'shared' });
        assert.equal(connection.count('SELECT count(*) FROM t NOT INDEXED'), 1000);
        assert.deepEqual(connection.all('PRAGMA integrity_check'), [{ integrity_check: 'ok' }]);
        assert.throws(() => connection.execute('DELETE FROM t'), CoreError);
        connection.close();
        assert.deepEqual(Uint8Array.from(image), copy);
      }
    });
  }

  it('is not changed by a connection it is attached to either', async () => {
    const engine = await loadEngine();
    const image = make(engine, 10);
    const copy = Uint8Array.from(image);
    const source = engine.open(image, 'source', { access: 'shared' });
    const main = engine.open(new Uint8Array(), 'main');
    main.attach(source, 'legacy');
    assert.equal(main.count('SELECT count(*) FROM legacy.t'), 10);
    assert.throws(() => main.execute('DELETE FROM legacy.t'), CoreError);
    assert.deepEqual(Uint8Array.from(image), copy);
  });

  it('is a finding like any other where it is damaged', async () => {
    const engine = await loadEngine();
    const image = make(engine, 1000);
    image.fill(255, 4096 * 3, 4096 * 3 + 200);
    const connection = engine.open(image, 'damaged', { access: 'shared' });
    assert.notDeepEqual(checkIntegrity(connection), []);
    connection.close();
  });
});

describe('a private image', function () {
  this.timeout(15_000);

  const cases: readonly (readonly [
    name: string,
    room: number,
    act: (connection: SqliteConnection) => void,
    rows: number,
  ])[] = [
    ['that stays as it is', 0, () => undefined, 1000],
    ['that grows within its room', 8 * 1024 ** 2, (connection) => connection.execute(fill(9000)), 10_000],
    ['that outgrows its room', 1024 ** 2, (connection) => connection.execute(fill(19_000)), 20_000],
    ['that cannot have as much room (B7)', 8 * 1024 ** 3, (connection) => connection.execute(fill(9000)), 10_000],
    ['that has no room at all', 0, (connection) => connection.execute(fill(19_000)), 20_000],
    [
      'that spilled into the file and was rolled back',
      32 * 1024 ** 2,
      (connection) =>
        connection.execute(`PRAGMA cache_size = 10; BEGIN; ${fill(50_000)}; ROLLBACK; UPDATE t SET a = -a WHERE a < 9`),
      1000,
    ],
    ['that shrank', 8 * 1024 ** 2, (connection) => connection.execute('DELETE FROM t WHERE a > 10; VACUUM'), 10],
    [
      'that shrank and grew again',
      8 * 1024 ** 2,
      (connection) => connection.execute(`DELETE FROM t WHERE a > 10; VACUUM; ${fill(5000)}`),
      5010,
    ],
  ];
  for (const [name, room, act, rows] of cases) {
    it(`${name} is exported as SQLite sees it`, async () => {
      const engine = await loadEngine();
      const image = make(engine, 1000);
      const connection = engine.open(image, 'private', { room });
      act(connection);
      const exported = connection.export();
      assert.equal(exported.length, connection.count('PRAGMA page_count') * connection.count('PRAGMA page_size'));
      connection.close();
      assert.equal(countSound(engine, exported), rows);
      assert.equal(countSound(engine, image), 1000);
    });
  }

  it('is not exported in the middle of a transaction', async () => {
    const connection = (await loadEngine()).open(new Uint8Array(), 'open');
    connection.execute('CREATE TABLE t (a); BEGIN; INSERT INTO t VALUES (1)');
    assert.throws(() => connection.export(), CoreError);
    connection.close();
  });

  it('is exported without a copy where it stayed within its room', async () => {
    const engine = await loadEngine();
    const connection = engine.open(make(engine, 1000), 'private', { room: 8 * 1024 ** 2 });
    connection.execute(fill(9000));
    assert.equal(connection.export().buffer.byteLength, 8 * 1024 ** 2);
    connection.close();
  });
});
