/**
 * A move is a copy that is verified, a manifest that says so, and only then the removal: at no moment, whatever subset
 * of writes a power failure takes, is a database in neither place; and it is the same across devices. A rename between
 * folders is two entries, of which one may be lost.
 */
import { dirname } from 'node:path';
import { CoreError, messageOf } from '../errors';
import type { RunPorts } from '../migration/ports';
import type { WarningReport } from '../report/model';
import { backUp, copyPath, type BackedUpFile } from '../storage/backup';
import { cannotWrite } from '../storage/cannot-write';
import { assertNobodyHas } from '../storage/holders';
import { displayPath } from '../storage/paths';
import { assertSpace } from '../storage/publish';
import type { Snapshot } from '../storage/snapshot';
import { makeArchiveFolder } from './archive-folder';
import { writeArchiveManifest, type ArchivedDatabase, type KnownArchive } from './archive-manifest';
import type { CompleteDatabase } from './model';
import { findPlace, lookAt, type Place } from './places';
import { removeOriginals, withdraw } from './remove-originals';

export type MovePorts = Pick<RunPorts, 'files' | 'holders' | 'now' | 'version' | 'onProgress' | 'beginPublishing'>;

export interface MoveRequest extends Place {
  readonly applicationStopped: boolean;
}

export interface Moved {
  /** `data/archive/<date>`, absolute. */
  readonly folder: string;
  readonly warnings: readonly WarningReport[];
}

/**
 * @param complete and the snapshots that they were read as, in the same order
 * @throws CoreError with nothing moved; or `archive-failed` after the copies were committed, when not every original
 * could be removed: the next start goes on
 */
export async function moveToArchive(
  ports: MovePorts,
  request: MoveRequest,
  complete: readonly CompleteDatabase[],
  snapshots: readonly Snapshot[],
): Promise<Moved> {
  await assertMovable(ports, snapshots, request.applicationStopped);
  const known = await copyAll(ports, request, complete, snapshots);
  return { folder: known.folder, warnings: await commit(ports, request, known) };
}

async function assertMovable(
  { files, holders }: MovePorts,
  snapshots: readonly Snapshot[],
  applicationStopped: boolean,
): Promise<void> {
  for (const { database, path } of snapshots) {
    if (await files.isWritable(dirname(path))) continue;
    throw new CoreError('read-only', `The folder of ${database} is read-only.`, {
      path: database,
      hint: 'Allow writing to the folder, then try again.',
    });
  }
  const named = snapshots.map(({ database, path, stat }) => ({ name: database, path, stat }));
  await assertNobodyHas(holders, named, applicationStopped);
}

/** The manifest, and then verified copies of all that it names. @throws CoreError with no copy left behind */
async function copyAll(
  ports: MovePorts,
  request: MoveRequest,
  complete: readonly CompleteDatabase[],
  snapshots: readonly Snapshot[],
): Promise<KnownArchive> {
  const { files } = ports;
  const databases = complete.map(toEntry);
  const bytes = databases.flatMap((entry) => entry.files).reduce((sum, { size }) => sum + size, 0);
  await assertSpace(files, request.dataFolder, bytes);
  const at = ports.now();
  const { name, folder } = await makeArchiveFolder(files, request.dataFolder, at);
  const known: KnownArchive = {
    folder,
    manifest: {
      format: 1,
      archive: name,
      at: at.toISOString(),
      tool: `jarvis-databases ${ports.version}`,
      state: 'copying',
      databases,
    },
  };
  try {
    await ports.onProgress('backup', `Copying ${snapshots.length} databases to ${name}`);
    await writeArchiveManifest(files, known);
    assertAllCopied(known, await backUp(files, folder, snapshots));
    await assertUnchanged(ports, request, known);
    await ports.beginPublishing();
  } catch (error) {
    // Where even this fails, the next start does it.
    await withdraw(files, request, known).catch(() => undefined);
    throw cannotWrite('Nothing was moved. Copying to the archive failed', folder, error, 'backup-failed');
  }
  return known;
}

function toEntry({ database, rows, files }: CompleteDatabase): ArchivedDatabase {
  return { database, rows, files: files.map((file) => ({ ...file, copy: copyPath(file.path) })) };
}

/** What the manifest promised before is what was read back. */
function assertAllCopied({ manifest }: KnownArchive, copies: readonly BackedUpFile[]): void {
  for (const { path, copy, sha256 } of manifest.databases.flatMap((entry) => entry.files)) {
    if (!copies.some((made) => made.path === path && made.copy === copy && made.sha256 === sha256))
      throw new TypeError(`${path} was not copied as its manifest says.`);
  }
}

/** Nobody has written since the rows were counted. */
async function assertUnchanged(ports: MovePorts, request: MoveRequest, known: KnownArchive): Promise<void> {
  for (const entry of known.manifest.databases) {
    const path = await findPlace(ports.files, request, entry);
    const { state, other, found } = await lookAt(ports.files, path, entry);
    if (state !== 'same') {
      throw new CoreError('changed-since', `${other ?? entry.database} changed while it was archived.`, {
        path: other ?? entry.database,
        hint: 'Stop the application that writes it, then try again. Nothing was moved.',
      });
    }
    const named = found.map((file) => ({ name: entry.database, ...file }));
    await assertNobodyHas(ports.holders, named, request.applicationStopped);
  }
}

async function commit(
  ports: MovePorts,
  request: MoveRequest,
  { folder, manifest }: KnownArchive,
): Promise<readonly WarningReport[]> {
  const { files, holders } = ports;
  const committed: KnownArchive = { folder, manifest: { ...manifest, state: 'removing' } };
  try {
    await writeArchiveManifest(files, committed);
    await ports.onProgress('publish', 'Removing what is archived');
    return await removeOriginals(
      { files, holders, applicationStopped: request.applicationStopped },
      request,
      committed,
    );
  } catch (error) {
    const copies = displayPath(request.workspace, folder);
    const message = `The copies in ${copies} are complete, but not every original could be removed: ${messageOf(error)}`;
    throw new CoreError('archive-failed', message, {
      hint: 'Nothing is lost. Put right what the message names, then archive again: it goes on from the manifest.',
      cause: error,
    });
  }
}
