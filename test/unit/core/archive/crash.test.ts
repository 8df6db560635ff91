/**
 * P1, P2 and P3 for archiving and restoring, on a simulated disk: ended before each step, by a kill or by a power
 * failure with every subset of what was not forced to disk; then the next start is ended likewise, and the start
 * after that.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { readArchives } from '../../../../src/core/archive/archive-manifest';
import { finishArchives, findUnfinishedArchives } from '../../../../src/core/archive/finish';
import { moveToArchive } from '../../../../src/core/archive/move';
import { restore } from '../../../../src/core/archive/restore';
import type { CompleteDatabase } from '../../../../src/core/archive/model';
import { sha256 } from '../../../../src/core/storage/hash';
import type { HolderProbe } from '../../../../src/core/storage/holders';
import { lockFileName } from '../../../../src/core/storage/run-lock';
import type { Snapshot } from '../../../../src/core/storage/snapshot';
import { endEverywhere } from '../../../fixtures/power-loss';
import { SimulatedDisk, type Lies } from '../../../fixtures/simulated-disk';

const workspace = '/workspace';
const dataFolder = join(workspace, 'data');
const place = { workspace, dataFolder };
const archiveFolder = join(dataFolder, 'archive', '2026-01-26');

/** Main file and log of a database. Their content does not matter here. */
const originals: Readonly<Record<string, string>> = {
  'data/a.db': 'main of a',
  'data/a.db-wal': 'log of a',
};
const databases: readonly string[] = ['data/a.db'];

const nobody: HolderProbe = { find: (files) => Promise.resolve(files.map(() => ({ kind: 'none' }))) };
const ports = {
  holders: nobody,
  now: () => new Date(2026, 0, 26, 13, 2, 39),
  version: '0.1.0',
  self: { pid: 1, host: 'here', nonce: 'n', isAlive: () => true, life: null, lifeOf: () => null },
  onProgress: () => Promise.resolve(),
  beginPublishing: () => Promise.resolve(),
};

async function furnish(disk: SimulatedDisk): Promise<void> {
  for (const folder of ['data', 'bots']) await disk.makeFolder(join(workspace, folder));
  for (const [path, text] of Object.entries(originals))
    await disk.writeNew(join(workspace, path), new TextEncoder().encode(text));
}

async function move(disk: SimulatedDisk): Promise<void> {
  const snapshots: Snapshot[] = [];
  const complete: CompleteDatabase[] = [];
  for (const database of databases) {
    const path = join(workspace, database);
    const stat = await disk.stat(path);
    if (stat === null) throw new Error(`${database} is not there`);
    const main = await disk.read(path);
    const log = (await disk.stat(`${path}-wal`)) === null ? [] : [await disk.read(`${path}-wal`)];
    const sidecars = log.map((bytes) => ({ suffix: '-wal' as const, bytes }));
    const hash = await sha256(main);
    const header = {} as Snapshot['header'];
    const unread = { fingerprint: hash, applied: null, warnings: [] };
    snapshots.push({ database, path, stat, header, bytes: main, main, sha256: hash, sidecars, ...unread });
    const files = [{ path: database, size: main.length, sha256: hash }];
    for (const { suffix, bytes } of sidecars)
      files.push({ path: database + suffix, size: bytes.length, sha256: await sha256(bytes) });
    complete.push({ database, rows: 1, files });
  }
  await moveToArchive({ ...ports, files: disk }, { ...place, applicationStopped: true }, complete, snapshots);
}

async function recover(disk: SimulatedDisk): Promise<void> {
  // The lock of the process that ended: taking it over is the subject of other tests.
  await disk.remove(join(dataFolder, lockFileName));
  await finishArchives({ files: disk, holders: nobody, applicationStopped: true }, place);
}

async function textOf(disk: SimulatedDisk, path: string): Promise<string | null> {
  return (await disk.stat(path)) === null ? null : new TextDecoder().decode(await disk.read(path));
}

/** What must hold at every moment, also between crash and recovery. */
async function faultsNow(disk: SimulatedDisk): Promise<readonly string[]> {
  const faults: string[] = [];
  const [known] = await readArchives(disk, dataFolder);
  const state = known?.manifest.state ?? 'none';
  for (const database of databases) {
    const parts = Object.keys(originals).filter((path) => path.startsWith(database));
    const here = await Promise.all(
      parts.map(async (path) => (await textOf(disk, join(workspace, path))) === originals[path]),
    );
    const there = await Promise.all(
      parts.map(async (path) => (await textOf(disk, join(archiveFolder, path))) === originals[path]),
    );
    const isSafe = here.every(Boolean) || (there.every(Boolean) && state !== 'copying' && state !== 'none');
    if (!isSafe) faults.push(`${database} is in neither place, the manifest says ${state}`);
    if (here[0] === true && !here.every(Boolean)) faults.push(`${database} lies there without its log`);
    const main = await textOf(disk, join(workspace, database));
    if (main !== null && main !== originals[database]) faults.push(`${database} is torn`);
  }
  return faults;
}

/** What must hold after recovery. @returns whether the originals are at their places */
async function judgeEnd(disk: SimulatedDisk, faults: string[]): Promise<'here' | 'archived'> {
  faults.push(...(await faultsNow(disk)));
  if ((await findUnfinishedArchives(disk, dataFolder)).length > 0) faults.push('an archive is still under way');
  const states = await Promise.all(
    Object.entries(originals).map(async ([path, text]) => (await textOf(disk, join(workspace, path))) === text),
  );
  if (new Set(states).size !== 1) faults.push(`some are here and some are not: ${states.join()}`);
  for (const folder of ['data', 'bots']) {
    for (const { name } of await disk.list(join(workspace, folder)))
      if (name.endsWith('.restore')) faults.push(`${name} stays`);
  }
  return states[0] === true ? 'here' : 'archived';
}

/** A start that is killed in the middle of what the last one was killed in may go on like that for ever. */
const mostStarts = 2;

interface Findings {
  readonly ended: Record<string, number>;
  readonly faults: readonly string[];
}

/** @param enough faults after which the search ends: bad ends multiply */
async function explore(
  initial: SimulatedDisk,
  action: (disk: SimulatedDisk) => Promise<unknown>,
  enough = 20,
): Promise<Findings> {
  const faults: string[] = [];
  const ended: Record<string, number> = {};
  const seen = new Set<string>();
  const queue: { readonly disk: SimulatedDisk; readonly starts: number }[] = [];
  /** @param starts how many there have been, this one included */
  const play = async (
    disk: SimulatedDisk,
    starts: number,
    work: (disk: SimulatedDisk) => Promise<unknown>,
  ): Promise<void> => {
    const found: SimulatedDisk[] = [];
    await endEverywhere(disk, work, (left) => {
      const fingerprint = left.fingerprint();
      if (!seen.has(fingerprint)) found.push(left);
      seen.add(fingerprint);
    });
    for (const left of found) {
      faults.push(...(await faultsNow(left)));
      queue.push({ disk: left, starts });
    }
  };
  await play(initial, 1, action);
  for (let next = queue.shift(); next !== undefined && faults.length < enough; next = queue.shift()) {
    const { disk, starts } = next;
    try {
      await (starts < mostStarts ? play(disk, starts + 1, recover) : recover(disk));
    } catch (error) {
      faults.push(`recovery: ${String(error)}`);
      continue;
    }
    const end = await judgeEnd(disk, faults);
    ended[end] = (ended[end] ?? 0) + 1;
  }
  return { ended, faults: [...new Set(faults)] };
}

async function furnished(lies: Lies = {}): Promise<SimulatedDisk> {
  const disk = new SimulatedDisk(lies);
  await furnish(disk);
  disk.settle();
  return disk;
}

describe('a crash while archiving', function () {
  this.timeout(120_000);

  it('P1, P2, P3: whatever is lost, each database is whole at its place or whole in the archive', async () => {
    const { ended, faults } = await explore(await furnished(), move);
    assert.deepEqual(faults, []);
    assert.ok((ended['here'] ?? 0) > 10 && (ended['archived'] ?? 0) > 5, JSON.stringify(ended));
  });

  for (const [what, lies] of [
    ['files', { fileSync: true }],
    ["the archive's folder", { folderSync: /2026-01-26$/ }],
    ['the folder of all archives', { folderSync: /archive$/ }],
    ['a folder of copies', { folderSync: /2026-01-26\/data$/ }],
    ['the folder of the originals', { folderSync: /workspace\/data$/ }],
  ] as const) {
    it(`P2: the simulation notices a disk that does not force ${what}`, async () => {
      assert.notEqual((await explore(await furnished(lies), move, 1)).faults.length, 0);
    });
  }
});

describe('a crash while restoring', function () {
  this.timeout(120_000);

  const restoreOn = (disk: SimulatedDisk): Promise<unknown> =>
    restore({ ...ports, files: disk }, { ...place, archive: null });

  it('P1, P2, P3: the archive stays whole, and no main file ever lies there without its log', async () => {
    const disk = await furnished();
    await move(disk);
    disk.settle();
    const { ended, faults } = await explore(disk, restoreOn);
    assert.deepEqual(faults, []);
    assert.ok((ended['here'] ?? 0) > 5 && (ended['archived'] ?? 0) > 0, JSON.stringify(ended));
  });

  it('P2: the simulation notices a disk that does not force the folder of the originals', async () => {
    const disk = await furnished({ folderSync: /workspace\/data$/ });
    await move(disk);
    disk.settle();
    assert.notEqual((await explore(disk, restoreOn, 1)).faults.length, 0);
  });
});
