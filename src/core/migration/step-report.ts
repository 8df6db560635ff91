/** The account of one step: its counts, its proof, and what a person should know about single rows. */
import { describeMapping } from '../plan/resolve';
import type { StepReport, WarningReport } from '../report/model';
import { warning } from './warnings';
import { type AppliedStep } from './apply-step';
import { countConflicts } from './classify';
import { notRun, type StepProof } from './validate-step';

export function reportStep(step: AppliedStep, proof: StepProof | null): StepReport {
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
    conflicts: countConflicts(counts),
    rejected: counts.rejected,
    // Rows that were not written: all that is new when only looking, and rows whose key the target uses itself.
    leftBehind: counts.collision + (wasWritten ? 0 : counts.new),
    residual: { columns: step.residual, kept: sidecar, lostValues: proof?.lostValues ?? 0 },
    validation: proof?.validation ?? notRun,
    mapping: describeMapping(step.sql.step, sidecar, step.residual),
    sample: proof?.sample ?? null,
  };
}

export function conflictWarnings(step: AppliedStep): readonly WarningReport[] {
  const { gone } = step.counts;
  const changed = step.counts.changed + step.counts.aside;
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

export function describeReject(step: AppliedStep, reject: { readonly key: string; readonly reason: string }): string {
  return `${step.plan.legacy.database} ${step.plan.legacy.table}: the row with key ${reject.key} is refused by ${step.targetTable}: ${reject.reason}`;
}
