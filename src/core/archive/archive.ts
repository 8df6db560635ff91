/**
 * Archiving: fully migrated legacy databases move to `data/archive/<date>/`, sidecars included.
 *
 * A move is a copy that is verified, a manifest that says so, and only then the removal: at no moment, whatever subset
 * of writes a power failure takes, is a database in neither place; and it is the same across devices. A rename between
 * folders is two entries, of which one may be lost.
 */
import { dirname } from 'node:path';
import { CoreError, messageOf } from '../errors';
import { backUp, copyPath, type BackedUpFile } from '../storage/backup';
import { assertNobodyHas } from '../storage/holders';
import { displayPath } from '../storage/paths';
import { assertSpace } from '../storage/publish';
import { takeRunLock } from '../storage/run-lock';
import type { Snapshot } from '../storage/snapshot';
import { makeArchiveFolder } from './archive-folder';
import { writeArchiveManifest, type ArchivedDatabase, type KnownArchive } from './archive-manifest';
import { examine, type ArchivePorts, type ArchiveRequest } from './examine';
import { finishArchives, findUnfinishedArchives } from './finish';
import type { ArchivePlan, ArchiveResult, CompleteDatabase } from './model';
import { findPlace, lookAt } from './places';
import { removeOriginals, withdraw } from './remove-originals';
import { assertPlace, assertWritablePlace } from './working-place';

export interface ArchiveRunRequest extends ArchiveRequest {
  readonly applicationStopped: boolean;
  /** SHA-256 of the main file of each database that the user confirmed; null where nobody was asked. */
  readonly expected: Readonly<Record<string, string>> | null;
}

/** What {@link archive} would do now. Writes nothing. */
export async function planArchive(
  ports: Omit<ArchivePorts, 'beginPublishing'>,
  request: ArchiveRequest,
): Promise<ArchivePlan> {
  await assertPlace(ports.files, request);
  const { complete, refused, warnings } = await examine(ports, request);
  const unfinished = await findUnfinishedArchives(ports.files, request.dataFolder);
  return {
    complete,
    refused,
    warnings: [
      ...warnings,
      ...unfinished.map(({ manifest }) => ({
        code: 'archive-unfinished',
        message: `The archive ${manifest.archive} was cut off (${manifest.state}): the next archive, restore or migration completes it.`,
      })),
    ],
  };
}

/**
 * @throws CoreError with nothing moved; or `archive-failed` after the copies were committed, when not every original
 * could be removed: the next start goes on
 */
export async function archive(ports: ArchivePorts, request: ArchiveRunRequest): Promise<ArchiveResult> {
  const { files, holders } = ports;
  const { applicationStopped } = request;
  await assertWritablePlace(files, request);
  const release = await takeRunLock(files, request.dataFolder, ports.self);
  try {
    const recovered = await finishArchives({ files, holders, applicationStopped }, request);
    const { complete, refused, snapshots } = await examine(ports, request);
    assertExpected(complete, request.expected);
    if (snapshots.length === 0) return { archive: null, complete, refused, warnings: recovered };
    await assertMovable(ports, snapshots, applicationStopped);
    const known = await copyAll(ports, request, complete, snapshots);
    const kept = await commit(ports, request, known);
    return {
      archive: displayPath(request.workspace, known.folder),
      complete,
      refused,
      warnings: [...recovered, ...kept],
    };
  } finally {
    await release();
  }
}

/** What the user saw is what is moved: no database more, and none with other content. */
function assertExpected(complete: readonly CompleteDatabase[], expected: ArchiveRunRequest['expected']): void {
  if (expected === null) return;
  const differing =
    complete.find(({ database, files: [main] }) => expected[database] !== main?.sha256)?.database ??
    Object.keys(expected).find((database) => !complete.some((found) => found.database === database));
  if (differing === undefined) return;
  throw new CoreError('changed-since', `${differing} is not what it was when archiving was confirmed.`, {
    path: differing,
    hint: 'Try again: you are shown what would be archived now.',
  });
}

async function assertMovable(
  { files, holders }: ArchivePorts,
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
  const named = snapshots.map(({ database, stat }) => ({ name: database, stat }));
  await assertNobodyHas(holders, named, applicationStopped);
}

/** The manifest, and then verified copies of all that it names. @throws CoreError with no copy left behind */
async function copyAll(
  ports: ArchivePorts,
  request: ArchiveRunRequest,
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
    throw error instanceof CoreError ? error : failed(`Copying to the archive failed: ${messageOf(error)}`, error);
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
async function assertUnchanged(ports: ArchivePorts, request: ArchiveRunRequest, known: KnownArchive): Promise<void> {
  for (const entry of known.manifest.databases) {
    const path = await findPlace(ports.files, request, entry);
    const { state, other, stats } = await lookAt(ports.files, path, entry);
    if (state !== 'same') {
      throw new CoreError('changed-since', `${other ?? entry.database} changed while it was archived.`, {
        path: other ?? entry.database,
        hint: 'Stop the application that writes it, then try again. Nothing was moved.',
      });
    }
    const named = stats.map((stat) => ({ name: entry.database, stat }));
    await assertNobodyHas(ports.holders, named, request.applicationStopped);
  }
}

async function commit(
  ports: ArchivePorts,
  request: ArchiveRunRequest,
  { folder, manifest }: KnownArchive,
): Promise<ArchiveResult['warnings']> {
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
    throw failed(
      `The copies in ${displayPath(request.workspace, folder)} are complete, but not every original could be removed: ${messageOf(error)}`,
      error,
    );
  }
}

function failed(message: string, cause: unknown): CoreError {
  return new CoreError('archive-failed', message, {
    hint: 'Nothing is lost. Put right what the message names, then archive again: it goes on from the manifest.',
    cause,
  });
}
