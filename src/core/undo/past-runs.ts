/** The runs that the backups folder knows. */
import { basename, join } from 'node:path';
import { CoreError } from '../errors';
import { reportFiles } from '../report/model';
import type { FileStore } from '../storage/file-store';
import { readManifest, type Manifest } from '../storage/manifest';
import { listRunFolders } from '../storage/run-folder';

export interface PastRun {
  readonly run: string;
  /** Absolute. */
  readonly folder: string;
  readonly manifest: Manifest;
}

/** Every run that left a manifest, oldest first. @throws CoreError `recovery-needed` for one that cannot be understood */
export async function readPastRuns(files: FileStore, dataFolder: string): Promise<readonly PastRun[]> {
  const runs: PastRun[] = [];
  for (const folder of await listRunFolders(files, dataFolder)) {
    const manifest = await readManifest(files, join(folder, reportFiles.manifest));
    if (manifest !== null) runs.push({ run: basename(folder), folder, manifest });
  }
  return runs;
}

/** @throws CoreError `run-unknown` */
export function findRun(runs: readonly PastRun[], named: string): PastRun {
  const found = runs.find(({ run }) => run === named);
  if (found !== undefined) return found;
  throw new CoreError('run-unknown', `There is no run ${named} among the backups.`, {
    path: named,
    hint: 'jarvis-db backups lists them.',
  });
}
