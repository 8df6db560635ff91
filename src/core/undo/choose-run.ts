/** Which run is to be rolled back, and which came after it. */
import { CoreError } from '../errors';
import type { Manifest } from '../storage/manifest';
import { findRun, type PastRun } from './past-runs';
import { rollbackOf } from './rollback-of';

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

function whyNot({ publication, act }: Manifest): string {
  if (act?.kind === 'rollBack') return `is the rollback of run ${act.run} itself`;
  if (act?.kind === 'restore') return `restored the backup of run ${act.run}`;
  return publication === 'none' ? 'made copies only' : 'published nothing';
}
