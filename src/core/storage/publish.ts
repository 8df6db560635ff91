/**
 * PUBLISH: all targets are replaced, or none; databases and plain files alike.
 *
 * Each successor is staged beside its target and forced to disk; the manifest that says `committed` is the commit
 * point; then each target is renamed over. A crash before the commit point leaves the old files, a crash after it is
 * rolled forward by `recover.ts`. Renaming without forcing stage and folder to disk first loses data when power fails.
 */
import { basename, dirname } from 'node:path';
import { CoreError, messageOf } from '../errors';
import type { BackedUpFile } from './backup';
import { cannotWrite } from './cannot-write';
import { hasContent } from './database-content';
import type { FileStat, FileStore } from './file-store';
import { assertNobodyHas, type HolderProbe } from './holders';
import { readManifest, writeManifest, type Manifest, type ManifestFile } from './manifest';
import type { PlainFile } from './plain-file';
import { probeWithoutSidecars } from './probe';
import { assertStanding, filesOf, isBeside, removeFile, replaceFile, type Place, type ReplacePorts } from './replace';
import { isTaken } from './plain-file';
import { readSidecars } from './sidecars';
import type { Snapshot } from './snapshot';
import {
  checkpointName,
  nameOf,
  pathOf,
  readAs,
  removeStages,
  stageName,
  stagesOf,
  Staging,
  type Content,
  type Publishable,
  type Stood,
  type Target,
} from './staging';

export interface PublishRequest {
  readonly run: string;
  /** Where the manifest lies. */
  readonly manifestPath: string;
  /** The manifest without its publication: every file involved, copies verified. */
  readonly manifest: Omit<Manifest, 'publication'>;
  /** Databases and plain files alike, in the order in which they are replaced. */
  readonly successors: readonly Publishable[];
  /** Where staging has begun ahead; it is this publication's from now on, and discarded where nothing is published. */
  readonly staging?: Staging;
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

/**
 * What can be known before anything is written, but for who has the file open: that is asked of all files at once.
 *
 * @throws CoreError `hard-linked`, `read-only` or `name-too-long`; `wal-live` or `journal-hot` where the system has no way
 * to replace such a database
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
  const hasSidecars = 'database' in file && file.sidecars.some(hasContent);
  // Main file and sidecar are replaced in steps, of which each must be on disk before the next.
  if (hasSidecars && !ports.files.forcesFolders) await probeWithoutSidecars(ports.files, path, name);
  const longest = hasSidecars ? checkpointName(path, run) : stageName(path, run);
  if (new TextEncoder().encode(longest).length > longestName) {
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
  const writtenAs = (name: string): Pick<ManifestFile, 'sha256After' | 'stage'> => {
    const target = successors.find((candidate) => nameOf(candidate) === name);
    if (target === undefined) return { sha256After: null, stage: null };
    return { sha256After: target.sha256, stage: stageName(pathOf(target), run) };
  };
  const copied = copies.map(({ kind, path, size, sha256, copy }): ManifestFile => {
    const entry = { path, size, sha256Before: sha256, copy, ...writtenAs(path) };
    return kind === 'file' ? { kind, ...entry } : entry;
  });
  const made = successors
    .filter((target) => 'kind' in target && target.before === null)
    .map((target): ManifestFile => {
      const path = nameOf(target);
      return { kind: 'file', path, size: null, sha256Before: null, copy: null, ...writtenAs(path) };
    });
  return [...copied, ...made];
}
/** The list with what lies beside the targets: known only from here, where the checkpoints are made. */
function withSidecars(listed: readonly ManifestFile[], targets: readonly Target[]): ManifestFile[] {
  return listed.map((file) => {
    const target = targets.find(({ place }) => place.name === file.path);
    if (file.kind === 'file' || target === undefined) return file;
    const sidecars = target.standing?.sidecars ?? [];
    const { checkpoint, companion } = target;
    return {
      ...file,
      ...(sidecars.length > 0
        ? { sidecars: [...sidecars], checkpoint: checkpoint === null ? null : describeStage(checkpoint) }
        : {}),
      ...(companion === null
        ? {}
        : {
            companion: {
              suffix: companion.suffix,
              ...describeStage(companion.sidecar),
              settled: describeStage(companion.settled),
            },
          }),
    };
  });
}

function describeStage({ path, sha256: hash }: Content): { stage: string; sha256: string } {
  return { stage: basename(path), sha256: hash };
}

/**
 * @throws CoreError with nothing published; or `recovery-needed` after the commit point, when not every target could be
 * replaced: everything is kept, and the next run continues from the manifest
 */
export async function publish(ports: PublishPorts, request: PublishRequest): Promise<void> {
  const { files } = ports;
  const { run, manifestPath, applicationStopped } = request;
  const staging = request.staging ?? new Staging(files, run);
  const removals = (request.removals ?? []).map(({ name, path, before }): Stood => ({
    place: { name, path, isDatabase: false },
    standing: before === null ? null : { ...before, sidecars: [] },
  }));
  let targets: readonly Target[];
  try {
    targets = await staging.complete(request.successors);
    const read = await Promise.all(request.read.map(readAs));
    const all: readonly Stood[] = [...read, ...targets.filter(({ place }) => !place.isDatabase), ...removals];
    const open = await Promise.all(all.map(({ place, standing }) => filesOf(files, place, standing)));
    await assertNobodyHas(ports.holders, open.flat(), applicationStopped);
    for (const { place, standing } of all) await assertStanding(files, place, standing);
    await request.onCommit();
  } catch (error) {
    await staging.discard();
    throw asPublishFailure(error);
  }
  const manifest = { ...request.manifest, files: withSidecars(request.manifest.files, targets) };
  try {
    await writeManifest(files, manifestPath, { ...manifest, publication: 'committed' });
  } catch (error) {
    throw await withdraw(files, manifestPath, manifest, targets, null, error);
  }
  const replacing: ReplacePorts = { ...ports, applicationStopped, waitToRetry: backOffWith(ports.sleep) };
  for (const [index, target] of targets.entries()) {
    try {
      await replaceFile(replacing, { ...target, hadLog: hasLog(target) });
    } catch (error) {
      // A step may have been taken all the same: a folder not forced to disk, an answer lost by the network.
      const untouched = index === 0 && (await isUntouched(files, target));
      throw untouched
        ? await withdraw(files, manifestPath, manifest, targets, target, error)
        : recoveryNeeded(target, error);
    }
  }
  for (const [index, removal] of removals.entries()) {
    try {
      await removeFile(replacing, removal.place, removal.standing);
    } catch (error) {
      const isFirst = targets.length + index === 0;
      const untouched = isFirst && (await isTaken(files, removal.place.path).catch(() => false));
      throw untouched
        ? await withdraw(files, manifestPath, manifest, targets, null, error)
        : removalCutOff(removal.place, error);
    }
  }
  await removeStages(files, targets.filter(wasOnTheWay).flatMap(stagesOf));
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

function hasLog({ standing }: Target): boolean {
  return standing?.sidecars.some(({ suffix }) => suffix === '-wal') ?? false;
}

/** What lay there was one of the states on the way already: that one, and what leads to it, was staged for nothing. */
function wasOnTheWay({ standing, companion }: Target): boolean {
  return companion !== null && standing?.sha256 === companion.settled.sha256;
}

/** Waits out whoever holds the file for a moment (a virus scanner, a sync client); about ten seconds in all. */
const backOff = [50, 100, 200, 400, 800, 1600, 3200, 3600] as const;

function backOffWith(sleep: PublishPorts['sleep']): ReplacePorts['waitToRetry'] {
  return async (tries) => {
    const pause = backOff[tries];
    if (pause === undefined) return false;
    await sleep(pause);
    return true;
  };
}

/**
 * Takes the commitment back while every target is as it was, and returns the error to throw.
 *
 * Stages go last, and only once the disk holds no commitment: one without its stages could never be kept.
 */
async function withdraw(
  files: FileStore,
  manifestPath: string,
  manifest: PublishRequest['manifest'],
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
    return blamed === undefined ? asPublishFailure(error) : recoveryNeeded(blamed, error);
  }
  await removeStages(files, targets.flatMap(stagesOf));
  return asPublishFailure(error);
}

/** Not one step of its replacement was taken: what is staged is staged still, what is to be removed is there. */
async function isUntouched(files: FileStore, target: Target): Promise<boolean> {
  const { place, standing } = target;
  const sidecars = standing?.sidecars.map(({ suffix }) => place.path + suffix) ?? [];
  try {
    for (const path of [...stagesOf(target).map((staged) => staged.path), ...sidecars])
      if ((await files.stat(path)) === null) return false;
    return true;
  } catch {
    return false;
  }
}

async function assertPublished(
  files: FileStore,
  { place: { name, path }, standing, companion, successor: { sha256: expected } }: Target,
  { manifestPath }: PublishRequest,
): Promise<void> {
  let found: string;
  try {
    const actual = await files.hash(path);
    const isWhole = companion === null || isBeside(await readSidecars(files, path), companion);
    if (actual === expected && isWhole) return;
    found = `changed right after it was published (SHA-256 ${actual}, expected ${expected})`;
  } catch (error) {
    found = `was published but cannot be read back: ${messageOf(error)}`;
  }
  const copy = standing === null ? '' : ` and compare the file with its copy in ${dirname(manifestPath)}`;
  throw new CoreError('recovery-needed', `${name} ${found}.`, { path: name, hint: `Stop the application${copy}.` });
}

function asPublishFailure(error: unknown): CoreError {
  return cannotWrite('No database was changed. Publishing failed', null, error);
}

function recoveryNeeded({ place: { name }, successor }: Target, error: unknown): CoreError {
  return new CoreError(
    'recovery-needed',
    `The publication was cut off at ${name}, after the commit point: ${messageOf(error)}`,
    {
      path: name,
      hint: `Its successor is ${successor.path}, unless it is in place already. Stop the application and run again: the publication is continued from the manifest.`,
      cause: error,
    },
  );
}

function removalCutOff({ name, path }: Place, error: unknown): CoreError {
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
