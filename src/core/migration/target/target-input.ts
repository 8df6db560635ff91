/** What the rehearsal of one target works with, and what comes of it. */
import type { TableStep } from '../../plan/schema';
import type { MismatchReport, RejectReport, StepReport, TargetReport, WarningReport } from '../../report/model';
import type { SqliteConnection, SqliteEngine } from '../../sqlite/engine';
import type { Snapshot } from '../../storage/snapshot';
import type { Successor } from '../../storage/staging';
import type { IntegrityChecks } from '../integrity';
import type { OnPhase } from '../rehearsal';
import type { RejectCollector } from '../step/reject-collector';

export interface TargetInput {
  readonly snapshot: Snapshot;
  readonly before: SqliteConnection;
  readonly planned: readonly TableStep[];
  readonly opened: ReadonlyMap<string, SqliteConnection>;
}

export interface TargetTools {
  readonly engine: SqliteEngine;
  readonly integrity: IntegrityChecks;
  readonly collector: RejectCollector | null;
  readonly onPhase: OnPhase;
}

/** All that is said of a target but whether its b-trees are sound. */
export type ProvedTarget = Omit<TargetReport, 'integrity'>;

export interface TargetResult {
  readonly connection: SqliteConnection;
  readonly steps: readonly StepReport[];
  readonly target: ProvedTarget;
  /** What the integrity check of the image finds, which goes on beside whatever else is asked of the target. */
  readonly soundness: Promise<readonly string[]>;
  readonly successor: Successor | null;
  readonly warnings: readonly WarningReport[];
  readonly findings: readonly string[];
  readonly rejects: readonly RejectReport[];
  readonly mismatches: readonly MismatchReport[];
}
