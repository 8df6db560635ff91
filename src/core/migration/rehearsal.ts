/** What a rehearsal is asked and what it answers: plain data. */
import type { CoreError } from '../errors';
import type { Plan } from '../plan/schema';
import type {
  CriterionReport,
  DatabaseState,
  Domain,
  RunPhase,
  StepReport,
  TargetReport,
  WarningReport,
} from '../report/model';
import type { Successor } from '../storage/publish';
import type { Snapshot } from '../storage/snapshot';

export interface RehearsalRequest {
  readonly plan: Plan;
  readonly domains: readonly Domain[];
  /** Every database involved, by its name in the plan. Steps whose database is not here are left out. */
  readonly snapshots: ReadonlyMap<string, Snapshot>;
  readonly run: string;
  /** ISO 8601, UTC: when the run began. */
  readonly at: string;
  readonly tool: string;
  /** `write` migrates; `look` checks what is there. */
  readonly intent: 'write' | 'look';
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
