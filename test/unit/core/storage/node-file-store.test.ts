import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmod, link, mkdir, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { nodeFileStore } from '../../../../src/core/storage/node-file-store';
import { systemCode } from '../../../../src/core/storage/file-store';
import { hashTree, withTemporaryFolder } from '../../../fixtures/temporary-folder';

const codeOf = async (action: Promise<unknown>): Promise<string | null> => action.then(() => null, systemCode);

describe('node file store', () => {
  it('writes a file that is not there, and never over one that is, nor through a link', () =>
    withTemporaryFolder(async (folder) => {
      await nodeFileStore.writeNew(join(folder, 'new'), Buffer.from('bytes'));
      await symlink('elsewhere', join(folder, 'link'));
      const before = await hashTree(folder);
      for (const name of ['new', 'link'])
        assert.equal(await codeOf(nodeFileStore.writeNew(join(folder, name), Buffer.from('other'))), 'EEXIST');
      assert.deepEqual(await hashTree(folder), before);
    }));

  it('P7: a write that fails half-way leaves nothing', async function () {
    // The one device of Linux that is always full.
    if (process.platform !== 'linux') return this.skip();
    assert.equal(await codeOf(writeFile('/dev/full', 'x')), 'ENOSPC');
    await withTemporaryFolder(async (folder) => {
      // An owner that does not exist as a number: the file is made, and then cannot be given away.
      const path = join(folder, 'x');
      await assert.rejects(nodeFileStore.writeNew(path, Buffer.from('x'), { mode: 0o600, uid: 2 ** 40 }));
      assert.deepEqual(await hashTree(folder), {});
    });
  });

  it('P13: gives the mode whatever the umask, and never more than it on the way', () =>
    withTemporaryFolder(async (folder) => {
      const old = process.umask(0o077);
      try {
        for (const mode of [0o666, 0o640, 0o600, 0o444]) {
          const path = join(folder, mode.toString(8));
          await nodeFileStore.writeNew(path, Buffer.from('x'), { mode });
          assert.equal((await stat(path)).mode & 0o7777, mode);
        }
      } finally {
        process.umask(old);
      }
    }));

  it('P10: a read-only mode counts also for root, of the file itself and not of a link to it', () =>
    withTemporaryFolder(async (folder) => {
      const path = join(folder, 'x');
      await writeFile(path, 'x');
      await symlink('x', join(folder, 'link'));
      assert.equal(await nodeFileStore.isWritable(join(folder, 'link')), true);
      await chmod(path, 0o444);
      assert.equal(await nodeFileStore.isWritable(path), false);
      assert.equal(await nodeFileStore.isWritable(join(folder, 'link')), false);
      assert.equal(await nodeFileStore.isWritable(join(folder, 'missing')), false);
    }));

  it('what is not there: no stat, an empty list, nothing to remove', () =>
    withTemporaryFolder(async (folder) => {
      await writeFile(join(folder, 'file'), '');
      for (const path of ['missing', 'missing/deeper', 'file/below']) {
        assert.equal(await nodeFileStore.stat(join(folder, path)), null);
        assert.deepEqual(await nodeFileStore.list(join(folder, path)), []);
      }
      await nodeFileStore.remove(join(folder, 'missing'));
    }));

  it('tells links, kinds and sizes', () =>
    withTemporaryFolder(async (folder) => {
      await writeFile(join(folder, 'b'), 'abc');
      await link(join(folder, 'b'), join(folder, 'c'));
      await mkdir(join(folder, 'a'));
      await symlink('b', join(folder, 'd'));
      const [b, c, d] = await Promise.all(['b', 'c', 'd'].map((name) => nodeFileStore.stat(join(folder, name))));
      assert.deepEqual([b?.links, b?.size, b?.kind], [2, 3, 'file']);
      assert.ok(b?.identity === c?.identity && b?.identity === d?.identity);
      const entries = (await nodeFileStore.list(folder)).map(({ name, kind }) => `${name} ${kind}`);
      assert.deepEqual(entries, ['a folder', 'b file', 'c file', 'd link']);
    }));

  it('B1, B8: a pipe or a device in the place of a file is refused, never waited for', async function () {
    if (process.platform === 'win32') return this.skip();
    await withTemporaryFolder(async (folder) => {
      const pipe = join(folder, 'x.db-wal');
      execFileSync('mkfifo', [pipe]);
      for (const path of [pipe, '/dev/zero'])
        for (const reading of [
          nodeFileStore.read(path),
          nodeFileStore.readImage(path),
          nodeFileStore.rereadImage(path, new Uint8Array(8)),
          nodeFileStore.readHead(path, 8),
          nodeFileStore.hash(path),
        ])
          await assert.rejects(reading, /is no regular file/);
    });
  });

  it('reads a head that is shorter than asked', () =>
    withTemporaryFolder(async (folder) => {
      await writeFile(join(folder, 'x'), 'abc');
      assert.equal(Buffer.from(await nodeFileStore.readHead(join(folder, 'x'), 100)).toString(), 'abc');
      assert.equal(Buffer.from(await nodeFileStore.readHead(join(folder, 'x'), 2)).toString(), 'ab');
    }));

  it('makeNewFolder says who was first', () =>
    withTemporaryFolder(async (folder) => {
      const made = await Promise.all([1, 2, 3].map(() => nodeFileStore.makeNewFolder(join(folder, 'x'))));
      assert.equal(made.filter(Boolean).length, 1);
    }));

  it('tells free space, or that it does not know', () =>
    withTemporaryFolder(async (folder) => {
      assert.ok(((await nodeFileStore.freeSpace(folder)) ?? 0) > 0);
      assert.equal(await nodeFileStore.freeSpace(join(folder, 'missing')), null);
    }));
});
