/** The second half of restoring: copies of the copies go to their places, whole or not at all. */
import { basename, dirname, join } from 'node:path';
import { CoreError } from '../errors';
import type { FileStore } from '../storage/file-store';
import { isInside } from '../storage/paths';
import type { ArchivedDatabase, KnownArchive } from './archive-manifest';
import { findPlace, lookAt, readCopy, type Place } from './places';

/** What becomes of each database of an archive. */
export interface PutBack {
  readonly restored: readonly string[];
  /** Equal already. */
  readonly present: readonly string[];
  /** Another file stands there: left alone. */
  readonly other: readonly string[];
}

export async function putBack(files: FileStore, place: Place, { folder, manifest }: KnownArchive): Promise<PutBack> {
  const restored: string[] = [];
  const present: string[] = [];
  const other: string[] = [];
  for (const entry of manifest.databases) {
    const path = await findPlace(files, place, entry);
    const { state, other: differing } = await lookAt(files, path, entry);
    if (state === 'same') {
      // An attempt that was cut off may have renamed it, and nothing says that this is on disk.
      await files.syncFolder(dirname(path));
      present.push(entry.database);
    } else if (state === 'other') {
      other.push(differing ?? entry.database);
    } else {
      await putOneBack(files, place, { folder, manifest }, entry, path);
      restored.push(entry.database);
    }
  }
  return { restored, present, other };
}

async function putOneBack(
  files: FileStore,
  place: Place,
  { folder, manifest }: KnownArchive,
  entry: ArchivedDatabase,
  path: string,
): Promise<void> {
  const { database, files: parts } = entry;
  const home = dirname(path);
  await files.makeFolder(home);
  const staged: Staged[] = [];
  try {
    for (const { path: part, copy } of parts) {
      const destination = path + part.slice(database.length);
      const stage = join(home, `.${basename(destination)}.${manifest.archive}.restore`);
      staged.push({ stage, destination });
      // That of an attempt which was cut off.
      await files.remove(stage);
      const stat = await files.stat(join(folder, ...copy.split('/')));
      await files.writeNew(stage, await readCopy(files, folder, copy), stat === null ? undefined : { mode: stat.mode });
    }
    await syncUpwards(files, place, home);
    await assertStillAbsent(files, entry, path);
    const [main, ...sidecars] = staged;
    // A main file without its log would be opened as if nothing were missing; so it comes last.
    for (const { stage, destination } of sidecars) await files.rename(stage, destination);
    await files.syncFolder(home);
    if (main !== undefined) await files.rename(main.stage, main.destination);
    await files.syncFolder(home);
  } catch (error) {
    for (const { stage } of staged) await files.remove(stage).catch(() => undefined);
    throw error;
  }
}

/**
 * Copies of large databases take their time, and an application that finds none makes one of its own.
 *
 * @throws CoreError `changed-since`
 */
async function assertStillAbsent(files: FileStore, entry: ArchivedDatabase, path: string): Promise<void> {
  const { state, other } = await lookAt(files, path, entry);
  if (state === 'absent') return;
  const appeared = other ?? entry.database;
  throw new CoreError('changed-since', `${appeared} has appeared while its copy was written, and stays as it is.`, {
    path: appeared,
    hint: 'Stop the application, move that file away, then restore again.',
  });
}

interface Staged {
  readonly stage: string;
  readonly destination: string;
}

/** The folder and those above it, which may have been made just now. */
async function syncUpwards(files: FileStore, { workspace, dataFolder }: Place, home: string): Promise<void> {
  const roots = [await files.realPath(workspace), await files.realPath(dataFolder)];
  for (let folder = home; roots.some((root) => isInside(root, folder)); folder = dirname(folder))
    await files.syncFolder(folder);
}
