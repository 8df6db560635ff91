/**
 * Staging: a successor is written beside its target, forced to disk and read back, under a name that is ours.
 *
 * That changes no database, so it may begin while the successor is still being proved; what turns out not to be
 * published is removed again, and what a crash leaves is an orphan that the next run removes.
 */
import { basename, dirname, join } from 'node:path';
import type { Sidecar } from './database-content';
import { systemCode, type FileStore } from './file-store';
import { sameBytes, sha256 } from './hash';
import type { PlainFile } from './plain-file';
import { changedSince, sameAccess, type Companion, type Place, type Standing } from './replace';
import { hashSidecars } from './sidecars';
import type { Snapshot } from './snapshot';
import { writeVerified } from './verified-write';

export interface Successor {
  readonly snapshot: Snapshot;
  readonly image: Uint8Array;
  readonly sha256: string;
  /** The sidecar that the image is not whole without; absent where it is. */
  readonly companion?: SuccessorCompanion;
}

export interface SuccessorCompanion extends Sidecar {
  /** The database that image and sidecar are together. */
  readonly settled: Uint8Array;
}

/** A plain file with its new content; it may not have been there before. */
export interface FileSuccessor extends PlainFile {
  readonly kind: 'file';
  readonly bytes: Uint8Array;
  readonly sha256: string;
}

export type Publishable = Successor | FileSuccessor;

/** The successor's name while it waits: a dot file in the target's own folder, since a rename cannot cross devices. */
export function stageName(path: string, run: string): string {
  return `.${basename(path)}.${run}.stage`;
}

/** The name of what goes in before the successor, where a sidecar holds content. */
export function checkpointName(path: string, run: string): string {
  return `.${basename(path)}.${run}.checkpoint.stage`;
}

/** The name of what goes in before a successor that has a sidecar of its own. */
export function settledName(path: string, run: string): string {
  return `.${basename(path)}.${run}.settled.stage`;
}

/** What is staged and renamed, whatever it is. */
export interface Target {
  readonly place: Place;
  /** As it was read; null where nothing was there. */
  readonly standing: Standing | null;
  /** The image that holds what its sidecars hold, where that is not the main file itself. */
  readonly checkpoint: Content | null;
  readonly companion: (Companion & Record<'sidecar' | 'settled', Content>) | null;
  readonly successor: Content;
}

export interface Content {
  /** Of the staged file, beside the target. */
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly sha256: string;
}

async function toTarget(target: Publishable, run: string): Promise<Target> {
  const beside = (name: string): string => join(dirname(pathOf(target)), name);
  const stage = beside(stageName(pathOf(target), run));
  if ('kind' in target) {
    const { name, path, before, bytes, sha256: hash } = target;
    return {
      place: { name, path, isDatabase: false },
      standing: before === null ? null : { ...before, sidecars: [] },
      checkpoint: null,
      companion: null,
      successor: { path: stage, bytes, sha256: hash },
    };
  }
  const { snapshot, image, sha256: hash, companion } = target;
  const content = async (name: string, bytes: Uint8Array): Promise<Content> => ({
    path: beside(name),
    bytes,
    sha256: await sha256(bytes),
  });
  return {
    ...(await readAs(snapshot)),
    checkpoint: needsCheckpoint(snapshot) ? await content(checkpointName(snapshot.path, run), snapshot.bytes) : null,
    companion:
      companion === undefined
        ? null
        : {
            suffix: companion.suffix,
            sidecar: await content(stageName(snapshot.path + companion.suffix, run), companion.bytes),
            settled: await content(settledName(snapshot.path, run), companion.settled),
          },
    successor: { path: stage, bytes: image, sha256: hash },
  };
}

export async function readAs({ database, path, sha256: hash, stat, sidecars }: Snapshot): Promise<Stood> {
  return {
    place: { name: database, path, isDatabase: true },
    standing: { sha256: hash, stat, sidecars: await hashSidecars(sidecars) },
  };
}

export type Stood = Pick<Target, 'place' | 'standing'>;

/** What is written beside a target before it is replaced. */
export function stagedBytes(target: Publishable): readonly Uint8Array[] {
  if ('kind' in target) return [target.bytes];
  const { snapshot, image, companion } = target;
  const before = needsCheckpoint(snapshot) ? [snapshot.bytes] : [];
  return [...before, ...(companion === undefined ? [] : [companion.settled, companion.bytes]), image];
}

export function nameOf(target: Publishable): string {
  return 'kind' in target ? target.name : target.snapshot.database;
}

export function pathOf(target: Publishable): string {
  return 'kind' in target ? target.path : target.snapshot.path;
}

/** Whether the database is more, or less, than its main file. */
function needsCheckpoint({ bytes, main }: Snapshot): boolean {
  return bytes !== main && !sameBytes(bytes, main);
}

export class Staging {
  private readonly targets = new Map<Publishable, Promise<Target>>();
  /** Gets each file as soon as it may exist; never where it is somebody else's. */
  private readonly staged: Content[] = [];

  constructor(
    private readonly files: FileStore,
    private readonly run: string,
  ) {}

  /** Begins ahead of {@link Staging.complete}, which tells what became of it. */
  begin(successor: Publishable): void {
    this.stage(successor).catch(() => undefined);
  }

  hasBegun(successor: Publishable): boolean {
    return this.targets.has(successor);
  }

  /** What is staged, in the order given. @throws what the first one that could not be staged failed with */
  async complete(successors: readonly Publishable[]): Promise<readonly Target[]> {
    const targets: Target[] = [];
    for (const successor of successors) targets.push(await this.stage(successor));
    return targets;
  }

  /** Removes everything that was staged, once nothing is being written any more. */
  async discard(): Promise<void> {
    await Promise.allSettled(this.targets.values());
    await removeStages(this.files, this.staged);
  }

  private stage(successor: Publishable): Promise<Target> {
    const known = this.targets.get(successor);
    if (known !== undefined) return known;
    const staging = toTarget(successor, this.run).then(async (target) => {
      await stage(this.files, target, this.staged);
      return target;
    });
    this.targets.set(successor, staging);
    return staging;
  }
}

/** In the order in which they are written. */
export function stagesOf({ checkpoint, companion, successor }: Target): readonly Content[] {
  const own = companion === null ? [] : [companion.settled, companion.sidecar];
  return [...(checkpoint === null ? [] : [checkpoint]), ...own, successor];
}

async function stage(files: FileStore, target: Target, staged: Content[]): Promise<void> {
  await provideFolder(files, target);
  for (const content of stagesOf(target)) await stageOne(files, target, content, staged);
  await files.syncFolder(dirname(target.place.path));
}

async function stageOne(
  files: FileStore,
  { place, standing }: Target,
  content: Content,
  staged: Content[],
): Promise<void> {
  const { path, bytes, sha256: expected } = content;
  let actual: string;
  try {
    actual = await writeVerified(files, path, bytes, standing?.stat);
    staged.push(content);
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') staged.push(content);
    throw error;
  }
  if (actual !== expected) throw new Error(`the staged file ${path} reads back as SHA-256 ${actual}, not ${expected}`);
  const made = await files.stat(path);
  if (made === null || (standing !== null && !sameAccess(made, standing.stat))) {
    throw new Error(`mode and owner of ${place.name} cannot be given to its successor`);
  }
}

/** The folder of a file, made where it is missing; all that leads to a new file is on disk before it is. */
async function provideFolder(files: FileStore, { place: { name, path }, standing }: Target): Promise<void> {
  const folder = dirname(path);
  if (standing === null) {
    await files.makeFolder(folder);
    // Also what was there: a run that was cut off may have made it a moment ago. Past a link, names no longer agree.
    const names = dirname(name).split('/').reverse();
    for (let made = folder; made !== dirname(made) && basename(made) === names.shift(); made = dirname(made))
      await files.syncFolder(dirname(made));
  }
  // A link that was put there since the path was resolved may lead out of the workspace folder.
  if ((await files.realPath(folder)) !== folder) throw changedSince(name);
}

/** What cannot be removed now is an orphan that the next run removes; the failure that led here is the one to tell. */
export async function removeStages(files: FileStore, staged: readonly Content[]): Promise<void> {
  for (const { path } of staged) {
    try {
      await files.remove(path);
    } catch {
      continue;
    }
  }
}
