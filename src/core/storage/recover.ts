/**
 * What a crashed run left behind: publications to roll forward, and staged files that nobody will need.
 *
 * A manifest that says `committed` is a promise. It is kept if every file is in a state that the manifest knows;
 * otherwise nothing is changed and the user is shown both paths.
 */
import { dirname, join } from 'node:path';
import { CoreError, messageOf } from '../errors';
import { reportFiles } from '../report/model';
import {
  cannotContinue,
  examineRemoval,
  examineTarget,
  runOf,
  type CutOffRemoval,
  type CutOffTarget,
  type PendingPublication,
} from './cut-off-target';
import type { FileStore } from './file-store';
import { assertNobodyHas, type HolderProbe, type NamedFile } from './holders';
import { readManifest, writeManifest } from './manifest';
import { filesOf, removeFile, replaceFile, type ReplacePorts } from './replace';
import { listRunFolders } from './run-folder';

export type { PendingPublication } from './cut-off-target';

/** Runs whose manifest says `committed`: reading only. */
export async function findPendingPublications(
  files: FileStore,
  dataFolder: string,
): Promise<readonly PendingPublication[]> {
  const pending = [];
  for (const folder of await listRunFolders(files, dataFolder)) {
    const manifestPath = join(folder, reportFiles.manifest);
    const manifest = await readManifest(files, manifestPath);
    if (manifest?.publication === 'committed') pending.push({ manifestPath, manifest });
  }
  return pending;
}

/** Who may have the targets open, as publication itself asks. */
export interface InUseCheck {
  readonly holders: HolderProbe;
  readonly applicationStopped: boolean;
}

/**
 * Completes a publication; or closes it as withdrawn where no target was touched and a stage is gone, which is what a
 * withdrawal leaves whose manifest did not survive a power failure.
 *
 * @throws CoreError `recovery-needed` with nothing changed, where a file is in no state that the manifest knows;
 * `in-use` with nothing changed, where a target that is still to be replaced is open elsewhere
 */
export async function rollForward(
  files: FileStore,
  workspace: string,
  { manifestPath, manifest }: PendingPublication,
  inUse: InUseCheck,
): Promise<'done' | 'withdrawn'> {
  const targets: CutOffTarget[] = [];
  const removals: CutOffRemoval[] = [];
  for (const file of manifest.files) {
    const target = await examineTarget(files, workspace, file, { manifestPath, manifest });
    if (target !== null) targets.push(target);
    const removal = await examineRemoval(files, workspace, file, { manifestPath, manifest });
    if (removal !== null) removals.push(removal);
  }
  const isWithdrawn =
    targets.some(({ goneStage }) => goneStage !== null) && targets.every(({ state }) => state === 'untouched');
  const open: NamedFile[] = [];
  for (const target of isWithdrawn ? [] : targets) {
    if (target.goneStage !== null)
      throw cannotContinue(target, manifestPath, `its staged successor ${target.goneStage} is gone`);
    if (target.state !== 'replaced') open.push(...(await filesOf(files, target.place, target.standing)));
  }
  for (const { place, standing } of removals) open.push(...(await filesOf(files, place, standing)));
  await assertNobodyHas(inUse.holders, open, inUse.applicationStopped);
  const publication = isWithdrawn ? 'withdrawn' : 'done';
  try {
    // The run was killed, so nothing says that its last steps are on disk: first the commitment, then each target,
    // also one that is in place already.
    await files.syncFolder(dirname(manifestPath));
    // A step that is refused for a moment is not waited out here: the next start is as good.
    const replacing: ReplacePorts = { files, ...inUse, waitToRetry: () => Promise.resolve(false) };
    for (const target of isWithdrawn ? [] : targets) {
      if (target.state !== 'untouched') await files.syncFolder(dirname(target.place.path));
      if (target.state !== 'replaced') await replaceFile(replacing, target);
    }
    for (const { place, standing } of isWithdrawn ? [] : removals) {
      if (standing === null) await files.syncFolder(dirname(place.path));
      else await removeFile(replacing, place, standing);
    }
    await writeManifest(files, manifestPath, { ...manifest, publication });
  } catch (error) {
    const name = runOf(manifestPath);
    throw new CoreError('recovery-needed', `Completing the publication of run ${name} failed: ${messageOf(error)}`, {
      path: manifestPath,
      hint: 'Stop the application, check the disk and the permissions of the data folder, then run again.',
      cause: error,
    });
  }
  return publication;
}

/** Finishes whatever a crashed run left. @returns what was done, in words */
export async function completePublications(
  files: FileStore,
  workspace: string,
  dataFolder: string,
  inUse: InUseCheck,
): Promise<readonly string[]> {
  const done = [];
  for (const pending of await findPendingPublications(files, dataFolder)) {
    const ended = await rollForward(files, workspace, pending, inUse);
    const words = ended === 'done' ? 'has been completed' : 'had replaced nothing and has been withdrawn';
    done.push(`The publication of run ${pending.manifest.run}, which was cut off, ${words}.`);
  }
  return done;
}

/** Removes staged files of runs that never reached the commit point; call it after every roll-forward succeeded. */
export async function removeOrphanedStages(files: FileStore, targets: readonly string[]): Promise<readonly string[]> {
  const removed = [];
  for (const folder of new Set(targets.map((path) => dirname(path)))) {
    for (const { name, kind } of await files.list(folder)) {
      if (kind !== 'file' || !stagePattern.test(name)) continue;
      await files.remove(join(folder, name));
      removed.push(name);
    }
  }
  return removed;
}

/** What `stageName` makes, and nothing else of the user's. */
const stagePattern = /^\..+\.\d{8}_\d{6}(?:-\d+)?(?:\.(?:checkpoint|settled))?\.stage$/;
