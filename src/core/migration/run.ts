/**
 * One run, from the first read to the report: read, rehearse in memory, back up, publish, account.
 *
 * The order is the safety: everything that can refuse comes before the first byte is written, everything that must be
 * proved comes before the first byte is published.
 */
import { resolve } from 'node:path';
import { finishArchives } from '../archive/finish';
import { CoreError, describeError, type CoreErrorData } from '../errors';
import { builtIn, defaultPlanFile, loadPlan } from '../plan/load-plan';
import type { Plan } from '../plan/schema';
import type { Domain, RunMode, RunReport, WarningReport } from '../report/model';
import { displayPath, fromWorkspace } from '../storage/paths';
import { completePublications, findPendingPublications, removeOrphanedStages } from '../storage/recover';
import { formatRunId, makeRunFolder } from '../storage/run-folder';
import { takeRunLock } from '../storage/run-lock';
import { assertSamePlan, type Confirmed } from './confirmed';
import { readInvolved, type InvolvedDatabases } from './involved';
import { assertFitsMemory } from './memory-forecast';
import type { RunPorts } from './ports';
import { Publication } from './publication';
import { nothingRehearsed, type Rehearsal } from './rehearsal';
import { rehearse } from './rehearse';
import { RunClock } from './run-clock';
import { guardRun } from './run-guard';
import { reportRun } from './run-report';
import type { RepeatableRequest } from './run-request';
import { takeStock } from './take-stock';
import { warning } from './warnings';

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

/** Milliseconds after which the first databases have been looked at, and are being read. */
const readingBegins = 15;

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
  /** Null for a run that writes nothing, and before its folder is made. */
  private publication: Publication | null = null;
  private error: CoreErrorData | null = null;

  constructor(
    private readonly request: RunRequest,
    private readonly ports: RunPorts,
  ) {
    this.clock = new RunClock(ports);
    this.dataFolder = resolve(request.workspace, request.dataFolder);
    this.id = formatRunId(this.clock.startedAt);
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
      await this.publication?.discard();
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
      this.folder = made.folder;
      this.publication = new Publication(this.ports, this.clock, {
        run: made.run,
        folder: made.folder,
        dataFolder: this.dataFolder,
        applicationStopped: this.request.applicationStopped,
      });
      this.clock.log(
        'info',
        `Run ${this.id} (${this.request.mode}: ${this.request.domains.join(', ')}) in ${this.request.workspace}`,
      );
      const { workspace, applicationStopped } = this.request;
      const inUse = { holders: this.ports.holders, applicationStopped };
      for (const words of await completePublications(files, workspace, this.dataFolder, inUse))
        this.warn('recovered', words);
      const tools = { files, ...inUse };
      this.tell(await finishArchives(tools, { workspace, dataFolder: this.dataFolder }));
      return release;
    } catch (error) {
      await release();
      throw error;
    }
  }

  private async work(): Promise<void> {
    const { request, ports } = this;
    if (!this.writes) await this.refuseWhilePending();
    const plan = await this.loadPlan();
    await assertFitsMemory(ports, plan, request);
    const involved = await this.read(plan);
    this.tell(await guardRun(ports, request, this.id, involved));
    if (request.mode === 'backupOnly') {
      await this.copyOnly(involved);
      this.rehearsal = takeStock(ports.engine, plan, request.domains, involved.snapshots);
      this.tell(this.rehearsal.warnings);
      return;
    }
    try {
      this.rehearsal = await this.rehearse(plan, involved);
    } finally {
      // Whatever became of the rehearsal, nothing is written behind the back of the report.
      await this.publication?.settle();
    }
    this.tell(this.rehearsal.warnings);
    if (this.rehearsal.failure !== null) throw this.rehearsal.failure;
    if (request.mode !== 'migrate') return;
    const { collected, successors, files } = this.rehearsal;
    const publication = this.requirePublication();
    // Before anything is published: a run that loses rejected rows publishes nothing.
    if (collected !== null) {
      const path = await publication.keepRejects(collected);
      this.rejectsFile = displayPath(request.workspace, path);
      this.clock.log('info', `Rejected rows are kept in ${this.rejectsFile}`);
    }
    if (successors.length + files.length > 0)
      await publication.publish(involved, [...successors, ...files], this.asked);
  }

  private async loadPlan(): Promise<Plan> {
    const { request, ports } = this;
    const { plan, source, fingerprint } = await loadPlan(ports.files, {
      workspace: request.workspace,
      dataFolder: displayPath(request.workspace, this.dataFolder),
      planFile: request.planFile,
      rateLimits: request.rateLimits,
    });
    this.plan = source ?? builtIn;
    this.planFingerprint = fingerprint;
    this.clock.log('info', `Plan: ${this.plan}`);
    assertSamePlan(request.expected, { shown: source ?? defaultPlanFile, fingerprint });
    const without = request.mode === 'validate' ? (request.without ?? []) : [];
    return { ...plan, steps: plan.steps.filter(({ legacy }) => !without.includes(legacy.database)) };
  }

  private async read(plan: Plan): Promise<InvolvedDatabases> {
    const { request, ports, clock } = this;
    await clock.enter('read', 'Reading the databases');
    const [involved] = await Promise.all([
      readInvolved(
        ports.files,
        request.workspace,
        this.dataFolder,
        plan,
        request.domains,
        (database) => clock.enter('read', `Reading ${database}`),
        request,
      ),
      this.warmUp(plan),
    ]);
    this.tell(involved.warnings);
    for (const { database, sha256, main } of involved.snapshots.values())
      clock.log('info', `Read ${database}: ${main.length} bytes, SHA-256 ${sha256}`);
    if (this.writes) {
      const places = [...involved.targets, ...involved.files.values()].map(({ path }) => path);
      for (const stage of await removeOrphanedStages(ports.files, places))
        this.warn('stage-removed', `The staged file ${stage} of a run that was cut off has been removed.`);
    }
    return involved;
  }

  private async copyOnly(involved: InvolvedDatabases): Promise<void> {
    if (involved.snapshots.size === 0)
      throw new CoreError('nothing-to-back-up', 'There is no database to back up.', {
        path: this.request.dataFolder,
        hint: 'Check the data folder.',
      });
    await this.requirePublication().copyOnly(involved);
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
        preparation: request.mode === 'migrate' ? this.requirePublication().preparing(involved) : null,
      },
      (phase, message) => clock.enter(phase, message),
    );
  }

  /** While the disk is at work: it takes the processor for a tenth of a second. */
  private async warmUp(plan: Plan): Promise<void> {
    if (!(await this.hasLargeDatabase(plan))) return;
    await this.ports.sleep(readingBegins);
    this.ports.engine.warmUp();
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

  private requirePublication(): Publication {
    if (this.publication === null) throw new TypeError('This run writes nothing.');
    return this.publication;
  }

  private warn(code: string, message: string): void {
    this.warnings.push(warning(code, message));
  }

  /** One by one: there may be more of them than a call takes arguments. */
  private tell(warnings: readonly WarningReport[]): void {
    for (const one of warnings) this.warnings.push(one);
  }

  finish(): FinishedRun {
    const { request, ports, clock } = this;
    const report = reportRun(ports, clock, {
      run: this.id,
      mode: request.mode,
      workspace: request.workspace,
      dataFolder: this.dataFolder,
      folder: this.folder,
      plan: this.plan,
      rehearsal: this.rehearsal,
      published: this.publication?.isPublished === true,
      backedUp: this.publication?.backedUp ?? [],
      rejectsFile: this.rejectsFile,
      warnings: this.warnings,
      error: this.error,
    });
    return { report, folder: this.folder, lines: clock.lines, planFingerprint: this.planFingerprint };
  }
}
