/** Which legacy databases may be archived now: everything is read and compared, nothing is written. */
import { basename, dirname, join } from 'node:path';
import { CoreError } from '../errors';
import { readInvolved, type InvolvedDatabases } from '../migration/involved';
import { assertFitsMemory } from '../migration/memory-forecast';
import type { RunPorts } from '../migration/ports';
import { rehearse } from '../migration/rehearse';
import { loadPlan } from '../plan/load-plan';
import type { Domain, WarningReport } from '../report/model';
import { refusalOf } from '../storage/holders';
import { sha256 } from '../storage/hash';
import { displayPath, fromWorkspace } from '../storage/paths';
import { findPendingPublications } from '../storage/recover';
import { formatRunId } from '../storage/run-folder';
import type { Snapshot } from '../storage/snapshot';
import { takeAccount } from './accounted';
import type { ArchivePlan, CompleteDatabase, RefusedDatabase } from './model';

export type ArchivePorts = Pick<
  RunPorts,
  | 'files'
  | 'holders'
  | 'engine'
  | 'checker'
  | 'availableMemory'
  | 'now'
  | 'self'
  | 'version'
  | 'onProgress'
  | 'beginPublishing'
>;

export interface ArchiveRequest {
  /** Absolute. */
  readonly workspace: string;
  /** Absolute. */
  readonly dataFolder: string;
  /** As for a run. */
  readonly planFile: string | null;
  readonly rateLimits: 'file' | 'database';
  /** Also more than fits the memory. */
  readonly openAnyway: boolean;
}

export interface Examination extends Pick<ArchivePlan, 'complete' | 'refused' | 'warnings'> {
  /** Of the complete databases, in the same order. */
  readonly snapshots: readonly Snapshot[];
}

/** A database may have tables of any domain, so all of them are looked at. */
const allDomains: readonly Domain[] = ['analytics', 'cache', 'core'];

/** @throws CoreError where a database cannot be read safely, or a consolidated one is missing */
export async function examine(
  ports: Omit<ArchivePorts, 'beginPublishing'>,
  request: ArchiveRequest,
): Promise<Examination> {
  const { files } = ports;
  const { workspace, dataFolder } = request;
  const [pending] = await findPendingPublications(files, dataFolder);
  if (pending !== undefined) {
    throw new CoreError('recovery-needed', `The publication of run ${pending.manifest.run} was cut off.`, {
      path: pending.manifestPath,
      hint: 'Run the migration: it completes that publication first.',
    });
  }
  const { plan, source } = await loadPlan(files, { ...request, dataFolder: displayPath(workspace, dataFolder) });
  const { openAnyway } = request;
  const forecast = { workspace, domains: allDomains, mode: 'validate', openAnyway, together: true } as const;
  await assertFitsMemory(ports, plan, forecast);
  const involved = await readInvolved(
    files,
    workspace,
    dataFolder,
    plan,
    allDomains,
    (database) => ports.onProgress('read', `Reading ${database}`),
    request,
  );
  const now = ports.now();
  const { steps, targets } = await rehearse(
    ports,
    {
      plan,
      mustHaveTables: source !== null,
      domains: allDomains,
      snapshots: involved.snapshots,
      files: involved.files,
      run: formatRunId(now),
      at: now.toISOString(),
      tool: `jarvis-databases ${ports.version}`,
      intent: 'look',
      rejects: 'fail',
      preparation: null,
    },
    ports.onProgress,
  );
  const complete: CompleteDatabase[] = [];
  const refused: RefusedDatabase[] = [];
  const snapshots: Snapshot[] = [];
  for (const snapshot of legacyOf(involved)) {
    const { database } = snapshot;
    const connection = ports.engine.open(snapshot.bytes, database, { access: 'shared' });
    try {
      const own = steps.filter(({ legacy }) => legacy.database === database);
      const { rows, reasons } = takeAccount(connection, own, targets);
      const all = [...(await faultsOfFile(ports, workspace, snapshot)), ...reasons];
      if (all.length > 0) {
        refused.push({ database, reasons: all });
      } else {
        complete.push({ database, rows, files: await partsOf(snapshot) });
        snapshots.push(snapshot);
      }
    } finally {
      connection.close();
    }
  }
  return { complete, refused, snapshots, warnings: await findHolders(ports, snapshots) };
}

/** A database that some step writes is a consolidated one, whatever else the plan calls it. */
function legacyOf({ snapshots, targets }: InvolvedDatabases): readonly Snapshot[] {
  const written = new Set(targets);
  return [...snapshots.values()].filter((snapshot) => !written.has(snapshot));
}

/** What is not one file of its own in the place of its name cannot be moved without leaving something behind. */
async function faultsOfFile(
  { files }: Pick<ArchivePorts, 'files'>,
  workspace: string,
  { database, path, stat }: Snapshot,
): Promise<readonly string[]> {
  const named = fromWorkspace(workspace, database);
  const isLink = join(await files.realPath(dirname(named)), basename(named)) !== path;
  return [
    ...(isLink ? [`it is a link to ${path}, which would lead nowhere`] : []),
    ...(stat.links > 1 ? [`it has ${stat.links} hard links, and the others would stay`] : []),
  ];
}

/** The main file, then what lies beside it. */
async function partsOf({ database, main, sha256: known, sidecars }: Snapshot): Promise<CompleteDatabase['files']> {
  const parts = [{ path: database, size: main.length, sha256: known }];
  for (const { suffix, bytes } of sidecars)
    parts.push({ path: database + suffix, size: bytes.length, sha256: await sha256(bytes) });
  return parts;
}

async function findHolders(
  { holders }: Pick<ArchivePorts, 'holders'>,
  snapshots: readonly Snapshot[],
): Promise<readonly WarningReport[]> {
  const answers = await holders.find(snapshots);
  return snapshots.flatMap(({ database }, index) => {
    const answer = answers[index];
    const refusal = answer === undefined ? null : refusalOf(answer, database, true);
    return refusal === null ? [] : [{ code: 'in-use', message: refusal.message }];
  });
}
