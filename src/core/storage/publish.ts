/**
 * PUBLISH: all targets are replaced, or none.
 *
 * Each successor is staged beside its target and forced to disk; the manifest that says `committed` is the commit
 * point; then each target is renamed over. A crash before the commit point leaves the old files, a crash after it is
 * rolled forward by `recover.ts`. Renaming without forcing stage and folder to disk first loses data when power fails.
 */
import { basename, dirname, join } from 'node:path';
import { CoreError, messageOf } from '../errors';
import { cannotWrite } from './cannot-write';
import { systemCode, type FileStat, type FileStore } from './file-store';
import { sha256 } from './hash';
import { refusalOf, type HolderProbe } from './holders';
import { readManifest, writeManifest, type Manifest } from './manifest';
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
 * @throws CoreError with nothing published; or `recovery-needed` after the commit point, when not every target could be
 * replaced: everything is kept, and the next run continues from the manifest
 */
export async function publish(ports: PublishPorts, request: PublishRequest): Promise<void> {
  const { files } = ports;
  const { run, successors, manifestPath, manifest } = request;
  const staged: Successor[] = [];
  try {
    for (const successor of successors) await stage(files, successor, run, staged);
    for (const snapshot of request.read) await assertUnchanged(ports, snapshot, request.applicationStopped);
    await request.onCommit();
  } catch (error) {
    await removeStages(files, staged, run);
    throw asPublishFailure(error);
  }
  try {
    await writeManifest(files, manifestPath, { ...manifest, publication: 'committed' });
  } catch (error) {
    throw await withdraw(files, request, null, error);
  }
  for (const [index, successor] of successors.entries()) {
    try {
      await replace(ports, successor, request);
    } catch (error) {
      // The rename itself may have happened: a folder that could not be forced to disk, an answer lost by the network.
      const untouched = index === 0 && (await isStillStaged(files, successor, run));
      throw untouched ? await withdraw(files, request, successor, error) : recoveryNeeded(successor, run, error);
    }
  }
  for (const successor of successors) await assertPublished(files, successor, request);
  try {
    await writeManifest(files, manifestPath, { ...manifest, publication: 'done' });
  } catch (error) {
    throw new CoreError(
      'recovery-needed',
      `Every database was replaced, but ${manifestPath} could not be closed: ${messageOf(error)}`,
      { path: manifestPath, hint: 'Run again: the publication is checked and closed from the manifest.', cause: error },
    );
  }
}

/**
 * Takes the commitment back while every target is as it was, and returns the error to throw.
 *
 * Stages go last, and only once the disk holds no commitment: one without its stages could never be kept.
 */
async function withdraw(
  files: FileStore,
  { run, manifestPath, manifest, successors }: PublishRequest,
  failed: Successor | null,
  error: unknown,
): Promise<CoreError> {
  try {
    // A failed write of the commitment may have reached the disk all the same: only the file itself tells.
    if ((await readManifest(files, manifestPath)) !== null)
      await writeManifest(files, manifestPath, { ...manifest, publication: 'withdrawn' });
  } catch {
    const blamed = failed ?? successors[0];
    return blamed === undefined ? asPublishFailure(error) : recoveryNeeded(blamed, run, error);
  }
  await removeStages(files, successors, run);
  return asPublishFailure(error);
}

async function isStillStaged(files: FileStore, { snapshot }: Successor, run: string): Promise<boolean> {
  try {
    return (await files.stat(stagePath(snapshot, run))) !== null;
  } catch {
    return false;
  }
}

async function assertPublished(
  files: FileStore,
  { snapshot, sha256: expected }: Successor,
  { manifestPath }: PublishRequest,
): Promise<void> {
  let found: string;
  try {
    const actual = await sha256(await files.read(snapshot.path));
    if (actual === expected) return;
    found = `changed right after it was published (SHA-256 ${actual}, expected ${expected})`;
  } catch (error) {
    found = `was published but cannot be read back: ${messageOf(error)}`;
  }
  throw new CoreError('recovery-needed', `${snapshot.database} ${found}.`, {
    path: snapshot.database,
    hint: `Stop the application and compare the file with its copy in ${dirname(manifestPath)}.`,
  });
}

/** @param staged gets the successor as soon as its stage may exist; never where the file is somebody else's */
async function stage(files: FileStore, successor: Successor, run: string, staged: Successor[]): Promise<void> {
  const { snapshot, image, sha256: expected } = successor;
  const path = stagePath(snapshot, run);
  try {
    await files.writeNew(path, image, snapshot.stat);
    staged.push(successor);
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') staged.push(successor);
    throw error;
  }
  const actual = await sha256(await files.read(path));
  if (actual !== expected) throw new Error(`the staged file ${path} reads back as SHA-256 ${actual}, not ${expected}`);
  const made = await files.stat(path);
  if (made === null || !sameAccess(made, snapshot.stat)) {
    throw new Error(`mode and owner of ${snapshot.database} cannot be given to its successor`);
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
    now.links === snapshot.stat.links &&
    // Access that was narrowed meanwhile must not be widened again by the mode of the stage.
    sameAccess(now, snapshot.stat) &&
    (await sha256(await ports.files.read(snapshot.path))) === snapshot.sha256;
  if (same) return;
  throw new CoreError('changed-since', `${snapshot.database} was changed by somebody else since it was read.`, {
    path: snapshot.database,
    hint: 'Stop the application that writes it, then run again.',
  });
}

function sameAccess(a: FileStat, b: FileStat): boolean {
  return (a.mode & 0o7777) === (b.mode & 0o7777) && a.uid === b.uid && a.gid === b.gid;
}

/** Waits out whoever holds the file for a moment (a virus scanner, a sync client); about ten seconds in all. */
const backOff = [50, 100, 200, 400, 800, 1600, 3200, 3600] as const;

const passingCodes: readonly (string | null)[] = ['EPERM', 'EBUSY', 'EACCES'];

async function replace(ports: PublishPorts, { snapshot }: Successor, request: PublishRequest): Promise<void> {
  for (let tries = 0; ; tries++) {
    try {
      // Before every try: whoever kept us out for a moment may have been the database's owner, writing to it.
      await assertUnchanged(ports, snapshot, request.applicationStopped);
      await ports.files.rename(stagePath(snapshot, request.run), snapshot.path);
      break;
    } catch (error) {
      const pause = backOff[tries];
      const cause = error instanceof CoreError ? error.cause : error;
      if (pause === undefined || !passingCodes.includes(systemCode(cause))) throw error;
      await ports.sleep(pause);
    }
  }
  await ports.files.syncFolder(dirname(snapshot.path));
}

/** What cannot be removed now is an orphan that the next run removes; the failure that led here is the one to tell. */
async function removeStages(files: FileStore, successors: readonly Successor[], run: string): Promise<void> {
  for (const { snapshot } of successors) {
    try {
      await files.remove(stagePath(snapshot, run));
    } catch {
      continue;
    }
  }
}

function stagePath(snapshot: Snapshot, run: string): string {
  return join(dirname(snapshot.path), stageName(snapshot.path, run));
}

function asPublishFailure(error: unknown): CoreError {
  return cannotWrite('No database was changed. Publishing failed', null, error);
}

function recoveryNeeded({ snapshot }: Successor, run: string, error: unknown): CoreError {
  return new CoreError(
    'recovery-needed',
    `The publication was cut off at ${snapshot.database}, after the commit point: ${messageOf(error)}`,
    {
      path: snapshot.database,
      hint: `Its successor is ${stagePath(snapshot, run)}, unless it is in place already. Stop the application and run again: the publication is continued from the manifest.`,
      cause: error,
    },
  );
}
