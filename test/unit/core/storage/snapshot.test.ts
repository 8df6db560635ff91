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

  it('R5: what SQLite would ignore as a log is ignored, with a warning, and backed up', () =>
    withDatabase(async (path) => {
      for (const size of [1, 31, 32 + 24 + 512]) {
        await writeFile(`${path}-wal`, new Uint8Array(size));
        const snapshot = await read(path);
        assert.equal(snapshot.bytes, snapshot.main);
        assert.equal(snapshot.applied, null);
        assert.deepEqual(
          snapshot.warnings.map(({ code }) => code),
          ['wal-ignored'],
        );
        assert.match(snapshot.warnings[0]?.message ?? '', /^x\.db-wal .* as SQLite does/);
        assert.equal(snapshot.sidecars[0]?.bytes.length, size);
        assert.notEqual(snapshot.fingerprint, snapshot.sha256);
      }
    }));

  it('R8: an empty main file beside a log is refused, and said', () =>
    withDatabase(async (path, folder) => {
      await writeFile(path, '');
      await writeFile(`${path}-wal`, new Uint8Array(32));
      const error = await refusesUnchanged(folder, 'empty-file', () => read(path));
      assert.match(error.message, /is empty \(0 bytes\) beside a log of 32 bytes/);
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

  it('R10: a journal that was cut within its header cannot have let anybody touch the main file', () =>
    withDatabase(async (path) => {
      await writeFile(`${path}-journal`, Buffer.from('d9d505f920a163d7ffffffff', 'hex'));
      const { bytes, main, warnings } = await read(path);
      assert.equal(bytes, main);
      assert.deepEqual(
        warnings.map(({ code }) => code),
        ['journal-ignored'],
      );
    }));

  it('R10: a journal with an unreadable header and records behind it is refused', () =>
    withDatabase(async (path, folder) => {
      await writeFile(`${path}-journal`, Buffer.alloc(2000, 0xd9));
      const error = await refusesUnchanged(folder, 'damaged', () => read(path));
      assert.match(error.message, /^x\.db has a hot rollback journal that cannot be rolled back: it does not begin/);
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

  it('R12: half a transaction, whose journal is there in both collections, is taken back', () =>
    withDatabase(async (path) => {
      const whole = await readFile(path);
      const torn = Buffer.from(whole).fill(0xee, 512);
      let reads = 0;
      const snapshot = await read(path, async ({ method, path: of }) => {
        if (method !== 'read' || of !== path) return;
        reads++;
        // The transaction begins after the first look, and rests between both collections.
        if (reads === 1) {
          await writeFile(path, torn);
          await writeFile(`${path}-journal`, journalOf(whole, 512));
        }
      });
      assert.ok(whole.equals(snapshot.bytes));
      assert.ok(torn.equals(snapshot.main));
      assert.deepEqual(snapshot.applied, { kind: 'journal', pages: whole.length / 512 });
    }));

  it('R12: half a transaction, whose journal goes between both collections, is not believed', () =>
    withDatabase(async (path) => {
      const whole = await readFile(path);
      const torn = Buffer.from(whole).fill(0xee, 512);
      let reads = 0;
      const snapshot = await read(path, async ({ method, path: of }) => {
        if (method !== 'read' || of !== path) return;
        reads++;
        if (reads === 1) {
          await writeFile(path, torn);
          await writeFile(`${path}-journal`, journalOf(whole, 512));
        }
        if (reads === 2) await rm(`${path}-journal`);
        if (reads === 3) await writeFile(path, whole);
      });
      assert.ok(whole.equals(snapshot.bytes));
      assert.equal(snapshot.applied, null);
      assert.ok(reads > 3);
    }));

  it('R12: a log that appears during the read is part of what is read', () =>
    withDatabase(async (path) => {
      let reads = 0;
      const { sidecars } = await read(path, async ({ method, path: of }) => {
        if (method === 'read' && of === path && ++reads === 2) await writeFile(`${path}-wal`, new Uint8Array(31));
      });
      assert.equal(sidecars[0]?.bytes.length, 31);
      assert.ok(reads > 2);
    }));

  it('P11: a link is read through, and the real file is what will be replaced', () =>
    withDatabase(async (path, folder) => {
      const link = join(folder, 'link.db');
      await symlink('x.db', link);
      assert.equal((await read(link)).path, path);
      // The real file's log counts, which lies beside the real file.
      await writeFile(`${link}-wal`, 'not this one');
      await writeFile(`${path}-wal`, new Uint8Array(31));
      assert.equal((await read(link)).sidecars[0]?.bytes.length, 31);
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

/** A journal that gives back every page of a file, as one is without an fsync. */
function journalOf(main: Uint8Array, pageSize: number): Uint8Array {
  const pages = main.length / pageSize;
  const journal = Buffer.alloc(512 + pages * (pageSize + 8));
  journal.set(Buffer.from('d9d505f920a163d7ffffffff', 'hex'));
  journal.writeUInt32BE(7, 12);
  journal.writeUInt32BE(pages, 16);
  journal.writeUInt32BE(512, 20);
  journal.writeUInt32BE(pageSize, 24);
  for (let page = 1; page <= pages; page++) {
    const at = 512 + (page - 1) * (pageSize + 8);
    const content = main.subarray((page - 1) * pageSize, page * pageSize);
    journal.writeUInt32BE(page, at);
    journal.set(content, at + 4);
    let sum = 7;
    for (let offset = pageSize - 200; offset > 0; offset -= 200) sum += content[offset] ?? 0;
    journal.writeUInt32BE(sum, at + 4 + pageSize);
  }
  return journal;
}
