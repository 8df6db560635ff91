/** Restoring: archived databases return to their places. The archive keeps its copies and its manifest. */
import { basename, join } from 'node:path';
import { CoreError, messageOf } from '../errors';
import type { RunPorts } from '../migration/ports';
import { cannotWrite } from '../storage/cannot-write';
import type { FileStore } from '../storage/file-store';
import { displayPath } from '../storage/paths';
import { assertSpace } from '../storage/publish';
import { takeRunLock } from '../storage/run-lock';
import { archiveFolderName, listArchiveFolders } from './archive-folder';
import { isRestorable, readArchive, readArchives, writeArchiveManifest, type KnownArchive } from './archive-manifest';
import { finishArchives } from './finish';
import type { ArchiveState, RestoreResult } from './model';
import { assertCopies, findPlace, lookAt, type Place } from './places';
import { putBack } from './put-back';
import { assertWritablePlace } from './working-place';

export type RestorePorts = Pick<RunPorts, 'files' | 'holders' | 'self' | 'onProgress' | 'beginPublishing'>;

export interface RestoreRequest extends Place {
  /** `YYYY-MM-DD`, `YYYY-MM-DD-2`, …; null for the newest that is complete, by the time in its manifest. */
  readonly archive: string | null;
}

/**
 * Every hash is checked, and every place looked at, before anything is touched.
 *
 * @throws CoreError with nothing touched; or `archive-failed` when only some could be put back: the next start goes on
 */
export async function restore(ports: RestorePorts, request: RestoreRequest): Promise<RestoreResult> {
  const { files, holders } = ports;
  await assertWritablePlace(files, request);
  const release = await takeRunLock(files, request.dataFolder, ports.self);
  try {
    const recovered = await finishArchives({ files, holders, applicationStopped: false }, request);
    const known = await choose(files, request);
    const { archive } = known.manifest;
    await ports.onProgress('read', `Checking the archive ${archive}`);
    await assertCopies(files, known);
    const missing = await findMissing(files, request, known);
    if (missing === 0) {
      const present = known.manifest.databases.map(({ database }) => database);
      return { archive, restored: [], present, warnings: recovered };
    }
    await assertSpace(files, request.dataFolder, missing);
    await ports.beginPublishing();
    await ports.onProgress('publish', `Restoring ${archive}`);
    const { restored, present } = await put(files, request, known);
    return { archive, restored, present, warnings: recovered };
  } finally {
    await release();
  }
}

/** @throws CoreError `archive-missing` or `archive-invalid` */
async function choose(files: FileStore, { dataFolder, archive }: RestoreRequest): Promise<KnownArchive> {
  if (archive !== null) {
    const folder = (await listArchiveFolders(files, dataFolder)).find((path) => basename(path) === archive);
    if (folder === undefined) throw await missingArchive(files, dataFolder, `There is no archive ${archive}.`);
    const known = await readArchive(files, folder);
    if (isRestorable(known.manifest.state)) return known;
    throw new CoreError('archive-invalid', `The archive ${archive} was given up: nothing was moved into it.`, {
      path: folder,
      hint: 'Name another archive.',
    });
  }
  const newest = (await readArchives(files, dataFolder)).filter(({ manifest }) => isRestorable(manifest.state)).at(-1);
  if (newest === undefined) throw await missingArchive(files, dataFolder, 'There is no archive to restore.');
  return newest;
}

async function missingArchive(files: FileStore, dataFolder: string, message: string): Promise<CoreError> {
  const names = (await readArchives(files, dataFolder))
    .filter(({ manifest }) => isRestorable(manifest.state))
    .map(({ manifest }) => manifest.archive);
  return new CoreError('archive-missing', message, {
    path: join(dataFolder, archiveFolderName),
    hint: names.length === 0 ? 'Nothing has been archived here.' : `There are: ${names.join(', ')}.`,
  });
}

/** Bytes that are to be written. @throws CoreError `target-conflict` where another file stands in the place of any */
async function findMissing(files: FileStore, request: RestoreRequest, { manifest }: KnownArchive): Promise<number> {
  let bytes = 0;
  for (const entry of manifest.databases) {
    const { state, other } = await lookAt(files, await findPlace(files, request, entry), entry);
    if (state === 'other') {
      const path = other ?? entry.database;
      throw new CoreError('target-conflict', `${path} stands there already, and is not what was archived.`, {
        path,
        hint: 'Nothing was touched. Move that file away, then restore again.',
      });
    }
    if (state === 'absent') bytes += entry.files.reduce((sum, { size }) => sum + size, 0);
  }
  return bytes;
}

async function put(
  files: FileStore,
  request: RestoreRequest,
  known: KnownArchive,
): Promise<Pick<RestoreResult, 'restored' | 'present'>> {
  const withState = (state: ArchiveState): KnownArchive => ({ ...known, manifest: { ...known.manifest, state } });
  let hasBegun = false;
  try {
    await writeArchiveManifest(files, withState('restoring'));
    hasBegun = true;
    const result = await putBack(files, request, known);
    await writeArchiveManifest(files, withState('restored'));
    return result;
  } catch (error) {
    // Told here and now, so the next start need not go on by itself; where even this fails, it does.
    await writeArchiveManifest(files, known).catch(() => undefined);
    if (!hasBegun && (await isAsBefore(files, known)))
      throw cannotWrite('Nothing was put back. The manifest cannot be written', known.folder, error, 'backup-failed');
    throw new CoreError(
      'archive-failed',
      `Not every database of ${displayPath(request.workspace, known.folder)} could be put back: ${messageOf(error)}`,
      {
        path: known.folder,
        hint: 'Nothing is lost: the archive is complete. Put right what the message names, then restore again.',
        cause: error,
      },
    );
  }
}

/** The manifest on disk promises nothing that it did not promise before. */
async function isAsBefore(files: FileStore, { folder, manifest }: KnownArchive): Promise<boolean> {
  const now = await readArchive(files, folder).catch(() => null);
  return now?.manifest.state === manifest.state;
}
