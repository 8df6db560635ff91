/** The account of one step: its counts, its proof, and what a person should know about single rows. */
import { describeMapping } from '../../plan/resolve';
import type { PlanStep } from '../../plan/schema';
import type { RejectReport, StepReport, WarningReport } from '../../report/model';
import { warning } from '../warnings';
import type { AppliedStep } from './applied-step';
import { countConflicts } from './row-states';
import { notRun, type StepProof } from './validate-step';

export function reportStep(step: AppliedStep, proof: StepProof | null): StepReport {
  const { plan, counts, sql } = step;
  const kept = step.place?.sidecar?.table ?? (step.place === null ? null : sql.step.metadataColumn);
  const wasWritten = step.inserted > 0 || step.changed;
  const dropped = step.lost.reduce((sum, { values }) => sum + values, 0);
  return {
    domain: plan.domain,
    strategy: plan.strategy,
    legacy: { database: plan.legacy.database, table: sql.step.legacy.name, rows: step.legacyRows },
    target: { database: plan.target.database, table: step.targetTable },
    inserted: step.inserted,
    alreadyPresent: counts.present,
    conflicts: countConflicts(counts),
    rejected: counts.rejected,
    // Rows that were not written: all that is new when only looking.
    leftBehind: wasWritten ? 0 : counts.new,
    residual: { columns: step.residual, kept, lostValues: dropped + (proof?.lostValues ?? 0), lost: step.lost },
    keyOffset: step.keyOffset,
    parents: step.parents,
    reason: null,
    validation: proof?.validation ?? notRun,
    mapping: describeMapping(sql.step, kept, step.residual),
    sample: proof?.sample ?? null,
  };
}

/** A step of which no row moves: skipped, or part of a run that only copies. */
export function reportLeftBehind(plan: PlanStep, rows: number): StepReport {
  return {
    domain: plan.domain,
    strategy: plan.strategy,
    legacy: { ...plan.legacy, rows },
    target: plannedTarget(plan),
    inserted: 0,
    alreadyPresent: 0,
    conflicts: 0,
    rejected: 0,
    leftBehind: rows,
    residual: { columns: [], kept: null, lostValues: 0, lost: [] },
    keyOffset: '0',
    parents: [],
    reason: plan.strategy === 'skip' ? plan.reason : null,
    validation: notRun,
    mapping: [],
    sample: null,
  };
}

function plannedTarget(plan: PlanStep): StepReport['target'] {
  switch (plan.strategy) {
    case 'map':
      return plan.target;
    case 'adopt':
      return { database: plan.target.database, table: plan.target.table ?? plan.legacy.table };
    case 'config':
      return { file: plan.target.file };
    case 'skip':
      return null;
  }
}

export function stepWarnings(step: AppliedStep): readonly WarningReport[] {
  const { gone, taken } = step.counts;
  const changed = step.counts.changed + step.counts.aside;
  const name = `${step.plan.legacy.database} ${step.plan.legacy.table}`;
  const rows = (n: number, one: string, many: string): string => `${n} ${n === 1 ? one : many}`;
  const lines = [...step.warnings];
  if (changed > 0) {
    const what = rows(changed, 'migrated row differs', 'migrated rows differ');
    lines.push(warning('conflict', `${name}: ${what} from the target now; changed on one side since, left alone.`));
  }
  if (gone > 0) {
    const what = rows(gone, 'migrated row was', 'migrated rows were');
    lines.push(warning('conflict', `${name}: ${what} deleted from the target since; left alone.`));
  }
  if (taken > 0) {
    const what = rows(taken, 'row has a key that another row', 'rows have keys that other rows');
    lines.push(
      warning('conflict', `${name}: ${what} of ${step.targetTable} ${taken === 1 ? 'has' : 'have'}; left alone.`),
    );
  }
  if (step.keyOffset !== '0' && step.inserted > 0) {
    lines.push(
      warning(
        'keys-shifted',
        `${name}: keys are taken in ${step.targetTable}, so every key was shifted by ${step.keyOffset}; rows that refer to them follow.`,
      ),
    );
  }
  for (const { table, inserted } of step.parents) {
    if (inserted === 0) continue;
    const what = rows(inserted, 'row was', 'rows were');
    lines.push(warning('parents-added', `${name}: ${what} added to ${table}, which the plan declares as its parents.`));
  }
  for (const { column, values } of step.lost) {
    const what = rows(values, 'value', 'values');
    lines.push(
      warning(
        'values-dropped',
        `${name}: ${what} of ${column} ${values === 1 ? 'is' : 'are'} dropped, as the plan says.`,
      ),
    );
  }
  return lines;
}

export function describeReject({ database, table, rowid, key, reason }: RejectReport): string {
  const row = rowid === null ? `the row with key ${key}` : `row ${rowid} (key ${key})`;
  return `${database} ${table}, ${row}: ${reason}.`;
}
