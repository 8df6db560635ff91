import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { createIntegrityPool } from '../../src/engine/integrity-pool';
import { detached } from '../fixtures/detached';
import { loadEngine } from '../support/plans';

const dist = resolve('dist');
const wasm = resolve(dist, 'sql-wasm.wasm');
const worker = resolve(dist, 'integrity-worker.js');

async function makeImage(): Promise<Uint8Array> {
  const connection = (await loadEngine()).open(new Uint8Array(), 'made');
  connection.execute(
    'CREATE TABLE t (a, b); CREATE INDEX i ON t (b);' +
      ' WITH RECURSIVE n (i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 40000) INSERT INTO t SELECT i, hex(zeroblob(20)) FROM n',
  );
  const image = connection.export();
  connection.close();
  return image;
}

describe('the pool of integrity checks', function () {
  this.timeout(20_000);

  it('finds nothing in a sound image, WAL mode or not, and leaves it as it is', async () => {
    const pool = createIntegrityPool(worker, wasm);
    const image = await makeImage();
    for (const version of [1, 2]) {
      image.fill(version, 18, 20);
      const copy = Uint8Array.from(image);
      assert.deepEqual(await Promise.all([pool.check(image, 'a'), pool.check(image, 'b')]), [[], []]);
      assert.deepEqual(Uint8Array.from(image), copy);
    }
    await pool.dispose();
  });

  it('finds an index that differs from its table', async () => {
    const pool = createIntegrityPool(worker, wasm);
    const image = await makeImage();
    const connection = (await loadEngine()).open(image, 'spoilt');
    connection.execute(
      "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = 'CREATE INDEX i ON t (a)' WHERE name = 'i'",
    );
    const spoilt = connection.export();
    connection.close();
    assert.match((await pool.check(spoilt, 'spoilt')).join(), /missing from index i/);
    await pool.dispose();
  });

  it('B8: lets the process end after an image that could not be handed over', async () => {
    const pool = createIntegrityPool(worker, wasm);
    await assert.rejects(pool.check(detached(), 'lost'), /could not be cloned/);
    assert.deepEqual(await pool.check(await makeImage(), 'sound'), []);
    assert.ok(!process.getActiveResourcesInfo().includes('MessagePort'));
    await pool.dispose();
  });

  it('rejects what it could not check: bytes that are no database, a thread that cannot start or is ended', async () => {
    const pool = createIntegrityPool(worker, wasm);
    await assert.rejects(pool.check(Buffer.from('no database at all'.repeat(100)), 'text'), /could not be made/);
    const pending = pool.check(await makeImage(), 'late');
    const [result] = await Promise.allSettled([pending, pool.dispose()]);
    assert.equal(result.status, 'rejected');
    await pool.dispose();

    for (const [from, engine] of [
      [resolve(dist, 'no-such-file.js'), wasm],
      [worker, resolve(dist, 'no-such.wasm')],
    ] as const) {
      const broken = createIntegrityPool(from, engine);
      await assert.rejects(broken.check(await makeImage(), 'x'));
      await broken.dispose();
    }
  });

  it('starts again after it was disposed of', async () => {
    const pool = createIntegrityPool(worker, wasm);
    const image = await makeImage();
    assert.deepEqual(await pool.check(image, 'x'), []);
    await pool.dispose();
    assert.deepEqual(await pool.check(image, 'x'), []);
    await pool.dispose();
  });
});
