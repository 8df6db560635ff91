/** Whether every row of a legacy database is where the plan puts it: by measurement, table by table. */
import { tableNames } from '../migration/database-states';
import { countVirtualRows, readVirtualTable, shadowTables } from '../sqlite/virtual-table';
import type { StepReport, TargetReport } from '../report/model';
import type { SqliteConnection } from '../sqlite/engine';
import { foldName } from '../sqlite/identifiers';
import { countRows } from '../sqlite/schema';

export interface Account {
  readonly rows: number;
  /** Why the database must stay, in words; empty where it is complete. */
  readonly reasons: readonly string[];
}

/**
 * @param steps the reports of this database's steps, from a rehearsal that only looked
 * @param targets the consolidated databases, as the same rehearsal found them
 */
export function takeAccount(
  connection: SqliteConnection,
  steps: readonly StepReport[],
  targets: readonly TargetReport[],
): Account {
  const shadows = shadowTables(connection);
  const reasons: string[] = [];
  let total = 0;
  for (const table of tableNames(connection)) {
    if (shadows.has(foldName(table))) continue;
    const rows = measure(connection, table);
    if (rows === 0) continue;
    total += rows ?? 0;
    const step = steps.find(({ legacy }) => foldName(legacy.table) === foldName(table));
    const reason = rows === null ? 'its rows cannot be counted' : judge(rows, step, targets);
    if (reason !== null) reasons.push(`${table}: ${reason}`);
  }
  // Without a row to look for, a migration that never happened looks like one that is complete.
  if (total === 0 && reasons.length === 0 && !steps.some(isProved))
    reasons.push('it holds no row, and none of its tables has been migrated');
  return { rows: total, reasons };
}

/** Null where the table cannot be counted: its module or a collation is unknown. */
function measure(connection: SqliteConnection, table: string): number | null {
  try {
    const virtual = readVirtualTable(connection, table);
    return virtual === null ? countRows(connection, table) : countVirtualRows(connection, virtual);
  } catch {
    return null;
  }
}

function judge(rows: number, step: StepReport | undefined, targets: readonly TargetReport[]): string | null {
  const are = `${rows.toLocaleString('en')} ${rows === 1 ? 'row is' : 'rows are'}`;
  if (step === undefined) return `${are} in no step of the plan`;
  if (step.strategy === 'skip') return `${are} skipped by the plan (${step.reason ?? 'no reason given'})`;
  if (step.conflicts > 0) return `${step.conflicts} of ${rows} rows changed on one side since they were migrated`;
  if (step.rejected > 0) return `${step.rejected} of ${rows} rows are refused by the target`;
  if (step.legacy.rows !== rows || step.alreadyPresent !== rows)
    return `${rows - step.alreadyPresent} of ${rows} rows are in no consolidated database`;
  if (!isProved(step)) return `not every check passed (${checksOf(step)})`;
  const { target } = step;
  if (target === null || 'file' in target) return null;
  const found = targets.find(({ database }) => database === target.database);
  return found?.integrity === 'passed' ? null : `${target.database} did not pass its integrity check`;
}

function isProved({ validation }: StepReport): boolean {
  return Object.values(validation).every((check) => check === 'passed');
}

function checksOf({ validation }: StepReport): string {
  return Object.entries(validation)
    .filter(([, check]) => check !== 'passed')
    .map(([tier, check]) => `${tier}: ${check === 'failed' ? 'failed' : 'not run'}`)
    .join(', ');
}
