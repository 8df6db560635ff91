/** The runs below `data/backups`, what their folders hold, and whether every copy is still what it was. */
import { basename, resolve } from 'node:path';
import type { FileStore } from '../storage/file-store';
import { displayPath } from '../storage/paths';
import { checkCopies, type CopyState } from './copies';
import { readPastRuns, rollbackOf, type PastRun } from './past-runs';
import { listRunFolders } from '../storage/run-folder';

export interface BackedUpCopy {
  /** The file that was copied, relative to the workspace folder. */
  readonly path: string;
  readonly size: number;
  readonly sha256: string;
  /** Null where nobody looked. */
  readonly state: CopyState | null;
}

/** What became of a run. */
export type BackupState =
  | 'copies' // copies only, nothing was published
  | 'published'
  | 'rolledBack'
  | 'pending' // cut off: the next run completes it
  | 'withdrawn'
  | 'rollback' // is itself the rollback of another run
  | 'restore'; // put a backup back

export interface BackupReport {
  readonly run: string;
  /** Relative to the workspace folder. */
  readonly folder: string;
  readonly state: BackupState;
  /** The run that rolled this one back, or that this one rolled back or restored; null for neither. */
  readonly other: string | null;
  /** Bytes of the copies. */
  readonly size: number;
  readonly files: readonly BackedUpCopy[];
}

export interface BackupList {
  readonly format: 1;
  /** Newest first. */
  readonly backups: readonly BackupReport[];
  /** Folders of runs that hold no manifest, and so no copies that anyone could vouch for. */
  readonly withoutManifest: readonly string[];
}

/**
 * @param verify read every copy and compare its hash
 * @throws CoreError `recovery-needed` where a manifest cannot be understood
 */
export async function listBackups(
  files: FileStore,
  { workspace, dataFolder }: { readonly workspace: string; readonly dataFolder: string },
  verify: boolean,
): Promise<BackupList> {
  const folder = resolve(workspace, dataFolder);
  const runs = await readPastRuns(files, folder);
  const backups: BackupReport[] = [];
  for (const run of runs) {
    const copies = verify ? await checkCopies(files, run) : copiesOf(run);
    backups.push({
      run: run.run,
      folder: displayPath(workspace, run.folder),
      ...stateOf(runs, run),
      size: copies.reduce((sum, { size }) => sum + size, 0),
      files: copies,
    });
  }
  const known = new Set(runs.map(({ run }) => run));
  const all = (await listRunFolders(files, folder)).map((path) => basename(path));
  return { format: 1, backups: backups.reverse(), withoutManifest: all.filter((run) => !known.has(run)) };
}

function copiesOf({ manifest }: PastRun): readonly BackedUpCopy[] {
  return manifest.files.flatMap(({ path, size, sha256Before }) =>
    size === null || sha256Before === null ? [] : [{ path, size, sha256: sha256Before, state: null }],
  );
}

function stateOf(
  runs: readonly PastRun[],
  { run, manifest: { publication, act } }: PastRun,
): Pick<BackupReport, 'state' | 'other'> {
  const other = act?.run ?? null;
  switch (publication) {
    case 'none':
      return { state: 'copies', other };
    case 'committed':
      return { state: 'pending', other };
    case 'withdrawn':
      return { state: 'withdrawn', other };
    case 'done': {
      if (act !== undefined) return { state: act.kind === 'rollBack' ? 'rollback' : 'restore', other };
      const rollback = rollbackOf(runs, run);
      return rollback === null ? { state: 'published', other } : { state: 'rolledBack', other: rollback.run };
    }
  }
}

/** Copies that are not what they were. */
export function damagedCopies({ backups }: BackupList): readonly (BackedUpCopy & { readonly run: string })[] {
  return backups.flatMap(({ run, files }) =>
    files.filter(({ state }) => state === 'altered' || state === 'missing').map((file) => ({ run, ...file })),
  );
}
