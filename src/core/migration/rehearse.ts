/**
 * The whole migration in memory: apply every step to a working copy of each target, export it, open the exported bytes
 * again, and prove them. A dry run ends here; a real run publishes the very bytes that were proved.
 */
import { CoreError } from '../errors';
import type { PlanStep } from '../plan/schema';
import type { CriterionReport, StepReport, TargetReport, WarningReport } from '../report/model';
import type { SqliteConnection, SqliteEngine } from '../sqlite/engine';
import { foldName } from '../sqlite/identifiers';
import type { Successor } from '../storage/publish';
import type { Snapshot } from '../storage/snapshot';
import { measureCriteria } from './criteria';
import { describeDatabases, findUnplanned } from './database-states';
import type { OnPhase, Rehearsal, RehearsalRequest } from './rehearsal';
import { rehearseTarget, type TargetResult } from './rehearse-target';
import { checkIntegrity } from './validate-target';
import { warning } from './warnings';

/** @throws CoreError where the databases do not fit the plan or cannot be read: the run is refused */
export async function rehearse(engine: SqliteEngine, request: RehearsalRequest, onPhase: OnPhase): Promise<Rehearsal> {
  const opened = new Map<string, SqliteConnection>();
  const results: TargetResult[] = [];
  try {
    for (const [name, snapshot] of request.snapshots) {
      await onPhase('read', `Checking ${name}`);
      opened.set(name, openSound(engine, snapshot));
    }
    return await rehearseAll(engine, request, opened, results, onPhase);
  } finally {
    for (const { connection } of results) connection.close();
    for (const connection of opened.values()) connection.close();
  }
}

/** @throws CoreError `damaged` where the integrity check finds anything */
export function openSound(engine: SqliteEngine, snapshot: Snapshot): SqliteConnection {
  const connection = engine.open(snapshot.bytes, snapshot.database);
  const findings = checkIntegrity(connection);
  if (findings.length === 0) return connection;
  connection.close();
  throw new CoreError('damaged', `${snapshot.database} is damaged: ${findings.slice(0, 3).join('; ')}`, {
    path: snapshot.database,
    hint: 'Restore the file from a backup, or try the .recover command of the sqlite3 shell on a copy.',
  });
}

async function rehearseAll(
  engine: SqliteEngine,
  request: RehearsalRequest,
  opened: ReadonlyMap<string, SqliteConnection>,
  results: TargetResult[],
  onPhase: OnPhase,
): Promise<Rehearsal> {
  const steps: StepReport[] = [];
  const targets: TargetReport[] = [];
  const findings: string[] = [];
  const successors: Successor[] = [];
  const after = new Map<string, SqliteConnection>(opened);

  const chosen = request.plan.steps.filter(({ domain }) => request.domains.includes(domain));
  for (const [database, planned] of groupByTarget(chosen)) {
    const snapshot = request.snapshots.get(database);
    const before = opened.get(database);
    if (snapshot === undefined || before === undefined) continue;
    const result = await rehearseTarget(engine, request, { snapshot, before, planned, opened }, onPhase);
    results.push(result);
    after.set(database, result.connection);
    steps.push(...result.steps);
    findings.push(...result.findings);
    if (result.target !== null) targets.push(result.target);
    if (result.successor !== null) successors.push(result.successor);
  }
  // Reports keep the plan's order, whichever target a step belongs to.
  steps.sort((a, b) => planIndex(chosen, a) - planIndex(chosen, b));
  const criteria = measureCriteria(request.plan.criteria, request.domains, steps, after);
  const databases = describeDatabases(request, opened, after, successors);
  // Not push(...): a million rejects are more than a call takes arguments.
  const warnings = [
    findUnplanned(request, opened),
    ...results.map((result) => result.warnings),
    unmet(criteria),
  ].flat();
  const rejects = results.flatMap((result) => result.rejects);
  const failure = judge(request, { rejects, findings, criteria });
  return { steps, targets, criteria, databases, warnings, successors, failure };
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
    readonly rejects: readonly string[];
    readonly findings: readonly string[];
    readonly criteria: readonly CriterionReport[];
  },
): CoreError | null {
  const { rejects, findings } = found;
  if (rejects.length > 0) {
    return new CoreError(
      'rejected-rows',
      `${rejects.length} legacy ${rejects.length === 1 ? 'row is' : 'rows are'} refused by the target's constraints. ${rejects[0] ?? ''}`,
      {
        hint: 'Correct these rows in the legacy database, then run again. Every one is listed under Warnings.',
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

function groupByTarget(steps: readonly PlanStep[]): ReadonlyMap<string, readonly PlanStep[]> {
  const groups = new Map<string, PlanStep[]>();
  for (const step of steps) groups.set(step.target.database, [...(groups.get(step.target.database) ?? []), step]);
  return groups;
}

function planIndex(steps: readonly PlanStep[], report: StepReport): number {
  return steps.findIndex(
    ({ legacy }) =>
      legacy.database === report.legacy.database && foldName(legacy.table) === foldName(report.legacy.table),
  );
}
