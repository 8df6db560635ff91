import assert from 'node:assert/strict';
import { chmod, readFile, stat, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { backUp } from '../../../../src/core/storage/backup';
import { nodeFileStore } from '../../../../src/core/storage/node-file-store';
import { formatRunId, listRunFolders, makeRunFolder } from '../../../../src/core/storage/run-folder';
import { readSnapshot, type Snapshot } from '../../../../src/core/storage/snapshot';
import { FaultyFileStore, type Script } from '../../../fixtures/faulty-file-store';
import { furnish, sourceName, targetNames } from '../../../fixtures/publication';
import { refusal } from '../../../fixtures/refusals';
import { hashOf, hashTree, withTemporaryFolder } from '../../../fixtures/temporary-folder';

const names = [...targetNames, sourceName];

async function withSnapshots(body: (workspace: string, snapshots: Snapshot[]) => Promise<void>): Promise<void> {
  await withTemporaryFolder(async (workspace) => {
    await furnish(nodeFileStore, workspace);
    const snapshots = [];
    for (const name of names) snapshots.push(await readSnapshot(nodeFileStore, join(workspace, name), name));
    await body(workspace, snapshots);
  });
}

describe('backup', () => {
  it('copies each file by its path, with the hash of what was read', () =>
    withSnapshots(async (workspace, snapshots) => {
      const run = join(workspace, 'run');
      const copies = await backUp(nodeFileStore, run, snapshots);
      assert.deepEqual(
        copies.map(({ path }) => path),
        names,
      );
      for (const { path, copy, sha256, size } of copies) {
        const bytes = await readFile(join(run, copy));
        assert.equal(hashOf(bytes), sha256);
        assert.equal(bytes.length, size);
        assert.ok(bytes.equals(await readFile(join(workspace, path))));
      }
    }));

  it('forces each folder on the way to a copy to disk', () =>
    withSnapshots(async (workspace, snapshots) => {
      const run = join(workspace, 'run');
      const files = new FaultyFileStore(nodeFileStore);
      await backUp(files, run, snapshots);
      const synced = files.calls.filter(({ method }) => method === 'syncFolder').map(({ path }) => path);
      for (const folder of ['', 'data', 'bots', 'bots/twitter']) assert.ok(synced.includes(join(run, folder)), folder);
    }));

  it('the copy of a private database is private', () =>
    withSnapshots(async (workspace) => {
      await chmod(join(workspace, sourceName), 0o600);
      const snapshot = await readSnapshot(nodeFileStore, join(workspace, sourceName), sourceName);
      await backUp(nodeFileStore, join(workspace, 'run'), [snapshot]);
      assert.equal((await stat(join(workspace, 'run', sourceName))).mode & 0o777, 0o600);
    }));

  it('a database outside the workspace folder gets its copy below outside/', () =>
    withSnapshots(async (workspace, [snapshot]) => {
      assert.ok(snapshot !== undefined);
      for (const [database, copy] of [
        ['/srv/data/a.db', 'outside/srv/data/a.db'],
        ['C:/data/a.db', 'outside/C/data/a.db'],
        ['//server/share/a.db', 'outside/server/share/a.db'],
      ] as const) {
        const [made] = await backUp(nodeFileStore, join(workspace, 'run'), [{ ...snapshot, database }]);
        assert.equal(made?.copy, copy);
      }
    }));

  const faults: readonly (readonly [string, Script])[] = [
    ...[1, 2, 3].map((number): readonly [string, Script] => [
      `P7: the disk is full at copy ${number}`,
      (call) => (call.method === 'writeNew' && call.number === number ? { kind: 'cut', code: 'ENOSPC' } : undefined),
    ]),
    ['P16: a copy is cut in silence', (call) => (call.method === 'writeNew' ? { kind: 'cut' } : undefined)],
    [
      'P16: a copy is altered before it is read back',
      async ({ method, path }) => {
        if (method === 'read') await writeFile(path, 'altered');
      },
    ],
    [
      'P16: a copy cannot be read back',
      ({ method }) => (method === 'read' ? { kind: 'fail', code: 'EIO' } : undefined),
    ],
    [
      'P8: a folder cannot be forced to disk',
      ({ method }) => (method === 'syncFolder' ? { kind: 'fail', code: 'EIO' } : undefined),
    ],
  ];
  for (const [what, script] of faults) {
    it(`${what}: refused, the databases are as they were`, () =>
      withSnapshots(async (workspace, snapshots) => {
        const before = await hashTree(workspace);
        const files = new FaultyFileStore(nodeFileStore, script);
        const error = await refusal(() => backUp(files, join(workspace, 'run'), snapshots), 'backup-failed');
        assert.match(error.hint ?? '', /No database was changed/);
        const after = Object.entries(await hashTree(workspace)).filter(([path]) => !/^run($|\/)/.test(path));
        assert.deepEqual(Object.fromEntries(after), before);
      }));
  }

  it('never writes over a copy that is there', () =>
    withSnapshots(async (workspace, snapshots) => {
      const run = join(workspace, 'run');
      await backUp(nodeFileStore, run, snapshots);
      const before = await hashTree(run);
      await refusal(() => backUp(nodeFileStore, run, snapshots), 'backup-failed');
      assert.deepEqual(await hashTree(run), before);
    }));
});

describe('run folder', () => {
  const at = new Date(2026, 0, 26, 13, 2, 39);

  it('a second that is taken gets a number, and folders list in the order of the runs', () =>
    withTemporaryFolder(async (data) => {
      assert.equal(formatRunId(at), '20260126_130239');
      const made = await Promise.all(Array.from({ length: 12 }, () => makeRunFolder(nodeFileStore, data, at)));
      const runs = ['20260126_130239', ...Array.from({ length: 11 }, (_, index) => `20260126_130239-${index + 2}`)];
      assert.deepEqual(made.map(({ run }) => run).sort(), [...runs].sort());
      await nodeFileStore.makeFolder(join(data, 'backups/notes'));
      const listed = await listRunFolders(nodeFileStore, data);
      assert.deepEqual(
        listed.map((folder) => folder.split('/').at(-1)),
        runs,
      );
    }));

  it('runs keep their order where local time goes back: in autumn, and on a flight to the west', () =>
    withTemporaryFolder(async (data) => {
      const made: string[] = [];
      const begin = async (hours: number): Promise<void> => {
        const { folder } = await makeRunFolder(nodeFileStore, data, new Date(at.getTime() + hours * 3_600_000));
        made.push(folder);
      };
      for (const hours of [0, -0.5, -18, 0.25, -0.5]) await begin(hours);
      assert.deepEqual(await listRunFolders(nodeFileStore, data), made);
      assert.deepEqual(
        made.map((folder) => basename(folder)),
        ['20260126_130239', '20260126_130239-2', '20260126_130239-3', '20260126_131739', '20260126_131739-2'],
      );
    }));

  it('a clock that was years ahead does not name every run after it', () =>
    withTemporaryFolder(async (data) => {
      await makeRunFolder(nodeFileStore, data, new Date(2099, 0, 1));
      assert.equal((await makeRunFolder(nodeFileStore, data, at)).run, '20260126_130239');
      assert.equal((await makeRunFolder(nodeFileStore, data, at)).run, '20260126_130239-2');
    }));

  it('forces the folder of all backups into the data folder, or the commit point could go with the power', () =>
    withTemporaryFolder(async (data) => {
      const files = new FaultyFileStore(nodeFileStore);
      await makeRunFolder(files, data, at);
      const synced = files.calls.filter(({ method }) => method === 'syncFolder').map(({ path }) => path);
      assert.deepEqual(synced, [data, join(data, 'backups')]);
    }));

  it('P7: a full disk is a refusal in words', () =>
    withTemporaryFolder(async (data) => {
      const files = new FaultyFileStore(nodeFileStore, ({ method }) =>
        method === 'makeNewFolder' ? { kind: 'fail', code: 'ENOSPC' } : undefined,
      );
      await refusal(() => makeRunFolder(files, data, at), 'no-space');
    }));
});
