import assert from 'node:assert/strict';
import { mkdir, open, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { CoreError, type CoreErrorCode } from '../../../../src/core/errors';
import { nodeFileStore } from '../../../../src/core/storage/node-file-store';
import { largestSize, probeDatabase, sizeCap } from '../../../../src/core/storage/probe';
import { readSnapshot } from '../../../../src/core/storage/snapshot';
import { FaultyFileStore } from '../../../fixtures/faulty-file-store';
import { makeImage, makeImages } from '../../../fixtures/publication';
import { refusal, refusesUnchanged } from '../../../fixtures/refusals';
import { withTemporaryFolder } from '../../../fixtures/temporary-folder';

/** Both readers must refuse the file, in words that name it, and leave it alone. */
async function refuses(bytes: Uint8Array, code: CoreErrorCode, words: RegExp): Promise<void> {
  await withTemporaryFolder(async (folder) => {
    const path = join(folder, 'x.db');
    await writeFile(path, bytes);
    for (const look of [probeDatabase, readSnapshot]) {
      const error = await refusesUnchanged(folder, code, () => look(nodeFileStore, path, 'data/x.db'));
      assert.match(error.message, words);
      assert.match(error.message, /^data\/x\.db /);
      assert.equal(error.path, 'data/x.db');
    }
  });
}

const image = (): Promise<Uint8Array> => makeImage('PRAGMA page_size = 512; CREATE TABLE t (a); CREATE TABLE u (b);');

/** An image with some bytes overwritten. */
async function patched(...patches: readonly (readonly [offset: number, ...bytes: number[]])[]): Promise<Uint8Array> {
  const bytes = (await image()).slice();
  for (const [offset, ...values] of patches) bytes.set(values, offset);
  return bytes;
}

describe('probe', () => {
  it('B1: a 0-byte file is refused as empty, never taken for an empty database', () =>
    refuses(new Uint8Array(), 'empty-file', /is empty \(0 bytes\)/));

  it('B1: a 1-byte file is no database', () => refuses(Uint8Array.of(83), 'not-sqlite', /has 1 bytes/));

  it('B1: a file cut within its header is no database', async () =>
    refuses((await image()).subarray(0, 99), 'not-sqlite', /has 99 bytes/));

  it('B2: text is no database', () =>
    refuses(Buffer.from('hello world\n'.repeat(100)), 'not-sqlite', /not a SQLite database, or it is encrypted/));

  it('B2: a gzipped database is no database', async () => {
    const zipped = gzipSync(await makeImages('z', 2000).then(({ before }) => before));
    await refuses(zipped, 'not-sqlite', /encrypted/);
  });

  it('B2: random bytes, as of an encrypted file, are no database', () =>
    fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 512, maxLength: 2048 }), (bytes) =>
        refuses(bytes, 'not-sqlite', /encrypted/),
      ),
      { numRuns: 20 },
    ));

  it('B3: a file cut in the middle of a page is refused', async () =>
    refuses((await image()).subarray(0, 512 + 100), 'damaged', /is cut off: its 612 bytes are no whole number of 512/));

  it('B3: a file cut at a page boundary is refused by the page count', async () => {
    const bytes = await image();
    await refuses(bytes.subarray(0, bytes.length - 512), 'damaged', /promises 3 pages, the file holds 2/);
  });

  it('B3: a file cut anywhere is refused', async () => {
    const bytes = await image();
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 100, max: bytes.length - 1 }), (length) =>
        refuses(bytes.subarray(0, length), 'damaged', /cut off/),
      ),
      { numRuns: 40 },
    );
  });

  it('B4: an impossible page size is refused', async () =>
    refuses(await patched([16, 3, 0]), 'damaged', /page size 768/));

  it('B4: a page count beyond the end is refused', async () =>
    refuses(await patched([28, 0, 0, 1, 0]), 'damaged', /promises 256 pages/));

  it('B4: a stale page count counts for nothing', async () => {
    const bytes = await patched([28, 0, 0, 1, 0], [92, 9, 9, 9, 9]);
    await withTemporaryFolder(async (folder) => {
      const path = join(folder, 'x.db');
      await writeFile(path, bytes);
      assert.equal((await probeDatabase(nodeFileStore, path, 'x.db')).header.pageCountIsValid, false);
    });
  });

  it('B4: an unknown text encoding is refused', async () =>
    refuses(await patched([56, 0, 0, 0, 9]), 'damaged', /text encoding 9/));

  it('B4: a file format of the future is refused, which the engine would not notice', async () => {
    await refuses(await patched([18, 3]), 'damaged', /format version 3/);
    await refuses(await patched([19, 7]), 'damaged', /format version 7/);
  });

  it('B7: a file over the cap is refused before it is loaded', async () => {
    await withTemporaryFolder(async (folder) => {
      const path = join(folder, 'big.db');
      const file = await open(path, 'w');
      await file.write(await image());
      await file.truncate(sizeCap + 512);
      await file.close();
      const files = new FaultyFileStore(nodeFileStore);
      const error = await refusal(() => readSnapshot(files, path, 'big.db'), 'needs-memory');
      assert.match(error.message, /1,073,742,336 bytes/);
      assert.ok(!files.calls.some(({ method }) => method === 'read'));
    });
  });

  it('B7: the log counts as well, and what is opened anyway has a limit too', async () => {
    await withTemporaryFolder(async (folder) => {
      const path = join(folder, 'big.db');
      const grow = async (name: string, size: number): Promise<void> => {
        const file = await open(name, 'r+');
        await file.truncate(size);
        await file.close();
      };
      await writeFile(path, await image());
      await writeFile(`${path}-wal`, '');
      await grow(`${path}-wal`, sizeCap);
      const look = (openAnyway: boolean) => () => probeDatabase(nodeFileStore, path, 'big.db', { openAnyway });
      const error = await refusal(look(false), 'needs-memory');
      assert.match(error.hint ?? '', /if 4 GB of memory are free .*--open-anyway/);
      await look(true)();
      await grow(path, largestSize);
      assert.match((await refusal(look(true), 'too-large')).hint ?? '', /^Split it: no more/);
    });
  });

  it('a missing file, a folder and a dangling link are refused as what they are', async () => {
    await withTemporaryFolder(async (folder) => {
      await mkdir(join(folder, 'folder.db'));
      await symlink('nowhere', join(folder, 'dangling.db'));
      for (const [name, code] of [
        ['missing.db', 'file-missing'],
        ['dangling.db', 'file-missing'],
        ['folder.db', 'not-a-file'],
      ] as const) {
        await refusesUnchanged(folder, code, () => readSnapshot(nodeFileStore, join(folder, name), name));
      }
    });
  });

  for (const method of ['stat', 'readHead', 'read', 'realPath'] as const) {
    it(`a file that cannot be read (${method}) is refused with its name, not as a failure of ours`, async () => {
      await withTemporaryFolder(async (folder) => {
        const path = join(folder, 'x.db');
        await writeFile(path, await image());
        const files = new FaultyFileStore(nodeFileStore, (call) =>
          call.method === method ? { kind: 'fail', code: 'EACCES' } : undefined,
        );
        const error = await refusesUnchanged(folder, 'unreadable', () => readSnapshot(files, path, 'x.db'));
        assert.match(error.message, /^x\.db cannot be read: .*EACCES/);
        assert.ok(error instanceof CoreError);
      });
    });
  }
});
