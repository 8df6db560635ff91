import assert from 'node:assert/strict';
import { copyFile, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { backUp } from '../../../../src/core/storage/backup';
import { nodeFileStore } from '../../../../src/core/storage/node-file-store';
import { readSnapshot } from '../../../../src/core/storage/snapshot';
import { FaultyFileStore, type Script } from '../../../fixtures/faulty-file-store';
import { makeImages } from '../../../fixtures/publication';
import { refusal, refusesUnchanged } from '../../../fixtures/refusals';
import { hashOf, withTemporaryFolder } from '../../../fixtures/temporary-folder';

async function withDatabase(body: (path: string, folder: string) => Promise<void>): Promise<void> {
  await withTemporaryFolder(async (folder) => {
    const path = join(folder, 'x.db');
    await writeFile(path, (await makeImages('x')).before);
    await body(path, folder);
  });
}

const read = (path: string, script?: Script) => readSnapshot(new FaultyFileStore(nodeFileStore, script), path, 'x.db');

describe('snapshot', () => {
  it('is the file, byte for byte, with its hash', () =>
    withDatabase(async (path) => {
      const bytes = await readFile(path);
      const snapshot = await read(path);
      assert.ok(bytes.equals(snapshot.bytes));
      assert.equal(snapshot.sha256, hashOf(bytes));
      assert.equal(snapshot.path, path);
      assert.deepEqual(snapshot.sidecars, []);
    }));

  it('keeps the bytes 18 and 19 of a WAL-mode file', () =>
    withDatabase(async (path) => {
      const bytes = await readFile(path);
      bytes.fill(2, 18, 20);
      await writeFile(path, bytes);
      const { header, bytes: kept } = await read(path);
      assert.deepEqual([header.writeVersion, header.readVersion, kept[18], kept[19]], [2, 2, 2, 2]);
    }));

  for (const [what, size] of [
    ['of one byte', 1],
    ['shorter than its header', 31],
    ['of a header alone', 32],
    ['with frames', 32 + 24 + 512],
  ] as const) {
    it(`R1, R7, R8: a write-ahead log ${what} is refused as live`, () =>
      withDatabase(async (path, folder) => {
        await writeFile(`${path}-wal`, new Uint8Array(size));
        const error = await refusesUnchanged(folder, 'wal-live', () => read(path));
        assert.match(error.message, /^x\.db has a live write-ahead log/);
        assert.match(error.hint ?? '', /wal_checkpoint\(TRUNCATE\)/);
      }));
  }

  it('R1: a live log is refused, and said, also where the main file is empty', () =>
    withDatabase(async (path, folder) => {
      await writeFile(path, '');
      await writeFile(`${path}-wal`, new Uint8Array(32));
      assert.match((await refusesUnchanged(folder, 'wal-live', () => read(path))).message, /main file is empty/);
    }));

  it('R6: a 0-byte log and any -shm are no obstacle', () =>
    withDatabase(async (path) => {
      await writeFile(`${path}-wal`, '');
      await writeFile(`${path}-shm`, 'garbage');
      const { sidecars } = await read(path);
      assert.deepEqual(
        sidecars.map(({ suffix, bytes }) => [suffix, bytes.length]),
        [['-wal', 0]],
      );
    }));

  it('R9: a log is refused although the header says rollback mode', () =>
    withDatabase(async (path, folder) => {
      assert.equal((await readFile(path))[18], 1);
      await writeFile(`${path}-wal`, new Uint8Array(1000));
      await refusesUnchanged(folder, 'wal-live', () => read(path));
    }));

  it('R10: a hot journal is refused', () =>
    withDatabase(async (path, folder) => {
      await writeFile(`${path}-journal`, Buffer.from('d9d505f920a163d7ffffffff', 'hex'));
      assert.match((await refusesUnchanged(folder, 'journal-hot', () => read(path))).message, /^x\.db has a hot/);
      // Cut or flipped: whatever does not begin with 0 might be rolled back by SQLite.
      await writeFile(`${path}-journal`, Buffer.from('01'));
      await refusesUnchanged(folder, 'journal-hot', () => read(path));
    }));

  it('R11: a zeroed PERSIST journal and a 0-byte journal are ignored, and backed up', () =>
    withDatabase(async (path, folder) => {
      const journal = Buffer.concat([new Uint8Array(28), Buffer.from('old pages')]);
      for (const bytes of [journal, Buffer.alloc(0)]) {
        await writeFile(`${path}-journal`, bytes);
        const snapshot = await read(path);
        assert.deepEqual(
          snapshot.sidecars.map(({ suffix }) => suffix),
          ['-journal'],
        );
        const runFolder = join(folder, `run-${bytes.length}`);
        const copies = await backUp(nodeFileStore, runFolder, [snapshot]);
        assert.deepEqual(
          copies.map(({ path: name }) => name),
          ['x.db', 'x.db-journal'],
        );
        assert.ok(bytes.equals(await readFile(join(runFolder, 'x.db-journal'))));
      }
    }));

  it('R12: a file that changes between every two collections is busy', () =>
    withDatabase(async (path) => {
      let version = 0;
      const error = await refusal(
        () =>
          read(path, async ({ method, path: of }) => {
            if (method !== 'read' || of !== path) return;
            const bytes = await readFile(path);
            bytes[511] = ++version & 0xff;
            await writeFile(path, bytes);
          }),
        'busy',
      );
      assert.match(error.message, /kept changing/);
      assert.equal(version, 20);
    }));

  it('R12: a file that comes to rest is read as it came to rest', () =>
    withDatabase(async (path) => {
      let version = 0;
      const snapshot = await read(path, async ({ method, path: of }) => {
        if (method !== 'read' || of !== path || version === 7) return;
        const bytes = await readFile(path);
        bytes[511] = ++version;
        await writeFile(path, bytes);
      });
      assert.equal(snapshot.bytes[511], 7);
      assert.ok((await readFile(path)).equals(snapshot.bytes));
    }));

  it('R12: a journal that a commit removes while we read it is not taken for an unreadable file', () =>
    withDatabase(async (path) => {
      for (const seen of ['read', 'readHead'] as const) {
        await writeFile(`${path}-journal`, new Uint8Array(512));
        const snapshot = await read(path, async ({ method, path: of }) => {
          if (method === seen && of === `${path}-journal`) await rm(of, { force: true });
        });
        assert.deepEqual(snapshot.sidecars, []);
      }
    }));

  it('R12: half a transaction, whose journal was hot while we read and is gone when we judge, is not believed', () =>
    withDatabase(async (path) => {
      const whole = await readFile(path);
      const torn = Buffer.from(whole).fill(0xee, 512);
      let step = 0;
      const snapshot = await read(path, async ({ method, path: of }) => {
        if (method === 'read' && of === path) {
          step++;
          // The transaction begins after the first look, and rests between both collections.
          if (step === 1) {
            await writeFile(path, torn);
            await writeFile(`${path}-journal`, Buffer.from('d9d505f920a163d7ffffffff', 'hex'));
          }
        }
        // It ends right after the second collection.
        if (method === 'stat' && of === path && step === 2) {
          await writeFile(path, whole);
          await rm(`${path}-journal`, { force: true });
        }
        // The third collection is the first that can be whole.
        if (method === 'read' && of === path && step === 3) {
          await writeFile(path, whole);
          await rm(`${path}-journal`, { force: true });
        }
      });
      assert.ok(whole.equals(snapshot.bytes));
    }));

  it('R12: a log that appears during the read is refused', () =>
    withDatabase(async (path) => {
      let reads = 0;
      await refusal(
        () =>
          read(path, async ({ method, path: of }) => {
            if (method === 'read' && of === path && ++reads === 2) await writeFile(`${path}-wal`, new Uint8Array(32));
          }),
        'wal-live',
      );
    }));

  it('P11: a link is read through, and the real file is what will be replaced', () =>
    withDatabase(async (path, folder) => {
      const link = join(folder, 'link.db');
      await symlink('x.db', link);
      assert.equal((await read(link)).path, path);
      // The real file's log counts, which lies beside the real file.
      await writeFile(`${path}-wal`, new Uint8Array(32));
      await refusesUnchanged(folder, 'wal-live', () => read(link));
    }));

  it('E4: a link and its file have one identity, a copy has its own', () =>
    withDatabase(async (path, folder) => {
      await symlink('x.db', join(folder, 'link.db'));
      await copyFile(path, join(folder, 'copy.db'));
      const identity = async (name: string): Promise<string> => (await read(join(folder, name))).stat.identity;
      assert.equal(await identity('link.db'), await identity('x.db'));
      assert.notEqual(await identity('copy.db'), await identity('x.db'));
    }));
});
