/**
 * Tables that refer to one another in a circle: whichever goes first refers to rows whose keys nobody knows yet.
 *
 * So the circle is gone round: first the keys of a table that comes later are taken for what earlier runs made of them;
 * what they turned out to be is foreseen the next time, until every step was told what came true. Rows that become
 * orphans on the way are rejected, which can orphan others: that takes one more round each.
 */
import { CoreError } from '../../errors';
import type { SqliteConnection } from '../../sqlite/engine';
import type { TableStep } from '../../plan/schema';
import { subjectName, type LedgerSubject } from '../ledger/ledger';
import { RegisteredKeys } from '../ledger/registered-keys';

/** What a step was told of the keys of a table that was not filled yet. */
export interface AwaitedKeys {
  readonly step: TableStep;
  readonly subject: LedgerSubject;
  readonly told: RegisteredKeys;
  /** The target column that refers to them. */
  readonly column: string;
  readonly isForeseen: boolean;
}

/** The keys of tables that come later, by the name of their subject. */
export type ForeseenKeys = ReadonlyMap<string, RegisteredKeys>;

/** Thrown where a step was told what did not come true. */
export class CircleUnsettled extends Error {
  constructor(
    readonly foreseen: ForeseenKeys,
    readonly refusal: CoreError,
  ) {
    super(refusal.message);
  }
}

/** A circle that rejects one row each time it is gone round is told instead. */
export const mostRounds = 12;

/** What is foreseen is written down range by range. */
const mostRanges = 500;

/**
 * @param strays whether the reference of some row, where any is new, leads to no row that was migrated
 * @throws CircleUnsettled
 */
export function assertSettled(
  target: SqliteConnection,
  awaited: readonly (AwaitedKeys & { readonly strays: () => boolean })[],
): void {
  const actual = new Map(
    awaited.map(({ subject }) => [subjectName(subject), RegisteredKeys.read(target, subject, mostRanges)] as const),
  );
  const wrong = awaited.find(({ subject, told, isForeseen, strays }) => {
    const now = actual.get(subjectName(subject));
    if (now === undefined) return false;
    if (isForeseen) return !now.equals(told);
    // Of a table that nobody foresaw, no more was believed than that its new rows have their own keys.
    return (now.isShifted && now.line !== told.line) || strays();
  });
  if (wrong === undefined) return;
  const { step, subject, column } = wrong;
  throw new CircleUnsettled(
    actual,
    new CoreError(
      'target-conflict',
      `${step.legacy.database} ${step.legacy.table} and ${subject.table} refer to each other, and whose row is meant by ${column} cannot be settled: keys were shifted or rows rejected in both.`,
      {
        path: step.legacy.database,
        hint: 'Correct the orphans among their rows in the legacy database, or free the keys in the target; nothing was touched.',
      },
    ),
  );
}
