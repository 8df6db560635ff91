/**
 * What rolling back and restoring a backup have in common: nothing is decided before every hash is checked, nothing is
 * written before everything is decided, and the files are replaced by one publication with a backup of its own.
 */
import { join, resolve } from 'node:path';
import { CoreError, describeError, type CoreErrorData } from '../errors';
import type { RunPorts } from '../migration/ports';
import { refusalToReplace } from '../migration/replaceable';
import { warning } from '../migration/warnings';
import { reportFiles, type WarningReport } from '../report/model';
import { backUp } from '../storage/backup';
import { assertNobodyHas, refusalOf } from '../storage/holders';
import type { Manifest } from '../storage/manifest';
import { displayPath } from '../storage/paths';
import type { PlainFile } from '../storage/plain-file';
import { assertReplaceable, assertSpace, describeFiles, publish } from '../storage/publish';
import { stagedBytes, type Publishable } from '../storage/staging';
import { filesOf } from '../storage/replace';
import { completePublications, findPendingPublications, removeOrphanedStages } from '../storage/recover';
import { formatRunId, makeRunFolder } from '../storage/run-folder';
import { takeRunLock } from '../storage/run-lock';
import { readSnapshot, type Snapshot } from '../storage/snapshot';
import { readPastRuns, type PastRun } from './past-runs';
import { assertOwnPlaces, findDatabase } from './places';
import { undoSummary } from './render-report';
import { rollbackOf } from './rollback-of';
import { countKept, type UndoAction, type UndoneFile, type UndoneTarget, type UndoReport } from './report';
import { writeUndoReport } from './write-report';

export interface UndoRequest {
  /** Absolute. */
  readonly workspace: string;
  /** Absolute, or relative to the workspace folder. */
  readonly dataFolder: string;
  readonly dryRun: boolean;
  readonly applicationStopped: boolean;
  /** Also more than fits the memory. */
  readonly openAnyway: boolean;
  /** SHA-256 by file, as the confirmed dry run saw them; null where none was made. */
  readonly expected: Readonly<Record<string, string>> | null;
}

/** What is to happen to which file. */
export interface UndoPlan {
  /** The run that is undone, or whose backup comes back; null where there is none. */
  readonly run: string | null;
  readonly successors: readonly Publishable[];
  readonly removals: readonly PlainFile[];
  readonly targets: readonly UndoneTarget[];
  readonly files: readonly UndoneFile[];
}

export interface UndoContext {
  readonly ports: RunPorts;
  readonly request: UndoRequest;
  /** Absolute. */
  readonly dataFolder: string;
  readonly runs: readonly PastRun[];
  /** Runs of which a rollback had been cut off, and has been completed before this one. */
  readonly completed: readonly string[];
  readonly warn: (code: string, message: string) => void;
  /** A database as it is now; null where it is not there. */
  readonly readNow: (database: string) => Promise<Snapshot | null>;
}

export interface FinishedUndo {
  readonly report: UndoReport;
  /** A few lines for people, the result first. */
  readonly summary: readonly string[];
  readonly markdown: string;
  /** Absolute path of the Markdown report; null where nothing was written. */
  readonly reportPath: string | null;
}

/** Never throws for what it can meet: a refusal is an outcome, and the report says why. */
export async function undo(
  action: UndoAction,
  request: UndoRequest,
  ports: RunPorts,
  decide: (context: UndoContext) => Promise<UndoPlan>,
): Promise<FinishedUndo> {
  const work = new Undo(action, request, ports);
  await work.perform(decide);
  return work.finish();
}

const nothing: UndoPlan = { run: null, successors: [], removals: [], targets: [], files: [] };

class Undo {
  private readonly dataFolder: string;
  private readonly startedAt: Date;
  private readonly warnings: WarningReport[] = [];
  private plan = nothing;
  private completed: readonly string[] = [];
  private runs: readonly PastRun[] = [];
  private id: string;
  private folder: string | null = null;
  private committing = false;
  private error: CoreErrorData | null = null;

  constructor(
    private readonly action: UndoAction,
    private readonly request: UndoRequest,
    private readonly ports: RunPorts,
  ) {
    this.dataFolder = resolve(request.workspace, request.dataFolder);
    this.startedAt = ports.now();
    this.id = formatRunId(this.startedAt);
  }

  async perform(decide: (context: UndoContext) => Promise<UndoPlan>): Promise<void> {
    let release = (): Promise<void> => Promise.resolve();
    try {
      const { files, self } = this.ports;
      if ((await files.stat(this.dataFolder))?.kind !== 'folder') {
        throw new CoreError('data-folder-missing', `The data folder ${this.request.dataFolder} is not there.`, {
          path: this.request.dataFolder,
          hint: 'Check the workspace and the setting jarvis.dataFolder (on the command line: --data).',
        });
      }
      if (!this.request.dryRun) release = await takeRunLock(files, this.dataFolder, self);
      await this.settlePending();
      await this.tell('read', 'Checking the copies');
      this.plan = await decide(await this.context());
      await this.guard();
      if (!this.request.dryRun && this.hasChanges) await this.publish();
    } catch (error) {
      this.error = describeError(error);
      this.ports.onLog('error', `${this.id} ${this.error.code}: ${this.error.message}`);
    } finally {
      await release();
    }
  }

  private get hasChanges(): boolean {
    return this.plan.successors.length + this.plan.removals.length > 0;
  }

  /** A publication that was cut off comes first: until it is done, no file is in a state that anyone intended. */
  private async settlePending(): Promise<void> {
    const { files, holders } = this.ports;
    const { workspace, applicationStopped, dryRun } = this.request;
    if (dryRun) {
      const [pending] = await findPendingPublications(files, this.dataFolder);
      if (pending === undefined) return;
      throw new CoreError('recovery-needed', `The publication of run ${pending.manifest.run} was cut off.`, {
        path: pending.manifestPath,
        hint: 'It has to be completed first: run the migration, or roll back without --dry-run.',
      });
    }
    const inUse = { holders, applicationStopped };
    const pending = await findPendingPublications(files, this.dataFolder);
    this.completed = pending.flatMap(({ manifest: { act } }) => (act?.kind === 'rollBack' ? [act.run] : []));
    for (const words of await completePublications(files, workspace, this.dataFolder, inUse))
      this.warn('recovered', words);
  }

  private async context(): Promise<UndoContext> {
    const { ports, request, dataFolder } = this;
    const runs = await readPastRuns(ports.files, dataFolder);
    this.runs = runs;
    return {
      ports,
      request,
      dataFolder,
      runs,
      completed: this.completed.filter((run) => rollbackOf(runs, run) !== null),
      warn: (code, message) => this.warn(code, message),
      readNow: (database) => this.readNow(database),
    };
  }

  private async readNow(database: string): Promise<Snapshot | null> {
    const { files } = this.ports;
    const path = await findDatabase(files, this.request.workspace, this.dataFolder, database);
    if (path === null) return null;
    await this.tell('read', `Reading ${database}`);
    // It was loaded by the run that is taken back, and may have grown over the cap in it.
    return readSnapshot(files, path, database, { openAnyway: true });
  }

  /** What can refuse, before the first byte is written. */
  private async guard(): Promise<void> {
    const { request, ports, plan } = this;
    const involved = [...plan.successors.map(asInvolved), ...plan.removals.map(asPlain)];
    for (const { name, sha256 } of involved) {
      const expected = request.expected?.[name];
      if (expected === undefined || expected === sha256) continue;
      throw new CoreError('changed-since', `${name} changed since the dry run that was confirmed.`, {
        path: name,
        hint: 'Run again: a new dry run shows what would happen now.',
      });
    }
    const open = involved.map(({ name, path, stat, isDatabase }) =>
      filesOf(ports.files, { name, path, isDatabase }, stat === null ? null : { stat }),
    );
    const held = (await Promise.all(open)).flat();
    const run = this.runs.find((past) => past.run === plan.run);
    if (run !== undefined) await assertOwnPlaces(ports.files, request.workspace, run, involved);
    if (request.dryRun) {
      for (const { file } of involved) {
        const refusal = await refusalToReplace(ports, file, this.id);
        if (refusal !== null) this.warn(refusal.code, refusal.message);
      }
      const answers = await ports.holders.find(held);
      for (const [index, { name }] of held.entries()) {
        const answer = answers[index];
        const refusal = answer === undefined ? null : refusalOf(answer, name, true);
        if (refusal !== null) this.warn('in-use', `${refusal.message} Stop that process first.`);
      }
      return;
    }
    for (const { file } of involved) await assertReplaceable(ports, file, this.id);
    await assertNobodyHas(ports.holders, held, request.applicationStopped);
    for (const stage of await removeOrphanedStages(
      ports.files,
      involved.map(({ path }) => path),
    ))
      this.warn('stage-removed', `The staged file ${stage} of a run that was cut off has been removed.`);
  }

  private async publish(): Promise<void> {
    const { ports, request, plan } = this;
    const { files } = ports;
    const snapshots = plan.successors.flatMap((successor) => ('kind' in successor ? [] : [successor.snapshot]));
    const replaced = plan.successors.flatMap((successor) => ('kind' in successor ? [successor] : []));
    const plainFiles = [...replaced, ...plan.removals];
    const sizes = [
      ...snapshots.map(({ main }) => main.length),
      ...plainFiles.map(({ before }) => before?.bytes.length ?? 0),
      ...plan.successors.flatMap(stagedBytes).map(({ length }) => length),
    ];
    await assertSpace(
      files,
      this.dataFolder,
      sizes.reduce((sum, size) => sum + size, 0),
    );
    const made = await makeRunFolder(files, this.dataFolder, this.startedAt);
    this.id = made.run;
    this.folder = made.folder;
    await this.tell('backup', 'Backing up the files as they are now');
    const copies = await backUp(files, made.folder, snapshots, plainFiles);
    const gone = new Set(plan.removals.map(({ name }) => name));
    const manifest: Omit<Manifest, 'publication'> = {
      format: 1,
      run: made.run,
      act: { kind: this.action, run: plan.run ?? '', kept: countKept(plan) },
      files: describeFiles(made.run, copies, plan.successors).map((file) =>
        file.kind === 'file' && gone.has(file.path) ? { ...file, removed: true } : file,
      ),
    };
    await publish(ports, {
      run: made.run,
      manifestPath: join(made.folder, reportFiles.manifest),
      manifest,
      successors: plan.successors,
      removals: plan.removals,
      read: snapshots,
      applicationStopped: request.applicationStopped,
      onCommit: async () => {
        await ports.beginPublishing();
        this.committing = true;
        await this.tell('publish', 'Publishing');
      },
    });
  }

  private async tell(phase: 'read' | 'backup' | 'publish', message: string): Promise<void> {
    this.ports.onLog('info', `${this.id} ${message}`);
    await this.ports.onProgress(phase, message);
  }

  private warn(code: string, message: string): void {
    this.warnings.push(warning(code, message));
  }

  async finish(): Promise<FinishedUndo> {
    const { request, plan, error, ports } = this;
    // Past the commit point the promise stands: the next run completes it.
    const isPromised = error === null || (error.code === 'recovery-needed' && this.committing);
    const outcome = !isPromised ? 'refused' : this.hasChanges ? 'committed' : 'nothingToDo';
    const report: UndoReport = {
      format: 1,
      run: this.id,
      action: this.action,
      rolledBack: plan.run,
      dryRun: request.dryRun,
      outcome,
      workspace: request.workspace,
      dataFolder: displayPath(request.workspace, this.dataFolder),
      backup: this.folder === null ? null : displayPath(request.workspace, this.folder),
      targets: outcome === 'refused' ? plan.targets.map(asUnchanged) : plan.targets,
      files: outcome === 'refused' ? [] : plan.files,
      warnings: this.warnings,
      error,
      startedAt: this.startedAt.toISOString(),
      finishedAt: ports.now().toISOString(),
    };
    return { report, summary: undoSummary(report), ...(await writeUndoReport(ports, this.folder, report)) };
  }
}

interface Involved {
  readonly isDatabase: boolean;
  readonly name: string;
  readonly path: string;
  readonly sha256: string | null;
  readonly stat: Snapshot['stat'] | null;
  readonly file: Snapshot | PlainFile;
}

function asInvolved(successor: Publishable): Involved {
  if ('kind' in successor) return asPlain(successor);
  const { snapshot } = successor;
  return {
    name: snapshot.database,
    path: snapshot.path,
    sha256: snapshot.sha256,
    stat: snapshot.stat,
    isDatabase: true,
    file: snapshot,
  };
}

function asPlain(file: PlainFile): Involved {
  const { name, path, before } = file;
  return { name, path, sha256: before?.sha256 ?? null, stat: before?.stat ?? null, isDatabase: false, file };
}

function asUnchanged(target: UndoneTarget): UndoneTarget {
  return { ...target, how: 'untouched', sidecar: null, sha256After: target.sha256Before, removed: [], dropped: [] };
}
