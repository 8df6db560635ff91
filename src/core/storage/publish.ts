/**
 * PUBLISH: all targets are replaced, or none.
 *
 * Each successor is staged beside its target and forced to disk; the manifest that says `committed` is the commit
 * point; then each target is renamed over. A crash before the commit point leaves the old files, a crash after it is
 * rolled forward by `recover.ts`. Renaming without forcing stage and folder to disk first loses data when power fails.
 */
import { basename, dirname, join } from 'node:path';
import { CoreError, messageOf } from '../errors';
import { systemCode, type FileStore } from './file-store';
import { sha256 } from './hash';
import { refusalOf, type HolderProbe } from './holders';
import { writeManifest, type Manifest } from './manifest';
import { probeDatabase } from './probe';
import type { Snapshot } from './snapshot';

export interface Successor {
  readonly snapshot: Snapshot;
  readonly image: Uint8Array;
  readonly sha256: string;
}

export interface PublishRequest {
  readonly run: string;
  /** Where the manifest lies. */
  readonly manifestPath: string;
  /** The manifest without its publication: every file involved, copies verified. */
  readonly manifest: Omit<Manifest, 'publication'>;
  readonly successors: readonly Successor[];
  /** Every database that was read, sources too: one that changed since makes the proof worthless. */
  readonly read: readonly Snapshot[];
  readonly applicationStopped: boolean;
  /** Called right before the commit point; from here on the run cannot be cancelled. */
  readonly onCommit: () => Promise<void>;
}

export interface PublishPorts {
  readonly files: FileStore;
  readonly holders: HolderProbe;
  readonly sleep: (milliseconds: number) => Promise<void>;
}

const longestName = 255;

/** The successor's name while it waits: a dot file in the target's own folder, since a rename cannot cross devices. */
export function stageName(path: string, run: string): string {
  return `.${basename(path)}.${run}.stage`;
}

/** What can be known before anything is written. @throws CoreError `hard-linked`, `read-only`, `name-too-long`, `in-use`… */
export async function assertReplaceable(
  ports: PublishPorts,
  snapshot: Snapshot,
  run: string,
  applicationStopped: boolean,
): Promise<void> {
  const { database, path, stat } = snapshot;
  if (stat.links > 1) {
    throw new CoreError(
      'hard-linked',
      `${database} has ${stat.links} hard links: replacing it would leave the others with the old content.`,
      {
        path: database,
        hint: 'Copy it to a file of its own, put that in its place, then try again.',
      },
    );
  }
  if (new TextEncoder().encode(stageName(path, run)).length > longestName) {
    throw new CoreError('name-too-long', `The name of ${database} is too long to stage its successor beside it.`, {
      path: database,
      hint: 'Give the file a shorter name.',
    });
  }
  for (const [what, where] of [
    ['', path],
    ['The folder of ', dirname(path)],
  ] as const) {
    if (await ports.files.isWritable(where)) continue;
    throw new CoreError('read-only', `${what}${database} is read-only.`, {
      path: database,
      hint: 'Allow writing to the file and its folder, then try again.',
    });
  }
  await assertNotHeld(ports, snapshot, applicationStopped);
}

export async function assertNotHeld(
  ports: PublishPorts,
  snapshot: Snapshot,
  applicationStopped: boolean,
): Promise<void> {
  const refusal = refusalOf(await ports.holders.find(snapshot.stat), snapshot.database, applicationStopped);
  if (refusal !== null) throw refusal;
}

/** @param needed bytes @throws CoreError `no-space` */
export async function assertSpace(files: FileStore, folder: string, needed: number): Promise<void> {
  const free = await files.freeSpace(folder);
  if (free === null || free >= needed) return;
  throw new CoreError(
    'no-space',
    `Not enough space: backups and staged files need ${needed.toLocaleString('en')} bytes, ${free.toLocaleString('en')} are free.`,
    {
      path: null,
      hint: 'Free some space on the disk of the data folder, then try again.',
    },
  );
}

/**
 * @throws CoreError with nothing published; or `recovery-needed` after the commit point, when a target could not be
 * replaced after another one had been: everything is kept, and the next run continues from the manifest
 */
export async function publish(ports: PublishPorts, request: PublishRequest): Promise<void> {
  const { files } = ports;
  const { run, successors, manifestPath, manifest } = request;
  try {
    for (const successor of successors) await stage(files, successor, run);
    for (const snapshot of request.read) await assertUnchanged(ports, snapshot, request.applicationStopped);
    await request.onCommit();
    await writeManifest(files, manifestPath, { ...manifest, publication: 'committed' });
  } catch (error) {
    await removeStages(files, successors, run);
    throw asPublishFailure(error, 'No database was changed.');
  }
  let replaced = 0;
  for (const successor of successors) {
    try {
      await assertUnchanged(ports, successor.snapshot, request.applicationStopped);
      await replace(ports, successor, run);
      replaced++;
    } catch (error) {
      if (replaced > 0) throw recoveryNeeded(successor, run, error);
      await writeManifest(files, manifestPath, { ...manifest, publication: 'withdrawn' });
      await removeStages(files, successors, run);
      throw asPublishFailure(error, 'No database was changed.');
    }
  }
  for (const { snapshot, sha256: expected } of successors) {
    const actual = await sha256(await files.read(snapshot.path));
    if (actual === expected) continue;
    throw new CoreError(
      'recovery-needed',
      `${snapshot.database} changed right after it was published (SHA-256 ${actual}, expected ${expected}).`,
      {
        path: snapshot.database,
        hint: `Stop the application and compare the file with its copy in ${dirname(manifestPath)}.`,
      },
    );
  }
  await writeManifest(files, manifestPath, { ...manifest, publication: 'done' });
}

async function stage(files: FileStore, { snapshot, image, sha256: expected }: Successor, run: string): Promise<void> {
  const path = join(dirname(snapshot.path), stageName(snapshot.path, run));
  await files.writeNew(path, image, snapshot.stat);
  const actual = await sha256(await files.read(path));
  if (actual !== expected) throw new Error(`the staged file ${path} reads back as SHA-256 ${actual}, not ${expected}`);
  const made = await files.stat(path);
  if (made === null || made.uid !== snapshot.stat.uid || made.gid !== snapshot.stat.gid) {
    throw new Error(`the owner of ${snapshot.database} cannot be given to its successor`);
  }
  await files.syncFolder(dirname(path));
}

/** Nobody else has it open, and it is byte for byte what was read. */
async function assertUnchanged(ports: PublishPorts, snapshot: Snapshot, applicationStopped: boolean): Promise<void> {
  await assertNotHeld(ports, snapshot, applicationStopped);
  await probeDatabase(ports.files, snapshot.path, snapshot.database);
  const now = await ports.files.stat(snapshot.path);
  const same =
    now?.identity === snapshot.stat.identity &&
    (await sha256(await ports.files.read(snapshot.path))) === snapshot.sha256;
  if (same) return;
  throw new CoreError('changed-since', `${snapshot.database} was changed by somebody else since it was read.`, {
    path: snapshot.database,
    hint: 'Stop the application that writes it, then run again.',
  });
}

/** Waits out whoever holds the file for a moment (a virus scanner, a sync client); about ten seconds in all. */
const backOff = [50, 100, 200, 400, 800, 1600, 3200, 3600] as const;

async function replace({ files, sleep }: PublishPorts, { snapshot }: Successor, run: string): Promise<void> {
  const folder = dirname(snapshot.path);
  const staged = join(folder, stageName(snapshot.path, run));
  for (let tries = 0; ; tries++) {
    try {
      await files.rename(staged, snapshot.path);
      break;
    } catch (error) {
      const pause = backOff[tries];
      if (pause === undefined || !['EPERM', 'EBUSY', 'EACCES'].includes(systemCode(error) ?? '')) throw error;
      await sleep(pause);
    }
  }
  await files.syncFolder(folder);
}

async function removeStages(files: FileStore, successors: readonly Successor[], run: string): Promise<void> {
  for (const { snapshot } of successors)
    await files.remove(join(dirname(snapshot.path), stageName(snapshot.path, run)));
}

function asPublishFailure(error: unknown, assurance: string): CoreError {
  if (error instanceof CoreError) return error;
  const full = systemCode(error) === 'ENOSPC';
  return new CoreError(full ? 'no-space' : 'publish-failed', `Publishing failed: ${messageOf(error)}. ${assurance}`, {
    hint: full
      ? 'Free some space on the disk of the data folder, then try again.'
      : 'Check the disk and the permissions of the data folder, then try again.',
    cause: error,
  });
}

function recoveryNeeded({ snapshot }: Successor, run: string, error: unknown): CoreError {
  const staged = join(dirname(snapshot.path), stageName(snapshot.path, run));
  return new CoreError(
    'recovery-needed',
    `${snapshot.database} could not be replaced after others had been: ${messageOf(error)}`,
    {
      path: snapshot.database,
      hint: `Its successor waits in ${staged}. Stop the application and run again: the publication is continued from the manifest.`,
      cause: error,
    },
  );
}
