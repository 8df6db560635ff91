/** One target: its steps on a working copy, the copy exported, and the exported bytes opened again and proved. */
import { CoreError } from '../errors';
import type { PlanStep } from '../plan/schema';
import type { StepReport, TargetReport, WarningReport } from '../report/model';
import type { SqliteConnection, SqliteEngine } from '../sqlite/engine';
import { succeedHeader } from '../sqlite/header';
import { readTable } from '../sqlite/schema';
import { sha256 } from '../storage/hash';
import type { Successor } from '../storage/publish';
import type { Snapshot } from '../storage/snapshot';
import { warning } from './warnings';
import { applyStep, type AppliedStep } from './apply-step';
import { countConflicts } from './classify';
import type { OnPhase, RehearsalRequest } from './rehearsal';
import { conflictWarnings, describeReject, reportStep } from './step-report';
import { legacySchema } from './step-sql';
import { beforeSchema, notRun, validateStep, type StepProof } from './validate-step';
import { validateTarget } from './validate-target';

export interface TargetInput {
  readonly snapshot: Snapshot;
  readonly before: SqliteConnection;
  readonly planned: readonly PlanStep[];
  readonly opened: ReadonlyMap<string, SqliteConnection>;
}

export interface TargetResult {
  readonly connection: SqliteConnection;
  readonly steps: readonly StepReport[];
  readonly target: TargetReport | null;
  readonly successor: Successor | null;
  readonly warnings: readonly WarningReport[];
  readonly findings: readonly string[];
  readonly rejects: readonly string[];
}

/** The result's connection is the caller's to close; where this throws, none stays open. */
export async function rehearseTarget(
  engine: SqliteEngine,
  request: RehearsalRequest,
  input: TargetInput,
  onPhase: OnPhase,
): Promise<TargetResult> {
  const held = { connection: engine.open(input.snapshot.bytes, input.snapshot.database) };
  try {
    return await applyAndProve(engine, request, input, held, onPhase);
  } catch (error) {
    held.connection.close();
    throw error;
  }
}

/** @param held the working copy; afterwards the connection that the result speaks of */
async function applyAndProve(
  engine: SqliteEngine,
  request: RehearsalRequest,
  input: TargetInput,
  held: { connection: SqliteConnection },
  onPhase: OnPhase,
): Promise<TargetResult> {
  const { snapshot, before, planned, opened } = input;
  const working = held.connection;
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
      warnings.push(...result.warnings, ...conflictWarnings(result));
      for (const reject of result.rejects) warnings.push(warning('rejected-row', describeReject(result, reject)));
    }
    working.detach(legacySchema);
  }

  let successor: Successor | null = null;
  if (applied.some(({ changed }) => changed)) {
    const image = working.export();
    working.close();
    succeedHeader(image, snapshot.header);
    successor = { snapshot, image, sha256: await sha256(image) };
    held.connection = engine.open(image, snapshot.database);
  }
  const { connection } = held;
  const rejects = applied.flatMap((step) => step.rejects.map((reject) => describeReject(step, reject)));
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
  return { connection, steps, target, successor, warnings, findings: [...failed, ...proof.findings], rejects };
}

function proveStep(
  connection: SqliteConnection,
  step: AppliedStep,
  intent: RehearsalRequest['intent'],
): StepProof | null {
  const { counts, legacyRows } = step;
  if (step.place === null) {
    // Nothing to compare cells with; but to look for rows and to find not even their table is a result.
    if (intent !== 'look' || legacyRows === 0) return null;
    return { validation: { ...notRun, counts: 'failed' }, lostValues: 0, sample: null };
  }
  const sum = counts.new + counts.present + countConflicts(counts) + counts.collision + counts.rejected;
  const complete = intent === 'write' || counts.present === legacyRows;
  return validateStep(connection, {
    sql: step.sql,
    place: step.place,
    matching: intent === 'write' ? counts.new + counts.present : legacyRows,
    aside: intent === 'write' ? counts.aside : 0,
    targetRows: step.rowsBefore + step.inserted,
    accounted: complete && sum === legacyRows && (intent !== 'write' || step.inserted === counts.new),
  });
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
