/** How a run ended, and what its report may claim then. */
import type { CoreErrorData } from '../errors';
import type { DatabaseState, Outcome, RunMode, StepReport, TargetReport } from '../report/model';
import type { Rehearsal } from './rehearsal';

export interface Ending {
  readonly mode: RunMode;
  readonly error: CoreErrorData | null;
  /** Every target was replaced and read back. */
  readonly published: boolean;
  /** Something was, or would be, to publish. */
  readonly hasSuccessors: boolean;
  /** The manifest may say `committed`. */
  readonly reachedCommit: boolean;
}

export function decideOutcome({ mode, error, published, hasSuccessors, reachedCommit }: Ending): Outcome {
  if (published) return 'committed';
  // A dry run says what the run would have ended with.
  if (error === null) return mode === 'dryRun' && hasSuccessors ? 'committed' : 'nothingToDo';
  // Past the commit point the promise stands: the next run completes it.
  if (error.code === 'recovery-needed' && reachedCommit) return 'committed';
  if (mode === 'validate' && error.code === 'validation-failed') return 'nothingToDo';
  if (error.code === 'cancelled') return 'cancelled';
  return error.code === 'validation-failed' || error.code === 'rejected-rows' ? 'rolledBack' : 'refused';
}

/** What was done in memory and not published: nothing was inserted, and no file is other than it was. */
export function withdrawn(rehearsal: Rehearsal): Rehearsal {
  return {
    ...rehearsal,
    steps: rehearsal.steps.map(asUnpublished),
    targets: rehearsal.targets.map(asUnchanged),
    databases: rehearsal.databases.map(asItWas),
  };
}

function asUnpublished(step: StepReport): StepReport {
  const isNew = step.inserted > 0;
  return {
    ...step,
    inserted: 0,
    leftBehind: step.leftBehind + step.inserted,
    keyOffset: '0',
    parents: [],
    residual: { ...step.residual, kept: isNew ? null : step.residual.kept },
  };
}

function asUnchanged(target: TargetReport): TargetReport {
  return { ...target, sizeAfter: target.sizeBefore, sha256After: target.sha256Before };
}

function asItWas(state: DatabaseState): DatabaseState {
  const tables = state.tables.filter(({ created }) => !created).map((table) => ({ ...table, rowsAfter: table.rows }));
  return { ...state, sizeAfter: state.size, tables };
}
