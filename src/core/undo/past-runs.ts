/** The runs that the backups folder knows, and which of them can be rolled back. */
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

/** The rollback of a run that came last; null where there was none. */
export function rollbackOf(runs: readonly PastRun[], run: string): PastRun | null {
  const isIt = ({ manifest: { act, publication } }: PastRun): boolean =>
    publication === 'done' && act?.kind === 'rollBack' && act.run === run;
  return runs.findLast(isIt) ?? null;
}

/** A migration that was published. */
function isMigration({ manifest: { publication, act } }: PastRun): boolean {
  return publication === 'done' && act === undefined;
}

/** Later migrations that are still in force and wrote the same database, oldest first. */
export function laterWriters(runs: readonly PastRun[], run: PastRun, database: string): readonly string[] {
  return runs
    .slice(runs.indexOf(run) + 1)
    .filter((later) => isMigration(later) && rollbackOf(runs, later.run) === null)
    .filter(({ manifest }) => manifest.files.some(({ path, sha256After }) => path === database && sha256After !== null))
    .map((later) => later.run);
}

/**
 * The run to roll back: the one that is named, else the last migration that is still in force.
 *
 * @returns null where none is named and none is left
 * @throws CoreError `run-unknown`, or `not-reversible` for a run that changed nothing or was rolled back completely
 */
export function chooseRun(runs: readonly PastRun[], named: string | null): PastRun | null {
  if (named === null) return runs.findLast((run) => isMigration(run) && rollbackOf(runs, run.run) === null) ?? null;
  const found = findRun(runs, named);
  if (!isMigration(found)) {
    throw new CoreError('not-reversible', `Run ${named} ${whyNot(found.manifest)}.`, {
      path: named,
      hint: 'jarvis-db backups lists the runs and what became of them.',
    });
  }
  const rollback = rollbackOf(runs, named);
  if (rollback !== null && rollback.manifest.act?.kept === 0) {
    throw new CoreError('not-reversible', `Run ${named} was rolled back already, by run ${rollback.run}.`, {
      path: named,
      hint: 'Nothing of it is left to take back.',
    });
  }
  return found;
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

function whyNot({ publication, act }: Manifest): string {
  if (act?.kind === 'rollBack') return `is the rollback of run ${act.run} itself`;
  if (act?.kind === 'restore') return `restored the backup of run ${act.run}`;
  return publication === 'none' ? 'made copies only' : 'published nothing';
}
