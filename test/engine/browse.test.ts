/** The viewers' requests through the built engine: whatever happens to its process, each can be asked again. */
import assert from 'node:assert/strict';
import { fork, type ChildProcess } from 'node:child_process';
import { join, resolve } from 'node:path';
import { createEngine } from '../../src/engine/client';
import { inProcess } from '../../src/engine/engine-process';
import { withFolder } from '../support/folders';
import { create } from '../support/sqlite';

const enginePath = resolve(__dirname, '..', '..', 'dist', 'engine.js');

describe('table viewers and the engine process', function () {
  this.timeout(30_000);

  it('B8: a killed engine and a query that was given up cost nothing but time', () =>
    withFolder(async (folder) => {
      const path = join(folder, 'x.db');
      await create(
        path,
        `CREATE TABLE t (id INTEGER PRIMARY KEY); WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)
         INSERT INTO t SELECT i * 2 FROM n;
         CREATE VIEW slow AS SELECT count(*) AS c FROM t AS a, t AS b, t AS c WHERE a.id + b.id = c.id`,
      );
      const children: ChildProcess[] = [];
      const engine = createEngine({
        start: inProcess(enginePath, (module, options) => {
          const child = fork(module, options);
          children.push(child);
          return child;
        }),
        log: () => undefined,
      });
      try {
        const on = { path, database: 'x.db', viewer: 'v', query: { sort: [], filters: [] } };
        const keyAt = async (from: number): Promise<string | null | undefined> =>
          (await engine.request('browse.rows', { ...on, table: 't', from, count: 1 })).rows[0]?.key;
        assert.equal(await keyAt(4_999), '10000');
        children[0]?.kill('SIGKILL');
        assert.equal(await keyAt(2_500), '5002');
        assert.equal(engine.starts, 2);
        const controller = new AbortController();
        const endless = engine.request('browse.open', { ...on, table: 'slow' }, { signal: controller.signal });
        setTimeout(() => controller.abort(), 300);
        await assert.rejects(endless, { code: 'cancelled' });
        assert.equal(await keyAt(1), '4');
        assert.equal(engine.starts, 3);
      } finally {
        engine.dispose();
      }
    }));
});
