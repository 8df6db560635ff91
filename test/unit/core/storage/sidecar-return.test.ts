/**
 * Publication of successors with a log or a journal of their own: what a rollback puts back, to the byte.
 *
 * What counts at any moment is what SQLite would find: the database that is replaced, or main file and sidecar together
 * the one that comes back. A log is replayed over whatever main file it lies beside: that is why no step may leave it
 * beside another one than the settled image or its own.
 */
import assert from 'node:assert/strict';
import { appendFile, cp, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { backUp } from '../../../../src/core/storage/backup';
import type { Sidecar } from '../../../../src/core/storage/database-content';
import type { FileStore } from '../../../../src/core/storage/file-store';
import { nodeFileStore } from '../../../../src/core/storage/node-file-store';
import { describeFiles, publish, type PublishRequest } from '../../../../src/core/storage/publish';
import { settledName } from '../../../../src/core/storage/staging';
import { findPendingPublications } from '../../../../src/core/storage/recover';
import { makeRunFolder } from '../../../../src/core/storage/run-folder';
import { hashSidecars, readSidecars, sameSidecars } from '../../../../src/core/storage/sidecars';
import { readSnapshot } from '../../../../src/core/storage/snapshot';
import { Crash, FaultyFileStore, killAt, type Script } from '../../../fixtures/faulty-file-store';
import { explore } from '../../../fixtures/power-loss';
import { makeImage, portsOf, recover, stagesOf, targetNames } from '../../../fixtures/publication';
import { refusal, refusesUnchanged } from '../../../fixtures/refusals';
import { makeLog } from '../../../fixtures/sidecar-files';
import { sidecarTargets, type SidecarKinds, type SidecarTarget } from '../../../fixtures/sidecar-publication';
import { SimulatedDisk } from '../../../fixtures/simulated-disk';
import { hashOf, withTemporaryFolder } from '../../../fixtures/temporary-folder';
import { hasPython } from '../../../support/python';
import { assertNativeFinds } from '../../../fixtures/native-view';

const run = '20260126_130239';

interface Scene {
  /** What lay beside each target before the run that is rolled back. */
  readonly kinds: SidecarKinds;
  /** The first target has a log again: a backup is restored over what the application went on to write. */
  readonly isLive?: boolean;
  /** What lies there is what the sidecars make of their main files already: the application has merged them. */
  readonly isMerged?: boolean;
}

const scenes: readonly Scene[] = [
  { kinds: ['log', 'none'] },
  { kinds: ['none', 'log'] },
  { kinds: ['journal', 'none'] },
  { kinds: ['appliedLog', 'journal'] },
  { kinds: ['log', 'journal'], isLive: true },
];

interface Target extends SidecarTarget {
  /** What lies there now, and what that is to SQLite. */
  readonly now: { readonly main: Uint8Array; readonly image: Uint8Array; readonly sidecar: Sidecar | null };
}

const made = new Map<Scene, Promise<readonly Target[]>>();

function targetsOf(scene: Scene): Promise<readonly Target[]> {
  let targets = made.get(scene);
  if (targets === undefined) made.set(scene, (targets = makeTargets(scene)));
  return targets;
}

async function makeTargets({ kinds, isLive = false, isMerged = false }: Scene): Promise<readonly Target[]> {
  const targets = [];
  for (const [index, target] of (await sidecarTargets(kinds)).entries()) {
    const after = isMerged ? target.image : target.after;
    if (!isLive || index > 0) {
      targets.push({ ...target, now: { main: after, image: after, sidecar: null } });
      continue;
    }
    const image = await makeImage(`UPDATE t SET n = n + 1000; INSERT INTO t SELECT 'since', n FROM t`, after);
    after.fill(2, 18, 20);
    image.fill(2, 18, 20);
    const sidecar = { suffix: '-wal' as const, bytes: makeLog(after, image, 512) };
    targets.push({ ...target, now: { main: after, image, sidecar } });
  }
  return targets;
}

async function furnish(files: FileStore, workspace: string, scene: Scene): Promise<void> {
  for (const { name, now } of await targetsOf(scene)) {
    const path = join(workspace, name);
    await files.makeFolder(dirname(path));
    await files.writeNew(path, now.main, { mode: 0o644 });
    if (now.sidecar !== null) await files.writeNew(path + now.sidecar.suffix, now.sidecar.bytes, { mode: 0o644 });
  }
}

/** Everything of a rollback up to `publish`. */
async function prepare(files: FileStore, workspace: string, scene: Scene): Promise<PublishRequest> {
  const successors = [];
  for (const { name, main, image, sidecar } of await targetsOf(scene)) {
    const snapshot = await readSnapshot(files, join(workspace, name), name);
    const companion = sidecar === null ? {} : { companion: { ...sidecar, settled: image } };
    successors.push({ snapshot, image: main, sha256: hashOf(main), ...companion });
  }
  const read = successors.map(({ snapshot }) => snapshot);
  const { folder } = await makeRunFolder(files, join(workspace, 'data'), new Date(2026, 0, 26, 13, 2, 39));
  const copies = await backUp(files, folder, read);
  return {
    run,
    manifestPath: join(folder, 'manifest.json'),
    manifest: { format: 1, run, files: describeFiles(run, copies, successors) },
    successors,
    read,
    applicationStopped: false,
    onCommit: () => Promise.resolve(),
  };
}

const perform = async (files: FileStore, workspace: string, scene: Scene): Promise<void> =>
  publish(portsOf(files), await prepare(files, workspace, scene));

/** What SQLite would find at each target: `old` or `new`, whatever of the two files it takes it from. */
async function statesOf(files: FileStore, workspace: string, scene: Scene): Promise<readonly string[]> {
  const states = [];
  for (const { name, main, image, sidecar, now } of await targetsOf(scene)) {
    const path = join(workspace, name);
    const current = hashOf(await files.read(path));
    const beside = await readSidecars(files, path);
    const has = async (other: Sidecar | null): Promise<boolean> =>
      other !== null && sameSidecars(beside, await hashSidecars([other]));
    const isAlone = beside.length === 0;
    const isNew =
      (current === hashOf(image) && (isAlone || (await has(sidecar)))) ||
      (current === hashOf(main) && (sidecar === null ? isAlone : await has(sidecar)));
    const isOld =
      (current === hashOf(now.image) && (isAlone || (await has(now.sidecar)))) ||
      (current === hashOf(now.main) && (now.sidecar === null ? isAlone : await has(now.sidecar)));
    states.push(isNew ? 'new' : isOld ? 'old' : `torn (${beside.map(({ suffix }) => suffix).join()})`);
  }
  return states;
}

/** Main file and sidecar are those of before, to the byte. */
async function assertPutBack(store: FileStore, workspace: string, scene: Scene): Promise<void> {
  for (const { name, main, sidecar } of await targetsOf(scene)) {
    const path = join(workspace, name);
    assert.equal(await store.hash(path), hashOf(main), name);
    const expected = sidecar === null ? [] : await hashSidecars([sidecar]);
    assert.deepEqual(await readSidecars(store, path), expected, name);
  }
}

async function recovers(store: FileStore, workspace: string, scene: Scene): Promise<'old' | 'new'> {
  await recover(store, workspace);
  assert.deepEqual(await stagesOf(store, workspace), []);
  assert.deepEqual(await findPendingPublications(store, join(workspace, 'data')), []);
  const [found, ...others] = new Set(await statesOf(store, workspace, scene));
  assert.ok(found === 'old' || found === 'new', found);
  assert.deepEqual(others, []);
  if (found === 'new') await assertPutBack(store, workspace, scene);
  return found;
}

async function isKilled(action: () => Promise<void>): Promise<boolean> {
  try {
    await action();
    return false;
  } catch (error) {
    if (error instanceof Crash || (error instanceof Error && error.cause instanceof Crash)) return true;
    throw error;
  }
}

async function withFurnished<T>(scene: Scene, body: (workspace: string) => Promise<T>): Promise<T> {
  return withTemporaryFolder(async (workspace) => {
    await furnish(nodeFileStore, workspace, scene);
    return body(workspace);
  });
}

describe('putting a log or a journal back with its main file', function () {
  this.timeout(300_000);

  for (const scene of scenes) {
    describe(`${scene.kinds.join(' and ')}${scene.isLive ? ', over a live log' : ''}`, () => {
      it('brings both files back to the byte', () =>
        withFurnished(scene, async (workspace) => {
          await perform(nodeFileStore, workspace, scene);
          await assertPutBack(nodeFileStore, workspace, scene);
          assert.deepEqual(await stagesOf(nodeFileStore, workspace), []);
        }));

      for (const when of ['before', 'during', 'after'] as const) {
        it(`P1: killed ${when} any call, all is as it was or all has come back after the next start`, async () => {
          const ends: string[] = [];
          for (let mutation = 1; ; mutation++) {
            const disk = new SimulatedDisk();
            await furnish(disk, '/workspace', scene);
            const files = new FaultyFileStore(disk, killAt(mutation, when));
            const killed = await isKilled(() => perform(files, '/workspace', scene));
            const states = await statesOf(disk, '/workspace', scene);
            assert.ok(
              states.every((state) => state === 'old' || state === 'new'),
              `${states.join()} after call ${mutation}`,
            );
            ends.push(await recovers(disk, '/workspace', scene));
            if (!killed) break;
          }
          const commit = ends.indexOf('new');
          assert.ok(commit > 2 && commit < ends.length - 4, ends.join());
          assert.deepEqual(ends, [...ends.slice(0, commit).fill('old'), ...ends.slice(commit).fill('new')]);
        });
      }

      it('P2, P3: whatever subset of unsynced writes is lost with the power, and however often', async () => {
        const { bad, ended } = await explore(playOf(scene), {});
        assert.deepEqual([...new Set(bad)], []);
        assert.ok((ended['old'] ?? 0) > 10 && (ended['new'] ?? 0) > 5, JSON.stringify(ended));
      });
    });
  }

  const playOf = (scene: Scene): Parameters<typeof explore>[0] => ({
    furnish: (disk, workspace) => furnish(disk, workspace, scene),
    run: (disk, workspace) => perform(disk, workspace, scene),
    statesOf: (disk, workspace) => statesOf(disk, workspace, scene),
    missingCopies: async (disk, workspace) => {
      const missing = [];
      for (const { name, now } of await targetsOf(scene)) {
        if (hashOf(await disk.read(join(workspace, name))) === hashOf(now.main)) continue;
        const copy = join(workspace, 'data/backups', run, name);
        const isThere = (await disk.stat(copy)) !== null && hashOf(await disk.read(copy)) === hashOf(now.main);
        if (!isThere) missing.push(`the copy of ${name} is not safe`);
      }
      return missing;
    },
  });

  it('leaves nothing staged where a state on the way lies there already', () => {
    const scene: Scene = { kinds: ['log', 'journal'], isMerged: true };
    return withFurnished(scene, async (workspace) => {
      await perform(nodeFileStore, workspace, scene);
      await assertPutBack(nodeFileStore, workspace, scene);
      assert.deepEqual(await stagesOf(nodeFileStore, workspace), []);
    });
  });

  it("P2: the simulation notices a disk that does not force a target's folder", async () => {
    const { bad } = await explore(playOf({ kinds: ['none', 'log'] }), { folderSync: /twitter$/ });
    assert.notEqual(bad.length, 0);
  });

  it('P1, P2: native SQLite finds the rows of now or those of before, wherever it ended', async function () {
    if (!hasPython) return this.skip();
    for (const scene of scenes)
      await assertNativeFinds(
        playOf(scene),
        (await targetsOf(scene)).map(({ image, now }) => [image, now.image]),
      );
  });

  describe('what happened since the kill', () => {
    const scene: Scene = { kinds: ['log', 'none'] };
    const killBefore =
      (method: string, ending: string, nth = 1): Script =>
      (call) => {
        if (call.method !== method || !call.path.endsWith(ending)) return undefined;
        return --nth === 0 ? { kind: 'kill', when: 'before' } : undefined;
      };

    const withPending = (script: Script, body: (workspace: string, path: string) => Promise<void>): Promise<void> =>
      withFurnished(scene, async (workspace) => {
        assert.ok(await isKilled(() => perform(new FaultyFileStore(nodeFileStore, script), workspace, scene)));
        await body(workspace, join(workspace, targetNames[0]));
      });

    const refuses = async (workspace: string, message: RegExp): Promise<void> => {
      const error = await refusesUnchanged(workspace, 'recovery-needed', () => recover(nodeFileStore, workspace));
      assert.match(error.message, message);
    };

    it('the owner has merged the log that was put back: nothing is left to do', () =>
      withPending(killBefore('rename', 'a.db', 2), async (workspace, path) => {
        await rm(`${path}-wal`);
        await recover(nodeFileStore, workspace);
        const [target] = await targetsOf(scene);
        assert.equal(hashOf(await readFile(path)), hashOf(target?.image ?? new Uint8Array()));
        assert.deepEqual(await stagesOf(nodeFileStore, workspace), []);
      }));

    it('P6: the owner has written to it: nothing is overwritten', () =>
      withPending(killBefore('rename', 'a.db', 2), async (workspace, path) => {
        await appendFile(`${path}-wal`, 'more');
        await refuses(workspace, /a\.db-wal changed since/);
      }));

    it('P6: a log has appeared beside the image that waits for its own: nothing is overwritten', () =>
      withPending(killBefore('rename', 'a.db-wal'), async (workspace, path) => {
        await writeFile(`${path}-wal`, new Uint8Array(600).fill(9));
        await refuses(workspace, /a\.db-wal changed since/);
      }));

    it('a stage was altered, or is called otherwise: refused', () =>
      withPending(killBefore('rename', 'a.db'), async (workspace, path) => {
        const stage = join(dirname(path), settledName('a.db', run));
        const bytes = await readFile(stage);
        await writeFile(stage, bytes.fill(1, 600, 700));
        await refuses(workspace, /is altered/);
        const manifestPath = join(workspace, 'data/backups', run, 'manifest.json');
        const manifest = await readFile(manifestPath, 'utf8');
        await writeFile(manifestPath, manifest.replace(/\.a\.db-wal\.[^"]*\.stage/, 'b.db'));
        await refuses(workspace, /names the staged file b\.db/);
      }));

    it('nothing was touched and a stage is gone: withdrawn', () =>
      withPending(killBefore('rename', 'a.db'), async (workspace, path) => {
        await rm(join(dirname(path), settledName('a.db', run)));
        assert.equal(await recovers(nodeFileStore, workspace, scene), 'old');
      }));

    it('P3: killed again and again during recovery, it comes back in the end', () =>
      withPending(killBefore('rename', 'a.db'), async (crashed) => {
        for (const when of ['before', 'after'] as const) {
          await withTemporaryFolder(async (folder) => {
            const workspace = join(folder, 'again');
            await cp(crashed, workspace, { recursive: true });
            let kills = 0;
            for (let mutation = 1; ; mutation++, kills++) {
              const again = new FaultyFileStore(nodeFileStore, killAt(mutation, when));
              if (!(await isKilled(() => recover(again, workspace)))) break;
              const states = await statesOf(nodeFileStore, workspace, scene);
              assert.ok(states.every((state) => state === 'old' || state === 'new'));
            }
            assert.ok(kills > 3);
            await assertPutBack(nodeFileStore, workspace, scene);
          });
        }
      }));
  });

  it('P5: what changed since it was read is not replaced', () =>
    withFurnished({ kinds: ['log', 'none'] }, async (workspace) => {
      const request = await prepare(nodeFileStore, workspace, { kinds: ['log', 'none'] });
      await writeFile(join(workspace, `${targetNames[0]}-wal`), new Uint8Array(600).fill(9));
      await refusal(() => publish(portsOf(nodeFileStore), request), 'changed-since');
      assert.deepEqual(await stagesOf(nodeFileStore, workspace), []);
    }));
});
