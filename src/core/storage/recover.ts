/**
 * What a crashed run left behind: publications to roll forward, and staged files that nobody will need.
 *
 * A manifest that says `committed` is a promise. It is kept if every file is in a state that the manifest knows;
 * otherwise nothing is changed and the user is shown both paths.
 */
import { basename, dirname, join } from 'node:path';
import { CoreError, messageOf } from '../errors';
import { reportFiles } from '../report/model';
import type { FileStat, FileStore } from './file-store';
import { sha256 } from './hash';
import { assertNobodyHas, type HolderProbe } from './holders';
import { readManifest, writeManifest, type Manifest, type ManifestFile } from './manifest';
import { fromWorkspace, isInside } from './paths';
import { isTaken, resolveRealPath } from './plain-file';
import { probeDatabase } from './probe';
import { stageName } from './publish';
import { listRunFolders } from './run-folder';

export interface PendingPublication {
  readonly manifestPath: string;
  readonly manifest: Manifest;
}

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
 * Completes a publication; or closes it as withdrawn where no target was replaced and a stage is gone, which is what a
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
  const targets: Target[] = [];
  for (const file of manifest.files) {
    const target = await examine(files, workspace, file, { manifestPath, manifest });
    if (target !== null) targets.push(target);
  }
  const isWithdrawn =
    targets.some(({ state }) => state === 'stageGone') && targets.every(({ state }) => state !== 'replaced');
  for (const target of targets) {
    if (target.state === 'stageGone' && !isWithdrawn)
      throw cannotContinue(target, manifestPath, `its staged successor ${target.stage} is gone`);
    if (target.state === 'staged' && target.stat !== null && !isWithdrawn) {
      const held = [{ name: target.file.path, stat: target.stat }];
      await assertNobodyHas(inUse.holders, held, inUse.applicationStopped);
    }
  }
  const publication = isWithdrawn ? 'withdrawn' : 'done';
  try {
    // The run was killed, so nothing says that its last renames are on disk: first the commitment, then each target,
    // also one that is in place already.
    await files.syncFolder(dirname(manifestPath));
    for (const { file, state, stage, path } of isWithdrawn ? [] : targets) {
      if (state === 'staged' && file.removed === true) await files.remove(path);
      else if (state === 'staged') await files.rename(stage, path);
      await files.syncFolder(dirname(path));
    }
    await writeManifest(files, manifestPath, { ...manifest, publication });
  } catch (error) {
    const name = manifestName(manifestPath);
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

interface Target {
  readonly file: ManifestFile;
  /** The real file. */
  readonly path: string;
  /** Null where the file is not there yet. */
  readonly stat: FileStat | null;
  readonly stage: string;
  /** A file that is to go is `staged` as long as it is there, and `replaced` by nothing then. */
  readonly state: 'replaced' | 'staged' | 'stageGone';
}

/** Null for a file that the run only read. */
async function examine(
  files: FileStore,
  workspace: string,
  file: ManifestFile,
  { manifestPath, manifest }: PendingPublication,
): Promise<Target | null> {
  const isRemoved = file.removed === true;
  if (!isRemoved && (file.stage === null || file.sha256After === null)) return null;
  const named = fromWorkspace(workspace, file.path);
  const isNew = file.sha256Before === null;
  const missing = { file, path: named, stage: join(dirname(named), file.stage ?? basename(named)) };
  if (isRemoved && !(await isTaken(files, named))) return { ...missing, stat: null, state: 'replaced' };
  if (!isNew && (await files.stat(named)) === null)
    throw cannotContinue(missing, manifestPath, `${file.path} is not there`);
  const path = await resolveRealPath(files, named);
  const stage = join(dirname(path), stageName(path, manifestName(manifestPath)));
  const place = { file, path, stage };
  // The manifest lies where anyone may have edited it: it must not lead to files that no run of ours would write.
  const dataFolder = join(dirname(manifestPath), '..', '..');
  const roots = [await files.realPath(workspace), await files.realPath(dataFolder)];
  if (!roots.some((root) => isInside(root, path)))
    throw cannotContinue(place, manifestPath, `${file.path} lies outside the workspace folder`);
  if (manifest.run !== manifestName(manifestPath) || (file.stage !== null && stage !== join(dirname(path), file.stage)))
    throw cannotContinue(
      place,
      manifestPath,
      `the manifest names the staged file ${file.stage ?? ''}, which is none of its`,
    );

  const stat = await files.stat(path);
  // A new file that is not there yet is as it was before the run; a link that leads nowhere is somebody's.
  if (stat === null && (!isNew || (await isTaken(files, path))))
    throw cannotContinue(place, manifestPath, `${file.path} is not there`);
  const current = stat === null ? null : await sha256(await files.read(path));
  if (isRemoved) {
    if (current === file.sha256Before) return { ...place, stat, state: 'staged' };
    throw cannotContinue(place, manifestPath, `${file.path} changed since`);
  }
  if (current === file.sha256After) return { ...place, stat, state: 'replaced' };
  if (file.kind !== 'file') await probeDatabase(files, path, file.path);
  const staged = (await files.stat(stage)) === null ? null : await sha256(await files.read(stage));
  if (current !== file.sha256Before) throw cannotContinue(place, manifestPath, `${file.path} changed since`);
  if (staged === null) return { ...place, stat, state: 'stageGone' };
  if (staged === file.sha256After) return { ...place, stat, state: 'staged' };
  throw cannotContinue(place, manifestPath, `its staged successor ${stage} is altered`);
}

function cannotContinue(
  { file, path, stage }: Pick<Target, 'file' | 'path' | 'stage'>,
  manifestPath: string,
  cause: string,
): CoreError {
  const copy = file.copy === null ? '' : ` with its copy ${join(dirname(manifestPath), ...file.copy.split('/'))} and`;
  return new CoreError(
    'recovery-needed',
    `The publication of run ${manifestName(manifestPath)} was cut off and cannot be continued: ${cause}.`,
    {
      path: file.path,
      hint: `Nothing was changed. Compare ${path}${copy || ' with'} the staged ${stage}; keep the right one, then set "publication" to "withdrawn" in ${manifestPath}.`,
    },
  );
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
const stagePattern = /^\..+\.\d{8}_\d{6}(?:-\d+)?\.stage$/;

function manifestName(manifestPath: string): string {
  return dirname(manifestPath).split(/[\\/]/).at(-1) ?? manifestPath;
}
