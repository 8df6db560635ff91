/** The runs below `data/backups`, what their folders hold, and whether every copy is still what it was. */
import { basename, resolve } from 'node:path';
import type { FileStore } from '../storage/file-store';
import { displayPath } from '../storage/paths';
import type { BackedUpCopy, BackupList, BackupReport } from './backup-list';
import { checkCopies } from './copies';
import { readPastRuns, type PastRun } from './past-runs';
import { rollbackOf } from './rollback-of';
import { listRunFolders } from '../storage/run-folder';

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
