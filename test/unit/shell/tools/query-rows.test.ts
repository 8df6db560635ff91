import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CoreError } from '../../../../src/core/errors';
import { queryRows } from '../../../../src/shell/tools/query-rows';
import { withFolder } from '../../../support/folders';
import { create } from '../../../support/sqlite';
import { engine, goOn } from './engine-on-files';

const numbers = 'WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 250) SELECT x FROM n';

describe('the query of a model', () => {
  it('V1: gives values as JSON can say them without a loss, and 100 rows at most', () =>
    withFolder(async (folder) => {
      const path = join(folder, 'some.db');
      await create(path, 'CREATE TABLE t (a)');
      const ask = (sql: string): ReturnType<typeof queryRows> =>
        queryRows(engine, { path, database: 'some.db', sql }, goOn);
      assert.deepEqual(await ask("SELECT 1 AS a, 9007199254740993 AS b, 1.5 AS c, 'é' AS d, x'00ff' AS e, NULL AS f"), {
        columns: ['a', 'b', 'c', 'd', 'e', 'f'],
        rows: [[1, '9007199254740993', 1.5, 'é', { blob: '00ff', bytes: 2 }, null]],
        rowsNotShown: 0,
        cut: false,
      });
      const many = await ask(numbers);
      assert.ok('rows' in many);
      assert.deepEqual([many.rows.length, many.rowsNotShown], [100, 150]);
      const plan = await ask('EXPLAIN QUERY PLAN SELECT * FROM t');
      assert.ok('queryPlan' in plan && plan.queryPlan.length > 0);
    }));

  it('leaves no rows in an engine that goes on, whenever it is given up', async () => {
    const asked = async (running: boolean): Promise<readonly string[]> => {
      const abort = new AbortController();
      const names: string[] = [];
      const answer = { kind: 'rows', rows: 1, cut: false, milliseconds: 1, state: null };
      const request = (name: string, _params: unknown, options?: { readonly signal?: AbortSignal }): Promise<never> => {
        if (options?.signal?.aborted === true) return Promise.reject(new CoreError('cancelled', 'Cancelled.'));
        names.push(name);
        if (name === 'query.run') abort.abort();
        return Promise.resolve(answer as never);
      };
      const on = { path: '/some.db', database: 'some.db', sql: 'SELECT 1' };
      await assert.rejects(queryRows({ running, request }, on, abort.signal), { code: 'cancelled' });
      return names;
    };
    assert.deepEqual(await asked(true), ['query.run', 'browse.close']);
    assert.deepEqual(await asked(false), ['query.run']);
  });

  it('writes nothing, and says why', () =>
    withFolder(async (folder) => {
      const path = join(folder, 'some.db');
      await create(path, 'CREATE TABLE t (a)');
      const before = await readFile(path);
      for (const sql of [
        'INSERT INTO t VALUES (1)',
        'DROP TABLE t',
        "ATTACH '/tmp/x.db' AS x",
        'SELECT 1; DELETE FROM t',
      ])
        await assert.rejects(queryRows(engine, { path, database: 'some.db', sql }, goOn), { code: 'query-invalid' });
      assert.deepEqual(await readFile(path), before);
    }));
});
