/** One step on the working image: resolve, classify, move, keep the residual columns, enter the ledger. */
import { CoreError } from '../errors';
import { resolveAdopt, resolveMap, type ResolvedStep } from '../plan/resolve';
import type { PlanStep } from '../plan/schema';
import type { WarningReport } from '../report/model';
import { allOf } from '../sqlite/cells';
import type { SqliteConnection, SqliteEngine } from '../sqlite/engine';
import { freeName, quoteIdentifier as q, sameName } from '../sqlite/identifiers';
import { countRows, primaryKeyOf, readTable, storedColumns, type TableSchema } from '../sqlite/schema';
import { chooseAdoptedName, createAdopted, databaseStem, takenNames } from './adopt';
import {
  carrySequence,
  createSidecar,
  fillSidecar,
  findUnrecovered,
  insertRows,
  registerRows,
  withoutTriggers,
  type Reject,
} from './apply';
import { classifyRows, countConflicts, countStates, listKeys, type RowCounts } from './classify';
import { createLedger, ledgerName, readLedgerEntry, registeredKeys, writeHistory, type LedgerEntry } from './ledger';
import { legacySchema, StepSql, type StepPlace } from './step-sql';

export interface StepContext {
  readonly engine: SqliteEngine;
  /** The working copy of the target, with the legacy database attached as `legacy`. */
  readonly target: SqliteConnection;
  readonly legacySha256: string;
  readonly run: string;
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly tool: string;
  /** False to look only: nothing is inserted, missing rows count as left behind. */
  readonly write: boolean;
}

export interface AppliedStep {
  readonly plan: PlanStep;
  readonly sql: StepSql;
  readonly legacyRows: number;
  /** Null where the target table does not exist: never migrated (when only looking), or dropped since. */
  readonly place: StepPlace | null;
  /** The name it has or would have. */
  readonly targetTable: string;
  readonly residual: readonly string[];
  /** Rows the target table held before the step. */
  readonly rowsBefore: number;
  readonly inserted: number;
  readonly counts: RowCounts;
  readonly rejects: readonly Reject[];
  readonly changed: boolean;
  readonly warnings: readonly WarningReport[];
}

/** @throws CoreError `plan-invalid`, `target-table-missing` or `target-conflict`, with nothing to be published */
export function applyStep(context: StepContext, plan: PlanStep, legacy: TableSchema): AppliedStep {
  const { target, engine } = context;
  const entry = readLedgerEntry(target, nameInLedger(plan), legacy.name);
  const existing =
    plan.strategy === 'map'
      ? readTable(target, plan.target.table)
      : entry === null
        ? null
        : readTable(target, entry.targetTable);
  if (plan.strategy === 'map' && existing === null) {
    throw new CoreError('target-table-missing', `${plan.target.database} has no table ${plan.target.table}.`, {
      path: plan.target.database,
      hint: 'Create the consolidated schema first: the table that rows are mapped to must exist.',
    });
  }
  const step = resolve(target, plan, legacy, existing, entry);
  const sql = new StepSql(step);
  const legacyRows = countRows(target, legacy.name, legacySchema);
  const warnings = findOddStorageClasses(target, plan, legacy);
  const base = { plan, sql, legacyRows, warnings };

  if (existing === null) {
    const dropped = entry !== null;
    const counts = classifyRows(target, sql, nameInLedger(plan), null);
    if (dropped || !context.write) {
      const targetTable = entry?.targetTable ?? chooseAdoptedName(target, plan.legacy.database, legacy.name);
      const gone = dropped
        ? [
            warning(
              'adopted-table-gone',
              `${plan.target.database} ${targetTable}, adopted by an earlier run, is gone: its rows are left alone.`,
            ),
          ]
        : [];
      return {
        ...base,
        place: null,
        targetTable,
        residual: [],
        rowsBefore: 0,
        inserted: 0,
        counts,
        rejects: [],
        changed: false,
        warnings: [...warnings, ...gone],
      };
    }
  }

  const place = existing === null ? null : { table: existing.name, sidecar: existingSidecar(target, entry, step) };
  const counts = classifyRows(target, sql, nameInLedger(plan), place);
  if (!context.write) {
    const residual = place?.sidecar?.columns ?? step.residual;
    return {
      ...base,
      place,
      targetTable: existing?.name ?? legacy.name,
      residual,
      rowsBefore: existing === null ? 0 : countRows(target, existing.name),
      inserted: 0,
      counts,
      rejects: [],
      changed: false,
    };
  }
  if (counts.collision > 0 && existing !== null)
    throw collision(target, plan, legacy.name, existing.name, counts.collision);
  return write(context, { ...base, legacy, entry, existing, sidecar: place?.sidecar ?? null }, engine);
}

interface Writing {
  readonly plan: PlanStep;
  readonly sql: StepSql;
  readonly legacyRows: number;
  readonly warnings: readonly WarningReport[];
  readonly legacy: TableSchema;
  readonly entry: LedgerEntry | null;
  readonly existing: TableSchema | null;
  readonly sidecar: StepPlace['sidecar'];
}

function write(context: StepContext, writing: Writing, engine: SqliteEngine): AppliedStep {
  const { target } = context;
  const { plan, sql, legacy, existing } = writing;
  target.execute('BEGIN');
  let table = existing?.name ?? '';
  let afterwards: readonly string[] = [];
  if (existing === null) {
    table = chooseAdoptedName(target, plan.legacy.database, legacy.name);
    afterwards = createAdopted(engine, target, legacy.name, plan.legacy.database, table).afterwards;
  }
  const rowsBefore = countRows(target, table);
  const rejects = withoutTriggers(target, table, () => insertRows(target, sql, table, existing === null));
  for (const statement of afterwards) target.execute(statement);
  if (plan.strategy === 'adopt') carrySequence(target, legacy.name, table);
  const inserted = countRows(target, table) - rowsBefore;

  const residual = [...sql.step.residual, ...findUnrecovered(target, sql, table)].sort(
    (a, b) => columnIndex(legacy, a) - columnIndex(legacy, b),
  );
  const { sidecar, isNew } = chooseSidecar(target, writing, table, residual, inserted);
  if (sidecar !== null && isNew) createSidecar(target, sidecar, existing?.rowidAlias !== null);
  const place: StepPlace = { table, sidecar };
  const kept = fillSidecar(target, sql, place);

  const counts = countStates(target);
  const changed = existing === null || inserted > 0 || kept > 0 || countUnregistered(target, plan, legacy) > 0;
  if (changed) enterLedger(context, writing, place, counts);
  target.execute('COMMIT');
  return { ...writing, place, targetTable: table, residual, rowsBefore, inserted, counts, rejects, changed };
}

function resolve(
  target: SqliteConnection,
  plan: PlanStep,
  legacy: TableSchema,
  existing: TableSchema | null,
  entry: LedgerEntry | null,
): ResolvedStep {
  if (plan.strategy === 'map') {
    // applyStep has refused a missing table before.
    if (existing === null) throw new TypeError('A map step needs its target table.');
    return resolveMap(plan, legacy, existing);
  }
  if (existing !== null) assertSameColumns(plan, legacy, existing);
  const key = primaryKeyOf(legacy);
  // Once rows are registered by one key, they stay known by it.
  const byRowid =
    entry !== null
      ? entry.keyColumns.length === 1 && entry.keyColumns[0] === legacy.rowidName
      : holdsNull(target, legacy, key);
  return resolveAdopt(plan, legacy, byRowid);
}

/** An application that was not switched over may have given the legacy table a column since it was adopted. */
function assertSameColumns(plan: PlanStep, legacy: TableSchema, adopted: TableSchema): void {
  const missing = storedColumns(legacy).filter(
    (name) => !adopted.columns.some((column) => !column.generated && sameName(column.name, name)),
  );
  if (missing.length === 0) return;
  throw new CoreError(
    'plan-invalid',
    `${plan.legacy.database} ${legacy.name} has the column ${missing.join(', ')}, which ${adopted.name} in ${plan.target.database}, adopted by an earlier run, lacks.`,
    {
      path: plan.target.database,
      hint: `Add it to ${adopted.name} with ALTER TABLE … ADD COLUMN, then run again.`,
    },
  );
}

function holdsNull(target: SqliteConnection, legacy: TableSchema, key: readonly string[]): boolean {
  if (key.length === 0) return false;
  const noNull = allOf(key.map((column) => `${q(column)} IS NOT NULL`));
  return target.count(`SELECT count(*) FROM ${legacySchema}.${q(legacy.name)} WHERE NOT ${noNull}`) > 0;
}

function existingSidecar(
  target: SqliteConnection,
  entry: LedgerEntry | null,
  step: ResolvedStep,
): StepPlace['sidecar'] {
  const name = entry?.sidecarTable ?? null;
  const table = name === null ? null : readTable(target, name);
  if (table === null) return null;
  const key = primaryKeyOf(table);
  const columns = table.columns.map((column) => column.name).filter((column) => !key.includes(column));
  return key.length === step.key.length ? { table: table.name, key, columns } : null;
}

function chooseSidecar(
  target: SqliteConnection,
  writing: Writing,
  table: string,
  residual: readonly string[],
  inserted: number,
): { readonly sidecar: StepPlace['sidecar']; readonly isNew: boolean } {
  const { plan, legacy, sql, sidecar } = writing;
  if (sidecar !== null) {
    const missing = residual.filter((column) => !sidecar.columns.includes(column));
    if (missing.length === 0) return { sidecar, isNew: false };
    throw new CoreError(
      'validation-failed',
      `${sidecar.table} has no column for ${missing.join(', ')} of ${legacy.name}, whose values ${table} cannot give back.`,
      {
        path: plan.legacy.database,
        hint: 'Rename that sidecar table, so that the next run makes a complete one.',
      },
    );
  }
  if (residual.length === 0 || (inserted === 0 && countStates(target).present === 0))
    return { sidecar: null, isNew: false };
  const name = freeName(
    [`legacy_${legacy.name}`, `legacy_${databaseStem(plan.legacy.database)}_${legacy.name}`],
    takenNames(target),
  );
  const key = sql.step.key.map(({ target: column }) =>
    residual.some((kept) => sameName(kept, column)) ? `target_${column}` : column,
  );
  return { sidecar: { table: name, key, columns: residual }, isNew: true };
}

function countUnregistered(target: SqliteConnection, plan: PlanStep, legacy: TableSchema): number {
  return target.count(
    `SELECT count(*) FROM temp.jarvis_step_rows WHERE state = 'present' AND k NOT IN ${registeredKeys(target)}`,
    [nameInLedger(plan), legacy.name],
  );
}

function enterLedger(context: StepContext, { plan, sql, legacy }: Writing, place: StepPlace, counts: RowCounts): void {
  const { target } = context;
  createLedger(target);
  const registered = registeredKeys(target);
  const history = writeHistory(target, {
    run: context.run,
    finishedAt: context.at,
    domain: plan.domain,
    strategy: plan.strategy,
    legacyDatabase: nameInLedger(plan),
    legacyTable: legacy.name,
    legacySha256: context.legacySha256,
    targetTable: place.table,
    sidecarTable: place.sidecar?.table ?? null,
    keyColumns: sql.step.key.map(({ target: column }) => column),
    inserted: counts.new,
    alreadyPresent: counts.present,
    conflicts: countConflicts(counts),
    tool: context.tool,
  });
  registerRows(target, history, registered, nameInLedger(plan), legacy.name);
}

function collision(
  target: SqliteConnection,
  plan: PlanStep,
  legacyTable: string,
  table: string,
  rows: number,
): CoreError {
  const keys = listKeys(target, 'collision');
  const listed = `${keys.join(', ')}${rows > keys.length ? ', …' : ''}`;
  return new CoreError(
    'target-conflict',
    `${table} in ${plan.target.database} holds ${rows} ${rows === 1 ? 'row' : 'rows'} of its own under keys that ${legacyTable} uses (${listed}).`,
    {
      path: plan.target.database,
      hint: 'This version does not renumber rows. Compare the rows, then remove or renumber those of the target.',
    },
  );
}

/** A text in an integer column is copied as it is, but arithmetic takes it for 0: worth a look before trusting a sum. */
function findOddStorageClasses(
  target: SqliteConnection,
  plan: PlanStep,
  legacy: TableSchema,
): readonly WarningReport[] {
  const numeric = legacy.columns.filter(({ type, generated }) => !generated && /INT|REAL|FLOA|DOUB/i.test(type));
  if (numeric.length === 0) return [];
  const sums = numeric.map(({ name }, index) => `sum(typeof(${q(name)}) IN ('text', 'blob')) AS n${index}`);
  const [row] = target.all(`SELECT ${sums.join(', ')} FROM ${legacySchema}.${q(legacy.name)}`);
  return numeric.flatMap(({ name, type }, index) => {
    const rows = Number(row?.[`n${index}`] ?? 0);
    if (rows === 0) return [];
    return [
      warning(
        'unexpected-storage-class',
        `${plan.legacy.database} ${legacy.name}: ${rows} ${rows === 1 ? 'value' : 'values'} of the ${type} column ${name} ${rows === 1 ? 'is' : 'are'} no number. The value is kept as it is; a computed column takes it as SQLite's arithmetic does.`,
      ),
    ];
  });
}

function nameInLedger(plan: PlanStep): string {
  return ledgerName(plan.legacy.database, plan.target.database);
}

function columnIndex(table: TableSchema, column: string): number {
  return table.columns.findIndex(({ name }) => name === column);
}

export function warning(code: string, message: string): WarningReport {
  return { code, message };
}
