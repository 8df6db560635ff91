/** Archiving: fully migrated legacy databases move to `data/archive/<date>/`, sidecars included. */
import { CoreError } from '../errors';
import { displayPath } from '../storage/paths';
import { takeRunLock } from '../storage/run-lock';
import { examine, type ArchivePorts, type ArchiveRequest } from './examine';
import { finishArchives, findUnfinishedArchives } from './finish';
import type { ArchivePlan, ArchiveResult, CompleteDatabase } from './model';
import { moveToArchive } from './move';
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
    const { folder, warnings } = await moveToArchive(ports, request, complete, snapshots);
    return {
      archive: displayPath(request.workspace, folder),
      complete,
      refused,
      warnings: [...recovered, ...warnings],
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
