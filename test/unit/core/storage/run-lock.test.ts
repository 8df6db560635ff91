import assert from 'node:assert/strict';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CoreError } from '../../../../src/core/errors';
import { nodeFileStore } from '../../../../src/core/storage/node-file-store';
import { lockFileName, takeRunLock, type ProcessIdentity } from '../../../../src/core/storage/run-lock';
import { FaultyFileStore, type Script } from '../../../fixtures/faulty-file-store';
import { refusesUnchanged } from '../../../fixtures/refusals';
import { hashTree, withTemporaryFolder } from '../../../fixtures/temporary-folder';

const alive = new Set<number>([100, 200, 300]);
const process100: ProcessIdentity = { pid: 100, host: 'here', nonce: 'n100', isAlive: (pid) => alive.has(pid) };
const process200: ProcessIdentity = { ...process100, pid: 200, nonce: 'n200' };
const process300: ProcessIdentity = { ...process100, pid: 300, nonce: 'n300' };

const take = (folder: string, self: ProcessIdentity, script?: Script) =>
  takeRunLock(new FaultyFileStore(nodeFileStore, script), folder, self);

const leave = (folder: string, lock: unknown) =>
  writeFile(join(folder, lockFileName), typeof lock === 'string' ? lock : JSON.stringify(lock));

describe('run lock', () => {
  it('P15: a second taker is refused, told who holds it, and gets it afterwards', () =>
    withTemporaryFolder(async (folder) => {
      const release = await take(folder, process100);
      const error = await refusesUnchanged(folder, 'locked', () => take(folder, process200));
      assert.match(error.message, /process 100 on here/);
      await release();
      assert.deepEqual(await hashTree(folder), {});
      await (
        await take(folder, process200)
      )();
      assert.deepEqual(await hashTree(folder), {});
    }));

  it('P15: the same process is refused a second run at once', () =>
    withTemporaryFolder(async (folder) => {
      await take(folder, process100);
      await refusesUnchanged(folder, 'locked', () => take(folder, process100));
    }));

  it('P15: of many at once, one gets it', () =>
    withTemporaryFolder(async (folder) => {
      for (const stale of [false, true]) {
        if (stale) await leave(folder, { pid: 999, host: 'here', nonce: 'gone' });
        const takers = Array.from({ length: 20 }, (_, index) => {
          const pid = 1000 + index;
          return take(folder, { pid, host: 'here', nonce: `n${pid}`, isAlive: (other) => other >= 1000 });
        });
        const results = await Promise.allSettled(takers);
        const taken = results.filter((result) => result.status === 'fulfilled');
        assert.equal(taken.length, 1);
        await taken[0]?.value();
      }
      assert.deepEqual(await hashTree(folder), {});
    }));

  it('P15: a lock whose process is gone is replaced', () =>
    withTemporaryFolder(async (folder) => {
      await leave(folder, { pid: 999, host: 'here', nonce: 'gone' });
      const release = await take(folder, process100);
      assert.match(await readFile(join(folder, lockFileName), 'utf8'), /n100/);
      await release();
      assert.deepEqual(await hashTree(folder), {});
    }));

  it('P15: a lock with our own pid and another nonce is stale: a container gives each start the same pid', () =>
    withTemporaryFolder(async (folder) => {
      await leave(folder, { pid: 100, host: 'here', nonce: 'an earlier start' });
      await (
        await take(folder, process100)
      )();
    }));

  it('P15: of two that see the same stale lock, the slower does not remove the fresh lock of the faster', () =>
    withTemporaryFolder(async (folder) => {
      await leave(folder, { pid: 999, host: 'here', nonce: 'gone' });
      // Whatever the slower does next, the faster has done everything before it.
      for (const moment of ['writeNew', 'read', 'remove'] as const) {
        await leave(folder, { pid: 999, host: 'here', nonce: 'gone' });
        const taken: (() => Promise<void>)[] = [];
        const tryToTake = async (self: ProcessIdentity, script?: Script): Promise<void> => {
          try {
            taken.push(await take(folder, self, script));
          } catch (error) {
            assert.ok(error instanceof CoreError && error.code === 'locked', String(error));
          }
        };
        await tryToTake(process200, async ({ method, number }) => {
          if (method === moment && number === (moment === 'writeNew' ? 2 : 1)) await tryToTake(process300);
        });
        assert.equal(taken.length, 1, moment);
        await taken[0]?.();
        assert.deepEqual(await hashTree(folder), {});
      }
    }));

  it('P15: a lock of another machine is never stale', () =>
    withTemporaryFolder(async (folder) => {
      await leave(folder, { pid: 999, host: 'elsewhere', nonce: 'x' });
      const error = await refusesUnchanged(folder, 'locked', () => take(folder, process100));
      assert.match(error.message, /on elsewhere/);
      assert.match(error.hint ?? '', /delete .*\.jarvis-db\.lock/);
    }));

  for (const text of [
    '',
    '{',
    'null',
    '{"pid":"999","host":"here","nonce":"x"}',
    '{"pid":-1,"host":"here","nonce":"x"}',
  ]) {
    it(`P15: a lock that cannot be understood (${text || 'empty'}) is held by someone`, () =>
      withTemporaryFolder(async (folder) => {
        await leave(folder, text);
        await refusesUnchanged(folder, 'locked', () => take(folder, process100));
      }));
  }

  it('P15: gives back its own lock only', () =>
    withTemporaryFolder(async (folder) => {
      const release = await take(folder, process100);
      await leave(folder, { pid: 200, host: 'here', nonce: 'n200' });
      await release();
      assert.match(await readFile(join(folder, lockFileName), 'utf8'), /n200/);
    }));

  it('P7, P10: a lock that cannot be made is a refusal in words', () =>
    withTemporaryFolder(async (folder) => {
      for (const [code, expected] of [
        ['ENOSPC', 'no-space'],
        ['EROFS', 'read-only'],
      ] as const) {
        const error = await refusesUnchanged(folder, expected, () =>
          take(folder, process100, ({ method }) => (method === 'writeNew' ? { kind: 'fail', code } : undefined)),
        );
        assert.match(error.message, /lock file \.jarvis-db\.lock cannot be made/);
      }
    }));

  it('a lock that cannot be read is held by someone', async () => {
    if (process.getuid?.() === 0) return;
    await withTemporaryFolder(async (folder) => {
      await leave(folder, '');
      await chmod(join(folder, lockFileName), 0);
      await refusesUnchanged(folder, 'locked', () => take(folder, process100));
    });
  });
});
