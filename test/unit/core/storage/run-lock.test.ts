import assert from 'node:assert/strict';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CoreError } from '../../../../src/core/errors';
import { nodeFileStore } from '../../../../src/core/storage/node-file-store';
import { thisProcess } from '../../../../src/core/storage/node-process';
import { lockFileName, takeRunLock, type ProcessIdentity } from '../../../../src/core/storage/run-lock';
import { FaultyFileStore, killAt, type Script } from '../../../fixtures/faulty-file-store';
import { refusesUnchanged } from '../../../fixtures/refusals';
import { hashTree, withTemporaryFolder } from '../../../fixtures/temporary-folder';

const alive = new Set<number>([100, 200, 300]);
const process100: ProcessIdentity = {
  pid: 100,
  host: 'here',
  nonce: 'n100',
  life: null,
  isAlive: (pid) => alive.has(pid),
  lifeOf: () => null,
};
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
          return take(folder, { ...process100, pid, nonce: `n${pid}`, isAlive: (other) => other >= 1000 });
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
      for (const moment of ['writeNew', 'link', 'read', 'remove'] as const) {
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
          if (method === moment && number === (moment === 'read' ? 1 : 2)) await tryToTake(process300);
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

  it('P15: a process that was killed at any moment keeps nobody out, and nothing of it stays', () =>
    withTemporaryFolder(async (folder) => {
      for (const stale of [false, true]) {
        for (let mutation = 1; ; mutation++) {
          if (stale) await leave(folder, { pid: 999, host: 'here', nonce: 'gone' });
          const killed = await take(
            folder,
            { ...process100, pid: 998, nonce: 'n998' },
            killAt(mutation, 'during'),
          ).then(
            () => false,
            () => true,
          );
          const release = await take(folder, process200);
          assert.match(await readFile(join(folder, lockFileName), 'utf8'), /n200/);
          assert.deepEqual(Object.keys(await hashTree(folder)), [lockFileName]);
          await release();
          if (!killed) break;
        }
      }
      assert.deepEqual(await hashTree(folder), {});
    }));

  it('P15: of those killed one after the other while they took a stale lock over, none keeps anybody out', () =>
    withTemporaryFolder(async (folder) => {
      await leave(folder, { pid: 999, host: 'here', nonce: 'gone' });
      for (const pid of [997, 996, 995]) {
        const script: Script = ({ method, path }) =>
          method === 'remove' && !path.endsWith('.draft') ? { kind: 'kill', when: 'before' } : undefined;
        await assert.rejects(take(folder, { ...process100, pid, nonce: `n${pid}` }, script));
      }
      assert.ok((await hashTree(folder))[`${lockFileName}.takeover.takeover.takeover`] !== undefined);
      const release = await take(folder, process100);
      assert.deepEqual(Object.keys(await hashTree(folder)), [lockFileName]);
      await release();
    }));

  it('P15: where there are no hard links, the lock is made all the same, and once', () =>
    withTemporaryFolder(async (folder) => {
      const noLinks: Script = ({ method }) => (method === 'link' ? { kind: 'fail', code: 'EPERM' } : undefined);
      const release = await take(folder, process100, noLinks);
      await refusesUnchanged(folder, 'locked', () => take(folder, process200, noLinks));
      await release();
      assert.deepEqual(await hashTree(folder), {});
    }));

  describe('a pid that another process has by now', () => {
    const life = { boot: 'b1', namespace: 'pid:[1]', started: '5000' };
    const self = { ...process100, life, lifeOf: () => ({ ...life, started: '7000' }) };
    const lock = { pid: 200, host: 'here', nonce: 'n200', life };
    for (const [what, left, isStale] of [
      ['P15: is stale by its start', lock, true],
      ['P15: is held where the start is the same', { ...lock, life: { ...life, started: '7000' } }, false],
      [
        'P15: is stale after the machine was started again',
        { ...lock, life: { ...life, boot: 'b0', started: '7000' } },
        true,
      ],
      [
        'P15, L2: is held where its container hides its processes',
        { ...lock, pid: 999, life: { ...life, namespace: 'pid:[2]' } },
        false,
      ],
      ['P15: is held where the lock does not tell', { ...lock, life: undefined }, false],
    ] as const) {
      it(what, () =>
        withTemporaryFolder(async (folder) => {
          await leave(folder, left);
          if (isStale) await (await take(folder, self))();
          else await refusesUnchanged(folder, 'locked', () => take(folder, self));
        }),
      );
    }

    it('P15: this system tells the start of a process, the same each time', function () {
      if (process.platform !== 'linux') return this.skip();
      const { pid, life: mine, lifeOf } = thisProcess();
      assert.ok(mine !== null && /^\d+$/.test(mine.started));
      assert.deepEqual(lifeOf(pid), mine);
      assert.notEqual(lifeOf(process.ppid)?.started, mine.started);
      assert.equal(lifeOf(2 ** 30), null);
    });
  });

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
