/**
 * Publication of targets whose log or journal holds content: P1–P3, P5–P9, L3 with every step in between.
 *
 * What counts at any moment is what SQLite would find: main file and sidecar together are the old database, or the main
 * file alone is the new one.
 */
import assert from 'node:assert/strict';
import { appendFile, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { CoreError } from '../../../../src/core/errors';
import type { FileStore } from '../../../../src/core/storage/file-store';
import type { HolderProbe } from '../../../../src/core/storage/holders';
import { readManifest, type ManifestFile } from '../../../../src/core/storage/manifest';
import { nodeFileStore } from '../../../../src/core/storage/node-file-store';
import { assertReplaceable, publish } from '../../../../src/core/storage/publish';
import { checkpointName } from '../../../../src/core/storage/staging';
import { findPendingPublications } from '../../../../src/core/storage/recover';
import { Crash, FaultyFileStore, killAt, type Fault, type Script } from '../../../fixtures/faulty-file-store';
import { explore } from '../../../fixtures/power-loss';
import { nobody, portsOf, recover, stagesOf, targetNames, type Prepared } from '../../../fixtures/publication';
import { refusal, refusesUnchanged } from '../../../fixtures/refusals';
import {
  furnishSidecars,
  prepareAndPublishSidecars,
  prepareSidecars,
  sidecarStatesOf,
  sidecarTargets,
  type SidecarKinds,
} from '../../../fixtures/sidecar-publication';
import { SimulatedDisk } from '../../../fixtures/simulated-disk';
import { hashOf, withTemporaryFolder } from '../../../fixtures/temporary-folder';
import { hasPython } from '../../../support/python';
import { assertNativeFinds } from '../../../fixtures/native-view';

const scenes: readonly SidecarKinds[] = [
  ['log', 'none'],
  ['none', 'log'],
  ['appliedLog', 'none'],
  ['journal', 'none'],
  ['log', 'journal'],
];

interface Scene {
  readonly files: FileStore;
  readonly workspace: string;
  readonly kinds: SidecarKinds;
  readonly prepared: Prepared;
  /** The real files of the two targets. */
  readonly paths: readonly [string, string];
}

async function prepareScene(files: FileStore, workspace: string, kinds: SidecarKinds): Promise<Scene> {
  await furnishSidecars(files, workspace, kinds);
  const prepared = await prepareSidecars(files, workspace, kinds);
  const [a, b] = targetNames;
  return { files, workspace, kinds, prepared, paths: [join(workspace, a), join(workspace, b)] };
}

/** On real files. */
async function withScene<T>(kinds: SidecarKinds, body: (scene: Scene) => Promise<T>): Promise<T> {
  return withTemporaryFolder(async (workspace) => body(await prepareScene(nodeFileStore, workspace, kinds)));
}

/** In memory: for what is played once per call of the file store. */
async function simulate<T>(kinds: SidecarKinds, body: (scene: SimulatedScene) => Promise<T>): Promise<T> {
  const disk = new SimulatedDisk();
  return body({ ...(await prepareScene(disk, '/workspace', kinds)), files: disk });
}

type SimulatedScene = Scene & { readonly files: SimulatedDisk };
type Found = Pick<Scene, 'files' | 'workspace' | 'kinds'>;

const states = ({ files, workspace, kinds }: Found) => sidecarStatesOf(files, workspace, kinds);

const run = (scene: Scene, script: Script, holders: HolderProbe = nobody) =>
  publish(portsOf(new FaultyFileStore(scene.files, script), [], holders), scene.prepared.request);

async function isWhole(scene: Found): Promise<'old' | 'new'> {
  const found = [...new Set(await states(scene))];
  assert.ok(found.length === 1 && (found[0] === 'old' || found[0] === 'new'), found.join());
  return found[0];
}

/** The end that everything must come to once nothing goes wrong any more. */
async function recovers(scene: Found): Promise<'old' | 'new'> {
  await recover(scene.files, scene.workspace);
  assert.deepEqual(await stagesOf(scene.files, scene.workspace), []);
  assert.deepEqual(await findPendingPublications(scene.files, join(scene.workspace, 'data')), []);
  return isWhole(scene);
}

async function endsKilled(action: () => Promise<void>): Promise<boolean> {
  try {
    await action();
    return false;
  } catch (error) {
    if (error instanceof Crash || (error instanceof Error && error.cause instanceof Crash)) return true;
    throw error;
  }
}

/** Everything but the runs' folders: files by SHA-256, anything else by its kind. */
async function treeOf({ files, workspace }: Found): Promise<Readonly<Record<string, string>>> {
  const tree: Record<string, string> = {};
  const enter = async (folder: string): Promise<void> => {
    for (const { name, kind } of await files.list(folder)) {
      const path = join(folder, name);
      if (name === 'backups') continue;
      tree[path] = kind === 'file' ? await files.hash(path) : kind;
      if (kind === 'folder') await enter(path);
    }
  };
  await enter(workspace);
  return tree;
}

describe('publishing beside a log or a journal', function () {
  this.timeout(300_000);

  for (const kinds of scenes) {
    describe(kinds.join(' and '), () => {
      it('replaces both targets, takes what lay beside them away, and keeps a copy of it', () =>
        withScene(kinds, async (scene) => {
          await run(scene, () => undefined);
          assert.equal(await isWhole(scene), 'new');
          assert.deepEqual(await stagesOf(nodeFileStore, scene.workspace), []);
          for (const path of scene.paths) {
            const names = await readdir(dirname(path));
            assert.deepEqual(
              names.filter((name) => /-(wal|shm|journal)$/.test(name)),
              [],
            );
          }
          const manifest = await readManifest(nodeFileStore, scene.prepared.request.manifestPath);
          assert.equal(manifest?.publication, 'done');
          for (const { name, main, image, sidecar } of await sidecarTargets(kinds)) {
            assert.equal(hashOf(await readFile(join(scene.prepared.folder, name))), hashOf(main));
            const entry: ManifestFile | undefined = manifest.files.find(({ path }) => path === name);
            assert.ok(entry !== undefined && entry.kind !== 'file');
            if (sidecar === null) {
              assert.deepEqual([entry.sidecars, entry.checkpoint], [undefined, undefined]);
              continue;
            }
            const copy = await readFile(join(scene.prepared.folder, name + sidecar.suffix));
            assert.equal(hashOf(copy), hashOf(sidecar.bytes));
            assert.deepEqual(entry.sidecars, [{ suffix: sidecar.suffix, sha256: hashOf(sidecar.bytes) }]);
            assert.equal(entry.checkpoint?.sha256, image === main ? undefined : hashOf(image));
          }
        }));

      for (const when of ['before', 'during', 'after'] as const) {
        it(`P1: killed ${when} any call, both are old or both are new after the next start`, async () => {
          const ends: string[] = [];
          for (let mutation = 1; ; mutation++) {
            const killed = await simulate(kinds, async (scene) => {
              const ended = await endsKilled(() => run(scene, killAt(mutation, when)));
              assert.ok(!(await states(scene)).includes('torn'), `torn after call ${mutation}`);
              ends.push(await recovers(scene));
              return ended;
            });
            if (!killed) break;
          }
          const commit = ends.indexOf('new');
          assert.ok(commit > 2 && commit < ends.length - 4, ends.join());
          assert.deepEqual(ends, [...ends.slice(0, commit).fill('old'), ...ends.slice(commit).fill('new')]);
        });
      }

      it('P3: killed again and again during recovery, both are old or both are new in the end', async () => {
        let recoveriesKilled = 0;
        for (let first = 1; ; first++) {
          const killed = await simulate(kinds, async (crashed) => {
            const ended = await endsKilled(() => run(crashed, killAt(first, 'after')));
            for (const when of ['before', 'after'] as const) {
              const scene = { ...crashed, files: crashed.files.clone() };
              for (let mutation = 1; ; mutation++) {
                const again = new FaultyFileStore(scene.files, killAt(mutation, when));
                if (!(await endsKilled(() => recover(again, scene.workspace)))) break;
                recoveriesKilled++;
                assert.ok(!(await states(scene)).includes('torn'));
              }
              await isWhole(scene);
            }
            return ended;
          });
          if (!killed) break;
        }
        assert.ok(recoveriesKilled > 30, String(recoveriesKilled));
      });

      it('P2, P3: whatever subset of unsynced writes is lost with the power, and however often', async () => {
        const { bad, ended, starts } = await explore(playOf(kinds), {});
        assert.deepEqual([...new Set(bad)], []);
        assert.ok((ended['old'] ?? 0) > 10 && (ended['new'] ?? 0) > 5, JSON.stringify({ ended, starts }));
      });
    });
  }

  const playOf = (kinds: SidecarKinds): Parameters<typeof explore>[0] => ({
    furnish: (disk, workspace) => furnishSidecars(disk, workspace, kinds),
    run: (disk, workspace) => prepareAndPublishSidecars(disk, workspace, kinds),
    statesOf: (disk, workspace) => sidecarStatesOf(disk, workspace, kinds),
    missingCopies: async (disk, workspace) => {
      const missing = [];
      for (const { name, main, sidecar } of await sidecarTargets(kinds)) {
        if (hashOf(await disk.read(join(workspace, name))) === hashOf(main)) continue;
        const read: [string, Uint8Array][] = [[name, main]];
        if (sidecar !== null) read.push([name + sidecar.suffix, sidecar.bytes]);
        for (const [path, bytes] of read) {
          const copy = join(workspace, 'data/backups/20260126_130239', path);
          const isThere = (await disk.stat(copy)) !== null && hashOf(await disk.read(copy)) === hashOf(bytes);
          if (!isThere) missing.push(`the copy of ${path} is not safe`);
        }
      }
      return missing;
    },
  });

  it("P2: the simulation notices a disk that does not force a target's folder", async () => {
    assert.notEqual((await explore(playOf(['none', 'log']), { folderSync: /twitter$/ })).bad.length, 0);
  });

  it('P1, P2: native SQLite finds the old rows or the new ones, wherever the publication ended', async function () {
    if (!hasPython) return this.skip();
    for (const kinds of [
      ['log', 'journal'],
      ['appliedLog', 'log'],
    ] as const) {
      const expected = (await sidecarTargets(kinds)).map(({ image, after }) => [image, after]);
      await assertNativeFinds(playOf(kinds), expected);
    }
  });

  describe('one call goes wrong', () => {
    const faults: readonly (readonly [string, (mutation: number) => Script])[] = [
      ...['ENOSPC', 'EIO', 'EPERM', 'EBUSY'].flatMap((code) => [
        once(`${code}, once`, { kind: 'fail', code }),
        once(`${code}, once, though done`, { kind: 'fail', code, after: true }),
        onAndOn(`${code}, from then on`, { kind: 'fail', code }),
      ]),
    ];

    function once(what: string, fault: Fault) {
      return [
        what,
        (at: number): Script =>
          ({ mutation }) =>
            mutation === at ? fault : undefined,
      ] as const;
    }

    function onAndOn(what: string, fault: Fault) {
      return [
        what,
        (at: number): Script =>
          ({ mutation }) =>
            mutation >= at ? fault : undefined,
      ] as const;
    }

    for (const [what, faultAt] of faults) {
      it(`P7, P8, P9: ${what} at any call: all or none, told as it is`, async () => {
        const told = new Set<string>();
        for (let mutation = 1; ; mutation++) {
          const reached = await simulate(['log', 'journal'], async (scene) => {
            let isReached = false;
            const before = await treeOf(scene);
            const error = await run(scene, (call) => {
              isReached ||= call.mutation === mutation;
              return faultAt(mutation)(call);
            }).then(
              () => null,
              (thrown: unknown) => thrown,
            );
            assert.ok(error === null || error instanceof CoreError, String(error));
            assert.ok(!(await states(scene)).includes('torn'), `torn by call ${mutation}`);
            told.add(error?.code ?? 'done');
            if (error === null) assert.equal(await isWhole(scene), 'new');
            else if (error.code !== 'recovery-needed') {
              assert.match(error.message, /No database was changed|changed by somebody/);
              // Stages may be left where removing them failed too.
              const after = Object.entries(await treeOf(scene)).filter(([path]) => !path.endsWith('.stage'));
              assert.deepEqual(Object.fromEntries(after), before);
              assert.equal(await recovers(scene), 'old');
              assert.deepEqual(await treeOf(scene), before);
            }
            const end = await recovers(scene);
            if (error === null) assert.equal(end, 'new');
            return isReached;
          });
          if (!reached) break;
        }
        assert.ok(told.has('done') && told.has('recovery-needed'), [...told].join());
      });
    }

    it('P7: a stage cut short, with an error or in silence, is never put in place', async () => {
      for (const code of ['ENOSPC', undefined]) {
        for (let number = 1; number <= 3; number++) {
          await withScene(['log', 'none'], async (scene) => {
            const before = await treeOf(scene);
            const cut: Fault = code === undefined ? { kind: 'cut' } : { kind: 'cut', code };
            const expected = code === undefined ? 'publish-failed' : 'no-space';
            await refusal(
              () => run(scene, (call) => (call.method === 'writeNew' && call.number === number ? cut : undefined)),
              expected,
            );
            assert.deepEqual(await treeOf(scene), before);
          });
        }
      }
    });
  });

  describe('P5: what changed between read and publish', () => {
    const changes: readonly (readonly [string, (path: string) => Promise<void>])[] = [
      ['the log grew', (path) => appendFile(`${path}-wal`, new Uint8Array(536))],
      ['the log is another', (path) => writeFile(`${path}-wal`, new Uint8Array(568).fill(1))],
      ['the log is gone', (path) => rm(`${path}-wal`)],
      ['the log was emptied', (path) => writeFile(`${path}-wal`, '')],
      ['a journal appeared', (path) => writeFile(`${path}-journal`, new Uint8Array(512).fill(1))],
    ];
    for (const [what, change] of changes) {
      it(`${what}: refused, and nothing but that changed`, () =>
        withScene(['none', 'log'], async (scene) => {
          await change(scene.paths[1]);
          const before = await treeOf(scene);
          await refusal(() => run(scene, () => undefined), 'changed-since');
          assert.deepEqual(await treeOf(scene), before);
        }));
    }

    it('an empty log or a journal at rest that appeared holds nothing: published', () =>
      withScene(['none', 'log'], async (scene) => {
        await writeFile(`${scene.paths[0]}-wal`, '');
        await writeFile(`${scene.paths[0]}-journal`, new Uint8Array(512));
        await run(scene, () => undefined);
        assert.equal(await isWhole(scene), 'new');
      }));

    it('the log of a database that is only read grew: refused', () =>
      withScene(['log', 'none'], async (scene) => {
        const { request } = scene.prepared;
        const [, second] = request.successors;
        assert.ok(second !== undefined);
        await appendFile(`${scene.paths[0]}-wal`, new Uint8Array(1));
        const before = await treeOf(scene);
        await refusal(() => publish(portsOf(nodeFileStore), { ...request, successors: [second] }), 'changed-since');
        assert.deepEqual(await treeOf(scene), before);
      }));
  });

  describe('P6: the owner writes after the commit point', () => {
    it('to the log, before any step: withdrawn, what was written stays', () =>
      withScene(['log', 'none'], async (scene) => {
        const [a] = scene.paths;
        let acted = false;
        await refusal(
          () =>
            run(scene, async ({ method, path }) => {
              if (acted || method !== 'syncFolder' || !path.includes('backups')) return;
              acted = true;
              await appendFile(`${a}-wal`, 'more');
            }),
          'changed-since',
        );
        assert.ok((await readFile(`${a}-wal`, 'latin1')).endsWith('more'));
        assert.deepEqual(await stagesOf(nodeFileStore, scene.workspace), []);
        assert.equal(hashOf(await readFile(a)), (await sidecarTargets(scene.kinds)).map(({ main }) => hashOf(main))[0]);
      }));

    for (const step of ['the checkpoint is in place', 'the log is gone', 'its index is gone'] as const) {
      it(`when ${step}: everything is kept, and recovery overwrites nothing`, () =>
        withScene(['log', 'none'], async (scene) => {
          const [a] = scene.paths;
          const isStep: Script = ({ method, path }) => {
            const wanted =
              step === 'the checkpoint is in place'
                ? method === 'rename' && path === a
                : method === 'remove' && path === `${a}${step === 'the log is gone' ? '-wal' : '-shm'}`;
            if (!wanted) return undefined;
            happened = true;
            return undefined;
          };
          let happened = false;
          let written = false;
          await refusal(
            () =>
              run(scene, async (call) => {
                if (happened && !written && call.method === 'syncFolder') {
                  written = true;
                  await writeFile(`${a}-wal`, new Uint8Array(600).fill(9));
                }
                await isStep(call);
              }),
            'recovery-needed',
          );
          assert.ok(written);
          for (let tries = 0; tries < 2; tries++) {
            const error = await refusesUnchanged(scene.workspace, 'recovery-needed', () =>
              recover(nodeFileStore, scene.workspace),
            );
            assert.match(error.message, /a\.db-wal changed since/);
            assert.match(error.hint ?? '', /\.stage/);
          }
        }));
    }
  });

  describe('L3: an owner starts during publication', () => {
    for (const [steps, file] of [
      [1, ''],
      [2, ''],
      [3, '-wal'],
      [4, ''],
      [5, ''],
    ] as const) {
      it(`seen before look ${steps} (${file === '' ? 'the database' : 'its log'}): no step further`, () =>
        withScene(['log', 'none'], async (scene) => {
          let looks = 0;
          const holders: HolderProbe = {
            find: (files) => {
              looks++;
              return Promise.resolve(
                files.map(({ path }) =>
                  looks >= steps && path === `${scene.paths[0]}${file}`
                    ? { kind: 'held', holders: [{ pid: 4711, command: 'python3' }] }
                    : { kind: 'none' },
                ),
              );
            },
          };
          // Look 1 comes before the commit point, look 2 before the first step.
          const code = steps <= 2 ? 'in-use' : 'recovery-needed';
          const error = await refusal(() => run(scene, () => undefined, holders), code);
          assert.match(error.message, /python3 \(process 4711\)/);
          assert.deepEqual(await states(scene), ['old', 'old']);
          assert.equal(await recovers(scene), steps <= 2 ? 'old' : 'new');
        }));
    }
  });

  describe('recovery', () => {
    /** A publication killed right before the successor of the first target takes the place. */
    const withPending = (kinds: SidecarKinds, mutationOf: Script, body: (scene: Scene) => Promise<void>) =>
      withScene(kinds, async (scene) => {
        assert.ok(await endsKilled(() => run(scene, mutationOf)));
        await body(scene);
      });

    const killBefore =
      (method: string, ending: string): Script =>
      (call) =>
        call.method === method && call.path.endsWith(ending) ? { kind: 'kill', when: 'before' } : undefined;

    const refuses = async (scene: Scene, message: RegExp): Promise<void> => {
      const error = await refusesUnchanged(scene.workspace, 'recovery-needed', () =>
        recover(nodeFileStore, scene.workspace),
      );
      assert.match(error.message, message);
    };

    it('refuses where the log is gone and the checkpoint not in place', () =>
      withPending(['log', 'none'], killBefore('rename', 'a.db'), async (scene) => {
        await rm(`${scene.paths[0]}-wal`);
        await refuses(scene, /a\.db-wal is gone/);
      }));

    it('refuses where the old log lies beside the successor', () =>
      withPending(['log', 'none'], killBefore('rename', 'b.db'), async (scene) => {
        const [target] = await sidecarTargets(scene.kinds);
        await writeFile(`${scene.paths[0]}-wal`, target?.sidecar?.bytes ?? '');
        await refuses(scene, /a\.db-wal belongs to the file that was replaced/);
      }));

    it('goes on where the owner himself has merged the log, and leaves no stage', () =>
      withPending(['log', 'none'], killBefore('rename', 'a.db'), async (scene) => {
        const [target] = await sidecarTargets(scene.kinds);
        await writeFile(scene.paths[0], target?.image ?? '');
        await rm(`${scene.paths[0]}-wal`);
        assert.equal(await recovers(scene), 'new');
      }));

    it('refuses an altered checkpoint, and one of another name', () =>
      withPending(['log', 'none'], killBefore('rename', 'a.db'), async (scene) => {
        const stage = join(dirname(scene.paths[0]), checkpointName('a.db', scene.prepared.run));
        const bytes = await readFile(stage);
        await writeFile(stage, bytes.fill(1, 600, 700));
        await refuses(scene, /is altered/);
        const { manifestPath } = scene.prepared.request;
        const manifest = await readFile(manifestPath, 'utf8');
        await writeFile(manifestPath, manifest.replace(/\.a\.db\.[^"]*\.checkpoint\.stage/, 'b.db'));
        await refuses(scene, /names the staged file b\.db/);
      }));

    it('closes as withdrawn where nothing was touched and the checkpoint is gone', () =>
      withPending(['log', 'none'], killBefore('rename', 'a.db'), async (scene) => {
        await rm(join(dirname(scene.paths[0]), checkpointName('a.db', scene.prepared.run)));
        assert.equal(await recovers(scene), 'old');
      }));

    it('refuses where a step was taken and the successor is gone', () =>
      withPending(['log', 'none'], killBefore('remove', 'a.db-wal'), async (scene) => {
        const [stage] = (await stagesOf(nodeFileStore, scene.workspace)).filter((name) => name.startsWith('.a.db'));
        await rm(join(dirname(scene.paths[0]), stage ?? ''));
        await refuses(scene, /is gone/);
      }));

    it('P2: forces what it finds to disk before it takes the next step', () =>
      withPending(['log', 'none'], killBefore('remove', 'a.db-wal'), async (scene) => {
        const files = new FaultyFileStore(nodeFileStore);
        await recover(files, scene.workspace);
        const [a] = scene.paths;
        const changes = files.calls.filter(({ mutation, path }) => mutation > 0 && path.startsWith(dirname(a)));
        const data = `syncFolder ${dirname(a)}`;
        assert.deepEqual(
          changes.map(({ method, path }) => `${method} ${path}`).filter((line) => !line.includes('backups')),
          [data, `remove ${a}-wal`, data, `remove ${a}-shm`, data, `rename ${a}`, data],
        );
      }));
  });

  it('where folders cannot be forced to disk, a live log is refused before anything is written', () =>
    withScene(['log', 'none'], async (scene) => {
      const [snapshot] = scene.prepared.request.read;
      assert.ok(snapshot !== undefined);
      const files = { ...nodeFileStore, forcesFolders: false };
      await refusesUnchanged(scene.workspace, 'wal-live', () =>
        assertReplaceable({ files }, snapshot, '20260126_130239'),
      );
      await assertReplaceable({ files: nodeFileStore }, snapshot, '20260126_130239');
    }));

  it('P13: mode and owner of a database with a log are preserved', () =>
    withTemporaryFolder(async (workspace) => {
      const kinds = ['log', 'none'] as const;
      await furnishSidecars(nodeFileStore, workspace, kinds);
      const path = join(workspace, targetNames[0]);
      const before = await stat(path);
      await prepareAndPublishSidecars(nodeFileStore, workspace, kinds);
      const after = await stat(path);
      assert.deepEqual([after.mode, after.uid, after.gid], [before.mode, before.uid, before.gid]);
    }));
});
