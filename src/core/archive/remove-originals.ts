/** The second half of archiving: every copy is verified and safe, now the originals go. */
import { dirname, join } from 'node:path';
import type { FileStore } from '../storage/file-store';
import { assertNobodyHas, type HolderProbe } from '../storage/holders';
import type { WarningReport } from '../report/model';
import { sidecarSuffixes, writeArchiveManifest, type KnownArchive } from './archive-manifest';
import { findPlace, lookAt, type Place } from './places';

export interface MoveTools {
  readonly files: FileStore;
  readonly holders: HolderProbe;
  /** The user's word, which counts only where the system does not tell who has a file open. */
  readonly applicationStopped: boolean;
}

/**
 * Removes what is still as it was archived, and says `done`. What differs is somebody's: it stays, and so does the copy.
 *
 * @throws CoreError `in-use` with the originals that are left where they are
 */
export async function removeOriginals(
  { files, holders, applicationStopped }: MoveTools,
  place: Place,
  archive: KnownArchive,
): Promise<readonly WarningReport[]> {
  const { folder, manifest } = archive;
  const warnings: WarningReport[] = [];
  for (const entry of manifest.databases) {
    const path = await findPlace(files, place, entry);
    // As late as can be: what was written since the copy was made must not go with the original.
    const { state, other, found } = await lookAt(files, path, entry);
    if (state === 'other') {
      const message = `${other ?? entry.database} is not what was archived: it was written since, and stays where it is. The copy is in ${folder}.`;
      warnings.push({ code: 'archive-kept', message });
      continue;
    }
    const named = found.map((file) => ({ name: entry.database, ...file }));
    await assertNobodyHas(holders, named, applicationStopped);
    // The main file first: without it nobody takes a sidecar for content, while a main file that lost its log would be
    // opened as if nothing were missing.
    await files.remove(path);
    await files.syncFolder(dirname(path));
    for (const suffix of [...sidecarSuffixes, '-shm']) await files.remove(path + suffix);
    await files.syncFolder(dirname(path));
  }
  await writeArchiveManifest(files, { folder, manifest: { ...manifest, state: 'done' } });
  return warnings;
}

/** Gives up an archive of which nothing was removed yet: its copies go where the originals stand. */
export async function withdraw(files: FileStore, place: Place, archive: KnownArchive): Promise<void> {
  const { folder, manifest } = archive;
  for (const entry of manifest.databases) {
    const { state } = await lookAt(files, await findPlace(files, place, entry), entry);
    // A copy whose original has gone meanwhile may be the last.
    if (state !== 'same') continue;
    for (const { copy } of entry.files) await files.remove(join(folder, ...copy.split('/')));
  }
  await writeArchiveManifest(files, { folder, manifest: { ...manifest, state: 'withdrawn' } });
}
