/**
 * PUBLISH: all targets are replaced, or none; databases and plain files alike.
 *
 * Each successor is staged beside its target and forced to disk; the manifest that says `committed` is the commit
 * point; then each target is renamed over. A crash before the commit point leaves the old files, a crash after it is
 * rolled forward by `recover.ts`. Renaming without forcing stage and folder to disk first loses data when power fails.
 */
import { basename, dirname, join } from 'node:path';
import { CoreError, messageOf } from '../errors';
import type { BackedUpFile } from './backup';
import { cannotWrite } from './cannot-write';
import { systemCode, type FileStat, type FileStore } from './file-store';
import { sha256 } from './hash';
import { assertNobodyHas, type HolderProbe } from './holders';
import { readManifest, writeManifest, type Manifest, type ManifestFile } from './manifest';
import { probeDatabase } from './probe';
import { isTaken, type PlainFile } from './plain-file';
import type { Snapshot } from './snapshot';

export interface Successor {
  readonly snapshot: Snapshot;
  readonly image: Uint8Array;
  readonly sha256: string;
}

/** A plain file with its new content; it may not have been there before. */
export interface FileSuccessor extends PlainFile {
  readonly kind: 'file';
  readonly bytes: Uint8Array;
  readonly sha256: string;
}

export type Publishable = Successor | FileSuccessor;

export interface PublishRequest {
  readonly run: string;
  /** Where the manifest lies. */
  readonly manifestPath: string;
  /** The manifest without its publication: every file involved, copies verified. */
  readonly manifest: Omit<Manifest, 'publication'>;
  /** Databases and plain files alike, in the order in which they are replaced. */
  readonly successors: readonly Publishable[];
  /** Plain files that go, after every successor is in place; the manifest says `removed` of each. */
  readonly removals?: readonly PlainFile[];
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

/**
 * What can be known before anything is written, but for who has the file open: that is asked of all files at once.
 *
 * @throws CoreError `hard-linked`, `read-only` or `name-too-long`
 */
export async function assertReplaceable(
  ports: Pick<PublishPorts, 'files'>,
  file: Snapshot | PlainFile,
  run: string,
): Promise<void> {
  const { name, path, stat } = 'database' in file ? { ...file, name: file.database } : flatten(file);
  if (stat !== null && stat.links > 1) {
    throw new CoreError(
      'hard-linked',
      `${name} has ${stat.links} hard links: replacing it would leave the others with the old content.`,
      {
        path: name,
        hint: 'Copy it to a file of its own, put that in its place, then try again.',
      },
    );
  }
  if (new TextEncoder().encode(stageName(path, run)).length > longestName) {
    throw new CoreError('name-too-long', `The name of ${name} is too long to stage its successor beside it.`, {
      path: name,
      hint: 'Give the file a shorter name.',
    });
  }
  const folder = await deepestFolder(ports.files, dirname(path));
  for (const [what, where] of [...(stat === null ? [] : [['', path] as const]), ['The folder of ', folder] as const]) {
    if (await ports.files.isWritable(where)) continue;
    throw new CoreError('read-only', `${what}${name} is read-only.`, {
      path: name,
      hint: 'Allow writing to the file and its folder, then try again.',
    });
  }
}

function flatten({ name, path, before }: PlainFile): { name: string; path: string; stat: FileStat | null } {
  return { name, path, stat: before?.stat ?? null };
}

async function deepestFolder(files: FileStore, folder: string): Promise<string> {
  let there = folder;
  while ((await files.stat(there)) === null && dirname(there) !== there) there = dirname(there);
  return there;
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

/** The manifest's list: every copy that was made, and the plain files that are new. */
export function describeFiles(
  run: string,
  copies: readonly BackedUpFile[],
  successors: readonly Publishable[],
): ManifestFile[] {
  const targets = successors.map(toTarget);
  const writtenAs = (name: string): Pick<ManifestFile, 'sha256After' | 'stage'> => {
    const target = targets.find((candidate) => candidate.name === name);
    return { sha256After: target?.sha256 ?? null, stage: target === undefined ? null : stageName(target.path, run) };
  };
  const copied = copies.map(({ kind, path, size, sha256, copy }): ManifestFile => {
    const entry = { path, size, sha256Before: sha256, copy, ...writtenAs(path) };
    return kind === 'file' ? { kind, ...entry } : entry;
  });
  const made = targets
    .filter(({ before }) => before === null)
    .map(({ name }): ManifestFile => {
      return { kind: 'file', path: name, size: null, sha256Before: null, copy: null, ...writtenAs(name) };
    });
  return [...copied, ...made];
}

/** What is staged and renamed, whatever it is. */
interface Target {
  readonly name: string;
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly sha256: string;
  /** As it was read; null where nothing was there. */
  readonly before: { readonly sha256: string; readonly stat: FileStat } | null;
  readonly isDatabase: boolean;
}

function toTarget(successor: Publishable): Target {
  if ('kind' in successor) return { ...successor, isDatabase: false };
  const { snapshot, image, sha256: hash } = successor;
  return {
    name: snapshot.database,
    path: snapshot.path,
    bytes: image,
    sha256: hash,
    before: snapshot,
    isDatabase: true,
  };
}

/**
 * @throws CoreError with nothing published; or `recovery-needed` after the commit point, when not every target could be
 * replaced: everything is kept, and the next run continues from the manifest
 */
export async function publish(ports: PublishPorts, request: PublishRequest): Promise<void> {
  const { files } = ports;
  const { run, manifestPath, manifest, applicationStopped } = request;
  const targets = request.successors.map(toTarget);
  const removals = (request.removals ?? []).map((file): ReadFile => ({ ...file, isDatabase: false }));
  const staged: Target[] = [];
  try {
    for (const target of targets) await stage(files, target, run, staged);
    const all = [...request.read.map(readAs), ...targets.filter(({ isDatabase }) => !isDatabase), ...removals];
    await assertNobodyHas(ports.holders, all.flatMap(named), applicationStopped);
    for (const file of all) await assertUnchanged(files, file);
    await request.onCommit();
  } catch (error) {
    await removeStages(files, staged, run);
    throw asPublishFailure(error);
  }
  try {
    await writeManifest(files, manifestPath, { ...manifest, publication: 'committed' });
  } catch (error) {
    throw await withdraw(files, request, targets, null, error);
  }
  for (const [index, target] of targets.entries()) {
    try {
      await replace(ports, target, request);
    } catch (error) {
      // The rename itself may have happened: a folder that could not be forced to disk, an answer lost by the network.
      const untouched = index === 0 && (await isStillStaged(files, target, run));
      throw untouched ? await withdraw(files, request, targets, target, error) : recoveryNeeded(target, run, error);
    }
  }
  for (const [index, removal] of removals.entries()) {
    try {
      await remove(ports, removal, request);
    } catch (error) {
      const untouched = targets.length + index === 0 && (await isTaken(files, removal.path).catch(() => false));
      throw untouched ? await withdraw(files, request, targets, null, error) : removalCutOff(removal, error);
    }
  }
  for (const target of targets) await assertPublished(files, target, request);
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
  { run, manifestPath, manifest }: PublishRequest,
  targets: readonly Target[],
  failed: Target | null,
  error: unknown,
): Promise<CoreError> {
  try {
    // A failed write of the commitment may have reached the disk all the same: only the file itself tells.
    if ((await readManifest(files, manifestPath)) !== null)
      await writeManifest(files, manifestPath, { ...manifest, publication: 'withdrawn' });
  } catch {
    const blamed = failed ?? targets[0];
    return blamed === undefined ? asPublishFailure(error) : recoveryNeeded(blamed, run, error);
  }
  await removeStages(files, targets, run);
  return asPublishFailure(error);
}

async function isStillStaged(files: FileStore, target: Target, run: string): Promise<boolean> {
  try {
    return (await files.stat(stagePath(target, run))) !== null;
  } catch {
    return false;
  }
}

async function assertPublished(
  files: FileStore,
  { name, path, before, sha256: expected }: Target,
  { manifestPath }: PublishRequest,
): Promise<void> {
  let found: string;
  try {
    const actual = await sha256(await files.read(path));
    if (actual === expected) return;
    found = `changed right after it was published (SHA-256 ${actual}, expected ${expected})`;
  } catch (error) {
    found = `was published but cannot be read back: ${messageOf(error)}`;
  }
  const copy = before === null ? '' : ` and compare the file with its copy in ${dirname(manifestPath)}`;
  throw new CoreError('recovery-needed', `${name} ${found}.`, { path: name, hint: `Stop the application${copy}.` });
}

/** @param staged gets the target as soon as its stage may exist; never where the file is somebody else's */
async function stage(files: FileStore, target: Target, run: string, staged: Target[]): Promise<void> {
  const { name, bytes, before, sha256: expected } = target;
  const path = stagePath(target, run);
  await provideFolder(files, target);
  try {
    await files.writeNew(path, bytes, before?.stat);
    staged.push(target);
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') staged.push(target);
    throw error;
  }
  const actual = await sha256(await files.read(path));
  if (actual !== expected) throw new Error(`the staged file ${path} reads back as SHA-256 ${actual}, not ${expected}`);
  const made = await files.stat(path);
  if (made === null || (before !== null && !sameAccess(made, before.stat))) {
    throw new Error(`mode and owner of ${name} cannot be given to its successor`);
  }
  await files.syncFolder(dirname(path));
}

/** The folder of a file, made where it is missing; all that leads to a new file is on disk before it is. */
async function provideFolder(files: FileStore, { name, path, before }: Target): Promise<void> {
  const folder = dirname(path);
  if (before === null) {
    await files.makeFolder(folder);
    // Also what was there: a run that was cut off may have made it a moment ago. Past a link, names no longer agree.
    const names = dirname(name).split('/').reverse();
    for (let made = folder; made !== dirname(made) && basename(made) === names.shift(); made = dirname(made))
      await files.syncFolder(dirname(made));
  }
  // A link that was put there since the path was resolved may lead out of the workspace folder.
  if ((await files.realPath(folder)) !== folder) throw changedSince(name);
}

function readAs({ database, path, ...before }: Snapshot): Pick<Target, 'name' | 'path' | 'before' | 'isDatabase'> {
  return { name: database, path, before, isDatabase: true };
}

/** Nobody else has it open, and it is byte for byte what was read; what was not there has not appeared. */
async function assertUnchanged(files: FileStore, { name, path, before, isDatabase }: ReadFile): Promise<void> {
  if (before === null) {
    if (!(await isTaken(files, path))) return;
    throw new CoreError('changed-since', `${name} has appeared since the run looked for it.`, {
      path: name,
      hint: 'Look at what is there now, then run again.',
    });
  }
  if (isDatabase) await probeDatabase(files, path, name);
  const now = await files.stat(path);
  const same =
    now?.identity === before.stat.identity &&
    now.links === before.stat.links &&
    // Access that was narrowed meanwhile must not be widened again by the mode of the stage.
    sameAccess(now, before.stat) &&
    (await sha256(await files.read(path))) === before.sha256;
  if (!same) throw changedSince(name);
}

type ReadFile = Pick<Target, 'name' | 'path' | 'before' | 'isDatabase'>;

function named({ name, before }: ReadFile): readonly { readonly name: string; readonly stat: FileStat }[] {
  return before === null ? [] : [{ name, stat: before.stat }];
}

function changedSince(name: string): CoreError {
  return new CoreError('changed-since', `${name} was changed by somebody else since it was read.`, {
    path: name,
    hint: 'Stop the application that writes it, then run again.',
  });
}

function sameAccess(a: FileStat, b: FileStat): boolean {
  return (a.mode & 0o7777) === (b.mode & 0o7777) && a.uid === b.uid && a.gid === b.gid;
}

/** Waits out whoever holds the file for a moment (a virus scanner, a sync client); about ten seconds in all. */
const backOff = [50, 100, 200, 400, 800, 1600, 3200, 3600] as const;

const passingCodes: readonly (string | null)[] = ['EPERM', 'EBUSY', 'EACCES'];

function replace(ports: PublishPorts, target: Target, request: PublishRequest): Promise<void> {
  return change(ports, target, request, () => ports.files.rename(stagePath(target, request.run), target.path));
}

function remove(ports: PublishPorts, file: ReadFile, request: PublishRequest): Promise<void> {
  return change(ports, file, request, () => ports.files.remove(file.path));
}

async function change(
  ports: PublishPorts,
  target: ReadFile,
  request: PublishRequest,
  act: () => Promise<void>,
): Promise<void> {
  for (let tries = 0; ; tries++) {
    try {
      // Before every try: whoever kept us out for a moment may have been the database's owner, writing to it.
      await assertNobodyHas(ports.holders, named(target), request.applicationStopped);
      await assertUnchanged(ports.files, target);
      await act();
      break;
    } catch (error) {
      const pause = backOff[tries];
      const cause = error instanceof CoreError ? error.cause : error;
      if (pause === undefined || !passingCodes.includes(systemCode(cause))) throw error;
      await ports.sleep(pause);
    }
  }
  await ports.files.syncFolder(dirname(target.path));
}

/** What cannot be removed now is an orphan that the next run removes; the failure that led here is the one to tell. */
async function removeStages(files: FileStore, targets: readonly Target[], run: string): Promise<void> {
  for (const target of targets) {
    try {
      await files.remove(stagePath(target, run));
    } catch {
      continue;
    }
  }
}

function stagePath({ path }: Target, run: string): string {
  return join(dirname(path), stageName(path, run));
}

function asPublishFailure(error: unknown): CoreError {
  return cannotWrite('No database was changed. Publishing failed', null, error);
}

function recoveryNeeded(target: Target, run: string, error: unknown): CoreError {
  return new CoreError(
    'recovery-needed',
    `The publication was cut off at ${target.name}, after the commit point: ${messageOf(error)}`,
    {
      path: target.name,
      hint: `Its successor is ${stagePath(target, run)}, unless it is in place already. Stop the application and run again: the publication is continued from the manifest.`,
      cause: error,
    },
  );
}

function removalCutOff({ name, path }: ReadFile, error: unknown): CoreError {
  return new CoreError(
    'recovery-needed',
    `The publication was cut off at ${name}, after the commit point: ${messageOf(error)}`,
    {
      path: name,
      hint: `${path} is to be removed, unless it is gone already. Run again: the publication is continued from the manifest.`,
      cause: error,
    },
  );
}
