/** One step on the working image: resolve, tell its rows apart, move, keep the residual columns, enter the ledger. */
import { CoreError } from '../errors';
import { resolveAdopt, resolveMap, type CellSource, type ResolvedStep } from '../plan/resolve';
import { checkExpression } from '../plan/expression';
import type { MapStep, TableStep } from '../plan/schema';
import type { MismatchReport, RejectReport, StepReport, WarningReport } from '../report/model';
import { listedRows } from '../report/model';
import { allOf } from '../sqlite/cells';
import type { SqliteConnection } from '../sqlite/engine';
import { foldName, quoteIdentifier as q, sameName } from '../sqlite/identifiers';
import {
  countRows,
  primaryKeyOf,
  readForeignKeys,
  readTable,
  readUniqueKeys,
  storedColumns,
  type TableSchema,
} from '../sqlite/schema';
import type { AwaitedKeys, ForeseenKeys } from './circles';
import { areOrdinary, inspectInserted } from './inserted-cells';
import { carrySequence, insertRows, RowsMustBeTold } from './insert-rows';
import {
  knownByKey,
  knownToAny,
  ledgerName,
  readLedgerEntry,
  registerKeys,
  RegisteredKeys,
  subjectName,
  writeHistory,
  type KeyFollower,
  type LedgerEntry,
  type LedgerSubject,
} from './ledger';
import type { RowInspector } from './compare-row';
import { cellPairs, listMismatches, sidecarPairs } from './mismatches';
import { findDemands, hasOrphans, nullOrphans, rejectOrphans } from './orphans';
import { addParents, pruneParents, type AddedParents } from './parents';
import { countConflicts, RowStates, type RowCounts } from './row-states';
import { setIndexesAside, setTriggersAside } from './set-aside';
import { createSidecar, existingSidecar, fillSidecar, newSidecar, widenSidecar } from './sidecar';
import { legacySchema, StepSql, type KeyHistory, type StepPlace } from './step-sql';
import { findOddStorageClasses } from './warnings';

export interface StepContext {
  /** The working copy of the target, with the legacy database attached as `legacy`. */
  readonly target: SqliteConnection;
  /** An empty database in which expressions can be compiled. */
  readonly openScratch: () => SqliteConnection;
  readonly legacySha256: string;
  readonly run: string;
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly tool: string;
  /** False to look only: nothing is inserted, missing rows count as left behind. */
  readonly write: boolean;
  /** The other steps of this target: whose keys references follow. */
  readonly siblings: readonly Sibling[];
  /** Tables (folded names) that later steps fill. */
  readonly notYet: ReadonlySet<string>;
  /** What became of their keys the last time; null the first time: what refers to them is judged at the end. */
  readonly foreseen: ForeseenKeys | null;
  readonly inspector: RowInspector | null;
}

/** A step of the same target, and the table that it fills. */
export interface Sibling {
  readonly step: TableStep;
  readonly table: string;
  /** Its rows went into another table: whatever stands in this one, no row of it is meant. */
  readonly isElsewhere?: boolean;
}

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
  readonly keyOffset: number;
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
  /** What it was told of tables that later steps filled. */
  readonly awaited: readonly AwaitedKeys[];
}

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
  const isOrdinary = legacyRows === 0 || areOrdinary(target, sql);
  const base = {
    plan,
    sql,
    legacyRows,
    wasKnown: entry !== null,
    isOrdinary,
    awaited: history.awaited,
    warnings: isOrdinary ? [] : findOddStorageClasses(target, plan, legacy),
  };
  const inspector = isOf(context.inspector, plan) ? context.inspector : null;
  if (existing === null) return nowhere(target, base, entry, adopted?.table ?? legacy.name, inspector);
  if (!write) return look(base, target, existing, entry, inspector);
  return new StepWriter(context, { ...base, legacy, entry, existing, adopted, subject }).write();
}

function isOf(inspector: RowInspector | null, { legacy }: TableStep): boolean {
  return inspector !== null && inspector.database === legacy.database && sameName(inspector.table, legacy.table);
}

interface StepBase {
  readonly plan: TableStep;
  readonly sql: StepSql;
  readonly legacyRows: number;
  readonly wasKnown: boolean;
  /** No value of the legacy rows needs a second look after it was moved. */
  readonly isOrdinary: boolean;
  readonly warnings: readonly WarningReport[];
  readonly awaited: readonly AwaitedKeys[];
}

const untouched = {
  lost: [],
  keyOffset: 0,
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
  base: StepBase,
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
  base: StepBase,
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

interface Writing extends StepBase {
  readonly legacy: TableSchema;
  readonly entry: LedgerEntry | null;
  readonly existing: TableSchema;
  readonly adopted: AdoptedPlace | null;
  readonly subject: LedgerSubject;
}

/** Below this many rows, building an index anew saves nothing. */
const bulk = 1000;

class StepWriter {
  private readonly target: SqliteConnection;
  private readonly table: string;
  private sql: StepSql;

  constructor(
    private readonly context: StepContext,
    private readonly writing: Writing,
  ) {
    this.target = context.target;
    this.sql = writing.sql;
    this.table = writing.existing.name;
  }

  write(): AppliedStep {
    const { target, sql, table, writing } = this;
    const sidecar = existingSidecar(target, writing.entry, sql.step);
    const place: StepPlace = { table, sidecar };
    target.execute('SAVEPOINT step');
    const free = RowStates.allNew(target, sql, place);
    if (free !== null) {
      this.sql = this.followingItself(free);
      target.execute('SAVEPOINT all_new');
      try {
        const applied = this.move(free, place);
        target.execute('RELEASE all_new; RELEASE step');
        return applied;
      } catch (error) {
        if (!(error instanceof RowsMustBeTold)) throw error;
        target.execute('ROLLBACK TO all_new; RELEASE all_new');
      }
    }
    const rows = RowStates.classify(target, sql, place, sql.step.takenKeys === 'shift');
    this.sql = this.followingItself(rows);
    const applied = this.move(rows, place);
    target.execute('RELEASE step');
    return applied;
  }

  private move(rows: RowStates, before: StepPlace): AppliedStep {
    const { target, sql, table, writing, context } = this;
    const { plan, adopted, legacy } = writing;
    const later = { ...context, awaited: new Set(writing.awaited.map(({ column }) => foldName(column))) };
    const counted = rows.counts();
    const rowsBefore = countRows(target, table);
    const parents = plan.strategy === 'map' ? addParents(target, plan, sql, rows, context.notYet) : [];
    const putTriggersBack = counted.new === 0 ? (): void => undefined : setTriggersAside(target, table);
    const putIndexesBack =
      counted.new >= bulk && counted.new >= rowsBefore ? setIndexesAside(target, table) : (): void => undefined;
    const demands = counted.new === 0 ? [] : findDemands(target, sql, table, later);
    let unrecovered: readonly string[] = [];
    if (counted.new > 0) {
      insertRows(target, sql, rows, table, adopted?.created !== null && adopted !== null);
      nullOrphans(target, sql, rows, table, later);
    }
    if (counted.new + counted.present > 0 && !writing.isOrdinary) {
      const inspected = inspectInserted(target, sql, rows, table);
      if (inspected.rewritten.length > 0 && rows.isAllNew) throw new RowsMustBeTold();
      for (const { target: column, condition } of inspected.rewritten) {
        rows.takeBack(table, condition, `${column} would not keep its value: the column's type turns it into another`);
      }
      unrecovered =
        inspected.rewritten.length === 0
          ? inspected.unrecovered
          : inspectInserted(target, sql, rows, table).unrecovered;
    }
    if (counted.new > 0 && hasOrphans(target, rows, table, demands)) {
      if (rows.isAllNew) throw new RowsMustBeTold();
      rejectOrphans(rows, table, demands);
    }
    for (const statement of adopted?.created?.indexes ?? []) target.execute(statement);
    putIndexesBack();
    putTriggersBack();
    if (plan.strategy === 'adopt') carrySequence(target, legacy.name, table);
    const inserted = countRows(target, table) - rowsBefore;

    const counts = rows.counts();
    const gained = plan.strategy === 'map' ? pruneParents(target, plan, sql, rows, parents, counts.rejected > 0) : [];
    const residual = this.residual(unrecovered);
    const place = this.keepResidual(rows, before, counts, unrecovered);
    const kept = fillSidecar(target, sql, rows, place);
    const isWidened = before.sidecar !== null && before.sidecar.columns.length !== place.sidecar?.columns.length;
    const isWritten = inserted + kept > 0 || this.isCreated || isWidened;
    const changed = this.enterLedger(rows, place, counts, gained, isWritten);
    for (const statement of adopted?.created?.triggers ?? []) target.execute(statement);
    return {
      ...writing,
      sql,
      place,
      targetTable: table,
      residual,
      lost: this.countLost(rows),
      keyOffset: Number(rows.keyOffset),
      inserted,
      parents: gained.map(({ parents: { table: name }, inserted: n }) => ({ table: name, inserted: n })),
      counts,
      rows,
      rejects: this.listRejects(rows, counts),
      mismatches: listConflicts(target, writing, rows, place),
      changed,
    };
  }

  /** Rows that refer to rows of their own table mean those of this very run, which no ledger knows yet, among others. */
  private followingItself(rows: RowStates): StepSql {
    const { step, history } = this.writing.sql;
    const own = referencesOf(this.target, step, this.table)
      .filter(({ parent, by }) => sameName(parent, this.table) && isRowidOf(this.target, this.table, by))
      .map(({ column }) => column);
    if (own.length === 0) return this.writing.sql;
    const following = rows.following(history.own);
    const parents = new Map(history.parents);
    for (const { target } of step.cells) {
      if (own.some((column) => sameName(column, target)))
        parents.set(
          target,
          isKnownByKey(this.writing.plan, this.table, this.writing.plan) ? knownByKey(following) : following,
        );
    }
    return new StepSql(step, { ...history, parents });
  }

  private get isCreated(): boolean {
    return this.writing.adopted !== null && this.writing.adopted.created !== null;
  }

  private residual(unrecovered: readonly string[]): readonly string[] {
    const { sql, writing } = this;
    const index = (column: string): number => writing.legacy.columns.findIndex(({ name }) => name === column);
    return [...new Set([...sql.step.residual, ...unrecovered])].sort((a, b) => index(a) - index(b));
  }

  private keepResidual(
    rows: RowStates,
    before: StepPlace,
    counts: RowCounts,
    unrecovered: readonly string[],
  ): StepPlace {
    const { target, sql, writing } = this;
    // JSON keeps its columns by itself; what it cannot give back needs the sidecar all the same.
    const columns = {
      sidecar: this.residual(unrecovered),
      metadata: unrecovered,
      // What has a home is not meant to be dropped: a value that its home cannot take is kept all the same.
      drop: unrecovered,
    }[sql.step.residualMode];
    const { sidecar, table } = before;
    if (columns.length === 0) return before;
    if (sidecar === null) {
      if (counts.new + counts.present === 0) return before;
      const made = newSidecar(target, writing.plan.legacy.database, sql.step, columns);
      createSidecar(target, made, sql.step.keyIsRowid);
      return { table, sidecar: made };
    }
    const missing = columns.filter((column) => !sidecar.columns.some((name) => sameName(name, column)));
    if (missing.length === 0) return before;
    return { table, sidecar: widenSidecar(target, sql, rows, sidecar, missing) };
  }

  private countLost(rows: RowStates): StepReport['residual']['lost'] {
    const { target, sql } = this;
    const { residual } = sql.step;
    if (sql.step.residualMode !== 'drop' || residual.length === 0) return [];
    const sums = residual.map((column, index) => `count(${sql.column(column)}) AS n${index}`);
    const [row] = target.all(`SELECT ${sums.join(', ')} FROM ${sql.source}${rows.join('new')}`);
    return residual
      .map((column, index) => ({ column, values: Number(row?.[`n${index}`] ?? 0) }))
      .filter(({ values }) => values > 0);
  }

  /** @returns whether anything of the step is new in the image */
  private enterLedger(
    rows: RowStates,
    place: StepPlace,
    counts: RowCounts,
    gained: readonly { readonly parents: AddedParents; readonly inserted: number }[],
    isWritten: boolean,
  ): boolean {
    const { target, context, sql, writing } = this;
    const known = rows.unregistered('present');
    const foundNow = counts.present === 0 ? 0 : target.count(`SELECT count(*) FROM ${known.relation}`);
    const parentRows = gained.reduce((sum, { inserted }) => sum + inserted, 0);
    if (!isWritten && foundNow + parentRows === 0) return false;
    const common = {
      run: context.run,
      finishedAt: context.at,
      domain: writing.plan.domain,
      legacy: writing.subject,
      legacySha256: context.legacySha256,
      sidecarTable: place.sidecar?.table ?? null,
      tool: context.tool,
    };
    for (const { parents, inserted } of gained) {
      if (inserted === 0) continue;
      const history = writeHistory(target, {
        ...common,
        strategy: 'parent',
        targetTable: parents.table,
        sidecarTable: null,
        keyColumns: parents.keyColumns,
        keyOffset: '0',
        inserted,
        alreadyPresent: 0,
        conflicts: 0,
      });
      const [key] = parents.keyColumns;
      if (parents.keyColumns.length === 1 && key !== undefined) {
        const relation = `main.${q(parents.table)} AS p WHERE p.${q(key)} IN (${parents.proposedKeys})`;
        registerKeys(target, history, relation, `p.${q(key)}`, parents.keyIsRowid);
      }
    }
    const enter = (state: 'new' | 'present', keyOffset: string): void => {
      const history = writeHistory(target, {
        ...common,
        strategy: writing.plan.strategy,
        targetTable: place.table,
        keyColumns: sql.step.key.map(({ target: column }) => column),
        keyOffset,
        inserted: state === 'new' ? counts.new : 0,
        alreadyPresent: counts.present,
        conflicts: countConflicts(counts),
      });
      const { relation, key } = rows.unregistered(state);
      registerKeys(target, history, relation, key, sql.step.keyIsRowid);
    };
    // Rows that were there already have their own keys, whatever the new ones were given.
    if (foundNow > 0) enter('present', '0');
    if (counts.new > 0 || foundNow === 0) enter('new', rows.keyOffset);
    return true;
  }

  private listRejects(rows: RowStates, counts: RowCounts): readonly RejectReport[] {
    if (counts.rejected === 0) return [];
    const { database } = this.writing.plan.legacy;
    return rows.rejects(listedRows).map((reject) => ({ database, table: this.writing.legacy.name, ...reject }));
  }
}

/** Cells of rows that changed on one side since they were migrated. */
function listConflicts(
  target: SqliteConnection,
  { plan, sql }: StepBase,
  rows: RowStates,
  place: StepPlace,
): readonly MismatchReport[] {
  const limit = 20;
  const subject = { database: plan.legacy.database, table: plan.legacy.table, tier: 'conflict' as const };
  const counts = rows.counts();
  const cells =
    counts.changed + counts.taken === 0
      ? []
      : listMismatches(
          target,
          subject,
          rows.pairs(place.table, 'changed', 'taken'),
          '1',
          sql.key,
          cellPairs(sql),
          limit,
        );
  if (counts.aside === 0 || place.sidecar === null) return cells;
  const from = `${rows.pairs(place.table, 'aside')} LEFT JOIN main.${q(place.sidecar.table)} AS s ON ${sql.sidecarMeets(place)}`;
  return [...cells, ...listMismatches(target, subject, from, '1', sql.key, sidecarPairs(sql, place), limit)];
}

function readMapped(target: SqliteConnection, table: string, plan: TableStep): TableSchema {
  const found = readTable(target, table);
  if (found !== null) return found;
  throw new CoreError('target-table-missing', `${target.label} has no table ${table}.`, {
    path: target.label,
    hint: `Create the consolidated schema first: the table that ${plan.legacy.table} is mapped to must exist.`,
  });
}

function readAdopted(target: SqliteConnection, adopted: AdoptedPlace | null, legacy: TableSchema): TableSchema | null {
  if (adopted === null) return null;
  return adopted.created === null ? readTable(target, adopted.table) : { ...legacy, name: adopted.table };
}

function resolve(
  { target, openScratch }: Pick<StepContext, 'target' | 'openScratch'>,
  plan: TableStep,
  legacy: TableSchema,
  existing: TableSchema | null,
  entry: LedgerEntry | null,
): ResolvedStep {
  if (plan.strategy === 'map') {
    if (existing === null) throw new TypeError('A map step needs its target table.');
    assertExpressions(openScratch, plan, legacy, existing);
    return resolveMap(plan, legacy, existing, readUniqueKeys(target, existing));
  }
  if (existing !== null) assertSameColumns(plan, legacy, existing);
  const key = primaryKeyOf(legacy);
  // Once rows are registered by one key, they stay known by it.
  const isKnown = entry !== null && entry.keyColumns.length > 0;
  const keyHoldsNull = holdsNull(target, legacy, key);
  const byRowid = isKnown ? entry.keyColumns.length === 1 && entry.keyColumns[0] === legacy.rowidName : keyHoldsNull;
  return resolveAdopt(plan, legacy, byRowid ? 'rowid' : 'key', keyHoldsNull, existing);
}

/** An application that was not switched over may have given the legacy table a column since it was adopted. */
function assertSameColumns(plan: TableStep, legacy: TableSchema, adopted: TableSchema): void {
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

/** SQLite says of each expression whether it is one, over one row, before any row is touched. */
function assertExpressions(
  openScratch: () => SqliteConnection,
  plan: MapStep,
  legacy: TableSchema,
  existing: TableSchema,
): void {
  const scratch = openScratch();
  try {
    const overLegacy = [
      ...Object.entries(plan.columns),
      ...Object.entries(plan.references).map(([column, { value }]) => [column, value] as const),
      ...plan.parents.flatMap(({ table, columns }) =>
        Object.entries(columns).map(([column, expression]) => [`${table}.${column}`, expression] as const),
      ),
    ];
    const checks = [
      ...overLegacy.map(([column, expression]) => ({ column, expression, columns: legacy.columns })),
      ...Object.entries(plan.rebuild).map(([column, expression]) => ({
        column,
        expression,
        columns: existing.columns,
      })),
    ];
    for (const { column, expression, columns } of checks) {
      const reason = checkExpression(scratch, columns, expression);
      if (reason === null) continue;
      throw new CoreError(
        'plan-invalid',
        `${plan.legacy.database} ${legacy.name}: ${column} cannot be filled with ${expression}: ${reason}.`,
        {
          path: plan.legacy.database,
          hint: 'The schema is not the one that the plan was made for, or the plan is wrong; nothing was touched.',
        },
      );
    }
  } finally {
    scratch.close();
  }
}

function holdsNull(target: SqliteConnection, legacy: TableSchema, key: readonly string[]): boolean {
  if (key.length === 0) return false;
  const noNull = allOf(key.map((column) => `${q(column)} IS NOT NULL`));
  return target.count(`SELECT EXISTS (SELECT 1 FROM ${legacySchema}.${q(legacy.name)} WHERE NOT ${noNull})`) > 0;
}

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
function referencesOf(target: SqliteConnection, step: ResolvedStep, table: string | null): readonly ColumnReference[] {
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
function isRowidOf(target: SqliteConnection, table: string, column: string | null): boolean {
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
