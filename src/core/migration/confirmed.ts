/** What a person confirmed was a dry run of certain files by a certain plan: a run of anything else is refused. */
import { CoreError } from '../errors';
import type { LoadedPlan } from '../plan/load-plan';
import type { Snapshot } from '../storage/snapshot';

export interface Confirmed {
  /** The fingerprint of each database that was read. */
  readonly databases: Readonly<Record<string, string>>;
  /** The fingerprint of the plan; null where it was not told. */
  readonly plan: string | null;
}

/**
 * @param shown the plan file, or the name that one would have
 * @throws CoreError `changed-since`
 */
export function assertSamePlan(
  expected: Confirmed | null,
  { shown, fingerprint }: Pick<LoadedPlan, 'fingerprint'> & { readonly shown: string },
): void {
  const confirmed = expected?.plan ?? fingerprint;
  if (confirmed !== fingerprint) throw changed(shown, `The plan ${shown} changed`);
}

/** @throws CoreError `changed-since` for a database that is another, is gone, or was not there */
export function assertSameDatabases(expected: Confirmed | null, snapshots: ReadonlyMap<string, Snapshot>): void {
  if (expected === null) return;
  const confirmed = new Map(Object.entries(expected.databases));
  for (const [database, fingerprint] of confirmed)
    if (snapshots.get(database)?.fingerprint !== fingerprint) throw changed(database, `${database} changed`);
  for (const database of snapshots.keys())
    if (!confirmed.has(database)) throw changed(database, `${database} has appeared`);
}

function changed(path: string, what: string): CoreError {
  return new CoreError('changed-since', `${what} since the dry run that was confirmed.`, {
    path,
    hint: 'Run again: a new dry run shows what would happen now.',
  });
}
