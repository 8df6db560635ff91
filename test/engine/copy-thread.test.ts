import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { systemCode } from '../../src/core/storage/file-store';
import { createCopyThread } from '../../src/engine/copy-thread';
import { detached } from '../fixtures/detached';
import { withTemporaryFolder } from '../fixtures/temporary-folder';

const worker = resolve('dist', 'copy-worker.js');

function content(): Uint8Array {
  const shared = new Uint8Array(new SharedArrayBuffer(5 * 1024 ** 2 + 3));
  for (let at = 0; at < shared.length; at += 4093) shared[at] = at % 251;
  return shared;
}

const hashOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

describe('the thread that writes files', function () {
  this.timeout(20_000);

  it('writes shared and own memory with the mode asked for, and says what reads back', async () => {
    await withTemporaryFolder(async (folder) => {
      const thread = createCopyThread(worker);
      const shared = content();
      const own = Uint8Array.from(shared).fill(7, 0, 100);
      const paths = [join(folder, 'a'), join(folder, 'b')] as const;
      assert.deepEqual(
        await Promise.all([thread.write(paths[0], shared, { mode: 0o640 }), thread.write(paths[1], own)]),
        [hashOf(shared), hashOf(own)],
      );
      assert.equal(hashOf(await readFile(paths[0])), hashOf(shared));
      if (process.platform !== 'win32') assert.equal((await stat(paths[0])).mode & 0o777, 0o640);
      await thread.dispose();
    });
  });

  it('passes on what the system says, and leaves what was there', async () => {
    await withTemporaryFolder(async (folder) => {
      const thread = createCopyThread(worker);
      const taken = join(folder, 'taken');
      await writeFile(taken, 'mine');
      await assert.rejects(thread.write(taken, content()), (error) => systemCode(error) === 'EEXIST');
      await assert.rejects(thread.write(join(folder, 'no', 'x'), content()), (error) => systemCode(error) === 'ENOENT');
      assert.equal(await readFile(taken, 'utf8'), 'mine');
      await thread.dispose();
    });
  });

  it('B8: lets the process end after an order that could not be handed over', async () => {
    await withTemporaryFolder(async (folder) => {
      const thread = createCopyThread(worker);
      await assert.rejects(thread.write(join(folder, 'a'), detached()), /could not be cloned/);
      assert.equal(await thread.write(join(folder, 'b'), content()), hashOf(content()));
      assert.ok(!process.getActiveResourcesInfo().includes('MessagePort'));
      await thread.dispose();
    });
  });

  it('rejects what waits when it is ended or cannot start, and starts again', async () => {
    await withTemporaryFolder(async (folder) => {
      const thread = createCopyThread(worker);
      const pending = thread.write(join(folder, 'a'), content());
      const [result] = await Promise.allSettled([pending, thread.dispose()]);
      assert.equal(result.status, 'rejected');
      assert.equal(await thread.write(join(folder, 'b'), content()), hashOf(content()));
      await thread.dispose();
      await assert.rejects(createCopyThread(resolve('dist', 'no-such.js')).write(join(folder, 'c'), content()));
    });
  });
});
