/** What a step answers: plain data. */
import type { TableStep } from '../../plan/schema';
import type { MismatchReport, RejectReport, StepReport, WarningReport } from '../../report/model';
import type { AwaitedKeys } from '../target/circles';
import type { RowCounts, RowStates } from './row-states';
import type { StepPlace, StepSql } from './step-sql';

/** Where an adopted table goes. */
export interface AdoptedPlace {
  /** The name it has or gets. */
  readonly table: string;
  /** Made in this run, empty so far; its indexes and triggers come after the rows. */
  readonly created: { readonly indexes: readonly string[]; readonly triggers: readonly string[] } | null;
}

export interface AppliedStep {
  readonly plan: TableStep;
  readonly sql: StepSql;
  readonly legacyRows: number;
  /** An earlier run has brought rows of this table. */
  readonly wasKnown: boolean;
  /** Null where the target table does not exist: never migrated (when only looking), or dropped since. */
  readonly place: StepPlace | null;
  /** The name it has or would have. */
  readonly targetTable: string;
  readonly residual: readonly string[];
  readonly lost: StepReport['residual']['lost'];
  readonly keyOffset: string;
  readonly inserted: number;
  readonly parents: readonly { readonly table: string; readonly inserted: number }[];
  readonly counts: RowCounts;
  /** The rows by their states, as long as no other step is applied; null where nothing was written. */
  readonly rows: RowStates | null;
  /** The first of them. */
  readonly rejects: readonly RejectReport[];
  readonly mismatches: readonly MismatchReport[];
  /** Something of the step is in the image that was not there before. */
  readonly changed: boolean;
  readonly warnings: readonly WarningReport[];
  /** Its rows were taken for ordinary by some of them: the proof has to confirm it. */
  readonly isAssumed: boolean;
  /** What it was told of tables that later steps filled. */
  readonly awaited: readonly AwaitedKeys[];
}

/** What is known of a step before any of its rows is looked at. */
export type StepBase = Pick<AppliedStep, 'plan' | 'sql' | 'legacyRows' | 'wasKnown' | 'awaited'>;

/** The same, once its rows have been looked at. */
export type SeenStep = StepBase & Pick<AppliedStep, 'isAssumed' | 'warnings'>;
