/**
 * Steps of other domains that fill the same target: they take no part in this run, but an earlier one may have brought
 * their rows, and rows of this run may refer to them.
 */
import type { AdoptStep, MapStep, Plan, TableStep } from '../../plan/schema';
import type { WarningReport } from '../../report/model';
import type { SqliteConnection } from '../../sqlite/engine';
import { sameName } from '../../sqlite/identifiers';
import type { AppliedStep } from '../step/applied-step';
import { isKnownByKey, subjectOf, tablesReferredTo } from '../step/key-history';
import type { Sibling } from '../step/step-context';
import { readLedgerEntry } from '../ledger/ledger';
import { warning } from '../warnings';

/** @param present the steps of the target that take part */
export function findAbsent(plan: Plan, target: string, present: readonly TableStep[]): readonly TableStep[] {
  return plan.steps.filter(
    (step): step is TableStep =>
      (step.strategy === 'map' || step.strategy === 'adopt') &&
      step.target.database === target &&
      !present.some((other) => other === step),
  );
}

/** The tables that rows of an absent step are in, or would have been; none where they are not there and have no place. */
export function placesOfAbsent(target: SqliteConnection, step: TableStep): readonly Sibling[] {
  const adopted = adoptedAs(step);
  const entry = adopted === null ? null : readLedgerEntry(target, subjectOf(adopted, step.legacy.table));
  const place = adopted === null || entry === null ? [] : [{ step: adopted, table: entry.targetTable }];
  if (step.strategy === 'adopt') return place;
  return [...place, { step, table: step.target.table, isElsewhere: place.length > 0 }];
}

/** The step by which a table is, or may have been, adopted. */
function adoptedAs(step: TableStep): AdoptStep | null {
  if (step.strategy === 'adopt') return step;
  return step.otherwise === 'adopt' ? adoptInstead(step) : null;
}

/** The step that adopts a table which its map step cannot take whole. */
export function adoptInstead({ domain, legacy, target }: MapStep): AdoptStep {
  return { domain, strategy: 'adopt', legacy, target: { database: target.database } };
}

/** A step whose rows refer to rows that no run has brought yet: they find no answer, whatever the target has there. */
export function warnOfUnmigrated(
  target: SqliteConnection,
  { plan, counts, targetTable }: AppliedStep,
  siblings: readonly Sibling[],
  absent: readonly Sibling[],
): readonly WarningReport[] {
  if (counts.new + counts.rejected === 0) return [];
  const fromHere = ({ step }: Sibling): boolean => step.legacy.database === plan.legacy.database;
  return tablesReferredTo(target, plan, targetTable).flatMap((parent) => {
    const filling = siblings.filter((sibling) => fromHere(sibling) && sameName(sibling.table, parent));
    const [first] = filling;
    if (first === undefined || !filling.every((sibling) => absent.includes(sibling))) return [];
    const isAnswered = ({ step }: Sibling): boolean =>
      isKnownByKey(plan, parent, step) || readLedgerEntry(target, subjectOf(step, step.legacy.table)) !== null;
    if (filling.some(isAnswered)) return [];
    const { domain, legacy } = first.step;
    return [
      warning(
        'parents-not-migrated',
        `${plan.legacy.database} ${plan.legacy.table} refers to ${first.table}, where rows of ${legacy.database} ${legacy.table} belong: no run has brought them yet. Migrate ${domain} first.`,
      ),
    ];
  });
}
