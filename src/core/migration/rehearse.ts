/**
 * The whole migration in memory: apply every step to a working copy of each target, export it, open the exported bytes
 * again, and prove them. A dry run ends here; a real run publishes the very bytes that were proved.
 */
import { CoreError } from '../errors';
import type { PlanStep, TableStep } from '../plan/schema';
import {
  listedRows,
  type CriterionReport,
  type Domain,
  type RejectReport,
  type StepReport,
  type TargetReport,
  type WarningReport,
} from '../report/model';
import type { SqliteConnection, SqliteEngine } from '../sqlite/engine';
import { foldName } from '../sqlite/identifiers';
import { countRows, readTable } from '../sqlite/schema';
import { sha256 } from '../storage/hash';
import type { FileSuccessor } from '../storage/staging';
import type { Snapshot } from '../storage/snapshot';
import { countVirtualRows, readVirtualTable } from '../sqlite/virtual-table';
import { rehearseConfig, type ConfigResult } from './config/config-step';
import { measureCriteria } from './criteria';
import { describeDatabases, findUnplanned } from './database-states';
import { dormantWarning, findDormant } from './dormant';
import { IntegrityChecks, type IntegrityChecker } from './integrity';
import type { OnPhase, Rehearsal, RehearsalRequest } from './rehearsal';
import { rehearseTarget } from './target/rehearse-target';
import { tableMissing } from './target/step-places';
import type { ProvedTarget, TargetResult, TargetTools } from './target/target-input';
import { RejectCollector } from './step/reject-collector';
import { describeReject, reportLeftBehind } from './step/step-report';
import { EncodingMatcher } from './encoding/encoding-matcher';
import { checkIntegrity } from './target/validate-target';
import { warning } from './warnings';

/** What a rehearsal works with. */
export interface RehearsalTools {
  readonly engine: SqliteEngine;
  /** A second thread for integrity checks; null where there is none. */
  readonly checker: IntegrityChecker | null;
}

/** @throws CoreError where the databases do not fit the plan or cannot be read: the run is refused */
export async function rehearse(
  { engine, checker }: RehearsalTools,
  request: RehearsalRequest,
  onPhase: OnPhase,
): Promise<Rehearsal> {
  const opened = new Map<string, SqliteConnection>();
  const results: TargetResult[] = [];
  const integrity = new IntegrityChecks(checker);
  const encodings = new EncodingMatcher(engine);
  const collector = request.rejects === 'collect' ? new RejectCollector(engine) : null;
  try {
    const sound: Promise<CoreError | null>[] = [];
    for (const [name, snapshot] of request.snapshots) {
      await onPhase('read', `Checking ${name}`);
      const connection = engine.open(snapshot.bytes, name, { access: 'shared' });
      opened.set(name, connection);
      const damage = findDamage(integrity, snapshot, connection);
      // A large database is checked beside the migration; of a small one the answer is there at once.
      if (integrity.isBeside(snapshot.bytes)) sound.push(damage);
      else await refuseDamage(damage);
    }
    const tools = { engine, integrity, collector, onPhase };
    // What was done with a damaged source is worth nothing, and neither is what it failed with.
    const outcome = await settle(() => rehearseAll(tools, request, opened, results, encodings));
    for (const damage of sound) await refuseDamage(damage);
    return outcome();
  } finally {
    for (const { connection } of results) connection.close();
    for (const connection of opened.values()) connection.close();
    encodings.close();
    collector?.close();
  }
}

async function refuseDamage(found: Promise<CoreError | null>): Promise<void> {
  const damage = await found;
  if (damage !== null) throw damage;
}

async function settle<T>(action: () => Promise<T>): Promise<() => T> {
  try {
    const value = await action();
    return () => value;
  } catch (error) {
    return () => {
      throw error;
    };
  }
}

async function findDamage(
  integrity: IntegrityChecks,
  { bytes, database }: Snapshot,
  connection: SqliteConnection,
): Promise<CoreError | null> {
  const findings = await integrity.check(bytes, database, connection);
  return findings.length === 0 ? null : damaged(database, findings);
}

function damaged(database: string, findings: readonly string[]): CoreError {
  return new CoreError('damaged', `${database} is damaged: ${findings.slice(0, 3).join('; ')}`, {
    path: database,
    hint: 'Restore the file from a backup, or try the .recover command of the sqlite3 shell on a copy.',
  });
}

/** @throws CoreError `damaged` where the integrity check finds anything */
export function openSound(engine: SqliteEngine, snapshot: Snapshot): SqliteConnection {
  const connection = engine.open(snapshot.bytes, snapshot.database);
  const findings = checkIntegrity(connection);
  if (findings.length === 0) return connection;
  connection.close();
  throw damaged(snapshot.database, findings);
}

async function rehearseAll(
  tools: TargetTools,
  request: RehearsalRequest,
  opened: ReadonlyMap<string, SqliteConnection>,
  results: TargetResult[],
  encodings: EncodingMatcher,
): Promise<Rehearsal> {
  const after = new Map<string, SqliteConnection>(opened);
  const planned = request.plan.steps.filter(({ domain }) => request.domains.includes(domain));
  const written = new Map<string, Uint8Array>();
  const fileSteps = planned.flatMap((step) => rehearseFileStep(tools.engine, request, opened, step, written));
  const inFiles = fileSteps.map(({ report }) => report);
  const dormant = request.intent === 'look' ? findDormant(planned, opened, inFiles) : new Set<Domain>();
  const chosen = planned.filter(({ domain }) => !dormant.has(domain));
  const steps: StepReport[] = [];
  for (const [database, planned] of groupByTarget(chosen)) {
    const snapshot = request.snapshots.get(database);
    const before = opened.get(database);
    if (snapshot === undefined || before === undefined) continue;
    const attachable = new Map(opened);
    for (const name of new Set(planned.map(({ legacy }) => legacy.database))) {
      const legacy = opened.get(name);
      if (legacy !== undefined) attachable.set(name, encodings.match(legacy, before));
    }
    const result = await rehearseTarget(tools, request, { snapshot, before, planned, opened: attachable });
    results.push(result);
    after.set(database, result.connection);
    steps.push(...result.steps);
  }
  const configured = fileSteps.filter(({ report }) => !dormant.has(report.domain));
  steps.push(
    ...configured.map(({ report }) => report),
    ...chosen.flatMap((step) => (step.strategy === 'skip' ? leaveBehind(opened, step) : [])),
  );
  const criteria = measureCriteria(
    request.plan,
    request.domains.filter((domain) => !dormant.has(domain)),
    steps,
    after,
  );
  const damage: string[] = [];
  const targets: TargetReport[] = [];
  // Last of all: the checks have gone on beside everything else.
  for (const { target, soundness } of results) {
    const found = await soundness;
    damage.push(...found);
    targets.push(reportTarget(target, found));
  }
  steps.push(...planned.filter(({ domain }) => dormant.has(domain)).flatMap((step) => leaveBehind(opened, step)));
  // Reports keep the plan's order, whichever target a step belongs to.
  const place = new Map(planned.map(({ legacy }, index) => [stepKey(legacy), index]));
  steps.sort((a, b) => (place.get(stepKey(a.legacy)) ?? 0) - (place.get(stepKey(b.legacy)) ?? 0));

  const successors = results.flatMap(({ successor }) => (successor === null ? [] : [successor]));
  const files = await writeFiles(request, written);
  const rejects = results.flatMap((result) => result.rejects);
  const found = {
    rejected: steps.reduce((sum, { rejected }) => sum + rejected, 0),
    rejects,
    findings: [
      ...results.flatMap(({ findings }) => findings),
      ...damage,
      ...configured.flatMap(({ findings }) => findings),
    ],
    criteria,
  };
  return {
    steps,
    targets,
    criteria,
    databases: describeDatabases(request, opened, after, successors),
    warnings: [
      findUnplanned(request, opened),
      [...dormant].map(dormantWarning),
      encodings.warnings,
      ...results.map((result) => result.warnings),
      ...configured.map((result) => result.warnings),
      unmet(criteria),
    ].flat(),
    rejects: rejects.slice(0, listedRows),
    mismatches: [
      ...results.flatMap((result) => result.mismatches),
      ...configured.flatMap((result) => result.mismatches),
    ],
    collected: tools.collector?.export() ?? null,
    successors,
    files,
    failure: judge(request, found),
  };
}

function reportTarget({ foreignKeys, undone, ...target }: ProvedTarget, damage: readonly string[]): TargetReport {
  return { ...target, integrity: damage.length === 0 ? 'passed' : 'failed', foreignKeys, undone };
}

/**
 * A step whose rows go into a configuration file.
 *
 * @param written what the steps before made of each file; gets what this one made
 */
function rehearseFileStep(
  engine: SqliteEngine,
  request: RehearsalRequest,
  opened: ReadonlyMap<string, SqliteConnection>,
  step: PlanStep,
  written: Map<string, Uint8Array>,
): readonly ConfigResult[] {
  if (step.strategy !== 'config') return [];
  const legacy = opened.get(step.legacy.database);
  const file = request.files.get(step.target.file);
  if (legacy === undefined || file === undefined) return [];
  if (readTable(legacy, step.legacy.table) === null) {
    if (request.mustHaveTables) throw tableMissing(step);
    return [];
  }
  const result = rehearseConfig(engine, {
    step,
    legacy,
    existing: written.get(step.target.file) ?? file.before?.bytes ?? null,
    write: request.intent === 'write',
  });
  if (result.bytes !== null) written.set(step.target.file, result.bytes);
  return [result];
}

async function writeFiles(
  request: RehearsalRequest,
  written: ReadonlyMap<string, Uint8Array>,
): Promise<readonly FileSuccessor[]> {
  const files: FileSuccessor[] = [];
  for (const [file, bytes] of written) {
    const plain = request.files.get(file);
    if (plain !== undefined) files.push({ kind: 'file', ...plain, bytes, sha256: await sha256(bytes) });
  }
  return files;
}

/** A step of which nothing moves, with the rows that there are. */
function leaveBehind(opened: ReadonlyMap<string, SqliteConnection>, step: PlanStep): readonly StepReport[] {
  const legacy = opened.get(step.legacy.database);
  if (legacy === undefined) return [];
  const virtual = readVirtualTable(legacy, step.legacy.table);
  if (virtual !== null) return [reportLeftBehind(step, countVirtualRows(legacy, virtual) ?? 0)];
  return readTable(legacy, step.legacy.table) === null
    ? []
    : [reportLeftBehind(step, countRows(legacy, step.legacy.table))];
}

function stepKey({ database, table }: { readonly database: string; readonly table: string }): string {
  return `${database}\n${foldName(table)}`;
}

/** Criteria that failed without stopping the run. */
function unmet(criteria: readonly CriterionReport[]): readonly WarningReport[] {
  return criteria
    .filter(({ required, status }) => !required && status === 'failed')
    .map(({ label, expected, actual }) =>
      warning('criterion-failed', `${label}: expected ${expected}, found ${actual ?? 'nothing'}.`),
    );
}

function judge(
  request: RehearsalRequest,
  found: {
    readonly rejected: number;
    readonly rejects: readonly RejectReport[];
    readonly findings: readonly string[];
    readonly criteria: readonly CriterionReport[];
  },
): CoreError | null {
  const { rejected, rejects, findings } = found;
  const [first] = rejects;
  if (rejected > 0 && first !== undefined && request.rejects === 'fail') {
    return new CoreError(
      'rejected-rows',
      `${rejected} legacy ${rejected === 1 ? 'row is' : 'rows are'} refused by the target. ${describeReject(first)}`,
      {
        path: first.database,
        hint: 'Correct the rows listed under Rejected Rows in the legacy database, or collect them beside the backup: setting jarvis.rejects (on the command line: --rejects collect).',
      },
    );
  }
  if (findings.length > 0) {
    const hint =
      request.intent === 'write'
        ? 'Nothing was published. The report shows which tier failed.'
        : 'Run the migration to bring in what is missing. Rows that changed on one side since are never overwritten: they fail this check until both sides agree.';
    return new CoreError('validation-failed', `A check failed: ${findings.slice(0, 5).join('; ')}.`, { hint });
  }
  const required = found.criteria.filter((criterion) => criterion.required && criterion.status === 'failed');
  if (required.length === 0) return null;
  return new CoreError(
    'validation-failed',
    `A required criterion failed: ${required.map(({ label, expected, actual }) => `${label} ${expected}, found ${actual}`).join('; ')}.`,
    {
      hint: 'Nothing was published.',
    },
  );
}

function groupByTarget(steps: readonly PlanStep[]): ReadonlyMap<string, readonly TableStep[]> {
  const groups = new Map<string, TableStep[]>();
  for (const step of steps) {
    if (step.strategy !== 'map' && step.strategy !== 'adopt') continue;
    groups.set(step.target.database, [...(groups.get(step.target.database) ?? []), step]);
  }
  return groups;
}
