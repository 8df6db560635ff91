/**
 * Replacing one file step by step, so that power may fail between any two and what lies there is still the database.
 *
 * A log or a journal belongs to the main file that it was written beside: next to the successor, SQLite would apply it
 * and damage it; removed first, what it holds would be lost. So the image with its content goes in first (the
 * checkpoint); beside that, applying the sidecar once more changes nothing, so it may go; the successor comes last.
 *
 * A successor with a sidecar of its own comes by the same way backwards: the image with the content of both (settled),
 * the sidecar beside it, and then the main file that it belongs to.
 */
import { dirname } from 'node:path';
import { CoreError } from '../errors';
import type { Sidecar } from './database-content';
import { systemCode, type FileStat, type FileStore } from './file-store';
import { assertNobodyHas, type HolderProbe, type NamedFile } from './holders';
import { isTaken } from './plain-file';
import { readSidecars, sameSidecars, statSidecars, type SidecarHash } from './sidecars';

export interface Place {
  /** In messages: relative to the workspace folder. */
  readonly name: string;
  /** The real file. */
  readonly path: string;
  readonly isDatabase: boolean;
}

/** What lies at a place, to the byte. */
export interface Standing {
  readonly sha256: string;
  readonly stat: FileStat;
  /** Those that hold content; none beside a plain file. */
  readonly sidecars: readonly SidecarHash[];
}

/** A staged file. */
export interface Staged {
  readonly path: string;
  readonly sha256: string;
}

/** A log or a journal that the successor is not whole without. */
export interface Companion {
  readonly suffix: Sidecar['suffix'];
  readonly sidecar: Staged;
  /** The database that successor and sidecar are together, without a sidecar: beside it, applying that changes nothing. */
  readonly settled: Staged;
}

export interface Replacement {
  readonly place: Place;
  /** As it is before the first step; null where nothing is there yet. */
  readonly standing: Standing | null;
  /** Null where the main file alone is the database already. */
  readonly checkpoint: Staged | null;
  /** A log was there, or is: the index of its frames is removed with it. */
  readonly hadLog: boolean;
  /** Null where the successor alone is the database. */
  readonly companion: Companion | null;
  readonly successor: Staged;
}

export interface ReplacePorts {
  readonly files: FileStore;
  readonly holders: HolderProbe;
  readonly applicationStopped: boolean;
  /** Waits before the n-th further try of a step, from 0; false where no further one is to be made. */
  readonly waitToRetry: (tries: number) => Promise<boolean>;
}

/**
 * Every step is forced to disk before the next, and every step is taken only while nobody has the file open and it is
 * what the step before left: whoever kept us out for a moment may have been the database's owner, writing to it.
 *
 * @throws CoreError `in-use`, `in-use-unknown` or `changed-since`, or the system's error, between two steps
 */
export async function replaceFile(ports: ReplacePorts, replacement: Replacement): Promise<void> {
  const { files } = ports;
  const { place, checkpoint, companion, successor, hadLog } = replacement;
  const { path } = place;
  let { standing } = replacement;
  if (standing !== null && !isSettled(standing, companion)) {
    if (checkpoint !== null && standing.sha256 !== checkpoint.sha256) {
      const stat = await files.stat(checkpoint.path);
      await takeStep(ports, place, standing, () => files.rename(checkpoint.path, path));
      standing = { ...standing, sha256: checkpoint.sha256, stat: stat ?? standing.stat };
    }
    for (let [first, ...rest] = standing.sidecars; first !== undefined; [first, ...rest] = rest) {
      const sidecar = path + first.suffix;
      await takeStep(ports, place, standing, () => files.remove(sidecar));
      standing = { ...standing, sidecars: rest };
    }
    if (hadLog) await takeStep(ports, place, standing, () => files.remove(`${path}-shm`));
  }
  if (standing !== null && companion !== null) {
    const { suffix, sidecar, settled } = companion;
    if (standing.sha256 !== settled.sha256) {
      const stat = await files.stat(settled.path);
      await takeStep(ports, place, standing, () => files.rename(settled.path, path));
      standing = { ...standing, sha256: settled.sha256, stat: stat ?? standing.stat };
    }
    if (standing.sidecars.length === 0) {
      await takeStep(ports, place, standing, () => files.rename(sidecar.path, path + suffix));
      standing = { ...standing, sidecars: [{ suffix, sha256: sidecar.sha256 }] };
    }
  }
  await takeStep(ports, place, standing, () => files.rename(successor.path, path));
}

/** The content has arrived: nothing beside it is of the database that was there before. */
export function isSettled(standing: Standing, companion: Companion | null): boolean {
  if (standing.sha256 !== companion?.settled.sha256) return false;
  return standing.sidecars.length === 0 || isBeside(standing.sidecars, companion);
}

/** Whether a companion is all that lies beside. */
export function isBeside(beside: readonly SidecarHash[], { suffix, sidecar: { sha256: hash } }: Companion): boolean {
  return sameSidecars(beside, [{ suffix, sha256: hash }]);
}

/** Takes a plain file away, under the same conditions. */
export async function removeFile(ports: ReplacePorts, place: Place, standing: Standing | null): Promise<void> {
  await takeStep(ports, place, standing, () => ports.files.remove(place.path));
}

const passingCodes: readonly (string | null)[] = ['EPERM', 'EBUSY', 'EACCES'];

async function takeStep(
  ports: ReplacePorts,
  place: Place,
  standing: Standing | null,
  step: () => Promise<void>,
): Promise<void> {
  for (let tries = 0; ; tries++) {
    try {
      await assertNobodyHas(ports.holders, await filesOf(ports.files, place, standing), ports.applicationStopped);
      await assertStanding(ports.files, place, standing);
      await step();
      break;
    } catch (error) {
      const cause = error instanceof CoreError ? error.cause : error;
      if (!passingCodes.includes(systemCode(cause)) || !(await ports.waitToRetry(tries))) throw error;
    }
  }
  await ports.files.syncFolder(dirname(place.path));
}

/** All that somebody may have open of a place: the file as it was read, and what lies beside it now. */
export async function filesOf(
  files: FileStore,
  { name, path, isDatabase }: Place,
  standing: Pick<Standing, 'stat'> | null,
): Promise<readonly NamedFile[]> {
  if (standing === null) return [];
  const beside = isDatabase ? await statSidecars(files, path) : [];
  return [{ name, path, stat: standing.stat }, ...beside.map((sidecar) => ({ name, ...sidecar }))];
}

/**
 * It is byte for byte what is known to stand there; what was not there has not appeared.
 *
 * @throws CoreError `changed-since`
 */
export async function assertStanding(files: FileStore, place: Place, standing: Standing | null): Promise<void> {
  const { name, path, isDatabase } = place;
  if (standing === null) {
    if (!(await isTaken(files, path))) return;
    throw new CoreError('changed-since', `${name} has appeared since the run looked for it.`, {
      path: name,
      hint: 'Look at what is there now, then run again.',
    });
  }
  const now = await files.stat(path);
  const same =
    now?.identity === standing.stat.identity &&
    now.links === standing.stat.links &&
    // Access that was narrowed meanwhile must not be widened again by the mode of the stage.
    sameAccess(now, standing.stat) &&
    (await files.hash(path)) === standing.sha256 &&
    // Last, right before the step: what an owner in WAL mode writes meanwhile goes to the log.
    (!isDatabase || sameSidecars(await readSidecars(files, path), standing.sidecars));
  if (!same) throw changedSince(name);
}

export function changedSince(name: string): CoreError {
  return new CoreError('changed-since', `${name} was changed by somebody else since it was read.`, {
    path: name,
    hint: 'Stop the application that writes it, then run again.',
  });
}

export function sameAccess(a: FileStat, b: FileStat): boolean {
  return (a.mode & 0o7777) === (b.mode & 0o7777) && a.uid === b.uid && a.gid === b.gid;
}
