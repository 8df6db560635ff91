/**
 * Whether a run is rolled back, by all that was done since: restoring the backup of something later brings back what was
 * there before that, be it the run itself.
 */
import { compareRuns } from '../storage/run-folder';
import type { PastRun } from './past-runs';

/** By file: the rollback that took the run out of it; null where the run is in it. */
type Standing = ReadonlyMap<string, PastRun | null>;

/**
 * The rollback of a run that came last and was not itself taken back, in no file of the run; null where there is none.
 *
 * @param runs oldest first
 * @param run also one of which the backup is gone
 */
export function rollbackOf(runs: readonly PastRun[], run: string): PastRun | null {
  const standing = new Set(standingBefore(runs, run, runs.length).values());
  return standing.has(null) ? null : (runs.findLast((past) => standing.has(past)) ?? null);
}

/** How the run stood right before the run with that index. */
function standingBefore(runs: readonly PastRun[], run: string, end: number): Standing {
  const standing = new Map<string, PastRun | null>();
  const own = runs.find((past) => past.run === run);
  for (const path of own === undefined ? [] : writtenBy(own)) standing.set(path, null);
  for (const past of runs.slice(0, end)) {
    const { publication, act } = past.manifest;
    if (publication !== 'done' || act === undefined) continue;
    if (act.kind === 'rollBack' && act.run === run) {
      for (const path of [...standing.keys(), ...writtenBy(past)]) standing.set(path, past);
    } else if (act.kind === 'restore' && compareRuns(act.run, run) > 0) {
      const then = standingBefore(runs, run, countEarlier(runs, act.run));
      for (const path of writtenBy(past)) if (standing.has(path)) standing.set(path, then.get(path) ?? null);
    }
  }
  return standing;
}

function countEarlier(runs: readonly PastRun[], run: string): number {
  return runs.filter((past) => compareRuns(past.run, run) < 0).length;
}

/** What a run replaced, made or took away. */
function writtenBy({ manifest }: PastRun): readonly string[] {
  return manifest.files
    .filter(({ sha256After, removed }) => sha256After !== null || removed === true)
    .map(({ path }) => path);
}
