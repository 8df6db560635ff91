/** One step on the working image: resolve it, tell its rows apart, and write them, or only look. */
import type { TableStep } from '../../plan/schema';
import type { SqliteConnection } from '../../sqlite/engine';
import { sameName } from '../../sqlite/identifiers';
import { countRows, type TableSchema } from '../../sqlite/schema';
import type { RowInspector } from './step-context';
import { readLedgerEntry, type LedgerEntry } from '../ledger/ledger';
import type { AdoptedPlace, AppliedStep, SeenStep } from './applied-step';
import type { StepContext } from './step-context';
import { examineRows } from './examine-rows';
import { keyHistory, subjectOf } from './key-history';
import { listConflicts } from './mismatches';
import { readAdopted, readMapped, resolve } from './resolve-step';
import { RowStates } from './row-states';
import { existingSidecar } from './sidecar';
import { legacySchema, StepSql } from './step-sql';
import { StepWriter } from './write-step';

/**
 * @param adopted for an adopt step: its place; null where there is none, since nothing is written
 * @throws CoreError `plan-invalid`, `target-table-missing` or `target-conflict`, with nothing to be published
 */
export function applyStep(
  context: StepContext,
  plan: TableStep,
  legacy: TableSchema,
  adopted: AdoptedPlace | null,
): AppliedStep {
  const { target, write } = context;
  const subject = subjectOf(plan, legacy.name);
  const entry = readLedgerEntry(target, subject);
  const isNewTable = adopted !== null && adopted.created !== null;
  const existing =
    plan.strategy === 'map' ? readMapped(target, plan.target.table, plan) : readAdopted(target, adopted, legacy);
  const step = resolve(context, plan, legacy, isNewTable ? null : existing, entry);
  const history = keyHistory(context, plan, subject, step, existing?.name ?? null);
  const sql = new StepSql(step, history);
  const legacyRows = countRows(target, legacy.name, legacySchema);
  const base = { plan, sql, legacyRows, wasKnown: entry !== null, awaited: history.awaited };
  if (existing !== null && write)
    return new StepWriter(context, { ...base, legacy, entry, existing, adopted, subject }).write();
  const { warnings } = examineRows(target, plan, legacy, sql, legacyRows);
  const seen = { ...base, isAssumed: false, warnings };
  const inspector = isOf(context.inspector, plan) ? context.inspector : null;
  return existing === null
    ? nowhere(target, seen, entry, adopted?.table ?? legacy.name, inspector)
    : look(seen, target, existing, entry, inspector);
}

function isOf(inspector: RowInspector | null, { legacy }: TableStep): boolean {
  return inspector !== null && inspector.database === legacy.database && sameName(inspector.table, legacy.table);
}

const untouched = {
  lost: [],
  keyOffset: '0',
  inserted: 0,
  parents: [],
  rows: null,
  rejects: [],
  mismatches: [],
  changed: false,
} as const;

/** The target table is not there: never adopted while only looking, or dropped since. */
function nowhere(
  target: SqliteConnection,
  base: SeenStep,
  entry: LedgerEntry | null,
  targetTable: string,
  inspector: RowInspector | null,
): AppliedStep {
  const dropped = entry !== null;
  const rows = RowStates.classify(target, base.sql, null, false);
  const counts = rows.counts();
  inspector?.look(target, base.sql, rows, null, targetTable);
  const gone = dropped
    ? [
        {
          code: 'adopted-table-gone',
          message: `${targetTable}, where an earlier run brought ${base.plan.legacy.database} ${base.plan.legacy.table}, is gone: its rows are left alone.`,
        },
      ]
    : [];
  return {
    ...base,
    ...untouched,
    warnings: [...base.warnings, ...gone],
    place: null,
    targetTable,
    residual: [],
    counts,
  };
}

function look(
  base: SeenStep,
  target: SqliteConnection,
  existing: TableSchema,
  entry: LedgerEntry | null,
  inspector: RowInspector | null,
): AppliedStep {
  const { sql } = base;
  const place = { table: existing.name, sidecar: existingSidecar(target, entry, sql.step) };
  const rows = RowStates.classify(target, sql, place, false);
  inspector?.look(target, sql, rows, place, existing.name);
  return {
    ...base,
    ...untouched,
    place,
    targetTable: existing.name,
    residual: place.sidecar?.columns ?? sql.step.residual,
    counts: rows.counts(),
    mismatches: listConflicts(target, base, rows, place),
  };
}
