/** Copies of every database that a run involves, verified by reading them back. */
import { dirname, join } from 'node:path';
import { CoreError, messageOf } from '../errors';
import type { FileStore } from './file-store';
import { sha256 } from './hash';
import type { Snapshot } from './snapshot';

export interface BackedUpFile {
  /** Relative to the workspace folder, forward slashes. */
  readonly path: string;
  readonly size: number;
  readonly sha256: string;
  /** Relative to the run's folder, forward slashes. */
  readonly copy: string;
}

/**
 * Writes main file and sidecars below the run's folder, by their path relative to the workspace folder.
 *
 * @throws CoreError `backup-failed` naming the file; the copies made so far stay
 */
export async function backUp(
  files: FileStore,
  runFolder: string,
  snapshots: readonly Snapshot[],
): Promise<readonly BackedUpFile[]> {
  const copies: BackedUpFile[] = [];
  const folders = new Set<string>();
  for (const snapshot of snapshots) {
    const parts = [{ suffix: '', bytes: snapshot.bytes }, ...snapshot.sidecars];
    for (const { suffix, bytes } of parts) {
      const path = snapshot.database + suffix;
      const copy = copyPath(path);
      const destination = join(runFolder, ...copy.split('/'));
      try {
        await files.makeFolder(dirname(destination));
        // The mode too: the copy of a private database is private.
        await files.writeNew(destination, bytes, { mode: snapshot.stat.mode });
        for (let folder = dirname(destination); folder !== runFolder; folder = dirname(folder)) folders.add(folder);
        const expected = await sha256(bytes);
        const actual = await sha256(await files.read(destination));
        if (actual !== expected) throw new Error(`the copy's SHA-256 is ${actual}, the original's ${expected}`);
        copies.push({ path, size: bytes.length, sha256: expected, copy });
      } catch (error) {
        throw backupFailed(path, error);
      }
    }
  }
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

function backupFailed(path: string, error: unknown): CoreError {
  return new CoreError('backup-failed', `The backup of ${path} failed: ${messageOf(error)}`, {
    path,
    hint: 'No database was changed. Check free space and permissions of the backups folder.',
    cause: error,
  });
}

/** Where a copy lies below the run's folder. A database outside the workspace keeps its path below `outside/`. */
function copyPath(path: string): string {
  const isAbsolute = path.startsWith('/') || /^[A-Za-z]:/.test(path);
  return isAbsolute ? `outside/${path.replace(/^\/+/, '').replaceAll(':', '')}` : path;
}
