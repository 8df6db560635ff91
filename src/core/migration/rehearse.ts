/**
 * The whole migration in memory: apply every step to a working copy of each target, export it, open the exported bytes
 * again, and prove them. A dry run ends here; a real run publishes the very bytes that were proved.
 */
import { CoreError } from '../errors';
import { describeMapping } from '../plan/resolve';
import type { Plan, PlanStep } from '../plan/schema';
import type {
  CriterionReport,
  DatabaseState,
  Domain,
  RunPhase,
  StepReport,
  TargetReport,
  WarningReport,
} from '../report/model';
import type { SqliteConnection, SqliteEngine } from '../sqlite/engine';
import { succeedHeader } from '../sqlite/header';
import { foldName } from '../sqlite/identifiers';
import { countRows, readObjects, readTable } from '../sqlite/schema';
import { sha256 } from '../storage/hash';
import type { Successor } from '../storage/publish';
import type { Snapshot } from '../storage/snapshot';
import { applyStep, warning, type AppliedStep } from './apply-step';
import { measureCriteria } from './criteria';
import { isLedgerTable } from './ledger';
import { legacySchema } from './step-sql';
import { beforeSchema, notRun, validateStep } from './validate-step';
import { checkIntegrity, validateTarget } from './validate-target';

export interface RehearsalRequest {
  readonly plan: Plan;
  readonly domains: readonly Domain[];
  /** Every database involved, by its name in the plan. Steps whose database is not here are left out. */
  readonly snapshots: ReadonlyMap<string, Snapshot>;
  readonly run: string;
  /** ISO 8601, UTC: when the run began. */
  readonly at: string;
  readonly tool: string;
  /** `write` migrates; `look` checks what is there; `count` only accounts for the rows. */
  readonly intent: 'write' | 'look' | 'count';
}

export interface Rehearsal {
  readonly steps: readonly StepReport[];
  readonly targets: readonly TargetReport[];
  readonly criteria: readonly CriterionReport[];
  readonly databases: readonly DatabaseState[];
  readonly warnings: readonly WarningReport[];
  /** Targets whose bytes are to change; empty where there is nothing to do. */
  readonly successors: readonly Successor[];
  /** Why nothing may be published; null where every tier passed. */
  readonly failure: CoreError | null;
}

export type OnPhase = (phase: RunPhase, message: string) => Promise<void>;

/** @throws CoreError where the databases do not fit the plan or cannot be read: the run is refused */
export async function rehearse(engine: SqliteEngine, request: RehearsalRequest, onPhase: OnPhase): Promise<Rehearsal> {
  const opened = new Map<string, SqliteConnection>();
  const close = (): void => {
    for (const connection of opened.values()) connection.close();
  };
  try {
    for (const [name, snapshot] of request.snapshots) {
      await onPhase('read', `Checking ${name}`);
      opened.set(name, openSound(engine, snapshot));
    }
    return await rehearseAll(engine, request, opened, onPhase);
  } finally {
    close();
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
  onPhase: OnPhase,
): Promise<Rehearsal> {
  const steps: StepReport[] = [];
  const targets: TargetReport[] = [];
  const warnings: WarningReport[] = [];
  const findings: string[] = [];
  const rejects: string[] = [];
  const successors: Successor[] = [];
  const after = new Map<string, SqliteConnection>(opened);
  const results: TargetResult[] = [];

  const chosen = request.plan.steps.filter(({ domain }) => request.domains.includes(domain));
  warnings.push(...findUnplanned(request, opened));
  for (const [database, planned] of groupByTarget(chosen)) {
    const snapshot = request.snapshots.get(database);
    const before = opened.get(database);
    if (snapshot === undefined || before === undefined) continue;
    const result = await rehearseTarget(engine, request, { snapshot, before, planned, opened }, onPhase);
    results.push(result);
    after.set(database, result.connection);
    steps.push(...result.steps);
    warnings.push(...result.warnings);
    findings.push(...result.findings);
    rejects.push(...result.rejects);
    if (result.target !== null) targets.push(result.target);
    if (result.successor !== null) successors.push(result.successor);
  }
  // Reports keep the plan's order, whichever target a step belongs to.
  steps.sort((a, b) => planIndex(chosen, a) - planIndex(chosen, b));
  const criteria =
    request.intent === 'count' ? [] : measureCriteria(request.plan.criteria, request.domains, steps, after);
  const databases = describeDatabases(request, opened, after, successors);
  for (const { connection, before } of results) if (connection !== before) connection.close();
  const failure = judge(request, { rejects, findings, criteria });
  return { steps, targets, criteria, databases, warnings, successors, failure };
}

interface TargetInput {
  readonly snapshot: Snapshot;
  readonly before: SqliteConnection;
  readonly planned: readonly PlanStep[];
  readonly opened: ReadonlyMap<string, SqliteConnection>;
}

interface TargetResult {
  readonly connection: SqliteConnection;
  readonly before: SqliteConnection;
  readonly steps: readonly StepReport[];
  readonly target: TargetReport | null;
  readonly successor: Successor | null;
  readonly warnings: readonly WarningReport[];
  readonly findings: readonly string[];
  readonly rejects: readonly string[];
}

async function rehearseTarget(
  engine: SqliteEngine,
  request: RehearsalRequest,
  input: TargetInput,
  onPhase: OnPhase,
): Promise<TargetResult> {
  const { snapshot, before, planned, opened } = input;
  const working = engine.open(snapshot.bytes, snapshot.database);
  const warnings: WarningReport[] = [];
  const applied: AppliedStep[] = [];
  for (const step of planned) {
    const legacy = opened.get(step.legacy.database);
    const legacySnapshot = request.snapshots.get(step.legacy.database);
    if (legacy === undefined || legacySnapshot === undefined) continue;
    await onPhase('apply', `${step.legacy.database} ${step.legacy.table}`);
    assertSameEncoding(snapshot, legacySnapshot);
    working.attach(legacy, legacySchema);
    const table = readTable(working, step.legacy.table, legacySchema);
    if (table === null) {
      warnings.push(
        warning(
          'legacy-table-missing',
          `${step.legacy.database} has no table ${step.legacy.table}: the step is left out.`,
        ),
      );
    } else {
      const context = {
        engine,
        target: working,
        legacySha256: legacySnapshot.sha256,
        run: request.run,
        at: request.at,
        tool: request.tool,
        write: request.intent === 'write',
      };
      const result = applyStep(context, step, table);
      applied.push(result);
      warnings.push(
        ...result.warnings,
        ...conflictWarnings(result),
        ...result.rejects.slice(0, 100).map((reject) => warning('rejected-row', describeReject(result, reject))),
      );
    }
    working.detach(legacySchema);
  }

  let connection = working;
  let successor: Successor | null = null;
  if (applied.some(({ changed }) => changed)) {
    const image = working.export();
    working.close();
    succeedHeader(image, snapshot.header);
    successor = { snapshot, image, sha256: await sha256(image) };
    connection = engine.open(image, snapshot.database);
  }
  const rejects = applied.flatMap((step) => step.rejects.map((reject) => describeReject(step, reject)));
  if (request.intent === 'count') {
    return {
      connection,
      before,
      steps: applied.map((step) => reportStep(step, null)),
      target: null,
      successor: null,
      warnings,
      findings: [],
      rejects,
    };
  }

  connection.attach(before, beforeSchema);
  const steps: StepReport[] = [];
  for (const step of applied) {
    await onPhase('validate', `Proving ${step.plan.legacy.table}`);
    const legacy = opened.get(step.plan.legacy.database);
    if (legacy === undefined) continue;
    connection.attach(legacy, legacySchema);
    steps.push(reportStep(step, proveStep(connection, step, request.intent)));
    connection.detach(legacySchema);
  }
  await onPhase('validate', `Proving ${snapshot.database}`);
  const proof = validateTarget(connection, before);
  connection.detach(beforeSchema);
  const target: TargetReport = {
    database: snapshot.database,
    sizeBefore: snapshot.bytes.length,
    sizeAfter: successor?.image.length ?? snapshot.bytes.length,
    sha256Before: snapshot.sha256,
    sha256After: successor?.sha256 ?? snapshot.sha256,
    untouchedRows: proof.untouchedRows,
    integrity: proof.integrity,
    foreignKeys: proof.foreignKeys,
  };
  const failed = steps.flatMap((step) =>
    Object.entries(step.validation)
      .filter(([, check]) => check === 'failed')
      .map(([tier]) => `${step.legacy.table}: ${tier}`),
  );
  return { connection, before, steps, target, successor, warnings, findings: [...failed, ...proof.findings], rejects };
}

function proveStep(
  connection: SqliteConnection,
  step: AppliedStep,
  intent: RehearsalRequest['intent'],
): ReturnType<typeof validateStep> | null {
  if (step.place === null) return null;
  const { counts, legacyRows } = step;
  const sum = counts.new + counts.present + counts.changed + counts.gone + counts.collision + counts.rejected;
  const complete = intent === 'write' || counts.present === legacyRows;
  return validateStep(connection, {
    sql: step.sql,
    place: step.place,
    matching: intent === 'write' ? counts.new + counts.present : legacyRows,
    targetRows: step.rowsBefore + step.inserted,
    accounted: complete && sum === legacyRows && (intent !== 'write' || step.inserted === counts.new),
  });
}

function reportStep(step: AppliedStep, proof: ReturnType<typeof validateStep> | null): StepReport {
  const { plan, counts } = step;
  const sidecar = step.place?.sidecar?.table ?? null;
  const wasWritten = step.inserted > 0 || step.changed;
  return {
    domain: plan.domain,
    strategy: plan.strategy,
    legacy: { database: plan.legacy.database, table: step.sql.step.legacy.name, rows: step.legacyRows },
    target: { database: plan.target.database, table: step.targetTable },
    inserted: step.inserted,
    alreadyPresent: counts.present,
    conflicts: counts.changed + counts.gone,
    rejected: counts.rejected,
    // Rows that were not written: all that is new when only looking, and rows whose key the target uses itself.
    leftBehind: counts.collision + (wasWritten ? 0 : counts.new),
    residual: { columns: step.residual, kept: sidecar, lostValues: proof?.lostValues ?? 0 },
    validation: proof?.validation ?? notRun,
    mapping: describeMapping(step.sql.step, sidecar, step.residual),
    sample: proof?.sample ?? null,
  };
}

function conflictWarnings(step: AppliedStep): readonly WarningReport[] {
  const { changed, gone } = step.counts;
  const name = `${step.plan.legacy.database} ${step.plan.legacy.table}`;
  const lines = [];
  if (changed > 0)
    lines.push(
      warning(
        'conflict',
        `${name}: ${changed} migrated ${changed === 1 ? 'row differs' : 'rows differ'} from the target now; changed on one side since, left alone.`,
      ),
    );
  if (gone > 0)
    lines.push(
      warning(
        'conflict',
        `${name}: ${gone} migrated ${gone === 1 ? 'row was' : 'rows were'} deleted from the target since; left alone.`,
      ),
    );
  return lines;
}

function describeReject(step: AppliedStep, reject: { readonly key: string; readonly reason: string }): string {
  return `${step.plan.legacy.database} ${step.plan.legacy.table}: the row with key ${reject.key} is refused by ${step.targetTable}: ${reject.reason}`;
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
        : 'Run the migration again to bring in what is missing; conflicts are left alone.';
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

/** Tables of the legacy databases involved that no step of the plan names. */
function findUnplanned(
  request: RehearsalRequest,
  opened: ReadonlyMap<string, SqliteConnection>,
): readonly WarningReport[] {
  const planned = new Set(request.plan.steps.map(({ legacy }) => `${legacy.database}\n${foldName(legacy.table)}`));
  const legacies = new Set(
    request.plan.steps.filter(({ domain }) => request.domains.includes(domain)).map(({ legacy }) => legacy.database),
  );
  return [...legacies].flatMap((database) => {
    const connection = opened.get(database);
    if (connection === undefined) return [];
    return tableNames(connection)
      .filter((table) => !planned.has(`${database}\n${foldName(table)}`))
      .map((table) => {
        const rows = readTable(connection, table) === null ? null : countRows(connection, table);
        return warning(
          'unplanned-table',
          `${database} ${table}${rows === null ? '' : ` (${rows} ${rows === 1 ? 'row' : 'rows'})`} is in no step of the plan: it stays where it is.`,
        );
      });
  });
}

function tableNames(connection: SqliteConnection): readonly string[] {
  return connection
    .all(
      "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type IN ('table', 'virtual') AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name",
    )
    .map(({ name }) => String(name));
}

function describeDatabases(
  request: RehearsalRequest,
  opened: ReadonlyMap<string, SqliteConnection>,
  after: ReadonlyMap<string, SqliteConnection>,
  successors: readonly Successor[],
): readonly DatabaseState[] {
  const targets = new Set(request.plan.steps.map(({ target }) => target.database));
  return [...request.snapshots.values()].map((snapshot): DatabaseState => {
    const before = opened.get(snapshot.database);
    const now = after.get(snapshot.database) ?? before;
    const was = before === undefined ? new Map<string, number>() : countTables(before);
    const is = now === undefined || now === before ? was : countTables(now);
    const names = [...new Set([...was.keys(), ...is.keys()])].filter((name) => !isLedgerTable(name)).sort();
    return {
      database: snapshot.database,
      role: targets.has(snapshot.database) ? 'consolidated' : 'legacy',
      size: snapshot.bytes.length,
      sizeAfter: successors.find((successor) => successor.snapshot === snapshot)?.image.length ?? snapshot.bytes.length,
      sha256: snapshot.sha256,
      tables: names.map((name) => ({
        name,
        rows: was.get(name) ?? 0,
        rowsAfter: is.get(name) ?? 0,
        created: !was.has(name),
      })),
    };
  });
}

/** Rows of each ordinary table; a table that cannot be counted (its module or collation is unknown) is left out. */
function countTables(connection: SqliteConnection): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { name, type } of readObjects(connection)) {
    if (type !== 'table') continue;
    try {
      counts.set(name, countRows(connection, name));
    } catch {
      // Shown by the inventory with its reason; no step can name it.
    }
  }
  return counts;
}

function assertSameEncoding(target: Snapshot, legacy: Snapshot): void {
  const [a, b] = [target.header.encoding, legacy.header.encoding];
  // 0 is a database without content, which takes any encoding.
  if (a === b || a === 0 || b === 0) return;
  throw new CoreError(
    'encoding-mismatch',
    `${legacy.database} and ${target.database} store text in different encodings.`,
    {
      path: legacy.database,
      hint: 'This version moves rows between databases of one encoding only.',
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
