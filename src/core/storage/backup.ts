/** Copies of every file that a run involves, verified by reading them back. */
import { dirname, join } from 'node:path';
import { CoreError, messageOf } from '../errors';
import { reportFiles } from '../report/model';
import type { FileStat, FileStore } from './file-store';
import { sha256 } from './hash';
import { mapInParallel } from './parallel';
import type { PlainFile } from './plain-file';
import type { Snapshot } from './snapshot';
import { writeVerified } from './verified-write';

export interface BackedUpFile {
  readonly kind: 'database' | 'file';
  /** Relative to the workspace folder, forward slashes. */
  readonly path: string;
  readonly size: number;
  readonly sha256: string;
  /** Relative to the run's folder, forward slashes. */
  readonly copy: string;
}

/**
 * Writes main files, sidecars and plain files below the run's folder, by their path relative to the workspace folder.
 *
 * @param plainFiles those that are not there yet have no copy
 * @throws CoreError `backup-failed` naming the file; the copies made so far stay
 */
export async function backUp(
  files: FileStore,
  runFolder: string,
  snapshots: readonly Snapshot[],
  plainFiles: readonly PlainFile[] = [],
): Promise<readonly BackedUpFile[]> {
  const folders = new Set<string>();
  const copyOne = async ({ kind, path, bytes, stat, sha256: known }: Original): Promise<BackedUpFile> => {
    const copy = copyPath(path);
    const destination = join(runFolder, ...copy.split('/'));
    try {
      await files.makeFolder(dirname(destination));
      // The mode too: the copy of a private database is private.
      const actual = await writeVerified(files, destination, bytes, { mode: stat.mode });
      for (let folder = dirname(destination); folder !== runFolder; folder = dirname(folder)) folders.add(folder);
      const expected = known ?? (await sha256(bytes));
      if (actual !== expected) throw new Error(`the copy's SHA-256 is ${actual}, the original's ${expected}`);
      return { kind, path, size: bytes.length, sha256: expected, copy };
    } catch (error) {
      throw backupFailed(path, error);
    }
  };
  const originals = [...snapshots.flatMap(partsOf), ...plainFiles.flatMap(contentOf)];
  const copies = await mapInParallel(originals, copyOne);
  // Each folder on the way down: a copy whose grandparent's entry is lost with the power is lost with it.
  for (const folder of [...folders, runFolder]) {
    try {
      await files.syncFolder(folder);
    } catch (error) {
      throw backupFailed(folder, error);
    }
  }
  return copies;
}

interface Original {
  readonly kind: BackedUpFile['kind'];
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly stat: FileStat;
  /** Null where it was not computed yet. */
  readonly sha256: string | null;
}

function partsOf({ database, main, sidecars, stat, sha256: known }: Snapshot): readonly Original[] {
  return [{ suffix: '', bytes: main, sha256: known }, ...sidecars.map((part) => ({ ...part, sha256: null }))].map(
    (part) => ({
      kind: 'database',
      path: database + part.suffix,
      bytes: part.bytes,
      stat,
      sha256: part.sha256,
    }),
  );
}

function contentOf({ name, before }: PlainFile): readonly Original[] {
  return before === null
    ? []
    : [{ kind: 'file', path: name, bytes: before.bytes, stat: before.stat, sha256: before.sha256 }];
}

function backupFailed(path: string, error: unknown): CoreError {
  return new CoreError('backup-failed', `The backup of ${path} failed: ${messageOf(error)}`, {
    path,
    hint: 'No database was changed. Check free space and permissions of the backups folder.',
    cause: error,
  });
}

/** What a run writes itself at the top of its folder. */
const ownNames: readonly string[] = Object.values(reportFiles).map((name) => name.toLowerCase());

/** Where a copy lies below its folder. A database outside the workspace keeps its path below `outside/`. */
export function copyPath(path: string): string {
  const isAbsolute = path.startsWith('/') || /^[A-Za-z]:/.test(path);
  if (isAbsolute) return `outside/${path.replace(/^\/+/, '').replaceAll(':', '')}`;
  // A report.json of the user's must not lie where that of the run goes.
  return ownNames.includes(path.toLowerCase()) ? `workspace/${path}` : path;
}
