import assert from 'node:assert/strict';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { HolderProbe } from '../../../../src/core/storage/holders';
import { readManifest, type Manifest } from '../../../../src/core/storage/manifest';
import { nodeFileStore } from '../../../../src/core/storage/node-file-store';
import { publish } from '../../../../src/core/storage/publish';
import { findPendingPublications, removeOrphanedStages, rollForward } from '../../../../src/core/storage/recover';
import { Crash, FaultyFileStore, type Script } from '../../../fixtures/faulty-file-store';
import {
  furnish,
  portsOf,
  prepare,
  recover,
  sourceName,
  stagesOf,
  statesOf,
  targetNames,
} from '../../../fixtures/publication';
import { refusal, refusesUnchanged } from '../../../fixtures/refusals';
import { hashOf, withTemporaryFolder } from '../../../fixtures/temporary-folder';

interface Scene {
  readonly workspace: string;
  readonly manifestPath: string;
  readonly paths: readonly [a: string, b: string];
}

/** A publication that was killed after its commitment; `replaced` targets are in place. */
async function withPending(replaced: 0 | 1 | 2, body: (scene: Scene) => Promise<void>): Promise<void> {
  await withTemporaryFolder(async (workspace) => {
    await furnish(nodeFileStore, workspace);
    const { request } = await prepare(nodeFileStore, workspace);
    // Renames: the manifest, target a, target b, the manifest.
    const script: Script = ({ method, number }) =>
      method === 'rename' && number === replaced + 2 ? { kind: 'kill', when: 'before' } : undefined;
    await assert.rejects(publish(portsOf(new FaultyFileStore(nodeFileStore, script)), request), (error) => {
      return error instanceof Crash || (error instanceof Error && error.cause instanceof Crash);
    });
    const paths = [join(workspace, targetNames[0]), join(workspace, targetNames[1])] as const;
    await body({ workspace, manifestPath: request.manifestPath, paths });
  });
}

async function edit({ manifestPath }: Scene, change: (manifest: Manifest) => unknown): Promise<void> {
  const manifest = JSON.parse(await readFile(manifestPath, 'utf8')) as Manifest;
  await writeFile(manifestPath, JSON.stringify(change(manifest)));
}

/** With one file of the manifest changed. */
const editFile = (scene: Scene, name: string, change: Partial<Manifest['files'][number]>): Promise<void> =>
  edit(scene, (manifest) => ({
    ...manifest,
    files: manifest.files.map((file) => (file.path === name ? { ...file, ...change } : file)),
  }));

/** Changes the last byte, which is no 7. */
async function alter(path: string): Promise<void> {
  const bytes = await readFile(path);
  bytes[bytes.length - 1] = 7;
  await writeFile(path, bytes);
}

const start = ({ workspace }: Scene) => recover(nodeFileStore, workspace);

async function stagePathOf(index: 0 | 1, { workspace, paths }: Scene): Promise<string> {
  const name = (await stagesOf(nodeFileStore, workspace)).find((stage) => stage.startsWith(`.${'ab'[index]}.db`));
  return join(dirname(paths[index]), name ?? 'missing');
}

describe('recovery', () => {
  for (const replaced of [0, 1, 2] as const) {
    it(`P1: completes a publication with ${replaced} of 2 targets in place`, () =>
      withPending(replaced, async (scene) => {
        await start(scene);
        assert.deepEqual(await statesOf(nodeFileStore, scene.workspace), ['new', 'new']);
        assert.equal((await readManifest(nodeFileStore, scene.manifestPath))?.publication, 'done');
      }));
  }

  it('P2: forces the commitment to disk before the first rename, and each folder before it says done', () =>
    withPending(1, async (scene) => {
      const files = new FaultyFileStore(nodeFileStore);
      await recover(files, scene.workspace);
      const changes = files.calls.filter(({ method }) => method === 'rename' || method === 'syncFolder');
      const [a, b] = scene.paths;
      assert.deepEqual(
        changes.map(({ method, path }) => `${method} ${path}`),
        [
          `syncFolder ${dirname(scene.manifestPath)}`,
          // In place already, and perhaps not yet on disk.
          `syncFolder ${dirname(a)}`,
          `rename ${b}`,
          `syncFolder ${dirname(b)}`,
          `rename ${scene.manifestPath}`,
          `syncFolder ${dirname(scene.manifestPath)}`,
        ],
      );
    }));

  it('L1: a target that is still to be replaced and is open elsewhere is not replaced', () =>
    withPending(1, async (scene) => {
      const [pending] = await findPendingPublications(nodeFileStore, join(scene.workspace, 'data'));
      assert.ok(pending !== undefined);
      const held: HolderProbe = {
        find: (files) => Promise.resolve(files.map(() => ({ kind: 'held', holders: [{ pid: 1, command: 'jarvis' }] }))),
      };
      const unknown: HolderProbe = {
        find: (files) => Promise.resolve(files.map(() => ({ kind: 'unknown', reason: 'hidden' }))),
      };
      const forward = (holders: HolderProbe, applicationStopped: boolean) => () =>
        rollForward(nodeFileStore, scene.workspace, pending, { holders, applicationStopped });
      const error = await refusesUnchanged(scene.workspace, 'in-use', forward(held, true));
      assert.equal(error.path, targetNames[1]);
      await refusesUnchanged(scene.workspace, 'in-use-unknown', forward(unknown, false));
      assert.equal(await forward(unknown, true)(), 'done');
      assert.deepEqual(await statesOf(nodeFileStore, scene.workspace), ['new', 'new']);
    }));

  it('L1: targets that are all in place are closed although somebody has opened them', () =>
    withPending(2, async (scene) => {
      const [pending] = await findPendingPublications(nodeFileStore, join(scene.workspace, 'data'));
      assert.ok(pending !== undefined);
      const holders: HolderProbe = {
        find: (files) => Promise.resolve(files.map(() => ({ kind: 'held', holders: [{ pid: 1, command: 'jarvis' }] }))),
      };
      const inUse = { holders, applicationStopped: false };
      assert.equal(await rollForward(nodeFileStore, scene.workspace, pending, inUse), 'done');
    }));

  it('P6: a live log beside a target that is still to be replaced is refused', () =>
    withPending(1, async (scene) => {
      await writeFile(`${scene.paths[1]}-wal`, new Uint8Array(32));
      const error = await refusesUnchanged(scene.workspace, 'recovery-needed', () => start(scene));
      assert.match(error.message, /b\.db-wal changed since/);
    }));

  it('P6: a target that changed is not overwritten, and no other is replaced', () =>
    withPending(0, async (scene) => {
      await alter(scene.paths[1]);
      const error = await refusesUnchanged(scene.workspace, 'recovery-needed', () => start(scene));
      assert.match(error.message, /b\.db changed since/);
    }));

  it('a target that is gone is refused in words', () =>
    withPending(0, async (scene) => {
      await rm(scene.paths[1]);
      const error = await refusesUnchanged(scene.workspace, 'recovery-needed', () => start(scene));
      assert.match(error.message, /b\.db is not there/);
    }));

  it('an altered stage is refused', () =>
    withPending(0, async (scene) => {
      const stage = await stagePathOf(1, scene);
      await alter(stage);
      const error = await refusesUnchanged(scene.workspace, 'recovery-needed', () => start(scene));
      assert.match(error.message, /is altered/);
    }));

  it('a stage that is gone after another target was replaced is refused', () =>
    withPending(1, async (scene) => {
      await rm(await stagePathOf(1, scene));
      const error = await refusesUnchanged(scene.workspace, 'recovery-needed', () => start(scene));
      assert.match(error.message, /is gone/);
    }));

  it('P2: a stage that is gone while no target was replaced closes the publication as withdrawn', () =>
    withPending(0, async (scene) => {
      await rm(await stagePathOf(0, scene));
      await start(scene);
      assert.deepEqual(await statesOf(nodeFileStore, scene.workspace), ['old', 'old']);
      assert.deepEqual(await stagesOf(nodeFileStore, scene.workspace), []);
      assert.equal((await readManifest(nodeFileStore, scene.manifestPath))?.publication, 'withdrawn');
    }));

  it('P9: a rename that is refused is told, and the start after that goes on', () =>
    withPending(0, async (scene) => {
      const files = new FaultyFileStore(nodeFileStore, ({ method, number }) =>
        method === 'rename' && number === 2 ? { kind: 'fail', code: 'EBUSY' } : undefined,
      );
      await refusal(() => recover(files, scene.workspace), 'recovery-needed');
      assert.deepEqual(await statesOf(nodeFileStore, scene.workspace), ['new', 'old']);
      await start(scene);
      assert.deepEqual(await statesOf(nodeFileStore, scene.workspace), ['new', 'new']);
    }));

  describe('a manifest that was edited by hand', () => {
    for (const [what, text] of [
      ['is no JSON', '{"format": 1,'],
      ['is empty', ''],
      ['is a list', '[]'],
      ['is of a later format', '{"format":2,"run":"x","publication":"committed","files":[]}'],
      ['has a key too many', '{"format":1,"run":"x","publication":"done","files":[],"__proto__x":1}'],
      ['has an unknown state', '{"format":1,"run":"x","publication":"finished","files":[]}'],
    ] as const) {
      it(`and ${what} is refused`, () =>
        withPending(0, async (scene) => {
          await writeFile(scene.manifestPath, text);
          const error = await refusesUnchanged(scene.workspace, 'recovery-needed', () => start(scene));
          assert.match(error.message, /cannot be understood/);
          assert.equal(error.path, scene.manifestPath);
        }));
    }

    it('and has a wrong hash is refused', () =>
      withPending(0, async (scene) => {
        await editFile(scene, targetNames[1], { sha256Before: '0'.repeat(64) });
        await refusesUnchanged(scene.workspace, 'recovery-needed', () => start(scene));
        await editFile(scene, targetNames[1], { sha256After: '0'.repeat(64) });
        await refusesUnchanged(scene.workspace, 'recovery-needed', () => start(scene));
      }));

    it('X1: and names a stage that is none of its own is refused', () =>
      withPending(0, async (scene) => {
        for (const stage of ['legacy.db', '../data/legacy.db', '/etc/hostname', '.a.db.20200101_000000.stage']) {
          await editFile(scene, targetNames[0], { stage });
          const error = await refusesUnchanged(scene.workspace, 'recovery-needed', () => start(scene));
          assert.match(error.message, /names the staged file/);
        }
      }));

    it('X1: and names the run of another folder is refused', () =>
      withPending(0, async (scene) => {
        await edit(scene, (manifest) => ({ ...manifest, run: '20200101_000000' }));
        await refusesUnchanged(scene.workspace, 'recovery-needed', () => start(scene));
      }));

    it('X1: and leads out of the workspace is refused, although hashes and stage fit', () =>
      withTemporaryFolder(async (outside) => {
        await withPending(0, async (scene) => {
          const victim = join(outside, 'a.db');
          await writeFile(victim, await readFile(scene.paths[0]));
          const stage = await stagePathOf(0, scene);
          await writeFile(join(outside, '.a.db.20260126_130239.stage'), await readFile(stage));
          const before = hashOf(await readFile(victim));
          for (const path of [victim, `../${outside.split('/').at(-1)}/a.db`]) {
            await editFile(scene, targetNames[0], { path });
            const error = await refusesUnchanged(scene.workspace, 'recovery-needed', () => start(scene));
            assert.match(error.message, /outside the workspace/);
            // Back, so that the next edit finds its file.
            await edit(scene, (manifest) => ({
              ...manifest,
              files: manifest.files.map((file) => (file.path === path ? { ...file, path: targetNames[0] } : file)),
            }));
          }
          assert.equal(hashOf(await readFile(victim)), before);
        });
      }));

    it('and is set to withdrawn, as the refusal advises, is no longer pending, and its stages go', () =>
      withPending(0, async (scene) => {
        await edit(scene, (manifest) => ({ ...manifest, publication: 'withdrawn' }));
        await start(scene);
        assert.deepEqual(await statesOf(nodeFileStore, scene.workspace), ['old', 'old']);
        assert.deepEqual(await stagesOf(nodeFileStore, scene.workspace), []);
      }));
  });

  it('looking for pending publications changes nothing', () =>
    withPending(1, async (scene) => {
      const files = new FaultyFileStore(nodeFileStore);
      assert.equal((await findPendingPublications(files, join(scene.workspace, 'data'))).length, 1);
      assert.deepEqual(
        files.calls.filter(({ mutation }) => mutation > 0),
        [],
      );
    }));

  it('removes staged files of ours and nothing that merely looks alike', () =>
    withTemporaryFolder(async (workspace) => {
      await furnish(nodeFileStore, workspace);
      const data = join(workspace, 'data');
      const ours = ['.a.db.20260126_130239.stage', '.a.db.20260126_130239-2.stage'];
      const theirs = [
        'a.db.20260126_130239.stage',
        '.a.db.stage',
        '.a.db.2026.stage',
        '.a.db.20260126_130239.stage.bak',
      ];
      for (const name of [...ours, ...theirs]) await writeFile(join(data, name), name);
      await mkdir(join(data, '.folder.20260126_130239.stage'));
      const removed = await removeOrphanedStages(nodeFileStore, [
        join(workspace, targetNames[0]),
        join(workspace, sourceName),
      ]);
      assert.deepEqual([...removed].sort(), [...ours].sort());
      const left = (await nodeFileStore.list(data)).map(({ name }) => name);
      assert.ok([...theirs, 'a.db', '.folder.20260126_130239.stage'].every((name) => left.includes(name)));
    }));
});
