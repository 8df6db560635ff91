/** The copies of a run: checked against their hashes, and read as the databases and files that they were. */
import { dirname, join } from 'node:path';
import { readArchives } from '../archive/archive-manifest';
import { CoreError } from '../errors';
import { sha256 } from '../storage/hash';
import type { FileStore } from '../storage/file-store';
import type { ManifestFile } from '../storage/manifest';
import { mapInParallel } from '../storage/parallel';
import { isInside } from '../storage/paths';
import { readSnapshot, type Snapshot } from '../storage/snapshot';
import type { PastRun } from './past-runs';

export type CopyState = 'intact' | 'altered' | 'missing';

export interface CheckedCopy {
  /** The file that was copied, relative to the workspace folder. */
  readonly path: string;
  readonly size: number;
  /** As the manifest has it. */
  readonly sha256: string;
  readonly state: CopyState;
}

/** Every copy of a run, by its hash. A copy that cannot be read counts as missing. */
export function checkCopies(files: FileStore, run: PastRun): Promise<readonly CheckedCopy[]> {
  return mapInParallel(copied(run), async ({ path, size, sha256Before, copy }) => ({
    path,
    size,
    sha256: sha256Before,
    state: await stateOf(files, copyPath(run, copy), sha256Before),
  }));
}

/** @throws CoreError `backup-damaged` naming the first copy that is not what it was */
export async function assertCopiesIntact(files: FileStore, run: PastRun): Promise<void> {
  const damaged = (await checkCopies(files, run)).find(({ state }) => state !== 'intact');
  if (damaged === undefined) return;
  const what = damaged.state === 'missing' ? 'is missing' : 'was altered: its SHA-256 is not that of the backup';
  const archived = await findInArchive(files, run, damaged);
  const wayBack =
    archived === null
      ? `Look for an intact copy of ${run.folder}, and put it back there.`
      : `The archive ${archived.archive} holds the same bytes: copy ${archived.path} to ${archived.copy}, then try again.`;
  throw new CoreError('backup-damaged', `The copy of ${damaged.path} in the backup of run ${run.run} ${what}.`, {
    path: damaged.path,
    hint: `Nothing was changed. ${wayBack}`,
  });
}

/** What was archived since may be what the backup has lost. @returns absolute paths; null where no archive holds it */
async function findInArchive(
  files: FileStore,
  run: PastRun,
  { path, sha256: hash }: CheckedCopy,
): Promise<{ readonly archive: string; readonly path: string; readonly copy: string } | null> {
  const dataFolder = dirname(dirname(run.folder));
  const wanted = copied(run).find((file) => file.path === path);
  for (const { folder, manifest } of [...(await readArchives(files, dataFolder))].reverse()) {
    const entry = manifest.databases
      .flatMap((database) => database.files)
      .find((file) => file.path === path && file.sha256 === hash);
    if (entry === undefined || wanted === undefined) continue;
    const archived = join(folder, ...entry.copy.split('/'));
    if ((await stateOf(files, archived, hash)) === 'intact')
      return { archive: manifest.archive, path: archived, copy: copyPath(run, wanted.copy) };
  }
  return null;
}

async function stateOf(files: FileStore, path: string, expected: string): Promise<CopyState> {
  try {
    return (await files.hash(path)) === expected ? 'intact' : 'altered';
  } catch {
    return 'missing';
  }
}

interface Copied {
  readonly path: string;
  readonly size: number;
  readonly sha256Before: string;
  readonly copy: string;
}

function copied({ manifest }: PastRun): readonly Copied[] {
  return manifest.files.flatMap(({ path, size, sha256Before, copy }) =>
    size === null || sha256Before === null || copy === null ? [] : [{ path, size, sha256Before, copy }],
  );
}

/** Where a copy lies. @throws CoreError `backup-damaged` where the manifest leads out of the run's folder */
export function copyPath({ run, folder }: PastRun, copy: string): string {
  const path = join(folder, ...copy.split('/'));
  if (isInside(folder, path)) return path;
  throw new CoreError('backup-damaged', `The manifest of run ${run} names a copy outside of its folder: ${copy}.`, {
    path: copy,
    hint: 'It was altered since the run. Nothing was changed.',
  });
}

const sidecars = ['-wal', '-journal'];

/** The databases of a run, without sidecars and plain files. */
export function databasesOf({ manifest }: PastRun): readonly ManifestFile[] {
  const paths = new Set(manifest.files.map(({ path }) => path));
  const isSidecar = (path: string): boolean =>
    sidecars.some((suffix) => path.endsWith(suffix) && paths.has(path.slice(0, -suffix.length)));
  return manifest.files.filter(({ kind, path }) => kind !== 'file' && !isSidecar(path));
}

/**
 * A database as it was before the run, with what its sidecars added to it.
 *
 * @throws CoreError `backup-damaged` where it is not what it was
 */
export async function readCopiedDatabase(files: FileStore, run: PastRun, file: ManifestFile): Promise<Snapshot> {
  const snapshot = await readSnapshot(files, copyPath(run, file.copy ?? ''), file.path, { openAnyway: true });
  if (snapshot.sha256 === file.sha256Before) return snapshot;
  throw altered(run, file.path);
}

/** A plain file as it was before the run. @throws CoreError `backup-damaged` where it is not what it was */
export async function readCopiedFile(files: FileStore, run: PastRun, file: ManifestFile): Promise<Uint8Array> {
  const bytes = await files.read(copyPath(run, file.copy ?? ''));
  if ((await sha256(bytes)) === file.sha256Before) return bytes;
  throw altered(run, file.path);
}

function altered({ run, folder }: PastRun, path: string): CoreError {
  return new CoreError('backup-damaged', `The copy of ${path} in the backup of run ${run} was altered.`, {
    path,
    hint: `Nothing was changed. Look for an intact copy of ${folder}, and put it back there.`,
  });
}
