/** Restoring on real databases: every hash is checked before anything is touched, and the archive stays. */
import assert from 'node:assert/strict';
import { mkdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { RestoreResult } from '../../../../src/core/archive/model';
import { restore } from '../../../../src/core/archive/restore';
import { nodeFileStore } from '../../../../src/core/storage/node-file-store';
import { FaultyFileStore } from '../../../fixtures/faulty-file-store';
import { refusal, refusesUnchanged } from '../../../fixtures/refusals';
import { hashTree, pick } from '../../../support/folders';
import { cell } from '../../../support/sqlite';
import { handlers, pathsOf, run, silent, withMigrated } from '../../../support/workspace';

const noBackups = (name: string): boolean => !name.startsWith('data/backups/');
const isArchived = (name: string): boolean => name.startsWith('data/archive/') && !name.endsWith('manifest.json');

const portsWithoutMachine = {
  holders: { find: () => Promise.resolve([]) },
  self: { pid: 1, host: 'here', nonce: 'n', isAlive: () => true, life: null, lifeOf: () => null },
  onProgress: () => Promise.resolve(),
  beginPublishing: () => Promise.resolve(),
};

function restoreNow(workspace: string, archive: string | null = null): Promise<RestoreResult> {
  return handlers['archive.restore']({ workspace, dataFolder: 'data', archive }, silent);
}

/** A migrated workspace whose analytics databases are archived. */
function withArchived<T>(body: (workspace: string, archive: string) => Promise<T>): Promise<T> {
  return withMigrated(async (workspace) => {
    const { archive } = await handlers['archive.run'](
      { workspace, dataFolder: 'data', applicationStopped: true },
      silent,
    );
    return body(workspace, basename(archive ?? ''));
  });
}

async function changeManifest(workspace: string, archive: string, change: (text: string) => string): Promise<void> {
  const path = join(workspace, 'data', 'archive', archive, 'manifest.json');
  await writeFile(path, change(await readFile(path, 'utf8')));
}

describe('restoring', function () {
  this.timeout(60_000);

  it('predecessor: restoring emptied the archive; here every copy stays, and the originals are back to the byte', () =>
    withMigrated(async (workspace) => {
      const before = pick(await hashTree(workspace), noBackups);
      await handlers['archive.run']({ workspace, dataFolder: 'data', applicationStopped: true }, silent);
      const archived = pick(await hashTree(workspace), isArchived);
      assert.equal(Object.keys(archived).length, 2);
      const { restored, present } = await restoreNow(workspace);
      assert.deepEqual([restored, present], [['data/llm_costs.db', 'data/metrics.db'], []]);
      const after = pick(await hashTree(workspace), noBackups);
      for (const [name, hash] of Object.entries(before)) assert.equal(after[name], hash, name);
      assert.deepEqual(pick(after, isArchived), archived);
      const [entry] = await handlers['archive.list']({ workspace, dataFolder: 'data' }, silent);
      assert.deepEqual([entry?.state, entry?.problem], ['restored', null]);
    }));

  it('predecessor: restoring was no rollback, and the next migration doubled the rows', () =>
    withArchived(async (workspace) => {
      const { target } = pathsOf(workspace);
      const rows = await cell(target, 'SELECT count(*) FROM llm_costs');
      await restoreNow(workspace);
      const again = await run(workspace);
      assert.deepEqual([again.outcome, again.error], ['nothingToDo', null]);
      assert.equal(await cell(target, 'SELECT count(*) FROM llm_costs'), rows);
    }));

  it('P16; predecessor: seven bytes of garbage were restored; here nothing is touched', () =>
    withArchived(async (workspace, archive) => {
      await writeFile(join(workspace, 'data', 'archive', archive, 'data', 'metrics.db'), 'garbage');
      const error = await refusesUnchanged(workspace, 'archive-damaged', () => restoreNow(workspace));
      assert.match(error.message, /metrics\.db has the SHA-256/);
    }));

  it('P16: one bit of the last copy, or a copy that is gone: nothing is touched', () =>
    withArchived(async (workspace, archive) => {
      const copy = join(workspace, 'data', 'archive', archive, 'data', 'metrics.db');
      const bytes = await readFile(copy);
      bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
      await writeFile(copy, bytes);
      await refusesUnchanged(workspace, 'archive-damaged', () => restoreNow(workspace));
      await rm(copy);
      await refusesUnchanged(workspace, 'archive-damaged', () => restoreNow(workspace));
    }));

  it('predecessor: whatever folder sorted highest was taken; here the newest by its manifest', () =>
    withArchived(async (workspace, archive) => {
      const archives = join(workspace, 'data', 'archive');
      for (const [name, manifest] of [
        ['9999-12-31', null],
        ['9998-01-01', '{"files": ["llm_costs.db"], "md5": "?"}'],
        ['9997-01-01', 'no JSON'],
        ['zzz', null],
      ] as const) {
        await mkdir(join(archives, name));
        await writeFile(join(archives, name, 'llm_costs.db'), '');
        if (manifest !== null) await writeFile(join(archives, name, 'manifest.json'), manifest);
      }
      // A copy of the archive under another name is not that archive.
      await mkdir(join(archives, '9996-01-01'));
      await writeFile(
        join(archives, '9996-01-01', 'manifest.json'),
        await readFile(join(archives, archive, 'manifest.json')),
      );
      assert.equal((await restoreNow(workspace)).archive, archive);
      const listed = await handlers['archive.list']({ workspace, dataFolder: 'data' }, silent);
      assert.deepEqual(
        listed.map(({ name, problem }) => [name, problem === null]),
        [
          [archive, true],
          ['9996-01-01', false],
          ['9997-01-01', false],
          ['9998-01-01', false],
          ['9999-12-31', false],
        ],
      );
      await refusesUnchanged(workspace, 'archive-invalid', () => restoreNow(workspace, '9998-01-01'));
      await refusesUnchanged(workspace, 'archive-missing', () => restoreNow(workspace, '2000-01-01'));
    }));

  it('restores the archive that is named, and of two the newer one where none is', () =>
    withArchived(async (workspace, first) => {
      await restoreNow(workspace, first);
      await handlers['archive.run']({ workspace, dataFolder: 'data', applicationStopped: true }, silent);
      assert.equal((await restoreNow(workspace)).archive, `${first}-2`);
      const again = await restoreNow(workspace, first);
      assert.deepEqual([again.restored, again.present.length], [[], 2]);
    }));

  for (const [what, name] of [
    ['a database', 'llm_costs.db'],
    ['a log', 'llm_costs.db-wal'],
    ['a journal', 'metrics.db-journal'],
  ] as const) {
    it(`overwrites nothing: ${what} of the application's in the way is named, and nothing is touched`, () =>
      withArchived(async (workspace) => {
        await writeFile(join(workspace, 'data', name), 'of the application');
        const error = await refusesUnchanged(workspace, 'target-conflict', () => restoreNow(workspace));
        assert.equal(error.path, `data/${name}`);
      }));
  }

  it('puts back what is missing beside what is there already', () =>
    withArchived(async (workspace, archive) => {
      await writeFile(
        pathsOf(workspace).llm,
        await readFile(join(workspace, 'data', 'archive', archive, 'data', 'llm_costs.db')),
      );
      const { restored, present } = await restoreNow(workspace);
      assert.deepEqual([restored, present], [['data/metrics.db'], ['data/llm_costs.db']]);
    }));

  it('X1: a manifest that leads out of the workspace, into the backups or the archives is refused', () =>
    withArchived(async (workspace, archive) => {
      const original = await readFile(join(workspace, 'data', 'archive', archive, 'manifest.json'), 'utf8');
      for (const path of [
        '../outside.db',
        'data/../../outside.db',
        '/tmp/outside.db',
        '..\\\\outside.db',
        'data/backups/manifest.json',
        'data/archive/2000-01-01/manifest.json',
      ]) {
        await changeManifest(workspace, archive, () => original.replaceAll('data/metrics.db', path));
        const error = await refusal(() => restoreNow(workspace, archive), 'archive-invalid').catch(() =>
          refusal(() => restoreNow(workspace, archive), 'archive-damaged').catch(() =>
            refusal(() => restoreNow(workspace, archive), 'outside-workspace'),
          ),
        );
        assert.ok(error.hint !== null, path);
      }
      await changeManifest(workspace, archive, () => original);
      assert.equal((await restoreNow(workspace)).restored.length, 2);
    }));

  it('X1: a folder that has become a link out of the workspace is not written through', () =>
    withArchived(async (workspace) => {
      const outside = `${workspace}-outside`;
      await mkdir(outside);
      try {
        await rename(join(workspace, 'data', 'archive'), join(workspace, 'archive'));
        await rename(join(workspace, 'data'), join(workspace, 'data-before'));
        await mkdir(join(workspace, 'real'));
        await rename(join(workspace, 'archive'), join(workspace, 'real', 'archive'));
        await symlink(outside, join(workspace, 'data'));
        const request = { workspace, dataFolder: join(workspace, 'real'), archive: null };
        const ports = { ...portsWithoutMachine, files: nodeFileStore };
        await refusal(() => restore(ports, request), 'outside-workspace');
        assert.deepEqual(await hashTree(outside), {});
      } finally {
        await rm(outside, { recursive: true });
      }
    }));

  for (const [what, suffix] of [
    ['a database', ''],
    ['a log', '-wal'],
  ] as const) {
    it(`P5: ${what} that an application makes while the copy is written is not overwritten`, () =>
      withArchived(async (workspace, archive) => {
        const made = join(workspace, 'data', `metrics.db${suffix}`);
        const files = new FaultyFileStore(nodeFileStore, async ({ method, path }) => {
          if (method === 'writeNew' && path.includes('metrics.db')) await writeFile(made, 'of the application');
        });
        const request = { workspace, dataFolder: join(workspace, 'data'), archive };
        const error = await refusal(() => restore({ ...portsWithoutMachine, files }, request), 'archive-failed');
        assert.match(error.message, new RegExp(`metrics\\.db${suffix} has appeared`));
        assert.equal(await readFile(made, 'utf8'), 'of the application');
        assert.ok(!Object.keys(await hashTree(workspace)).some((name) => name.endsWith('.restore')));
      }));
  }

  it('P7: says that nothing was put back where not even the manifest could be written', () =>
    withArchived(async (workspace, archive) => {
      for (const [fault, code] of [
        ['ENOSPC', 'no-space'],
        ['EIO', 'backup-failed'],
      ] as const) {
        const files = new FaultyFileStore(nodeFileStore, ({ method, path }) =>
          method === 'writeNew' && path.endsWith('manifest.json.new') ? { kind: 'fail', code: fault } : undefined,
        );
        const request = { workspace, dataFolder: join(workspace, 'data'), archive };
        const error = await refusal(() => restore({ ...portsWithoutMachine, files }, request), code);
        assert.match(error.message, /^Nothing was put back\. /);
        assert.ok(!Object.keys(await hashTree(workspace)).includes('data/llm_costs.db'));
      }
      assert.equal((await restoreNow(workspace)).restored.length, 2);
    }));

  it('P7, P9: what could not be put back is told, nothing of ours stays beside it, and the next attempt goes on', () =>
    withArchived(async (workspace, archive) => {
      for (const fault of ['ENOSPC', 'EBUSY']) {
        const files = new FaultyFileStore(nodeFileStore, ({ method, path }) =>
          path.includes('metrics.db') && method === (fault === 'EBUSY' ? 'rename' : 'writeNew')
            ? { kind: 'fail', code: fault }
            : undefined,
        );
        const request = { workspace, dataFolder: join(workspace, 'data'), archive };
        await refusal(() => restore({ ...portsWithoutMachine, files }, request), 'archive-failed');
        const now = Object.keys(await hashTree(workspace));
        assert.ok(now.includes('data/llm_costs.db') && !now.includes('data/metrics.db'));
        assert.deepEqual(
          now.filter((name) => name.endsWith('.restore')),
          [],
        );
      }
      const { restored, present } = await restoreNow(workspace);
      assert.deepEqual([restored, present], [['data/metrics.db'], ['data/llm_costs.db']]);
    }));
});
