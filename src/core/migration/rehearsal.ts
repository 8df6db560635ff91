/** What a rehearsal is asked and what it answers: plain data. */
import type { CoreError } from '../errors';
import type { Plan } from '../plan/schema';
import type {
  CriterionReport,
  DatabaseState,
  Domain,
  MismatchReport,
  RejectReport,
  RunPhase,
  StepReport,
  TargetReport,
  WarningReport,
} from '../report/model';
import type { PlainFile } from '../storage/plain-file';
import type { FileSuccessor, Successor } from '../storage/staging';
import type { Snapshot } from '../storage/snapshot';
import type { RowInspector } from './step/step-context';

/** Whoever makes ready what can be, while an image is still being proved. */
export interface Preparation {
  /** There is an image that is published if every proof passes. */
  begin(successor: Successor): Promise<void>;
  /** Every step of it has been proved; what may still be wrong with it stops the run. */
  stage(successor: Successor): void;
}

export interface RehearsalRequest {
  readonly plan: Plan;
  /** A user wrote the plan: a table that it names and that is not there is a mistake. No installation has all of the built-in one. */
  readonly mustHaveTables: boolean;
  readonly domains: readonly Domain[];
  /** Every database involved, by its name in the plan. Steps whose database is not here are left out. */
  readonly snapshots: ReadonlyMap<string, Snapshot>;
  /** Every configuration file involved, by its name in the plan, whether it is there yet or not. */
  readonly files: ReadonlyMap<string, PlainFile>;
  readonly run: string;
  /** ISO 8601, UTC: when the run began. */
  readonly at: string;
  readonly tool: string;
  /** `write` migrates; `look` checks what is there. */
  readonly intent: 'write' | 'look';
  /** Also takes the run out of its own result again. Default: false, for it takes a fifth of the time of the rest. */
  readonly triesUndo?: boolean;
  /** Null where nothing is going to be published. */
  readonly preparation: Preparation | null;
  /** What becomes of rows that the constraints of a target refuse. */
  readonly rejects: 'fail' | 'collect';
  /** Only where it looks: who wants to see rows of a step. */
  readonly inspector?: RowInspector;
}

export interface Rehearsal {
  readonly steps: readonly StepReport[];
  readonly targets: readonly TargetReport[];
  readonly criteria: readonly CriterionReport[];
  readonly databases: readonly DatabaseState[];
  readonly warnings: readonly WarningReport[];
  readonly rejects: readonly RejectReport[];
  readonly mismatches: readonly MismatchReport[];
  /** `rejects.db` as bytes; null where nothing was collected. */
  readonly collected: Uint8Array | null;
  /** Targets whose bytes are to change; empty where there is nothing to do. */
  readonly successors: readonly Successor[];
  /** Configuration files that are to be written. */
  readonly files: readonly FileSuccessor[];
  /** Why nothing may be published; null where every tier passed. */
  readonly failure: CoreError | null;
}

export const nothingRehearsed: Rehearsal = {
  steps: [],
  targets: [],
  criteria: [],
  databases: [],
  warnings: [],
  rejects: [],
  mismatches: [],
  collected: null,
  successors: [],
  files: [],
  failure: null,
};

export type OnPhase = (phase: RunPhase, message: string) => Promise<void>;
