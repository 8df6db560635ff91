/** One step on the working image: resolve, classify, move, keep the residual columns, enter the ledger. */
import { CoreError } from '../errors';
import { resolveAdopt, resolveMap, type ResolvedStep } from '../plan/resolve';
import type { PlanStep } from '../plan/schema';
import type { WarningReport } from '../report/model';
import { allOf } from '../sqlite/cells';
import { sqliteWords, type SqliteConnection, type SqliteEngine } from '../sqlite/engine';
import { quoteIdentifier as q, sameName } from '../sqlite/identifiers';
import { countRows, primaryKeyOf, readTable, storedColumns, type TableSchema } from '../sqlite/schema';
import { chooseAdoptedName, createAdopted } from './adopt';
import { carrySequence, findUnrecovered, insertRows, registerRows, withoutTriggers, type Reject } from './apply';
import { chooseSidecar, createSidecar, existingSidecar, fillSidecar } from './sidecar';
import { findOddStorageClasses, warning } from './warnings';
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
  assertExpressions(target, plan, step);
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
  const { sidecar, isNew } = chooseSidecar(
    target,
    { legacyDatabase: plan.legacy.database, sql, sidecar: writing.sidecar },
    table,
    residual,
    inserted,
  );
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

/** A column that an expression names and the legacy table lacks is the plan's fault: said in its words, not in SQL's. */
function assertExpressions(target: SqliteConnection, plan: PlanStep, { cells, legacy }: ResolvedStep): void {
  if (plan.strategy !== 'map') return;
  for (const { target: column, expression } of cells) {
    try {
      target.all(`SELECT (${expression}) FROM ${legacySchema}.${q(legacy.name)} LIMIT 0`);
    } catch (error) {
      throw new CoreError(
        'plan-invalid',
        `${plan.legacy.database} ${legacy.name}: ${column} cannot be filled with ${expression}: ${sqliteWords(error)}.`,
        {
          path: plan.legacy.database,
          hint: 'The schema is not the one that the plan was made for; nothing was touched.',
          cause: error,
        },
      );
    }
  }
}

function holdsNull(target: SqliteConnection, legacy: TableSchema, key: readonly string[]): boolean {
  if (key.length === 0) return false;
  const noNull = allOf(key.map((column) => `${q(column)} IS NOT NULL`));
  return target.count(`SELECT count(*) FROM ${legacySchema}.${q(legacy.name)} WHERE NOT ${noNull}`) > 0;
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

function nameInLedger(plan: PlanStep): string {
  return ledgerName(plan.legacy.database, plan.target.database);
}

function columnIndex(table: TableSchema, column: string): number {
  return table.columns.findIndex(({ name }) => name === column);
}
