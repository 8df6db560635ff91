/**
 * Whether the databases of a run fit the memory, by the sizes of their files, before one of them is read.
 *
 * Measured as peak above an idle process, per byte of all main files and sidecars: a migration 2.8, of files with large
 * logs 3.1; a dry run 2.7; a validation 2.0; copying alone 1.9.
 */
import { targetDatabaseOf, type Plan } from '../plan/schema';
import type { Domain, RunMode } from '../report/model';
import { assertMemoryFor, looking, type MemoryPorts } from '../storage/needed-memory';
import { fromWorkspace } from '../storage/paths';

/** Where rows move, be it on trial. */
export const moving = 3.1;

const factors: Readonly<Record<RunMode, number>> = {
  migrate: moving,
  // What passes here is migrated next: nobody should wait for a rehearsal of what is refused then.
  dryRun: moving,
  validate: looking,
  backupOnly: looking,
};

export interface ForecastRequest {
  /** Absolute. */
  readonly workspace: string;
  readonly domains: readonly Domain[];
  readonly mode: RunMode;
  readonly openAnyway: boolean;
  /** All of them are needed at once: there is no taking one after the other. */
  readonly together?: boolean;
}

/** @throws CoreError `needs-memory` where more is needed than there is, and the user did not ask for it all the same */
export async function assertFitsMemory(
  ports: MemoryPorts,
  plan: Plan,
  { workspace, domains, mode, openAnyway, together = false }: ForecastRequest,
): Promise<void> {
  const chosen = plan.steps.filter(({ domain }) => domains.includes(domain));
  const names = new Set(
    chosen.flatMap((step) => [step.legacy.database, targetDatabaseOf(step)]).filter((name) => name !== null),
  );
  await assertMemoryFor(ports, {
    databases: [...names].map((name) => ({ name, path: fromWorkspace(workspace, name) })),
    which: 'of this run',
    factor: factors[mode],
    ...(domains.length > 1 && !together ? { advice: 'Take one domain at a time, close other programs' } : {}),
    openAnyway,
  });
}
