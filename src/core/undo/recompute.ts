/** What a run left, computed once more from the copies of what it read. */
import { CoreError } from '../errors';
import type { RunPorts } from '../migration/ports';
import { rehearse } from '../migration/rehearse';
import { readRunRequest, type RepeatableRequest } from '../migration/run-request';
import type { Plan } from '../plan/schema';
import { targetDatabaseOf } from '../plan/schema';
import { mapInParallel } from '../storage/parallel';
import { databasesOf, readCopiedDatabase } from './copies';
import type { PastRun } from './past-runs';

export interface Recomputed {
  /** By database: the image that the run left, or one with the same rows. */
  readonly images: ReadonlyMap<string, Uint8Array>;
  readonly plan: Plan;
}

/**
 * @param databases the targets that are wanted
 * @throws CoreError `not-reversible` where the result cannot be had any more
 */
export async function recompute(ports: RunPorts, run: PastRun, databases: ReadonlySet<string>): Promise<Recomputed> {
  const asked = await readRunRequest(ports.files, run.folder);
  if (asked === null) throw cannotTell(run, 'its request.json is not there');
  const copies = await mapInParallel(databasesOf(run), (file) => readCopiedDatabase(ports.files, run, file));
  const { failure, successors } = await rehearse(
    ports,
    {
      ...asked,
      plan: only(asked, databases),
      snapshots: new Map(copies.map((snapshot) => [snapshot.database, snapshot])),
      files: new Map(),
      intent: 'write',
      preparation: null,
    },
    (phase, message) => ports.onProgress(phase, message),
  );
  if (failure !== null) throw cannotTell(run, failure.message);
  const images = new Map(successors.map(({ snapshot, image }) => [snapshot.database, image]));
  for (const database of databases)
    if (!images.has(database)) throw cannotTell(run, `computed once more, it changes nothing in ${database}`);
  return { images, plan: asked.plan };
}

/** The steps that fill these databases, and no criteria: those were judged when the run was made. */
function only({ plan }: RepeatableRequest, databases: ReadonlySet<string>): Plan {
  const steps = plan.steps.filter((step) => databases.has(targetDatabaseOf(step) ?? ''));
  return { ...plan, steps, criteria: [] };
}

function cannotTell({ run }: PastRun, why: string): CoreError {
  return new CoreError('not-reversible', `The rows of run ${run} cannot be told from those that came later: ${why}.`, {
    path: run,
    hint: 'Nothing was changed. The files as they were before the run: jarvis-db restore-backup, which takes back what came later too.',
  });
}
