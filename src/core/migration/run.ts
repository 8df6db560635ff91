/**
 * One run, from the first read to the report: read, rehearse in memory, back up, publish, account.
 *
 * The order is the safety: everything that can refuse comes before the first byte is written, everything that must be
 * proved comes before the first byte is published.
 */
import { join, resolve } from 'node:path';
import { finishArchives } from '../archive/finish';
import { CoreError, describeError, type CoreErrorData } from '../errors';
import { builtIn, defaultPlanFile, loadPlan } from '../plan/load-plan';
import type { Domain, RunMode, RunReport, WarningReport } from '../report/model';
import { reportFiles } from '../report/model';
import { backUp, type BackedUpFile } from '../storage/backup';
import { cannotWrite } from '../storage/cannot-write';
import { assertNobodyHas, refusalOf } from '../storage/holders';
import { writeManifest, type Manifest } from '../storage/manifest';
import { displayPath, fromWorkspace } from '../storage/paths';
import { assertReplaceable, assertSpace, describeFiles, publish } from '../storage/publish';
import { stagedBytes, Staging, type Publishable, type Successor } from '../storage/staging';
import { findPlaceWarnings } from '../storage/place-warnings';
import { filesOf } from '../storage/replace';
import { completePublications, findPendingPublications, removeOrphanedStages } from '../storage/recover';
import { formatRunId, makeRunFolder } from '../storage/run-folder';
import { takeRunLock } from '../storage/run-lock';
import { warning } from './warnings';

import { assertSameDatabases, assertSamePlan, type Confirmed } from './confirmed';
import { sumLost } from './criteria';
import { readInvolved, type InvolvedDatabases } from './involved';
import { assertFitsMemory } from './memory-forecast';
import type { RunPorts } from './ports';
import { nothingRehearsed, type Rehearsal } from './rehearsal';
import type { Plan } from '../plan/schema';
import { rehearse } from './rehearse';
import { writeRunRequest, type RepeatableRequest } from './run-request';
import { decideOutcome, withdrawn } from './outcome';
import { RunClock } from './run-clock';
import { takeStock } from './take-stock';

export interface RunRequest {
  /** Absolute. */
  readonly workspace: string;
  /** Absolute, or relative to the workspace folder. */
  readonly dataFolder: string;
  readonly mode: RunMode;
  readonly domains: readonly Domain[];
  /** A plan file instead of `jarvis.plan.json` or the built-in plan; relative to the workspace folder, or absolute. */
  readonly planFile: string | null;
  /** Where the built-in plan puts the configuration of the rate limiter. */
  readonly rateLimits: 'file' | 'database';
  /** What becomes of rejected rows; null for what the plan says, and `fail` where it says nothing. */
  readonly rejects: 'fail' | 'collect' | null;
  readonly applicationStopped: boolean;
  readonly openAnyway: boolean;
  /** Why there is no data folder to work in; the run is then refused with it. */
  readonly refusal: CoreErrorData | null;
  /** What the confirmed dry run saw; null where nobody was asked. */
  readonly expected: Confirmed | null;
  /** Legacy databases, as the plan names them, whose steps a mere look leaves out. */
  readonly without?: readonly string[];
}

export interface FinishedRun {
  readonly report: RunReport;
  /** Absolute path of `data/backups/<run>`; null where the run wrote nothing. */
  readonly folder: string | null;
  /** The log, line by line. */
  readonly lines: readonly string[];
  /** Of the plan that was in force, as `LoadedPlan` has it; null where the run ended before it was read. */
  readonly planFingerprint: string | null;
}

/** Never throws for what a run can meet: a refusal is an outcome, and the report says why. */
export async function runMigration(request: RunRequest, ports: RunPorts): Promise<FinishedRun> {
  const run = new Run(request, ports);
  await run.perform();
  return run.finish();
}

/** Bytes of a database from which its statements run long enough to be worth a warm-up. */
const large = 8 * 1024 ** 2;

/** Milliseconds in which the first calls of a few writes are answered. */
const settlingTime = 15;

/** Everything that was read, as it is copied. */
function originalsOf({
  snapshots,
  files,
}: Pick<InvolvedDatabases, 'snapshots' | 'files'>): readonly (Uint8Array | undefined)[] {
  const databases = [...snapshots.values()];
  return [
    ...databases.flatMap(({ main, sidecars }) => [main, ...sidecars.map(({ bytes }) => bytes)]),
    ...[...files.values()].map(({ before }) => before?.bytes),
  ];
}

class Run {
  private readonly clock: RunClock;
  private readonly dataFolder: string;
  private readonly warnings: WarningReport[] = [];
  private asked: RepeatableRequest | null = null;
  private id: string;
  private folder: string | null = null;
  private rehearsal = nothingRehearsed;
  private rejectsFile: string | null = null;
  private plan = 'not read';
  private planFingerprint: string | null = null;
  private backedUp: readonly BackedUpFile[] = [];
  private copying: Promise<readonly BackedUpFile[]> | null = null;
  private staging: Staging;
  /** From here on, what is staged is the publication's to keep or to remove. */
  private isHandedOver = false;
  private published = false;
  private error: CoreErrorData | null = null;

  constructor(
    private readonly request: RunRequest,
    private readonly ports: RunPorts,
  ) {
    this.clock = new RunClock(ports);
    this.dataFolder = resolve(request.workspace, request.dataFolder);
    this.id = formatRunId(this.clock.startedAt);
    this.staging = new Staging(ports.files, this.id);
  }

  private get writes(): boolean {
    return this.request.mode === 'migrate' || this.request.mode === 'backupOnly';
  }

  async perform(): Promise<void> {
    let release = (): Promise<void> => Promise.resolve();
    try {
      if (this.request.refusal !== null) throw CoreError.fromData(this.request.refusal);
      if ((await this.ports.files.stat(this.dataFolder))?.kind !== 'folder') {
        throw new CoreError('data-folder-missing', `The data folder ${this.request.dataFolder} is not there.`, {
          path: this.request.dataFolder,
          hint: 'Check the workspace and the setting jarvis.dataFolder (on the command line: --data).',
        });
      }
      if (this.writes) release = await this.begin();
      await this.work();
    } catch (error) {
      this.error = describeError(error);
      this.clock.log('error', `${this.error.code}: ${this.error.message}`);
    } finally {
      if (!this.isHandedOver) await this.staging.discard();
      await release();
    }
  }

  /** Takes the lock, makes the run's folder and finishes what a crashed run left. */
  private async begin(): Promise<() => Promise<void>> {
    const { files, self } = this.ports;
    if (!(await files.isWritable(this.dataFolder))) {
      throw new CoreError('read-only', `The data folder ${this.request.dataFolder} is read-only.`, {
        path: this.request.dataFolder,
        hint: 'Allow writing to it, then try again. A dry run works meanwhile.',
      });
    }
    const release = await takeRunLock(files, this.dataFolder, self);
    try {
      const made = await makeRunFolder(files, this.dataFolder, this.clock.startedAt);
      this.id = made.run;
      this.staging = new Staging(files, this.id);
      this.folder = made.folder;
      this.clock.log(
        'info',
        `Run ${this.id} (${this.request.mode}: ${this.request.domains.join(', ')}) in ${this.request.workspace}`,
      );
      const { workspace, applicationStopped } = this.request;
      const inUse = { holders: this.ports.holders, applicationStopped };
      for (const words of await completePublications(files, workspace, this.dataFolder, inUse))
        this.warn('recovered', words);
      const tools = { files, ...inUse };
      this.warnings.push(...(await finishArchives(tools, { workspace, dataFolder: this.dataFolder })));
      return release;
    } catch (error) {
      await release();
      throw error;
    }
  }

  private async work(): Promise<void> {
    const { request, ports, clock } = this;
    if (!this.writes) await this.refuseWhilePending();
    const {
      plan: whole,
      source,
      fingerprint,
    } = await loadPlan(ports.files, {
      workspace: request.workspace,
      dataFolder: displayPath(request.workspace, this.dataFolder),
      planFile: request.planFile,
      rateLimits: request.rateLimits,
    });
    const without = request.mode === 'validate' ? (request.without ?? []) : [];
    const plan = { ...whole, steps: whole.steps.filter(({ legacy }) => !without.includes(legacy.database)) };
    this.plan = source ?? builtIn;
    this.planFingerprint = fingerprint;
    clock.log('info', `Plan: ${this.plan}`);
    assertSamePlan(request.expected, { shown: source ?? defaultPlanFile, fingerprint });
    await assertFitsMemory(ports, plan, request);
    await clock.enter('read', 'Reading the databases');
    if (await this.hasLargeDatabase(plan)) ports.engine.warmUp();
    const involved = await readInvolved(
      ports.files,
      request.workspace,
      this.dataFolder,
      plan,
      request.domains,
      (database) => clock.enter('read', `Reading ${database}`),
      request,
    );
    this.warnings.push(...involved.warnings);
    for (const { database, sha256, main } of involved.snapshots.values())
      clock.log('info', `Read ${database}: ${main.length} bytes, SHA-256 ${sha256}`);
    if (this.writes) {
      const stages = await removeOrphanedStages(
        ports.files,
        [...involved.targets, ...involved.files.values()].map(({ path }) => path),
      );
      for (const stage of stages)
        this.warn('stage-removed', `The staged file ${stage} of a run that was cut off has been removed.`);
    }
    await this.guard(involved);

    if (request.mode === 'backupOnly') {
      await this.copyOnly(involved);
      this.rehearsal = takeStock(ports.engine, plan, request.domains, involved.snapshots);
      for (const line of this.rehearsal.warnings) this.warnings.push(line);
      return;
    }
    try {
      this.rehearsal = await this.rehearse(plan, involved);
    } finally {
      // Whatever became of the rehearsal, nothing is written behind the back of the report.
      await Promise.allSettled([this.copying]);
    }
    for (const line of this.rehearsal.warnings) this.warnings.push(line);
    if (this.rehearsal.failure !== null) throw this.rehearsal.failure;
    if (request.mode !== 'migrate') return;
    await this.keepRejects();
    const { successors, files } = this.rehearsal;
    if (successors.length + files.length > 0) await this.publish(involved, [...successors, ...files]);
  }

  private rehearse(plan: Plan, involved: InvolvedDatabases): Promise<Rehearsal> {
    const { request, ports, clock } = this;
    this.asked = {
      plan,
      mustHaveTables: this.plan !== builtIn,
      domains: request.domains,
      run: this.id,
      at: clock.startedAt.toISOString(),
      tool: `jarvis-databases ${ports.version}`,
      rejects: request.rejects ?? plan.rejects ?? 'fail',
    };
    return rehearse(
      ports,
      {
        ...this.asked,
        snapshots: involved.snapshots,
        files: involved.files,
        intent: request.mode === 'validate' ? 'look' : 'write',
        triesUndo: request.mode === 'dryRun',
        onSuccessor: async (successor) => {
          if (request.mode === 'migrate') await this.prepare(involved, successor);
        },
      },
      (phase, message) => clock.enter(phase, message),
    );
  }

  /** The rejected rows, beside the backup, before anything is published: a run that loses them publishes nothing. */
  private async keepRejects(): Promise<void> {
    const { collected } = this.rehearsal;
    if (collected === null) return;
    const folder = this.requireFolder();
    const path = join(folder, reportFiles.rejects);
    try {
      await this.ports.files.writeNew(path, collected);
      await this.ports.files.syncFolder(folder);
    } catch (error) {
      throw cannotWrite(`${reportFiles.rejects} of run ${this.id} cannot be written`, path, error, 'backup-failed');
    }
    this.rejectsFile = `${displayPath(this.request.workspace, folder)}/${reportFiles.rejects}`;
    this.clock.log('info', `Rejected rows are kept in ${this.rejectsFile}`);
  }

  private async hasLargeDatabase({ steps }: Plan): Promise<boolean> {
    const { request, ports } = this;
    const chosen = steps.filter(({ domain }) => request.domains.includes(domain));
    for (const name of new Set(chosen.map(({ legacy }) => legacy.database))) {
      const stat = await ports.files.stat(fromWorkspace(request.workspace, name));
      if (stat !== null && stat.size >= large) return true;
    }
    return false;
  }

  private async refuseWhilePending(): Promise<void> {
    const [pending] = await findPendingPublications(this.ports.files, this.dataFolder);
    if (pending === undefined) return;
    throw new CoreError('recovery-needed', `The publication of run ${pending.manifest.run} was cut off.`, {
      path: pending.manifestPath,
      hint: 'Run the migration: it completes that publication first.',
    });
  }

  /** A run that will write refuses what it cannot do safely; one that only looks says what it saw. */
  private async guard({ snapshots, targets, files }: InvolvedDatabases): Promise<void> {
    const { mode, applicationStopped, expected } = this.request;
    const { holders } = this.ports;
    const plain = [...files.values()];
    const places = [
      ...[...snapshots.values()].map(({ database, path, stat }) => ({ name: database, path, isDatabase: true, stat })),
      ...plain.flatMap(({ name, path, before }) =>
        before === null ? [] : [{ name, path, isDatabase: false, stat: before.stat }],
      ),
    ];
    const all = (await Promise.all(places.map((place) => filesOf(this.ports.files, place, place)))).flat();
    this.warnings.push(...(await findPlaceWarnings(this.ports.files, places)));
    if (mode === 'migrate') {
      for (const file of [...targets, ...plain]) await assertReplaceable(this.ports, file, this.id);
      await assertNobodyHas(holders, all, applicationStopped);
    } else {
      const answers = await holders.find(all);
      for (const [index, { name }] of all.entries()) {
        const answer = answers[index];
        const refusal = answer === undefined ? null : refusalOf(answer, name, true);
        if (refusal !== null) this.warn('in-use', `${refusal.message} Stop that process before you migrate.`);
      }
    }
    assertSameDatabases(expected, snapshots);
  }

  private async copyOnly({ snapshots, files }: InvolvedDatabases): Promise<void> {
    const all = [...snapshots.values()];
    if (all.length === 0)
      throw new CoreError('nothing-to-back-up', 'There is no database to back up.', {
        path: this.request.dataFolder,
        hint: 'Check the data folder.',
      });
    await this.clock.enter('backup', `Backing up ${all.length} databases`);
    const manifest = this.describe(await this.copyOnce({ snapshots, files }), []);
    try {
      await writeManifest(this.ports.files, this.manifestPath, { ...manifest, publication: 'none' });
    } catch (error) {
      const what = `${reportFiles.manifest} of run ${this.id} cannot be written`;
      throw cannotWrite(what, this.manifestPath, error, 'backup-failed');
    }
  }

  private async publish({ snapshots, files }: InvolvedDatabases, successors: readonly Publishable[]): Promise<void> {
    const all = [...snapshots.values()];
    await this.clock.enter('backup', `Backing up ${all.length} databases`);
    const manifest = this.describe(await this.copyOnce({ snapshots, files }), successors);
    const { staging } = this;
    await this.assertSpace(successors.filter((successor) => !staging.hasBegun(successor)).flatMap(stagedBytes));
    await this.clock.enter('backup', 'Staging');
    const { ports, request } = this;
    if (this.asked !== null) await writeRunRequest(ports.files, this.requireFolder(), this.asked);
    this.isHandedOver = true;
    await publish(ports, {
      staging,
      run: this.id,
      manifestPath: this.manifestPath,
      manifest,
      successors,
      read: all,
      applicationStopped: request.applicationStopped,
      onCommit: async () => {
        await ports.beginPublishing();
        await this.clock.enter('publish', 'Publishing');
      },
    });
    this.published = true;
    for (const successor of successors) {
      const name = 'kind' in successor ? successor.name : successor.snapshot.database;
      this.clock.log('info', `Published ${name}: SHA-256 ${successor.sha256}`);
    }
  }

  /**
   * Begins to write the copies and the successor beside its proofs: neither changes a database. What becomes of it is
   * told when it is needed.
   */
  private async prepare(involved: InvolvedDatabases, successor: Successor): Promise<void> {
    const isFirst = this.copying === null;
    try {
      const parts = isFirst ? originalsOf(involved) : [];
      await this.assertSpace([...parts, ...stagedBytes(successor)]);
    } catch {
      // Nothing is begun on a full disk; if the successor is to be published, that is asked again, and refused.
      return;
    }
    void this.copyOnce(involved).catch(() => undefined);
    this.staging.begin(successor);
    // The next statement may take seconds: what large files wait for is handed to their thread first.
    if (successor.image.length >= large) await this.ports.sleep(settlingTime);
  }

  /** Copies of everything that was read, verified; made once, beside the proofs where there are any. */
  private copyOnce(involved: Pick<InvolvedDatabases, 'snapshots' | 'files'>): Promise<readonly BackedUpFile[]> {
    return (this.copying ??= this.copy(involved));
  }

  private async copy(involved: Pick<InvolvedDatabases, 'snapshots' | 'files'>): Promise<readonly BackedUpFile[]> {
    await this.assertSpace(originalsOf(involved));
    const { snapshots, files } = involved;
    this.backedUp = await backUp(this.ports.files, this.requireFolder(), [...snapshots.values()], [...files.values()]);
    for (const { path, sha256 } of this.backedUp)
      this.clock.log('info', `Backed up ${path}: copy read back, SHA-256 ${sha256}`);
    return this.backedUp;
  }

  private assertSpace(files: readonly (Uint8Array | undefined)[]): Promise<void> {
    const bytes = files.reduce((sum, file) => sum + (file?.length ?? 0), 0);
    return assertSpace(this.ports.files, this.dataFolder, bytes);
  }

  private describe(copies: readonly BackedUpFile[], successors: readonly Publishable[]): Omit<Manifest, 'publication'> {
    return { format: 1, run: this.id, files: describeFiles(this.id, copies, successors) };
  }

  private get manifestPath(): string {
    return join(this.requireFolder(), reportFiles.manifest);
  }

  private requireFolder(): string {
    if (this.folder === null) throw new TypeError('This run has no folder.');
    return this.folder;
  }

  private warn(code: string, message: string): void {
    this.warnings.push(warning(code, message));
  }

  finish(): FinishedRun {
    const { request, ports, clock } = this;
    const outcome = decideOutcome({
      mode: request.mode,
      error: this.error,
      published: this.published,
      hasSuccessors: this.rehearsal.successors.length + this.rehearsal.files.length > 0,
      reachedCommit: clock.has('publish'),
    });
    const { steps, targets, databases, criteria, rejects, mismatches } =
      outcome === 'committed' ? this.rehearsal : withdrawn(this.rehearsal);
    for (const { code, message } of this.warnings) clock.log('warn', `${code}: ${message}`);
    for (const step of steps)
      clock.log(
        'info',
        `${step.legacy.database} ${step.legacy.table}: ${step.legacy.rows} rows; inserted ${step.inserted}, already present ${step.alreadyPresent}, conflicts ${step.conflicts}, rejected ${step.rejected}, left behind ${step.leftBehind}`,
      );
    clock.log(this.error === null ? 'info' : 'error', `Outcome: ${outcome}`);
    const report: RunReport = {
      format: 1,
      run: this.id,
      mode: request.mode,
      dryRun: request.mode === 'dryRun',
      outcome,
      workspace: request.workspace,
      dataFolder: displayPath(request.workspace, this.dataFolder),
      backup: this.folder === null ? null : displayPath(request.workspace, this.folder),
      steps,
      targets,
      criteria,
      lost: sumLost(steps),
      warnings: this.warnings,
      rejects,
      rejectsFile: this.rejectsFile,
      mismatches,
      plan: this.plan,
      error: this.error,
      startedAt: clock.startedAt.toISOString(),
      finishedAt: ports.now().toISOString(),
      databases,
      backedUp: this.backedUp.map(({ path, size, sha256 }) => ({ path, size, sha256 })),
      phases: clock.phases(),
      versions: { extension: ports.version, sqlite: ports.engine.version },
    };
    return { report, folder: this.folder, lines: clock.lines, planFingerprint: this.planFingerprint };
  }
}
