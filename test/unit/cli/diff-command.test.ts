/** `jarvis-db diff`: the exit code says whether two databases are equal. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { diff as diffDatabases } from '../../../src/cli/diff-command';
import { nodeFileStore } from '../../../src/core/storage/node-file-store';
import type { DatabaseComparison } from '../../../src/core/compare/model';
import { withFolder } from '../../support/folders';
import { create } from '../../support/sqlite';
import { handlers, silent } from '../../support/workspace';

async function diff(
  folder: string,
  a: string,
  b: string,
  json = false,
): Promise<{ code: number; out: string; err: string }> {
  let [out, err] = ['', ''];
  const ports = {
    handlers,
    files: nodeFileStore,
    events: silent,
    stdout: (text: string) => void (out += text),
    stderr: (text: string) => void (err += text),
  };
  const code = await diffDatabases(
    ports,
    { files: [join(folder, a), join(folder, b)], json, openAnyway: false },
    folder,
  );
  return { code, out, err };
}

describe('jarvis-db diff', () => {
  it('exits with 0 for equal databases, 1 for different ones, 2 for one that is not there and 3 for one that is none', () =>
    withFolder(async (folder) => {
      await create(join(folder, 'a.db'), 'CREATE TABLE t (v); INSERT INTO t VALUES (1)');
      await create(join(folder, 'b.db'), 'CREATE TABLE t ( v ); INSERT INTO t VALUES (1)');
      await create(join(folder, 'c.db'), "CREATE TABLE t (v); INSERT INTO t VALUES ('1')");
      const equal = await diff(folder, 'a.db', 'b.db');
      assert.deepEqual([equal.code, equal.err], [0, '']);
      assert.match(equal.out, /^# Comparison of `a\.db` and `b\.db`\n\n\*\*Equal\*\*/);
      const different = await diff(folder, 'a.db', 'c.db', true);
      assert.deepEqual([different.code, different.err], [1, '']);
      const { outcome, tables } = JSON.parse(different.out) as DatabaseComparison;
      assert.deepEqual([outcome, tables[0]?.onlyLeft, tables[0]?.onlyRight], ['different', 1, 1]);
      assert.equal((await diff(folder, 'a.db', 'nowhere.db')).code, 2);
      const refused = await diff(folder, 'a.db', 'a.db', true);
      assert.equal(refused.code, 3);
      assert.match(refused.err, /one and the same file/);
      assert.equal((JSON.parse(refused.out) as { error: { code: string } }).error.code, 'same-file');
    }));
});
