import assert from 'node:assert/strict';
import { chmod, chown, link, mkdir, readFile, rename, stat, symlink, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { CoreError } from '../../../../src/core/errors';
import type { HolderProbe } from '../../../../src/core/storage/holders';
import { readManifest } from '../../../../src/core/storage/manifest';
import { nodeFileStore } from '../../../../src/core/storage/node-file-store';
import { assertReplaceable, assertSpace, publish } from '../../../../src/core/storage/publish';
import { stageName } from '../../../../src/core/storage/staging';
import { readSnapshot } from '../../../../src/core/storage/snapshot';
import { FaultyFileStore, type Call, type Script } from '../../../fixtures/faulty-file-store';
import {
  furnish,
  nobody,
  portsOf,
  prepare,
  recover,
  sourceName,
  stagesOf,
  statesOf,
  targetNames,
  type Prepared,
} from '../../../fixtures/publication';
import { refusal, refusesUnchanged } from '../../../fixtures/refusals';
import { hashTree, withTemporaryFolder } from '../../../fixtures/temporary-folder';

interface Scene {
  readonly workspace: string;
  readonly prepared: Prepared;
  readonly paths: { readonly a: string; readonly b: string; readonly source: string };
}

/** A workspace where everything up to `publish` has been done on real files. */
async function withPublication(body: (scene: Scene) => Promise<void>): Promise<void> {
  await withTemporaryFolder(async (workspace) => {
    await furnish(nodeFileStore, workspace);
    const prepared = await prepare(nodeFileStore, workspace);
    const [a, b] = targetNames;
    const paths = { a: join(workspace, a), b: join(workspace, b), source: join(workspace, sourceName) };
    await body({ workspace, prepared, paths });
  });
}

const run = (scene: Scene, script: Script, pauses: number[] = [], holders: HolderProbe = nobody) =>
  publish(portsOf(new FaultyFileStore(nodeFileStore, script), pauses, holders), scene.prepared.request);

async function publicationOf({ prepared }: Scene): Promise<string | null> {
  return (await readManifest(nodeFileStore, prepared.request.manifestPath))?.publication ?? null;
}

/** Everything below the workspace but the manifest and its draft, which may say that nothing was published. */
async function treeOf({ workspace }: Scene): Promise<Readonly<Record<string, string>>> {
  const tree = Object.entries(await hashTree(workspace));
  return Object.fromEntries(tree.filter(([path]) => !/\/manifest\.json(\.new)?$/.test(path)));
}

/** The publication must fail, change no database, leave no stage, and leave nothing for recovery to do. */
async function failsUnchanged(scene: Scene, code: CoreError['code'], script: Script): Promise<CoreError> {
  const before = await treeOf(scene);
  const error = await refusal(() => run(scene, script), code);
  assert.deepEqual(await treeOf(scene), before);
  assert.notEqual(await publicationOf(scene), 'committed');
  await recover(nodeFileStore, scene.workspace);
  assert.deepEqual(await treeOf(scene), before);
  return error;
}

/** The publication stops between its targets; the next start completes it. */
async function completesLater(scene: Scene, script: Script): Promise<CoreError> {
  const error = await refusal(() => run(scene, script), 'recovery-needed');
  assert.ok(!(await statesOf(nodeFileStore, scene.workspace)).includes('torn'));
  await recover(nodeFileStore, scene.workspace);
  await isPublished(scene);
  return error;
}

async function isPublished(scene: Scene): Promise<void> {
  assert.deepEqual(await statesOf(nodeFileStore, scene.workspace), ['new', 'new']);
  assert.deepEqual(await stagesOf(nodeFileStore, scene.workspace), []);
  assert.equal(await publicationOf(scene), 'done');
}

/** How often `publish` calls a method when all goes well. */
async function countCalls(method: Call['method']): Promise<number> {
  let count = 0;
  await withPublication((scene) =>
    run(scene, (call) => {
      if (call.method === method) count = call.number;
    }),
  );
  return count;
}

async function append(path: string): Promise<void> {
  const bytes = await readFile(path);
  bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 0xff;
  await writeFile(path, bytes);
}

describe('publish', function () {
  this.timeout(60_000);

  it('replaces all targets, leaves the source and no stage, and says done', () =>
    withPublication(async (scene) => {
      const source = await readFile(scene.paths.source);
      await run(scene, () => undefined);
      await isPublished(scene);
      assert.ok(source.equals(await readFile(scene.paths.source)));
    }));

  describe('P5: what changed between read and publish', () => {
    for (const which of ['a', 'b', 'source'] as const) {
      it(`refuses when ${which} was written`, () =>
        withPublication(async (scene) => {
          await append(scene.paths[which]);
          const error = await failsUnchanged(scene, 'changed-since', () => undefined);
          assert.match(error.message, /was changed by somebody else/);
        }));

      it(`refuses when ${which} was replaced by an equal file`, () =>
        withPublication(async (scene) => {
          const path = scene.paths[which];
          await writeFile(`${path}.tmp`, await readFile(path));
          await rename(`${path}.tmp`, path);
          await failsUnchanged(scene, 'changed-since', () => undefined);
        }));

      it(`refuses when a log appeared beside ${which}`, () =>
        withPublication(async (scene) => {
          await writeFile(`${scene.paths[which]}-wal`, new Uint8Array(32));
          await failsUnchanged(scene, 'changed-since', () => undefined);
        }));

      it(`refuses when ${which} is gone`, () =>
        withPublication(async (scene) => {
          await rename(scene.paths[which], `${scene.paths[which]}.away`);
          await failsUnchanged(scene, 'changed-since', () => undefined);
        }));
    }

    it('P12: refuses when a target got a second hard link', () =>
      withPublication(async (scene) => {
        await link(scene.paths.b, `${scene.paths.b}.second`);
        await failsUnchanged(scene, 'changed-since', () => undefined);
      }));

    it('P13: refuses when a target was made private meanwhile, rather than open it again', () =>
      withPublication(async (scene) => {
        await chmod(scene.paths.a, 0o600);
        await failsUnchanged(scene, 'changed-since', () => undefined);
        assert.equal((await stat(scene.paths.a)).mode & 0o777, 0o600);
      }));

    it('L3: refuses when somebody opened a target', () =>
      withPublication(async (scene) => {
        const before = await treeOf(scene);
        const holders: HolderProbe = {
          find: (files) =>
            Promise.resolve(
              files.map(({ stat: { identity } }) =>
                identity === scene.prepared.request.read[1]?.stat.identity
                  ? { kind: 'held', holders: [{ pid: 4711, command: 'python3' }] }
                  : { kind: 'none' },
              ),
            ),
        };
        const error = await refusal(() => run(scene, () => undefined, [], holders), 'in-use');
        assert.match(error.message, /python3 \(process 4711\)/);
        assert.deepEqual(await treeOf(scene), before);
      }));

    it('L2: refuses where the system does not tell, and believes the user only then', () =>
      withPublication(async (scene) => {
        const holders: HolderProbe = {
          find: (files) => Promise.resolve(files.map(() => ({ kind: 'unknown', reason: 'it hides it' }))),
        };
        const before = await treeOf(scene);
        await refusal(() => run(scene, () => undefined, [], holders), 'in-use-unknown');
        assert.deepEqual(await treeOf(scene), before);
        await publish(portsOf(nodeFileStore, [], holders), { ...scene.prepared.request, applicationStopped: true });
        await isPublished(scene);
      }));
  });

  describe('P6: the owner writes after the commit point', () => {
    const afterCommit = (act: () => Promise<void>): Script => {
      let acted = false;
      return async ({ method, path }) => {
        // The folder of the manifest is forced to disk: the commitment is made.
        if (acted || method !== 'syncFolder' || !path.includes('backups')) return;
        acted = true;
        await act();
      };
    };

    it('to the first target: nothing is published, what was written stays', () =>
      withPublication(async (scene) => {
        const { a } = scene.paths;
        const error = await refusal(
          () =>
            run(
              scene,
              afterCommit(() => append(a)),
            ),
          'changed-since',
        );
        assert.equal(error.path, 'data/a.db');
        assert.deepEqual(await statesOf(nodeFileStore, scene.workspace), ['torn', 'old']);
        assert.equal(await publicationOf(scene), 'withdrawn');
        assert.deepEqual(await stagesOf(nodeFileStore, scene.workspace), []);
      }));

    it('to the second target: everything is kept, and recovery keeps refusing to overwrite it', () =>
      withPublication(async (scene) => {
        const { b } = scene.paths;
        await refusal(
          () =>
            run(
              scene,
              afterCommit(() => append(b)),
            ),
          'recovery-needed',
        );
        assert.deepEqual(await statesOf(nodeFileStore, scene.workspace), ['new', 'torn']);
        for (let tries = 0; tries < 2; tries++) {
          const error = await refusesUnchanged(scene.workspace, 'recovery-needed', () =>
            recover(nodeFileStore, scene.workspace),
          );
          assert.match(error.message, /b\.db changed since/);
          // Both paths are shown.
          assert.match(error.hint ?? '', /\.stage/);
          assert.match(error.hint ?? '', /backups/);
        }
      }));

    it('to the first target, while a passing hindrance was waited out: the write is seen and kept', () =>
      withPublication(async (scene) => {
        const { a } = scene.paths;
        const error = await refusal(
          () =>
            run(scene, async ({ method, path, number }) => {
              if (method !== 'rename' || path !== a || number > 2) return undefined;
              await append(a);
              return { kind: 'fail', code: 'EBUSY' };
            }),
          'changed-since',
        );
        assert.equal(error.path, 'data/a.db');
        assert.deepEqual(await statesOf(nodeFileStore, scene.workspace), ['torn', 'old']);
      }));

    it('right after a target was replaced: it is told, and the write is kept', () =>
      withPublication(async (scene) => {
        const { a } = scene.paths;
        let reads = 0;
        const error = await refusal(
          () =>
            run(scene, async ({ method, path }) => {
              if (method === 'syncFolder' && path === dirname(scene.paths.b)) reads++;
              if (method === 'read' && path === a && reads === 2) await append(a);
            }),
          'recovery-needed',
        );
        assert.match(error.message, /changed right after it was published/);
      }));
  });

  describe('P7: the disk is full', () => {
    it('at each write: refused, nothing changed, no stage left', async () => {
      const writes = await countCalls('writeNew');
      assert.equal(writes, 4);
      // The last write closes the manifest; by then every target is in place.
      for (let number = 1; number < writes; number++) {
        for (const code of ['ENOSPC', 'EDQUOT']) {
          await withPublication(async (scene) => {
            const error = await failsUnchanged(scene, 'no-space', (call) =>
              call.method === 'writeNew' && call.number >= number ? { kind: 'fail', code } : undefined,
            );
            assert.match(error.message, /No database was changed/);
            assert.match(error.hint ?? '', /Free some space/);
          });
        }
      }
    });

    it('at the last write: the databases are published, which is told, and the next start closes the manifest', () =>
      withPublication(async (scene) => {
        const error = await completesLater(scene, (call) =>
          call.method === 'writeNew' && call.number === 4 ? { kind: 'fail', code: 'ENOSPC' } : undefined,
        );
        assert.match(error.message, /Every database was replaced/);
      }));

    it('a write that is cut short with an error leaves no stage', async () => {
      for (const number of [1, 2]) {
        await withPublication(async (scene) => {
          await failsUnchanged(scene, 'no-space', (call) =>
            call.method === 'writeNew' && call.number === number ? { kind: 'cut', code: 'ENOSPC' } : undefined,
          );
        });
      }
    });

    it('a write that is cut short in silence is found when the stage is read back', async () => {
      for (const number of [1, 2]) {
        await withPublication(async (scene) => {
          const error = await failsUnchanged(scene, 'publish-failed', (call) =>
            call.method === 'writeNew' && call.number === number ? { kind: 'cut' } : undefined,
          );
          assert.match(error.message, /reads back as SHA-256/);
        });
      }
    });

    it('the stage of somebody else, who took the name first, is left alone', () =>
      withPublication(async (scene) => {
        const stage = join(dirname(scene.paths.b), stageName(scene.paths.b, scene.prepared.run));
        await writeFile(stage, 'not ours');
        const before = await hashTree(scene.workspace);
        await refusal(() => run(scene, () => undefined), 'publish-failed');
        assert.deepEqual(await hashTree(scene.workspace), before);
      }));

    it('too little space is refused before anything is written', async () => {
      const files = { ...nodeFileStore, freeSpace: () => Promise.resolve(1000) };
      const error = await refusal(() => assertSpace(files, '/', 1001), 'no-space');
      assert.match(error.message, /1,001 bytes, 1,000 are free/);
      await assertSpace(files, '/', 1000);
      await assertSpace({ ...nodeFileStore, freeSpace: () => Promise.resolve(null) }, '/', 1e15);
    });
  });

  describe('P8: a folder cannot be forced to disk', () => {
    // Stages a and b, the commitment, target a, target b, the end.
    for (const number of [1, 2, 3]) {
      for (const after of [false, true]) {
        it(`sync ${number} of 6${after ? ', though done' : ''}: refused, nothing changed, no commitment left`, () =>
          withPublication(async (scene) => {
            const error = await failsUnchanged(scene, 'publish-failed', (call) =>
              call.method === 'syncFolder' && call.number === number ? { kind: 'fail', code: 'EIO', after } : undefined,
            );
            assert.match(error.message, /No database was changed.*EIO/);
          }));
      }
    }

    for (const number of [4, 5, 6]) {
      it(`sync ${number} of 6: not told as success, nor as "nothing changed"; the next start completes it`, () =>
        withPublication(async (scene) => {
          const error = await completesLater(scene, (call) =>
            call.method === 'syncFolder' && call.number === number ? { kind: 'fail', code: 'EIO' } : undefined,
          );
          assert.doesNotMatch(error.message, /No database was changed/);
        }));
    }

    it('the commitment is on disk and cannot be taken back: the stages stay, the next start keeps it', () =>
      withPublication((scene) =>
        completesLater(scene, (call) => {
          if (call.method === 'syncFolder' && call.number === 3) return { kind: 'fail', code: 'EIO' };
          return call.method === 'writeNew' && call.number === 4 ? { kind: 'fail', code: 'EIO' } : undefined;
        }).then(() => undefined),
      ));
  });

  describe('P9: a rename is refused', () => {
    for (const code of ['EPERM', 'EBUSY', 'EACCES']) {
      it(`${code} for a moment: waited out`, () =>
        withPublication(async (scene) => {
          const pauses: number[] = [];
          await run(
            scene,
            (call) =>
              call.method === 'rename' && [2, 3, 5].includes(call.number) ? { kind: 'fail', code } : undefined,
            pauses,
          );
          await isPublished(scene);
          assert.deepEqual(pauses, [50, 100, 50]);
        }));
    }

    it('for good, at the first target: withdrawn after about ten seconds, nothing changed', () =>
      withPublication(async (scene) => {
        const pauses: number[] = [];
        const before = await treeOf(scene);
        const locked: Script = ({ method, path }) =>
          method === 'rename' && path === scene.paths.a ? { kind: 'fail', code: 'EBUSY' } : undefined;
        const error = await refusal(() => run(scene, locked, pauses), 'publish-failed');
        assert.match(error.message, /No database was changed.*EBUSY/);
        assert.deepEqual(await treeOf(scene), before);
        assert.equal(await publicationOf(scene), 'withdrawn');
        const waited = pauses.reduce((sum, pause) => sum + pause, 0);
        assert.ok(waited > 9_000 && waited < 11_000, String(waited));
      }));

    it('for good, at the second target: kept for the next start, which completes it', () =>
      withPublication(async (scene) => {
        const error = await completesLater(scene, ({ method, path }) =>
          method === 'rename' && path === scene.paths.b ? { kind: 'fail', code: 'EACCES' } : undefined,
        );
        assert.equal(error.path, targetNames[1]);
        assert.match(error.hint ?? '', /run again/);
      }));

    it('any other error is not waited out', () =>
      withPublication(async (scene) => {
        const pauses: number[] = [];
        const script: Script = ({ method, path }) =>
          method === 'rename' && path === scene.paths.a ? { kind: 'fail', code: 'EIO' } : undefined;
        await refusal(() => run(scene, script, pauses), 'publish-failed');
        assert.deepEqual(pauses, []);
        assert.deepEqual(await statesOf(nodeFileStore, scene.workspace), ['old', 'old']);
      }));

    it('a rename that fails and was done all the same (a network folder) is not told as "nothing changed"', () =>
      withPublication((scene) =>
        completesLater(scene, ({ method, path }) =>
          method === 'rename' && path === scene.paths.a ? { kind: 'fail', code: 'EIO', after: true } : undefined,
        ).then(() => undefined),
      ));

    it('a manifest that cannot be renamed into place commits nothing', () =>
      withPublication(async (scene) => {
        await failsUnchanged(scene, 'publish-failed', (call) =>
          call.method === 'rename' && call.number === 1 ? { kind: 'fail', code: 'EIO' } : undefined,
        );
        assert.equal(await publicationOf(scene), null);
      }));

    it('a manifest whose rename fails and was done all the same is withdrawn', () =>
      withPublication(async (scene) => {
        await failsUnchanged(scene, 'publish-failed', (call) =>
          call.method === 'rename' && call.number === 1 ? { kind: 'fail', code: 'EIO', after: true } : undefined,
        );
        assert.equal(await publicationOf(scene), 'withdrawn');
      }));

    it('a stage that cannot be removed does not hide the failure that led there', () =>
      withPublication(async (scene) => {
        const script: Script = ({ method, number }) => {
          if (method === 'remove') return { kind: 'fail', code: 'EBUSY' };
          return method === 'writeNew' && number === 2 ? { kind: 'fail', code: 'ENOSPC' } : undefined;
        };
        await refusal(() => run(scene, script), 'no-space');
        assert.equal((await stagesOf(nodeFileStore, scene.workspace)).length, 1);
        await recover(nodeFileStore, scene.workspace);
        assert.deepEqual(await stagesOf(nodeFileStore, scene.workspace), []);
      }));
  });

  it('a target that cannot be read back after it was replaced is told as such', () =>
    withPublication(async (scene) => {
      let synced = 0;
      const error = await completesLater(scene, ({ method, path }) => {
        if (method === 'syncFolder') synced++;
        return method === 'read' && synced === 5 && path === scene.paths.b ? { kind: 'fail', code: 'EIO' } : undefined;
      });
      assert.match(error.message, /published but cannot be read back/);
    }));

  it('a run that is cancelled right before the commit point changes nothing', () =>
    withPublication(async (scene) => {
      const before = await treeOf(scene);
      const onCommit = (): Promise<void> => Promise.reject(new CoreError('cancelled', 'The run was cancelled.'));
      await refusal(() => publish(portsOf(nodeFileStore), { ...scene.prepared.request, onCommit }), 'cancelled');
      assert.deepEqual(await treeOf(scene), before);
      assert.equal(await publicationOf(scene), null);
    }));
});

describe('publish: what the file is', () => {
  const replaceable = async (path: string, name = basename(path)): Promise<void> =>
    assertReplaceable(portsOf(nodeFileStore), await readSnapshot(nodeFileStore, path, name), '20260126_130239');

  async function withTarget(body: (path: string, folder: string) => Promise<void>): Promise<void> {
    await withTemporaryFolder(async (folder) => {
      await furnish(nodeFileStore, folder);
      await body(join(folder, 'data/a.db'), folder);
    });
  }

  it('P10: a read-only file is refused before anything is staged', () =>
    withTarget(async (path, folder) => {
      await chmod(path, 0o444);
      const error = await refusesUnchanged(folder, 'read-only', () => replaceable(path));
      assert.equal(error.message, 'a.db is read-only.');
    }));

  it('P10: a read-only folder is refused before anything is staged', () =>
    withTarget(async (path, folder) => {
      await chmod(dirname(path), 0o555);
      const error = await refusesUnchanged(folder, 'read-only', () => replaceable(path));
      await chmod(dirname(path), 0o755);
      assert.equal(error.message, 'The folder of a.db is read-only.');
    }));

  it('P12: a file with two hard links is refused', () =>
    withTarget(async (path, folder) => {
      await link(path, join(folder, 'other.db'));
      const error = await refusesUnchanged(folder, 'hard-linked', () => replaceable(path));
      assert.match(error.message, /has 2 hard links/);
    }));

  it('E3: a name whose stage would be longer than 255 bytes is refused, in bytes and not in letters', () =>
    withTarget(async (path, folder) => {
      const overhead = stageName('', '20260126_130239').length;
      for (const [name, fits] of [
        ['x'.repeat(255 - overhead), true],
        ['x'.repeat(255 - overhead + 1), false],
        ['ä'.repeat(120), false],
      ] as const) {
        const long = join(folder, name);
        await writeFile(long, await readFile(path));
        if (fits) await replaceable(long);
        else await refusesUnchanged(folder, 'name-too-long', () => replaceable(long));
      }
    }));

  it('P11: a link stays, and leads to the new content in the real file', () =>
    withTemporaryFolder(async (workspace) => {
      await furnish(nodeFileStore, workspace);
      const real = join(workspace, 'elsewhere/real.db');
      await mkdir(dirname(real));
      await rename(join(workspace, 'data/a.db'), real);
      await symlink('../elsewhere/real.db', join(workspace, 'data/a.db'));
      const { request, run: id } = await prepare(nodeFileStore, workspace);
      assert.equal(request.manifest.files[0]?.stage, `.real.db.${id}.stage`);
      await publish(portsOf(nodeFileStore), request);
      const tree = await hashTree(workspace);
      assert.equal(tree['data/a.db'], '-> ../elsewhere/real.db');
      assert.equal(tree['elsewhere/real.db'], request.successors[0]?.sha256);
      assert.deepEqual(await statesOf(nodeFileStore, workspace), ['new', 'new']);
      assert.deepEqual(await nodeFileStore.list(dirname(real)), [{ name: 'real.db', kind: 'file' }]);
    }));

  it('P13: mode and owner are preserved', async function () {
    await withTemporaryFolder(async (workspace) => {
      await furnish(nodeFileStore, workspace);
      const [a, b] = [join(workspace, targetNames[0]), join(workspace, targetNames[1])];
      await chmod(a, 0o640);
      await chmod(b, 0o666);
      const isRoot = process.getuid?.() === 0;
      if (isRoot) await chown(a, 12345, 23456);
      const before = await Promise.all([stat(a), stat(b)]);
      const { request, folder } = await prepare(nodeFileStore, workspace);
      await publish(portsOf(nodeFileStore), request);
      const after = await Promise.all([stat(a), stat(b)]);
      assert.deepEqual(
        after.map(({ mode, uid, gid }) => [mode, uid, gid]),
        before.map(({ mode, uid, gid }) => [mode, uid, gid]),
      );
      assert.notEqual(after[0].ino, before[0].ino);
      // The copy of a private database is private.
      assert.equal((await stat(join(folder, 'data/a.db'))).mode & 0o777, 0o640);
    });
  });

  it('P13: an owner that cannot be given to the successor is a refusal', () =>
    withPublication(async (scene) => {
      const files = {
        ...nodeFileStore,
        // As for a user who may not give files away: the stage stays his own.
        writeNew: (path: string, bytes: Uint8Array) => nodeFileStore.writeNew(path, bytes, { mode: 0o644, uid: 1 }),
      };
      if (process.getuid?.() !== 0) return;
      const before = await hashTree(scene.workspace);
      const error = await refusal(() => publish(portsOf(files), scene.prepared.request), 'publish-failed');
      assert.match(error.message, /mode and owner of data\/a\.db/);
      assert.deepEqual(await hashTree(scene.workspace), before);
    }));
});
