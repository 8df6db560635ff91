/** What has become of each legacy table so far, as a look at both sides of every step measured it. */
import type { RunReport, StepReport } from '../report/model';

/**
 * `migrated` every row is in its consolidated place and equal; `pending` some rows are not there yet; `conflicts` some
 * rows are different on the two sides; `leftBehind` the plan skips the table; `empty` there is nothing to migrate.
 */
export type TableState = 'migrated' | 'pending' | 'conflicts' | 'leftBehind' | 'empty';

export interface TableStatus {
  readonly database: string;
  readonly table: string;
  readonly state: TableState;
  /** Legacy rows that are not in their consolidated place. */
  readonly pending: number;
  /** Rows that differ between the two sides. */
  readonly conflicts: number;
  /** Where the rows are or would go; null where the plan skips the table. */
  readonly target: { readonly database: string; readonly table: string } | { readonly file: string } | null;
  /** Why the plan skips the table; null where it does not. */
  readonly reason: string | null;
}

/** @param report of mode `validate` */
export function statusOfTables({ steps }: Pick<RunReport, 'steps'>): readonly TableStatus[] {
  return steps.map((step) => ({
    database: step.legacy.database,
    table: step.legacy.table,
    state: stateOf(step),
    pending: step.leftBehind,
    conflicts: step.conflicts,
    target: step.target,
    reason: step.reason,
  }));
}

function stateOf({ legacy, strategy, conflicts, leftBehind }: StepReport): TableState {
  if (legacy.rows === 0) return 'empty';
  if (strategy === 'skip') return 'leftBehind';
  if (conflicts > 0) return 'conflicts';
  return leftBehind > 0 ? 'pending' : 'migrated';
}
