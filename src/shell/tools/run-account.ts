/** What a run did, or would do, for a model: the numbers of its report, bounded, without a value of a cell. */
import { CoreError } from '../../core/errors';
import type { RunReport, StepReport } from '../../core/report/model';
import { wordsFor } from '../error-words';
import { summarize } from '../run-summary';
import { Allowance, shorten } from './data-text';

/** Rejected rows that are listed by their reasons. */
const mostRejects = 20;

export function accountOf(report: RunReport): object {
  const { inserted, alreadyPresent, conflicts, rejected, leftBehind, lostValues, parentRows, failedChecks } =
    summarize(report);
  const allowance = new Allowance();
  const warnings = allowance.take(report.warnings.map(({ code, message }) => ({ code, message: shorten(message) })));
  const failed = allowance.take(failedChecks);
  const rejects = allowance.take(
    report.rejects.map(({ database, table, reason }) => ({ database, table, reason: shorten(reason) })),
    mostRejects,
  );
  const steps = allowance.take(report.steps.map(stepFacts));
  return {
    dryRun: report.dryRun,
    outcome: report.outcome,
    error: report.error === null ? null : shorten(wordsFor(report.error)),
    plan: report.plan,
    rows: { inserted, alreadyPresent, conflicts, rejected, leftBehind, parentRows },
    lostValues,
    targets: report.targets.map(({ database, sizeBefore, sizeAfter }) => ({ database, sizeBefore, sizeAfter })),
    failedChecks: failed.shown,
    failedChecksNotShown: failed.notShown,
    warnings: warnings.shown,
    warningsNotShown: warnings.notShown,
    rejects: rejects.shown,
    rejectsNotShown: rejected - rejects.shown.length,
    steps: steps.shown,
    stepsNotShown: steps.notShown,
  };
}

function stepFacts(step: StepReport): object {
  const { domain, strategy, legacy, target, residual, reason } = step;
  return {
    domain,
    strategy,
    from: { database: legacy.database, table: shorten(legacy.table), rows: legacy.rows },
    to: target,
    inserted: step.inserted,
    alreadyPresent: step.alreadyPresent,
    conflicts: step.conflicts,
    rejected: step.rejected,
    leftBehind: step.leftBehind,
    ...(residual.lost.length === 0 ? {} : { lost: residual.lost }),
    ...(reason === null ? {} : { reason: shorten(reason) }),
  };
}

/**
 * Why a dry run may not be carried out as it is; null where it may. The run would refuse the same, but nobody should
 * be asked to confirm what is then refused.
 */
export function hindranceOf({ outcome, error, warnings }: RunReport): string | null {
  if (outcome === 'nothingToDo') return 'nothing to do';
  if (outcome !== 'committed') return error === null ? outcome : shorten(wordsFor(error));
  const held = warnings.filter(({ code }) => code === 'in-use').map(({ message }) => message);
  return held.length === 0 ? null : shorten(held.join(' '));
}

/** The user cancelled, or said no to a question. */
export function notRun(): CoreError {
  return new CoreError('cancelled', 'The user cancelled it. Nothing was changed.');
}
