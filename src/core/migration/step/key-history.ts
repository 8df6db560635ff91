/** Whose keys a step's rows have and refer to, and what the ledger knows of them. */
import { CoreError } from '../../errors';
import type { CellSource, ResolvedStep } from '../../plan/resolve';
import type { TableStep } from '../../plan/schema';
import type { SqliteConnection } from '../../sqlite/engine';
import { foldName, sameName } from '../../sqlite/identifiers';
import { readForeignKeys, readTable } from '../../sqlite/schema';
import type { AwaitedKeys } from '../target/circles';
import { ledgerName, subjectName, type LedgerSubject } from '../ledger/ledger';
import { knownByKey, knownToAny, RegisteredKeys, type KeyFollower } from '../ledger/registered-keys';
import type { Sibling, StepContext } from './step-context';
import { legacySchema, type KeyHistory } from './step-sql';

/** What the ledger knows of this step's keys, and of those that its columns refer to. */
export function keyHistory(
  { target, siblings, notYet, foreseen }: Pick<StepContext, 'target' | 'siblings'> & Partial<StepContext>,
  plan: TableStep,
  subject: LedgerSubject,
  step: ResolvedStep,
  table: string | null,
): KeyHistory & { readonly awaited: readonly AwaitedKeys[] } {
  const awaited: AwaitedKeys[] = [];
  const parents = new Map<string, KeyFollower>();
  for (const { column, parent, by } of referencesOf(target, step, table)) {
    // Of the steps that fill the parent table, one from the same legacy database is meant.
    const all = siblings.filter(
      (other) => sameName(other.table, parent) && other.step.legacy.database === plan.legacy.database,
    );
    const cell = step.cells.find(({ target: name }) => sameName(name, column));
    if (all.length === 0 || cell === undefined) continue;
    const meant = narrowedDown(target, all, step, cell);
    const byKey = meant.some((sibling) => isKnownByKey(plan, parent, sibling.step));
    if (meant.every(({ isElsewhere }) => isElsewhere)) {
      if (!byKey) parents.set(cell.target, knownToAny([]));
      continue;
    }
    if (!isRowidOf(target, parent, by)) continue;
    const read = meant.map((sibling) => {
      const meantSubject = subjectOf(sibling.step, sibling.step.legacy.table);
      if (notYet?.has(foldName(parent)) !== true) return RegisteredKeys.read(target, meantSubject);
      const known = foreseen?.get(subjectName(meantSubject));
      const told = known ?? RegisteredKeys.read(target, meantSubject);
      awaited.push({ step: plan, subject: meantSubject, told, column: cell.target, isForeseen: known !== undefined });
      return told;
    });
    const [first, ...others] = read;
    const isShifted = read.some((keys) => keys.isShifted);
    if (isShifted && others.length > 0) throw ambiguous(plan, column, parent, meant);
    const keys = first === undefined || others.length > 0 ? knownToAny(read) : first;
    if (isShifted || !byKey) parents.set(cell.target, byKey ? knownByKey(keys) : keys);
  }
  return { own: RegisteredKeys.read(target, subject), parents, awaited };
}

/** Keys of a table mean the same on both sides where the plan says so: they conflict, or the step adds what it misses. */
export function isKnownByKey(plan: TableStep, table: string, filling: TableStep): boolean {
  return (
    (filling.strategy === 'map' && filling.takenKeys === 'conflict') ||
    (plan.strategy === 'map' && plan.parents.some((rule) => sameName(rule.table, table)))
  );
}

/** Of several tables that went into one: that which the legacy table itself refers to, else itself; else all of them. */
function narrowedDown(
  target: SqliteConnection,
  siblings: readonly Sibling[],
  { legacy }: ResolvedStep,
  { copyOf }: CellSource,
): readonly Sibling[] {
  if (siblings.length === 1) return siblings;
  const declared = readForeignKeys(target, legacy.name, legacySchema).find(
    ({ columns: [only, ...rest] }) => rest.length === 0 && copyOf !== null && sameName(only?.child ?? '', copyOf),
  );
  const wanted = declared?.parent ?? legacy.name;
  const found = siblings.filter(({ step }) => sameName(step.legacy.table, wanted));
  return found.length === 0 ? siblings : found;
}

function ambiguous(plan: TableStep, column: string, parent: string, meant: readonly Sibling[]): CoreError {
  const tables = meant.map(({ step }) => step.legacy.table);
  return new CoreError(
    'plan-invalid',
    `${plan.legacy.database} ${plan.legacy.table}: ${column} refers to ${parent}, which takes the rows of ${tables.join(' and ')} under shifted keys: whose row is meant cannot be told.`,
    {
      path: plan.legacy.database,
      hint: `Map ${tables.slice(1).join(', ')} to a table of its own, or adopt it; a foreign key in the legacy table would tell, too. Nothing was touched.`,
    },
  );
}

interface ColumnReference {
  readonly column: string;
  readonly parent: string;
  /** The parent's column; null for its primary key. */
  readonly by: string | null;
}

/** Columns of a step's table that refer to a row of another by one value: declared by the target, or by the plan. */
export function referencesOf(
  target: SqliteConnection,
  step: ResolvedStep,
  table: string | null,
): readonly ColumnReference[] {
  return [
    ...step.references.map(({ target: column, table: parent, column: by }) => ({ column, parent, by })),
    ...(table === null ? [] : readForeignKeys(target, table)).flatMap(({ parent, columns }) =>
      columns.length === 1 && columns[0] !== undefined
        ? [{ column: columns[0].child, parent, by: columns[0].parent }]
        : [],
    ),
  ];
}

/** Only the rowid is ever shifted: a reference by any other column stays as it is. */
export function isRowidOf(target: SqliteConnection, table: string, column: string | null): boolean {
  const alias = readTable(target, table)?.rowidAlias ?? null;
  return alias !== null && (column === null || sameName(column, alias));
}

export function subjectOf(plan: TableStep, legacyTable: string): LedgerSubject {
  return {
    database: ledgerName(plan.legacy.database, plan.target.database),
    table: legacyTable,
    strategy: plan.strategy,
    target: plan.strategy === 'map' ? plan.target.table : null,
  };
}

/** The tables, folded, that a step's rows refer to. */
export function tablesReferredTo(target: SqliteConnection, plan: TableStep, table: string): readonly string[] {
  const declared =
    plan.strategy === 'map'
      ? [
          ...Object.values(plan.references).map(({ table: name }) => name),
          ...plan.parents.map(({ table: name }) => name),
        ]
      : [];
  return [...readForeignKeys(target, table).map(({ parent }) => parent), ...declared].map(foldName);
}
