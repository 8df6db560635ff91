/**
 * Whether the databases of a run fit the memory, by the sizes of their files, before one of them is read.
 *
 * Images lie in memory of Node's, and WebAssembly's own holds page caches and sorters only, so what counts is what the
 * machine has left. Measured as peak above an idle process, per byte of all main files and sidecars: a migration 2.8, of
 * files with large logs 3.1; a dry run 2.7; a validation 2.0; copying alone 1.9.
 */
import { CoreError } from '../errors';
import { targetDatabaseOf, type Plan } from '../plan/schema';
import type { Domain, RunMode } from '../report/model';
import type { FileStore } from '../storage/file-store';
import { fromWorkspace } from '../storage/paths';
import type { RunPorts } from './ports';

const factors: Readonly<Record<RunMode, number>> = {
  migrate: 3.1,
  // What passes here is migrated next: nobody should wait for a rehearsal of what is refused then.
  dryRun: 3.1,
  validate: 2,
  backupOnly: 2,
};

/** How many databases a refusal names. */
const named = 3;

export interface ForecastRequest {
  /** Absolute. */
  readonly workspace: string;
  readonly domains: readonly Domain[];
  readonly mode: RunMode;
  readonly openAnyway: boolean;
}

/** @throws CoreError `needs-memory` where more is needed than there is, and the user did not ask for it all the same */
export async function assertFitsMemory(
  { files, availableMemory }: Pick<RunPorts, 'files' | 'availableMemory'>,
  plan: Plan,
  { workspace, domains, mode, openAnyway }: ForecastRequest,
): Promise<void> {
  if (openAnyway) return;
  const chosen = plan.steps.filter(({ domain }) => domains.includes(domain));
  const names = new Set(
    chosen.flatMap((step) => [step.legacy.database, targetDatabaseOf(step)]).filter((name) => name !== null),
  );
  const all = await Promise.all(
    [...names].map(async (name) => ({ name, bytes: await sizeOf(files, fromWorkspace(workspace, name)) })),
  );
  const weighed = all.filter(({ bytes }) => bytes > 0);
  const total = weighed.reduce((sum, { bytes }) => sum + bytes, 0);
  const needed = total * factors[mode];
  const available = availableMemory();
  if (needed <= available) return;
  const largest = weighed.sort((a, b) => b.bytes - a.bytes).slice(0, named);
  const list = largest.map(({ name, bytes }) => `${name} (${inMegabytes(bytes)})`).join(', ');
  throw new CoreError(
    'needs-memory',
    `The ${weighed.length} databases of this run have ${inMegabytes(total)}: about ${inMegabytes(needed)} of memory are needed, and ${inMegabytes(available)} are free. The largest: ${list}.`,
    {
      path: largest[0]?.name ?? null,
      hint: `${domains.length > 1 ? 'Take one domain at a time, close' : 'Close'} other programs, or open them anyway (on the command line: --open-anyway).`,
    },
  );
}

/** Bytes of a database and its sidecars. What cannot be looked at is refused in better words when it is read. */
async function sizeOf(files: FileStore, path: string): Promise<number> {
  const parts = await Promise.all(
    ['', '-wal', '-journal'].map((suffix) => files.stat(path + suffix).catch(() => null)),
  );
  return parts.reduce((sum, stat) => sum + (stat?.size ?? 0), 0);
}

function inMegabytes(bytes: number): string {
  return `${(bytes / 1e6).toLocaleString('en', { maximumFractionDigits: bytes < 10e6 ? 1 : 0 })} MB`;
}
