/** A configuration file published together with databases: all or none, also where it was not there before. */
import assert from 'node:assert/strict';
import { link, mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { backUp } from '../../../../src/core/storage/backup';
import type { FileStore } from '../../../../src/core/storage/file-store';
import { assertNobodyHas, type HolderProbe } from '../../../../src/core/storage/holders';
import { readManifest, type Manifest } from '../../../../src/core/storage/manifest';
import { nodeFileStore } from '../../../../src/core/storage/node-file-store';
import { assertDistinctFiles, plainFileCap, readPlainFile } from '../../../../src/core/storage/plain-file';
import { assertReplaceable, describeFiles, publish, type PublishRequest } from '../../../../src/core/storage/publish';
import type { FileSuccessor, Publishable } from '../../../../src/core/storage/staging';
import { findPendingPublications, removeOrphanedStages, rollForward } from '../../../../src/core/storage/recover';
import { makeRunFolder } from '../../../../src/core/storage/run-folder';
import { readSnapshot } from '../../../../src/core/storage/snapshot';
import { Crash, FaultyFileStore, killAt, type Script } from '../../../fixtures/faulty-file-store';
import { allImages, furnish, nobody, portsOf } from '../../../fixtures/publication';
import { refusal, refusesUnchanged } from '../../../fixtures/refusals';
import { endEverywhere } from '../../../fixtures/power-loss';
import { SimulatedDisk } from '../../../fixtures/simulated-disk';
import { hashOf, hashTree, withTemporaryFolder } from '../../../fixtures/temporary-folder';

const database = 'data/a.db';
const config = 'config/deep/rates.yaml';
const after = new TextEncoder().encode('rates: [new]\n');
const startedAt = new Date(2026, 0, 26, 13, 2, 39);

/** What was in the configuration file before the run; null where there was none. */
type Before = Uint8Array | null;
const olds: readonly (readonly [what: string, before: Before])[] = [
  ['a new file', null],
  ['a file that was there', new TextEncoder().encode('rates: [old]\n')],
];

async function furnishBoth(files: FileStore, workspace: string, before: Before): Promise<void> {
  await furnish(files, workspace);
  if (before === null) return;
  await files.makeFolder(dirname(join(workspace, config)));
  await files.writeNew(join(workspace, config), before, { mode: 0o640 });
}

/** @param order which is replaced first */
async function prepareBoth(
  files: FileStore,
  workspace: string,
  order: 'database' | 'file' = 'database',
): Promise<PublishRequest> {
  const image = (await allImages())[database].after;
  const snapshot = await readSnapshot(files, join(workspace, database), database);
  const plain = await readPlainFile(files, workspace, join(workspace, 'data'), config);
  const { run, folder } = await makeRunFolder(files, join(workspace, 'data'), startedAt);
  const copies = await backUp(files, folder, [snapshot], [plain]);
  const file: FileSuccessor = { ...plain, kind: 'file', bytes: after, sha256: hashOf(after) };
  const successors: Publishable[] = [{ snapshot, image, sha256: hashOf(image) }, file];
  if (order === 'file') successors.reverse();
  return {
    run,
    manifestPath: join(folder, 'manifest.json'),
    manifest: { format: 1, run, files: describeFiles(run, copies, successors) },
    successors,
    read: [snapshot],
    applicationStopped: false,
    onCommit: () => Promise.resolve(),
  };
}

/** `old`, `new` or `torn`: the database, then the configuration file. */
async function statesOf(files: FileStore, workspace: string, before: Before): Promise<string> {
  const images = (await allImages())[database];
  const bytes = Buffer.from(await files.read(join(workspace, database)));
  const path = join(workspace, config);
  const found = (await files.stat(path)) === null ? null : Buffer.from(await files.read(path));
  const isOld = before === null ? found === null : found?.equals(before) === true;
  return [
    bytes.equals(images.before) ? 'old' : bytes.equals(images.after) ? 'new' : 'torn',
    isOld ? 'old' : found?.equals(after) === true ? 'new' : 'torn',
  ].join();
}

async function recover(files: FileStore, workspace: string): Promise<void> {
  for (const pending of await findPendingPublications(files, join(workspace, 'data')))
    await rollForward(files, workspace, pending, { holders: nobody, applicationStopped: false });
  await removeOrphanedStages(files, [join(workspace, database), join(workspace, config)]);
}

async function stagesOf(files: FileStore, workspace: string): Promise<readonly string[]> {
  const stages = [];
  for (const name of [database, config])
    for (const entry of await files.list(dirname(join(workspace, name))))
      if (entry.name.endsWith('.stage')) stages.push(entry.name);
  return stages;
}

async function endsKilled(action: () => Promise<void>): Promise<boolean> {
  try {
    await action();
    return false;
  } catch (error) {
    const cause = error instanceof Error ? error.cause : null;
    if (error instanceof Crash || cause instanceof Crash) return true;
    throw error;
  }
}

/** A publication killed after its commitment, with so many of the two targets in place. */
async function withPending(
  before: Before,
  replaced: 0 | 1 | 2,
  body: (workspace: string, request: PublishRequest) => Promise<void>,
): Promise<void> {
  await withTemporaryFolder(async (workspace) => {
    await furnishBoth(nodeFileStore, workspace, before);
    const request = await prepareBoth(nodeFileStore, workspace);
    const script: Script = ({ method, number }) =>
      method === 'rename' && number === replaced + 2 ? { kind: 'kill', when: 'before' } : undefined;
    assert.ok(await endsKilled(() => publish(portsOf(new FaultyFileStore(nodeFileStore, script)), request)));
    await body(workspace, request);
  });
}

describe('publishing a plain file with databases', function () {
  this.timeout(120_000);

  for (const [what, before] of olds) {
    describe(what, () => {
      for (const order of ['database', 'file'] as const) {
        it(`is published with the database (${order} first), its folder made, and the manifest says so`, () =>
          withTemporaryFolder(async (workspace) => {
            await furnishBoth(nodeFileStore, workspace, before);
            const request = await prepareBoth(nodeFileStore, workspace, order);
            await publish(portsOf(nodeFileStore), request);
            assert.equal(await statesOf(nodeFileStore, workspace, before), 'new,new');
            assert.deepEqual(await stagesOf(nodeFileStore, workspace), []);
            const manifest = await readManifest(nodeFileStore, request.manifestPath);
            assert.equal(manifest?.publication, 'done');
            assert.deepEqual(
              manifest.files.find(({ path }) => path === config),
              {
                kind: 'file',
                path: config,
                size: before?.length ?? null,
                sha256Before: before === null ? null : hashOf(before),
                copy: before === null ? null : config,
                sha256After: hashOf(after),
                stage: '.rates.yaml.20260126_130239.stage',
              },
            );
            if (before !== null) {
              assert.equal((await nodeFileStore.stat(join(workspace, config)))?.mode, 0o100640);
              const copy = await readFile(join(dirname(request.manifestPath), config));
              assert.ok(copy.equals(before));
            }
          }));

        for (const when of ['before', 'during', 'after'] as const) {
          it(`P1, P3: killed ${when} any call (${order} first), both are old or both are new after the next start`, async () => {
            const ends: string[] = [];
            for (let mutation = 1; ; mutation++) {
              const disk = new SimulatedDisk();
              await furnishBoth(disk, '/workspace', before);
              const request = await prepareBoth(disk, '/workspace', order);
              const ports = portsOf(new FaultyFileStore(disk, killAt(mutation, when)));
              const wasKilled = await endsKilled(() => publish(ports, request));
              assert.doesNotMatch(await statesOf(disk, '/workspace', before), /torn/);
              // The next start is killed as well, one call further each time.
              for (let again = 1; ; again++) {
                const files = new FaultyFileStore(disk, killAt(again, when));
                if (!(await endsKilled(() => recover(files, '/workspace')))) break;
                assert.doesNotMatch(await statesOf(disk, '/workspace', before), /torn/);
              }
              ends.push(await statesOf(disk, '/workspace', before));
              assert.deepEqual(await stagesOf(disk, '/workspace'), []);
              assert.deepEqual(await findPendingPublications(disk, '/workspace/data'), []);
              if (!wasKilled) break;
            }
            const commit = ends.indexOf('new,new');
            assert.ok(commit > 5 && commit < ends.length - 4, ends.join(' '));
            assert.deepEqual(
              ends,
              ends.map((_, index) => (index < commit ? 'old,old' : 'new,new')),
            );
          });
        }
      }

      it('P2: whatever subset of unsynced writes is lost with the power, both are old or both are new', async () => {
        const initial = new SimulatedDisk();
        await furnishBoth(initial, '/workspace', before);
        initial.settle();
        const seen = new Set<string>();
        const queue: SimulatedDisk[] = [];
        const enqueue = (left: SimulatedDisk): void => {
          const fingerprint = left.fingerprint();
          if (!seen.has(fingerprint)) queue.push(left);
          seen.add(fingerprint);
        };
        const publishBoth = async (disk: SimulatedDisk): Promise<void> =>
          publish(portsOf(disk), await prepareBoth(disk, '/workspace'));
        await endEverywhere(initial, publishBoth, enqueue);
        const ended: Record<string, number> = {};
        for (let disk = queue.pop(); disk !== undefined; disk = queue.pop()) {
          await endEverywhere(disk, (start) => recover(start, '/workspace'), enqueue);
          const end = await statesOf(disk, '/workspace', before);
          ended[end] = (ended[end] ?? 0) + 1;
          assert.deepEqual(await stagesOf(disk, '/workspace'), []);
          assert.deepEqual(await findPendingPublications(disk, '/workspace/data'), []);
        }
        assert.deepEqual(Object.keys(ended).sort(), ['new,new', 'old,old']);
        assert.ok((ended['old,old'] ?? 0) > 10 && (ended['new,new'] ?? 0) > 5, JSON.stringify(ended));
      });

      for (const [fault, code, script] of [
        [
          'P7: the disk is full at its stage',
          'no-space',
          ({ method, number }) => (method === 'writeNew' && number === 2 ? { kind: 'cut', code: 'ENOSPC' } : undefined),
        ],
        [
          'P7: its stage is cut in silence',
          'publish-failed',
          ({ method, number }) => (method === 'writeNew' && number === 2 ? { kind: 'cut' } : undefined),
        ],
        [
          'P8: its folder cannot be forced to disk',
          'publish-failed',
          ({ method, path }) =>
            method === 'syncFolder' && path.endsWith('deep') ? { kind: 'fail', code: 'EIO' } : undefined,
        ],
      ] satisfies [string, string, Script][]) {
        it(`${fault}: refused, nothing replaced, no stage left`, () =>
          withTemporaryFolder(async (workspace) => {
            await furnishBoth(nodeFileStore, workspace, before);
            const request = await prepareBoth(nodeFileStore, workspace);
            const ports = portsOf(new FaultyFileStore(nodeFileStore, script));
            await refusal(() => publish(ports, request), code as 'no-space');
            assert.equal(await statesOf(nodeFileStore, workspace, before), 'old,old');
            assert.deepEqual(await stagesOf(nodeFileStore, workspace), []);
            assert.equal(await readManifest(nodeFileStore, request.manifestPath), null);
          }));
      }

      it('P9: a rename that is refused for good, at the file: the next start completes it', () =>
        withTemporaryFolder(async (workspace) => {
          await furnishBoth(nodeFileStore, workspace, before);
          const request = await prepareBoth(nodeFileStore, workspace);
          const script: Script = ({ method, path }) =>
            method === 'rename' && path.endsWith(config) ? { kind: 'fail', code: 'EBUSY' } : undefined;
          const error = await refusal(
            () => publish(portsOf(new FaultyFileStore(nodeFileStore, script)), request),
            'recovery-needed',
          );
          assert.equal(error.path, config);
          assert.equal(await statesOf(nodeFileStore, workspace, before), 'new,old');
          await recover(nodeFileStore, workspace);
          assert.equal(await statesOf(nodeFileStore, workspace, before), 'new,new');
        }));

      for (const replaced of [0, 1, 2] as const) {
        it(`recovery completes a publication with ${replaced} of 2 in place`, () =>
          withPending(before, replaced, async (workspace, { manifestPath }) => {
            await recover(nodeFileStore, workspace);
            assert.equal(await statesOf(nodeFileStore, workspace, before), 'new,new');
            assert.equal((await readManifest(nodeFileStore, manifestPath))?.publication, 'done');
          }));
      }

      it('P6: recovery overwrites nothing that somebody wrote meanwhile', () =>
        withPending(before, 1, async (workspace) => {
          await writeFile(join(workspace, config), 'theirs');
          const error = await refusesUnchanged(workspace, 'recovery-needed', () => recover(nodeFileStore, workspace));
          assert.match(error.message, /rates\.yaml changed since/);
          assert.match(error.hint ?? '', /\.stage/);
        }));

      it('recovery withdraws where nothing was replaced and its stage is gone, and else refuses', async () => {
        const stage = 'config/deep/.rates.yaml.20260126_130239.stage';
        await withPending(before, 0, async (workspace, { manifestPath }) => {
          await rm(join(workspace, stage));
          await recover(nodeFileStore, workspace);
          assert.equal(await statesOf(nodeFileStore, workspace, before), 'old,old');
          assert.equal((await readManifest(nodeFileStore, manifestPath))?.publication, 'withdrawn');
        });
        await withPending(before, 1, async (workspace) => {
          await rm(join(workspace, stage));
          const error = await refusesUnchanged(workspace, 'recovery-needed', () => recover(nodeFileStore, workspace));
          assert.match(error.message, /is gone/);
        });
      });

      it('X1: recovery is led nowhere by an edited manifest', () =>
        withPending(before, 0, async (workspace, { manifestPath }) => {
          const manifest = JSON.parse(await readFile(manifestPath, 'utf8')) as Manifest;
          for (const path of ['../rates.yaml', 'config/deep/other.yaml', '/etc/rates.yaml', 'data/a.db']) {
            const files = manifest.files.map((file) => (file.path === config ? { ...file, path } : file));
            await writeFile(manifestPath, JSON.stringify({ ...manifest, files }));
            await refusesUnchanged(workspace, 'recovery-needed', () => recover(nodeFileStore, workspace));
          }
          assert.equal(await statesOf(nodeFileStore, workspace, before), 'old,old');
        }));
    });
  }

  it('P5: a file that appeared since is not overwritten, be it a link that leads nowhere', async () => {
    for (const appear of [
      (path: string) => writeFile(path, 'theirs'),
      (path: string) => symlink('nowhere', path),
      (path: string) => mkdir(path),
    ]) {
      await withTemporaryFolder(async (workspace) => {
        await furnishBoth(nodeFileStore, workspace, null);
        const request = await prepareBoth(nodeFileStore, workspace);
        await mkdir(dirname(join(workspace, config)), { recursive: true });
        await appear(join(workspace, config));
        const error = await refusesUnchanged(workspace, 'changed-since', () =>
          publish(portsOf(nodeFileStore), request),
        );
        assert.equal(error.path, config);
      });
    }
  });

  it('P6: a file that appears after the commit point stops the publication; first in the list, it withdraws it', async () => {
    for (const order of ['database', 'file'] as const) {
      await withTemporaryFolder(async (workspace) => {
        await furnishBoth(nodeFileStore, workspace, null);
        const request = await prepareBoth(nodeFileStore, workspace, order);
        const script: Script = async ({ method, path }) => {
          if (method === 'syncFolder' && path.includes('backups')) await writeFile(join(workspace, config), 'theirs');
        };
        await refusal(
          () => publish(portsOf(new FaultyFileStore(nodeFileStore, script)), request),
          order === 'file' ? 'changed-since' : 'recovery-needed',
        );
        assert.equal(await statesOf(nodeFileStore, workspace, null), order === 'file' ? 'old,torn' : 'new,torn');
        assert.equal(await readFile(join(workspace, config), 'utf8'), 'theirs');
      });
    }
  });

  it('P5: a file that changed since is not overwritten', () =>
    withTemporaryFolder(async (workspace) => {
      await furnishBoth(nodeFileStore, workspace, after);
      const request = await prepareBoth(nodeFileStore, workspace);
      await writeFile(join(workspace, config), 'edited');
      await refusesUnchanged(workspace, 'changed-since', () =>
        publish(portsOf(nodeFileStore), { ...request, manifestPath: join(workspace, 'manifest.json') }),
      );
    }));

  it('X1: a folder that became a link out of the workspace since is not written through', () =>
    withTemporaryFolder((outside) =>
      withTemporaryFolder(async (workspace) => {
        await furnishBoth(nodeFileStore, workspace, null);
        const request = await prepareBoth(nodeFileStore, workspace);
        await symlink(outside, join(workspace, 'config'));
        await refusal(() => publish(portsOf(nodeFileStore), request), 'changed-since');
        assert.ok(!JSON.stringify(await hashTree(outside)).includes('rates'));
      }),
    ));

  it('L1: a file that is open elsewhere is refused, one that is not there yet is nobody’s', () =>
    withTemporaryFolder(async (workspace) => {
      await furnishBoth(nodeFileStore, workspace, after);
      const held: HolderProbe = {
        find: (files) => Promise.resolve(files.map(() => ({ kind: 'held', holders: [{ pid: 1, command: 'vim' }] }))),
      };
      const ports = portsOf(nodeFileStore, [], held);
      const read = (name: string) => readPlainFile(nodeFileStore, workspace, join(workspace, 'data'), name);
      const there = await read(config);
      assert.ok(there.before !== null);
      const named = [{ name: there.name, path: there.path, stat: there.before.stat }];
      await refusesUnchanged(workspace, 'in-use', () => assertNobodyHas(held, named, true));
      await assertReplaceable(ports, await read('config/new/x.yaml'), '20260126_130239');
      const long = await read(`config/${'x'.repeat(240)}.yaml`);
      await refusesUnchanged(workspace, 'name-too-long', () => assertReplaceable(ports, long, '20260126_130239'));
    }));

  it('a copy never lies where the run writes its own report', () =>
    withTemporaryFolder(async (workspace) => {
      await furnish(nodeFileStore, workspace);
      await writeFile(join(workspace, 'report.json'), '{}');
      const plain = await readPlainFile(nodeFileStore, workspace, join(workspace, 'data'), 'report.json');
      const [copy] = await backUp(nodeFileStore, join(workspace, 'run'), [], [plain]);
      assert.deepEqual([copy?.path, copy?.copy], ['report.json', 'workspace/report.json']);
    }));
});

describe('reading a plain file', () => {
  const within = (
    body: (workspace: string, read: (name: string) => ReturnType<typeof readPlainFile>) => Promise<void>,
  ) =>
    withTemporaryFolder(async (folder) => {
      const workspace = join(folder, 'workspace');
      await furnish(nodeFileStore, workspace);
      await body(workspace, (name) => readPlainFile(nodeFileStore, workspace, join(workspace, 'data'), name));
    });

  it('gives bytes, hash and stat, or null where nothing is there', () =>
    within(async (workspace, read) => {
      assert.deepEqual(await read('config/x.yaml'), {
        name: 'config/x.yaml',
        path: join(workspace, 'config/x.yaml'),
        before: null,
      });
      await writeFile(join(workspace, 'x.json'), '{}');
      const { before } = await read('x.json');
      assert.equal(before?.sha256, hashOf(new TextEncoder().encode('{}')));
      assert.equal(before.stat.size, 2);
    }));

  for (const name of [
    '',
    '.',
    '../x.yaml',
    'config/../../x.yaml',
    '/etc/x.yaml',
    '//server/share/x.yaml',
    '\\\\server\\x.yaml',
    'C:/x.yaml',
    'x.yaml:stream',
    'nul.yaml',
    'config/COM1.json',
    'config//x.yaml',
    './x.yaml',
    'x.yaml\0',
    'config. /x.yaml',
  ]) {
    it(`X1: refuses ${JSON.stringify(name)}`, () =>
      within(async (workspace, read) => {
        await refusesUnchanged(workspace, 'outside-workspace', () => read(name));
      }));
  }

  it('X1: refuses links out of the workspace folder, and links that lead nowhere', () =>
    within(async (workspace, read) => {
      const outside = join(workspace, '..', 'outside');
      await mkdir(outside);
      await writeFile(join(outside, 'x.yaml'), '');
      await symlink(outside, join(workspace, 'linked'));
      await symlink(join(outside, 'x.yaml'), join(workspace, 'x.yaml'));
      await symlink(join(outside, 'gone.yaml'), join(workspace, 'gone.yaml'));
      await symlink(join(outside, 'gone'), join(workspace, 'gone'));
      for (const name of ['linked/x.yaml', 'linked/new/x.yaml', 'x.yaml'])
        await refusesUnchanged(workspace, 'outside-workspace', () => read(name));
      for (const name of ['gone.yaml', 'gone/x.yaml'])
        await refusesUnchanged(workspace, 'not-a-file', () => read(name));
    }));

  it('P11: reads a link inside the workspace through to the real file', () =>
    within(async (workspace, read) => {
      await writeFile(join(workspace, 'real.yaml'), 'a: 1');
      await symlink('real.yaml', join(workspace, 'x.yaml'));
      assert.equal((await read('x.yaml')).path, join(workspace, 'real.yaml'));
    }));

  it('refuses a folder, a file for a folder, a second hard link, what is too large, and what lies among the backups', () =>
    within(async (workspace, read) => {
      await mkdir(join(workspace, 'folder.yaml'));
      await refusesUnchanged(workspace, 'not-a-file', () => read('folder.yaml'));
      await refusesUnchanged(workspace, 'not-a-file', () => read('data/a.db/x.yaml'));
      await writeFile(join(workspace, 'x.yaml'), '');
      await link(join(workspace, 'x.yaml'), join(workspace, 'y.yaml'));
      const error = await refusesUnchanged(workspace, 'hard-linked', () => read('x.yaml'));
      assert.match(error.message, /has 2 hard links/);
      await writeFile(join(workspace, 'large.yaml'), new Uint8Array(plainFileCap + 1));
      await refusesUnchanged(workspace, 'too-large', () => read('large.yaml'));
      await refusesUnchanged(workspace, 'outside-workspace', () => read('data/backups/20260126_130239/manifest.json'));
    }));

  it('a file that changes between every two readings is busy', () =>
    within(async (workspace) => {
      const path = join(workspace, 'x.yaml');
      await writeFile(path, '');
      const files = new FaultyFileStore(nodeFileStore, async ({ method, number }) => {
        if (method === 'read') await writeFile(path, String(number));
      });
      await refusal(() => readPlainFile(files, workspace, join(workspace, 'data'), 'x.yaml'), 'busy');
    }));

  it('E4: a file that is a database of the run, or another by a link, is refused', () =>
    within(async (workspace, read) => {
      const snapshot = await readSnapshot(nodeFileStore, join(workspace, database), database);
      await symlink('data/a.db', join(workspace, 'x.json'));
      await symlink('config.yaml', join(workspace, 'y.yaml'));
      await writeFile(join(workspace, 'config.yaml'), '');
      const [linked, y, real] = [await read('x.json'), await read('y.yaml'), await read('config.yaml')];
      assert.throws(() => assertDistinctFiles([linked], [snapshot]), /data\/a\.db and x\.json are the same file/);
      assert.throws(() => assertDistinctFiles([y, real], [snapshot]), /y\.yaml and config\.yaml are the same file/);
      assertDistinctFiles([real], [snapshot]);
    }));
});
