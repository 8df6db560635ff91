/** A target of a publication that was cut off: how far its replacement came, told by hashes alone. */
import { dirname, join } from 'node:path';
import { CoreError } from '../errors';
import type { FileStore } from './file-store';
import type { Manifest, ManifestFile } from './manifest';
import { fromWorkspace, isInside } from './paths';
import { isTaken, resolveRealPath } from './plain-file';
import {
  isBeside,
  isSettled,
  type Companion,
  type Place,
  type Replacement,
  type Staged,
  type Standing,
} from './replace';
import { readSidecars, sameSidecars, type SidecarHash } from './sidecars';
import { checkpointName, settledName, stageName } from './staging';

/** A companion as a manifest has it. */
type OwnSidecar = NonNullable<Extract<ManifestFile, { readonly kind?: undefined }>['companion']>;

export interface PendingPublication {
  readonly manifestPath: string;
  readonly manifest: Manifest;
}

export interface CutOffTarget extends Replacement {
  readonly file: ManifestFile;
  /** `begun`: what its sidecars held is in the main file, whose place the successor has not taken yet. */
  readonly state: 'untouched' | 'begun' | 'replaced';
  /** The path of a staged file that is still needed and not there. */
  readonly goneStage: string | null;
}

/**
 * Null for a file that the run only read.
 *
 * @throws CoreError `recovery-needed` for a state that no step of a replacement leaves
 */
export async function examineTarget(
  files: FileStore,
  workspace: string,
  file: ManifestFile,
  { manifestPath, manifest }: PendingPublication,
): Promise<CutOffTarget | null> {
  if (file.stage === null || file.sha256After === null) return null;
  const named = fromWorkspace(workspace, file.path);
  const isNew = file.sha256Before === null;
  if (!isNew && (await files.stat(named)) === null)
    throw cannotContinue(
      { file, place: { path: named }, successor: { path: join(dirname(named), file.stage) } },
      manifestPath,
      `${file.path} is not there`,
    );
  const path = await resolveRealPath(files, named);
  const run = runOf(manifestPath);
  const place = { name: file.path, path, isDatabase: file.kind !== 'file' };
  const beside = (name: string): string => join(dirname(path), name);
  const successor = { path: beside(stageName(path, run)), sha256: file.sha256After };
  const { sidecars: known, checkpoint: promised, companion: own } = sidecarsOf(file);
  const checkpoint = promised === null ? null : { path: beside(checkpointName(path, run)), sha256: promised.sha256 };
  const companion = own === null ? null : stagedCompanion(own, path, run);
  const refuse = (cause: string): CoreError => cannotContinue({ file, place, successor }, manifestPath, cause);

  if (!(await isOurs(files, workspace, manifestPath, path)))
    throw refuse(`${file.path} lies outside the workspace folder`);
  for (const [name, staged] of [
    [file.stage, successor],
    [promised?.stage, checkpoint],
    [own?.stage, companion?.sidecar],
    [own?.settled.stage, companion?.settled],
  ] as const)
    if (name !== undefined && (manifest.run !== run || staged?.path !== beside(name)))
      throw refuse(`the manifest names the staged file ${name}, which is none of its`);

  const stat = await files.stat(path);
  // A new file that is not there yet is as it was before the run; a link that leads nowhere is somebody's.
  if (stat === null && (!isNew || (await isTaken(files, path)))) throw refuse(`${file.path} is not there`);
  const standing =
    stat === null
      ? null
      : {
          sha256: await files.hash(path),
          stat,
          sidecars: place.isDatabase ? await readSidecars(files, path) : [],
        };
  const judged = judge(file, standing, companion, refuse);
  const state = judged === 'begun' && (await isMerged(files, standing, companion)) ? 'replaced' : judged;
  const needed = state === 'replaced' ? [] : neededStages(standing, checkpoint, companion, successor);
  let goneStage: string | null = null;
  for (const staged of needed) {
    if ((await files.stat(staged.path)) === null) goneStage = staged.path;
    else if ((await files.hash(staged.path)) !== staged.sha256)
      throw refuse(`its staged successor ${staged.path} is altered`);
  }
  const hadLog = known.some(({ suffix }) => suffix === '-wal');
  return { file, place, standing, checkpoint, companion, successor, hadLog, state, goneStage };
}

/** The companion was put beside, and its owner has opened the database since and merged it: all of it has arrived. */
async function isMerged(files: FileStore, standing: Standing | null, companion: Companion | null): Promise<boolean> {
  if (standing === null || companion === null || standing.sidecars.length > 0) return false;
  return isSettled(standing, companion) && (await files.stat(companion.sidecar.path)) === null;
}

/** Staged files that the steps which are left will put in place. */
function neededStages(
  standing: Standing | null,
  checkpoint: Staged | null,
  companion: Companion | null,
  successor: Staged,
): readonly Staged[] {
  const needed = [successor];
  const hasArrived = standing !== null && isSettled(standing, companion);
  if (companion !== null && !(hasArrived && standing.sidecars.length > 0)) needed.unshift(companion.sidecar);
  if (companion !== null && standing?.sha256 !== companion.settled.sha256) needed.unshift(companion.settled);
  if (checkpoint !== null && !hasArrived && standing?.sha256 !== checkpoint.sha256) needed.unshift(checkpoint);
  return needed;
}

function stagedCompanion({ suffix, sha256: hash, settled }: OwnSidecar, path: string, run: string): Companion {
  const beside = (name: string): string => join(dirname(path), name);
  return {
    suffix,
    sidecar: { path: beside(stageName(path + suffix, run)), sha256: hash },
    settled: { path: beside(settledName(path, run)), sha256: settled.sha256 },
  };
}

/** A plain file that a publication takes away. */
export interface CutOffRemoval {
  readonly place: Place;
  /** Null where it is gone already. */
  readonly standing: Standing | null;
}

/**
 * Null for a file that is not to be taken away.
 *
 * @throws CoreError `recovery-needed` where it is no longer the file that the manifest means
 */
export async function examineRemoval(
  files: FileStore,
  workspace: string,
  file: ManifestFile,
  { manifestPath }: PendingPublication,
): Promise<CutOffRemoval | null> {
  if (file.removed !== true) return null;
  const named = fromWorkspace(workspace, file.path);
  const isThere = await isTaken(files, named);
  const path = isThere ? await resolveRealPath(files, named) : named;
  const place = { name: file.path, path, isDatabase: false };
  const refuse = (cause: string): CoreError =>
    cannotContinue({ file, place, successor: { path: `nothing at ${path}` } }, manifestPath, cause);
  if (!isThere) return { place, standing: null };
  if (!(await isOurs(files, workspace, manifestPath, path)))
    throw refuse(`${file.path} lies outside the workspace folder`);
  const stat = await files.stat(path);
  const hash = stat?.kind === 'file' ? await files.hash(path) : null;
  if (stat === null || hash === null || hash !== file.sha256Before) throw refuse(`${file.path} changed since`);
  return { place, standing: { sha256: hash, stat, sidecars: [] } };
}

/** The manifest lies where anyone may have edited it: it must not lead to files that no run of ours would write. */
async function isOurs(files: FileStore, workspace: string, manifestPath: string, path: string): Promise<boolean> {
  const dataFolder = join(dirname(manifestPath), '..', '..');
  const roots = [await files.realPath(workspace), await files.realPath(dataFolder)];
  return roots.some((root) => isInside(root, path));
}

/** How far the replacement came, by what lies there; `refuse` words what none of its steps leaves. */
function judge(
  file: ManifestFile,
  standing: Standing | null,
  companion: Companion | null,
  refuse: (cause: string) => CoreError,
): CutOffTarget['state'] {
  const { sidecars: known, checkpoint } = sidecarsOf(file);
  const isKnown = ({ suffix, sha256: hash }: SidecarHash): boolean =>
    known.some((sidecar) => sidecar.suffix === suffix && sidecar.sha256 === hash);
  const current = standing?.sha256 ?? null;
  const beside = standing?.sidecars ?? [];
  if (companion !== null) {
    if (current === file.sha256After && isBeside(beside, companion)) return 'replaced';
    const isUntouched = current === file.sha256Before && sameSidecars(beside, known);
    if (standing !== null && isSettled(standing, companion) && !isUntouched) return 'begun';
    const foreign = beside.find((sidecar) => !isKnown(sidecar));
    const isArrived = current === companion.settled.sha256 || current === file.sha256After;
    if (isArrived && foreign !== undefined) throw refuse(`${file.path}${foreign.suffix} changed since`);
  } else if (current === file.sha256After) {
    // What an owner has written since is his; but the old log beside the successor would be applied to it.
    const old = beside.find(isKnown);
    if (old !== undefined) throw refuse(`${file.path}${old.suffix} belongs to the file that was replaced`);
    return 'replaced';
  }
  const settled = checkpoint?.sha256 ?? file.sha256Before;
  if (current !== file.sha256Before && current !== settled) throw refuse(`${file.path} changed since`);
  const foreign = beside.find((sidecar) => !isKnown(sidecar));
  if (foreign !== undefined) throw refuse(`${file.path}${foreign.suffix} changed since`);
  const gone = known.find(({ suffix }) => !beside.some((sidecar) => sidecar.suffix === suffix));
  if (gone !== undefined && current !== settled) throw refuse(`${file.path}${gone.suffix} is gone`);
  return gone === undefined && current === file.sha256Before ? 'untouched' : 'begun';
}

/** What a manifest says about a file's sidecars; those of earlier versions say nothing, as there were none. */
function sidecarsOf(file: ManifestFile): {
  readonly sidecars: readonly SidecarHash[];
  readonly checkpoint: { readonly stage: string; readonly sha256: string } | null;
  readonly companion: OwnSidecar | null;
} {
  if (file.kind === 'file') return { sidecars: [], checkpoint: null, companion: null };
  const { sidecars, checkpoint, companion } = file;
  return { sidecars: sidecars ?? [], checkpoint: checkpoint ?? null, companion: companion ?? null };
}

/** The refusal to continue, with both paths. */
export function cannotContinue(
  target: {
    readonly file: ManifestFile;
    readonly place: { readonly path: string };
    readonly successor: { readonly path: string };
  },
  manifestPath: string,
  cause: string,
): CoreError {
  const { file, place, successor } = target;
  const copy = file.copy === null ? '' : ` with its copy ${join(dirname(manifestPath), ...file.copy.split('/'))} and`;
  return new CoreError(
    'recovery-needed',
    `The publication of run ${runOf(manifestPath)} was cut off and cannot be continued: ${cause}.`,
    {
      path: file.path,
      hint: `Nothing was changed. Compare ${place.path}${copy || ' with'} the staged ${successor.path}; keep the right one, then set "publication" to "withdrawn" in ${manifestPath}.`,
    },
  );
}

/** A run by where its manifest lies. */
export function runOf(manifestPath: string): string {
  return dirname(manifestPath).split(/[\\/]/).at(-1) ?? manifestPath;
}
