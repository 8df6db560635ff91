/** The proof of one target, its b-trees aside: every step on the image that is to be published, and all that stood there. */
import type { Check, MismatchReport, StepReport, WarningReport } from '../../report/model';
import type { SqliteConnection } from '../../sqlite/engine';
import { foldName } from '../../sqlite/identifiers';
import { countRows, hasTable } from '../../sqlite/schema';
import type { Successor } from '../../storage/staging';
import { rehearseUndo } from '../../undo/rehearse-undo';
import { proveVirtual, type AppliedVirtual } from '../adopt/apply-virtual';
import type { AppliedStep } from '../step/applied-step';
import { findsOdd } from '../step/examine-rows';
import { keyHistory, subjectOf } from '../step/key-history';
import type { Sibling } from '../step/step-context';
import type { RehearsalRequest } from '../rehearsal';
import { countConflicts } from '../step/row-states';
import { reportStep } from '../step/step-report';
import { StepSql } from '../step/step-sql';
import { beforeSchema, notRun, validateStep, type StepProof } from '../step/validate-step';
import { warning } from '../warnings';
import type { AttachedLegacy } from './attached-legacy';
import type { ProvedTarget, TargetInput, TargetTools } from './target-input';
import { validateTarget } from './validate-target';

export interface ProofInput {
  readonly tools: TargetTools;
  readonly request: RehearsalRequest;
  readonly input: TargetInput;
  /** The image that is to be published, opened again; where nothing changed, the target as it is. */
  readonly connection: SqliteConnection;
  readonly legacy: AttachedLegacy;
  /** Null where nothing changed. */
  readonly successor: Successor | null;
  readonly siblings: readonly Sibling[];
  readonly applied: readonly (AppliedStep | AppliedVirtual)[];
}

export interface TargetProof {
  readonly steps: readonly StepReport[];
  readonly target: ProvedTarget;
  readonly warnings: readonly WarningReport[];
  readonly findings: readonly string[];
  readonly mismatches: readonly MismatchReport[];
}

export function proveTarget(given: ProofInput): Promise<TargetProof> {
  return new TargetProver(given).prove();
}

class TargetProver {
  private readonly warnings: WarningReport[] = [];

  constructor(private readonly given: ProofInput) {}

  async prove(): Promise<TargetProof> {
    const { tools, input, connection, applied, successor, legacy } = this.given;
    const { snapshot, before } = input;
    const growth = this.growth();
    connection.attach(before, beforeSchema);
    const steps: StepReport[] = [];
    const mismatches: MismatchReport[] = applied.flatMap((step) => ('module' in step ? [] : [...step.mismatches]));
    for (const step of applied) {
      await tools.onPhase('validate', `Proving ${step.plan.legacy.table}`);
      legacy.with(step.plan.legacy.database, () => {
        if ('module' in step) {
          steps.push(proveVirtual(connection, step));
        } else {
          const proof = this.proveStep(step, growth);
          steps.push(reportStep(step, proof));
          if (proof !== null) mismatches.push(...proof.mismatches);
        }
      });
    }
    await tools.onPhase('validate', `Proving ${snapshot.database}`);
    const own = {
      widened: new Set(
        applied.flatMap((step) =>
          'module' in step || step.place?.sidecar == null ? [] : [foldName(step.place.sidecar.table)],
        ),
      ),
      replaced: new Set(applied.flatMap((step) => ('module' in step ? step.replaced.map(foldName) : []))),
    };
    const proof = validateTarget(connection, before, own);
    legacy.detach();
    connection.detach(beforeSchema);
    const target: ProvedTarget = {
      database: snapshot.database,
      sizeBefore: snapshot.main.length,
      sizeAfter: (successor?.image ?? snapshot.main).length,
      sha256Before: snapshot.sha256,
      sha256After: successor?.sha256 ?? snapshot.sha256,
      untouchedRows: proof.untouchedRows,
      foreignKeys: proof.foreignKeys,
      undone: this.proveUndone(),
    };
    const failed = steps.flatMap((step) =>
      Object.entries(step.validation)
        .filter(([, check]) => check === 'failed')
        .map(([tier]) => `${step.legacy.table}: ${tier}`),
    );
    return {
      steps,
      target,
      warnings: [...this.warnings, ...applied.flatMap((step) => ('module' in step ? step.warnings : []))],
      findings: [...failed, ...proof.findings],
      mismatches,
    };
  }

  /** A way back that does not lead back is told, and stops nothing: the copies lead back as well. */
  private proveUndone(): Check {
    const { input, request, tools, successor } = this.given;
    const { database } = input.snapshot;
    if (successor === null || request.triesUndo !== true) return 'notRun';
    const undone = rehearseUndo({
      engine: tools.engine,
      database,
      before: input.before,
      image: successor.image,
      run: request.run,
      steps: input.planned,
    });
    if (undone === 'failed')
      this.warnings.push(
        warning('undo-not-exact', `Rolling back from ${database} row by row would not leave every table as it was.`),
      );
    return undone;
  }

  /** Rows that each table of the target gained, by its folded name, whichever step brought them. */
  private growth(): ReadonlyMap<string, number> {
    const growth = new Map<string, number>();
    const add = (table: string, rows: number): void => {
      growth.set(foldName(table), (growth.get(foldName(table)) ?? 0) + rows);
    };
    for (const step of this.given.applied) {
      if ('module' in step) continue;
      add(step.targetTable, step.inserted);
      for (const { table, inserted } of step.parents) add(table, inserted);
    }
    return growth;
  }

  private proveStep(step: AppliedStep, growth: ReadonlyMap<string, number>): StepProof | null {
    const { connection, request, siblings, input } = this.given;
    const { counts, legacyRows, place, plan } = step;
    const { intent } = request;
    if (place === null) {
      // Nothing to compare cells with; but to look for rows and to find not even their table is a result.
      if (intent !== 'look' || legacyRows === 0) return null;
      return { validation: { ...notRun, counts: 'failed' }, lostValues: 0, mismatches: [], sample: null };
    }
    const sum = counts.new + counts.present + countConflicts(counts) + counts.rejected;
    const complete = intent === 'write' || counts.present === legacyRows;
    const subject = subjectOf(plan, step.sql.step.legacy.name);
    const before = hasTable(input.before, place.table) ? countRows(input.before, place.table) : 0;
    return validateStep(connection, {
      database: plan.legacy.database,
      // Keys are asked of the ledger in the image itself, not of what the working copy knew.
      sql: new StepSql(
        step.sql.step,
        keyHistory({ target: connection, siblings }, plan, subject, step.sql.step, place.table),
      ),
      place,
      matching: intent === 'write' ? counts.new + counts.present : legacyRows,
      aside: intent === 'write' ? counts.aside : 0,
      targetRows: before + (growth.get(foldName(place.table)) ?? 0),
      unusual: step.isAssumed ? findsOdd(step.sql) : null,
      accounted: complete && sum === legacyRows && (intent !== 'write' || step.inserted === counts.new),
    });
  }
}
