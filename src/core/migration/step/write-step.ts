/**
 * The rows of one step on their way into the working image: moved with their parents, looked at, their residual columns
 * kept, entered in the ledger.
 */
import { listedRows, type RejectReport, type StepReport } from '../../report/model';
import type { SqliteConnection } from '../../sqlite/engine';
import { foldName, quoteIdentifier as q, sameName } from '../../sqlite/identifiers';
import { countRows, type TableSchema } from '../../sqlite/schema';
import { registerKeys, writeHistory, type LedgerEntry, type LedgerSubject } from '../ledger/ledger';
import { knownByKey } from '../ledger/registered-keys';
import type { AdoptedPlace, AppliedStep, StepBase } from './applied-step';
import type { StepContext } from './step-context';
import { assumeOrdinary, examineRows, type Examined } from './examine-rows';
import { inspectInserted } from './inserted-cells';
import { carrySequence, insertRows, RowsMustBeTold } from './insert-rows';
import { isKnownByKey, isRowidOf, referencesOf } from './key-history';
import { listConflicts } from './mismatches';
import { findDemands, hasOrphans, nullOrphans, rejectOrphans } from './orphans';
import { addParents, pruneParents, type AddedParents } from './parents';
import { countConflicts, RowStates, type RowCounts } from './row-states';
import { setIndexesAside, setTriggersAside } from './set-aside';
import { createSidecar, existingSidecar, fillSidecar, newSidecar, widenSidecar } from './sidecar';
import { StepSql, type StepPlace } from './step-sql';

export interface Writing extends StepBase {
  readonly legacy: TableSchema;
  readonly entry: LedgerEntry | null;
  readonly existing: TableSchema;
  readonly adopted: AdoptedPlace | null;
  readonly subject: LedgerSubject;
}

/** Below this many rows, building an index anew saves nothing. */
const bulk = 1000;

export class StepWriter {
  private readonly target: SqliteConnection;
  private readonly table: string;
  private sql: StepSql;
  private examined: Examined | null = null;

  constructor(
    private readonly context: StepContext,
    private readonly writing: Writing,
  ) {
    this.target = context.target;
    this.sql = writing.sql;
    this.table = writing.existing.name;
  }

  write(): AppliedStep {
    const { target, sql, table, writing, context } = this;
    const sidecar = existingSidecar(target, writing.entry, sql.step);
    const place: StepPlace = { table, sidecar };
    target.execute('SAVEPOINT step');
    const free = RowStates.allNew(target, sql, place);
    if (free !== null) {
      this.sql = this.followingItself(free);
      target.execute('SAVEPOINT all_new');
      try {
        const assumed = context.mayAssume ? assumeOrdinary(target, sql, writing.legacyRows) : null;
        const applied = this.move(free, place, assumed ?? this.examine());
        target.execute('RELEASE all_new; RELEASE step');
        return applied;
      } catch (error) {
        if (!(error instanceof RowsMustBeTold)) throw error;
        target.execute('ROLLBACK TO all_new; RELEASE all_new');
      }
    }
    const rows = RowStates.classify(target, sql, place, sql.step.takenKeys === 'shift');
    this.sql = this.followingItself(rows);
    const applied = this.move(rows, place, this.examine());
    target.execute('RELEASE step');
    return applied;
  }

  private examine(): Examined {
    const { plan, legacy, sql, legacyRows } = this.writing;
    return (this.examined ??= examineRows(this.target, plan, legacy, sql, legacyRows));
  }

  private move(rows: RowStates, before: StepPlace, { isOrdinary, isAssumed, warnings }: Examined): AppliedStep {
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
    if (counted.new + counted.present > 0 && !isOrdinary) {
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
      isAssumed,
      warnings,
      sql,
      place,
      targetTable: table,
      residual,
      lost: this.countLost(rows),
      keyOffset: rows.keyOffset,
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
