/** The files of a run: which databases the chosen steps name, read as consistent snapshots, each file once. */
import { findArchived } from '../archive/archive-manifest';
import { CoreError } from '../errors';
import { targetDatabaseOf, type Plan } from '../plan/schema';
import type { Domain, WarningReport } from '../report/model';
import type { FileStore } from '../storage/file-store';
import { mapInParallel } from '../storage/parallel';
import { fromWorkspace, isInside } from '../storage/paths';
import { assertDistinctFiles, readPlainFile, type PlainFile } from '../storage/plain-file';
import type { ReadOptions } from '../storage/probe';
import { readSnapshot, type Snapshot } from '../storage/snapshot';
import { warning } from './warnings';

export interface InvolvedDatabases {
  /** Targets first. By the name in the plan. */
  readonly snapshots: ReadonlyMap<string, Snapshot>;
  readonly targets: readonly Snapshot[];
  /** Configuration files, by the name in the plan, whether they are there yet or not. */
  readonly files: ReadonlyMap<string, PlainFile>;
  readonly warnings: readonly WarningReport[];
}

/** @throws CoreError for any database that cannot be read safely, and for a target that is missing */
export async function readInvolved(
  files: FileStore,
  workspace: string,
  dataFolder: string,
  plan: Plan,
  domains: readonly Domain[],
  onRead: (database: string) => Promise<void>,
  options: ReadOptions = {},
): Promise<InvolvedDatabases> {
  const chosen = plan.steps.filter(({ domain }) => domains.includes(domain));
  const targetNames = new Set(chosen.map(targetDatabaseOf).filter((name) => name !== null));
  const legacyNames = new Set(chosen.map(({ legacy }) => legacy.database));
  for (const name of legacyNames) {
    if (!targetNames.has(name)) continue;
    throw new CoreError('same-file', `${name} is legacy and consolidated in one plan: it would go into itself.`, {
      path: name,
      hint: 'Name another database in the plan; all problems of it: jarvis-db plan --check.',
    });
  }
  const snapshots = new Map<string, Snapshot>();
  const warnings: WarningReport[] = [];
  // The user's own choice of a data folder outside the workspace counts as inside.
  const roots = [await files.realPath(workspace), await files.realPath(dataFolder)];
  const read = async (name: string): Promise<Snapshot> => {
    await onRead(name);
    const snapshot = await readSnapshot(files, fromWorkspace(workspace, name), name, options);
    if (!roots.some((root) => isInside(root, snapshot.path))) {
      throw new CoreError('outside-workspace', `${name} is a link to ${snapshot.path}, outside the workspace folder.`, {
        path: name,
        hint: 'Set jarvis.dataFolder to the folder that really holds the databases.',
      });
    }
    return snapshot;
  };
  for (const name of targetNames) {
    if ((await files.stat(fromWorkspace(workspace, name))) === null) {
      throw new CoreError('target-missing', `The consolidated database ${name} is not there.`, {
        path: name,
        hint: 'Check the data folder. This tool never makes an empty database in the place of a missing one.',
      });
    }
  }
  for (const snapshot of await mapInParallel([...targetNames], read)) snapshots.set(snapshot.database, snapshot);
  const targets = [...snapshots.values()];
  const missing: string[] = [];
  const present: string[] = [];
  for (const name of legacyNames) {
    const isThere = (await files.stat(fromWorkspace(workspace, name))) !== null;
    (isThere ? present : missing).push(name);
  }
  for (const snapshot of await mapInParallel(present, read)) snapshots.set(snapshot.database, snapshot);
  if (missing.length > 0) warnings.push(...tellMissing(missing, await findArchived(files, dataFolder)));
  // In the order of the files, not in that in which they were read.
  for (const snapshot of snapshots.values()) warnings.push(...snapshot.warnings);
  assertDistinct([...snapshots.values()]);
  const plainFiles = new Map<string, PlainFile>();
  for (const step of chosen) {
    if (step.strategy !== 'config' || !snapshots.has(step.legacy.database)) continue;
    const name = step.target.file;
    if (!plainFiles.has(name)) plainFiles.set(name, await readPlainFile(files, workspace, dataFolder, name));
  }
  assertDistinctFiles([...plainFiles.values()], [...snapshots.values()]);
  return { snapshots, targets, files: plainFiles, warnings };
}

/** What is in an archive is not lost: it says which. */
function tellMissing(missing: readonly string[], archived: ReadonlyMap<string, string>): readonly WarningReport[] {
  const lost: string[] = [];
  const kept = new Map<string, string[]>();
  for (const name of missing) {
    const archive = archived.get(name);
    if (archive === undefined) lost.push(name);
    else kept.set(archive, [...(kept.get(archive) ?? []), name]);
  }
  const warnings = [...kept].map(([archive, names]) =>
    warning('legacy-archived', `In the archive ${archive}: ${names.join(', ')}; the steps are left out.`),
  );
  if (lost.length === 0) return warnings;
  const are = lost.length > 1 ? 'these legacy databases are' : 'this legacy database is';
  return [warning('legacy-missing', `${lost.join(', ')}: ${are} not there; the steps are left out.`), ...warnings];
}

/** Two names for one file (a link, another case) would migrate a database into itself. */
function assertDistinct(snapshots: readonly Snapshot[]): void {
  const names = new Map<string, string>();
  for (const { stat, database } of snapshots) {
    const other = names.get(stat.identity);
    if (other !== undefined) {
      throw new CoreError('same-file', `${other} and ${database} are the same file.`, {
        path: database,
        hint: 'Remove the link, then try again.',
      });
    }
    names.set(stat.identity, database);
  }
}
