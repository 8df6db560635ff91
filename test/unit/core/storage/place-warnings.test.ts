/** E1, E2: drives and folders that others write as well. */
import assert from 'node:assert/strict';
import { findPlaceWarnings, isConflictCopy, syncServiceOf } from '../../../../src/core/storage/place-warnings';

const here = (names: readonly string[], drive: string | null = null) => ({
  networkDriveOf: () => Promise.resolve(drive),
  list: () => Promise.resolve(names.map((name) => ({ name, kind: 'file' as const }))),
});

describe('warnings about places', () => {
  it('E1: a network drive is warned of once for each folder', async () => {
    const lying = ['data/a.db', 'data/b.db', 'database.db'].map((name) => ({ name, path: `/mnt/${name}` }));
    const warnings = await findPlaceWarnings(here([], 'NFS'), lying);
    assert.deepEqual(
      warnings.map(({ code, message }) => [code, message.split(':')[0]]),
      [
        ['network-drive', 'data lies on a network drive (NFS)'],
        ['network-drive', 'The workspace folder lies on a network drive (NFS)'],
      ],
    );
  });

  for (const [folder, service] of [
    ['/home/ann/Dropbox/jarvis/data', 'Dropbox'],
    ['/home/ann/Dropbox (Personal)/data', 'Dropbox'],
    ['C:\\Users\\Ann\\OneDrive - Contoso\\jarvis\\data', 'OneDrive'],
    ['/Users/ann/Library/Mobile Documents/com~apple~CloudDocs/data', 'iCloud Drive'],
    ['/Users/ann/Library/CloudStorage/Box-Box/data', 'a cloud storage provider'],
    ['/home/ann/Nextcloud', 'Nextcloud'],
    ['/home/ann/dropbox-api/data', null],
    ['/home/ann/code/data', null],
  ] as const) {
    it(`E2: ${folder} is kept by ${service ?? 'nobody'}`, () => {
      assert.equal(syncServiceOf(folder), service);
    });
  }

  for (const [name, expected] of [
    ["jarvis (Ann's conflicted copy 2026-01-26).db", true],
    ['jarvis (conflicted copy 2026-01-26 130239).db', true],
    ['jarvis.sync-conflict-20260126-130239-ABCDEFG.db', true],
    ['jarvis (1).db', true],
    ['jarvis.db', false],
    ['jarvis_core.db', false],
    ['jarvis.db-wal', false],
    ['jarvis copy.txt', false],
  ] as const) {
    it(`E2: ${name} is ${expected ? 'a' : 'no'} conflict copy`, () => {
      assert.equal(isConflictCopy(name, 'jarvis.db'), expected);
    });
  }

  it('E2: a synchronised folder and a conflict copy in it are warned of; a plain folder is not', async () => {
    const lying = [{ name: 'data/jarvis.db', path: '/home/ann/Dropbox/data/jarvis.db' }];
    const warnings = await findPlaceWarnings(here(['jarvis (1).db', 'jarvis.db']), lying);
    assert.deepEqual(
      warnings.map(({ code }) => code),
      ['synchronised-folder', 'conflict-copy'],
    );
    assert.deepEqual(
      await findPlaceWarnings(here(['jarvis.db']), [{ name: 'a', path: '/home/ann/data/jarvis.db' }]),
      [],
    );
  });
});
