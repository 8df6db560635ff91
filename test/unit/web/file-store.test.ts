/** The engine's files in a browser: what VS Code's file API can tell, and nothing written. */
import assert from 'node:assert/strict';
import { lstat, mkdir, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CoreError } from '../../../src/core/errors';
import { systemCode, type FileStore } from '../../../src/core/storage/file-store';
import { nodeFileStore } from '../../../src/core/storage/node-file-store';
import { readSnapshot } from '../../../src/core/storage/snapshot';
import { createWebFileStore } from '../../../src/web/engine/file-store';
import type { Answer, HostFiles } from '../../../src/web/engine/host-files';
import { withFolder } from '../../support/folders';
import { leaveLog } from '../../support/leave-log';
import { create } from '../../support/sqlite';

/** As the extension host answers, over a real folder. */
class DiskHost implements HostFiles {
  reads = 0;

  stat(path: string): ReturnType<HostFiles['stat']> {
    return this.answer(async () => {
      const found = await nodeFileStore.stat(path);
      if (found === null) throw Object.assign(new Error('gone'), { code: 'ENOENT' });
      const isLink = (await lstat(path)).isSymbolicLink();
      return { kind: found.kind, isLink, size: found.size, modified: found.modified };
    });
  }
  read(path: string): ReturnType<HostFiles['read']> {
    this.reads++;
    return this.answer(() => nodeFileStore.read(path));
  }
  list(folder: string): ReturnType<HostFiles['list']> {
    return this.answer(async () => [...(await nodeFileStore.list(folder))].reverse());
  }
  write(): ReturnType<HostFiles['write']> {
    return Promise.reject(new Error('the store has no business to write'));
  }

  private async answer<T>(work: () => Promise<T>): Promise<Answer<T>> {
    try {
      return { ok: true, value: await work() };
    } catch (error) {
      return { ok: false, code: systemCode(error) ?? 'EIO', message: String(error) };
    }
  }
}

const stored = (body: (files: FileStore, folder: string, host: DiskHost) => Promise<void>): Promise<void> =>
  withFolder((folder) => {
    const host = new DiskHost();
    return body(createWebFileStore(host), folder, host);
  });

describe('the file store of a browser', () => {
  it('R1: takes what a log holds into a snapshot, like that of a disk', () =>
    stored(async (files, folder) => {
      const path = join(folder, 'x.db');
      await create(path, 'CREATE TABLE t (a); INSERT INTO t VALUES (1)');
      await leaveLog(path, 'INSERT INTO t VALUES (2)');
      const [ours, disk] = [await readSnapshot(files, path, 'x.db'), await readSnapshot(nodeFileStore, path, 'x.db')];
      assert.deepEqual(Buffer.from(ours.bytes), Buffer.from(disk.bytes));
      assert.equal(ours.applied?.kind, 'wal');
      assert.equal(ours.fingerprint, disk.fingerprint);
    }));

  it('R1: refuses a link, whose log lies elsewhere, and follows one to a folder', () =>
    stored(async (files, folder) => {
      const elsewhere = join(folder, 'elsewhere');
      await mkdir(elsewhere);
      await create(join(elsewhere, 'x.db'), 'CREATE TABLE t (a); INSERT INTO t VALUES (1)');
      await leaveLog(join(elsewhere, 'x.db'), 'INSERT INTO t VALUES (2)');
      await symlink(join(elsewhere, 'x.db'), join(folder, 'x.db'));
      await symlink(elsewhere, join(folder, 'link'), 'dir');
      await assert.rejects(readSnapshot(files, join(folder, 'x.db'), 'data/x.db'), (error) => {
        assert.ok(error instanceof CoreError);
        assert.equal(error.code, 'unreadable');
        assert.match(error.message, /^x\.db cannot be read: it is a symbolic link/);
        assert.ok(error.hint !== null);
        return true;
      });
      const { applied } = await readSnapshot(files, join(folder, 'link', 'x.db'), 'link/x.db');
      assert.equal(applied?.kind, 'wal');
    }));

  it('tells a file that is not there from one that cannot be read', () =>
    stored(async (files, folder) => {
      assert.equal(await files.stat(join(folder, 'none')), null);
      assert.deepEqual(await files.list(join(folder, 'none')), []);
      await assert.rejects(files.read(join(folder, 'none')), (error) => systemCode(error) === 'ENOENT');
    }));

  it('lists names in the order of their code units', () =>
    stored(async (files, folder) => {
      for (const name of ['b', 'B', 'ä', 'a']) await writeFile(join(folder, name), '');
      assert.deepEqual(
        (await files.list(folder)).map(({ name }) => name),
        ['B', 'a', 'b', 'ä'],
      );
    }));

  it('reads the beginning of a file once, until its size or time is another', () =>
    stored(async (files, folder, host) => {
      const path = join(folder, 'x');
      await writeFile(path, 'before');
      for (const length of [3, 6, 100, 3])
        assert.equal(String(Buffer.from(await files.readHead(path, length))), 'before'.slice(0, length));
      assert.equal(host.reads, 1);
      await writeFile(path, 'behind');
      await utimes(path, 1, 1);
      assert.equal(String(Buffer.from(await files.readHead(path, 6))), 'behind');
      assert.equal(host.reads, 2);
    }));

  it('reads a file again into the same memory', () =>
    stored(async (files, folder) => {
      const path = join(folder, 'x');
      await writeFile(path, 'one');
      const image = await files.readImage(path);
      assert.equal(await files.rereadImage(path, image), 'same');
      await writeFile(path, 'two');
      assert.equal(await files.rereadImage(path, image), 'changed');
      assert.equal(String(Buffer.from(image)), 'two');
      await writeFile(path, 'three');
      assert.equal(await files.rereadImage(path, image), 'resized');
    }));

  it('writes nothing, whatever it is asked', () =>
    stored(async (files) => {
      const path = '/ws/data/x.db';
      for (const write of [
        files.makeFolder(path),
        files.makeNewFolder(path),
        files.writeNew(path, new Uint8Array()),
        files.rename(path, path),
        files.link(path, path),
        files.remove(path),
        files.syncFolder(path),
      ])
        await assert.rejects(
          write,
          (error) => error instanceof CoreError && error.code === 'needs-disk' && error.message.includes(path),
        );
      assert.equal(await files.isWritable(path), false);
    }));
});
