/** One target: its steps on a working copy, the copy exported, and the exported bytes opened again and proved. */
import { CoreError } from '../errors';
import type { AdoptStep, MapStep, PlanStep, TableStep } from '../plan/schema';
import type { Check, MismatchReport, RejectReport, StepReport, TargetReport, WarningReport } from '../report/model';
import type { SqliteConnection, SqliteEngine } from '../sqlite/engine';
import { succeedHeader } from '../sqlite/header';
import { foldName, quoteIdentifier as q, sameName } from '../sqlite/identifiers';
import { countRows, hasTable, readTable, type TableSchema } from '../sqlite/schema';
import { sha256 } from '../storage/hash';
import type { Successor } from '../storage/staging';
import type { Snapshot } from '../storage/snapshot';
import { rehearseUndo } from '../undo/rehearse-undo';
import { adoptInstead, findAbsent, placesOfAbsent, warnOfUnmigrated } from './absent-steps';
import { planAdoption, type AdoptedView } from './adopt';
import { applyVirtual, proveVirtual, type AppliedVirtual } from './apply-virtual';
import type { AdoptedPlace, AppliedStep } from './applied-step';
import { applyStep } from './apply-step';
import { assertSettled, CircleUnsettled, mostRounds, type ForeseenKeys } from './circles';
import { keyHistory, subjectOf, tablesReferredTo, type Sibling } from './key-history';
import { createLedger, readLedgerEntry } from './ledger';
import type { IntegrityChecks } from './integrity';
import { mappedTable } from './mapped-tables';
import type { RequestedTable } from './moves';
import type { RejectCollector } from './reject-collector';
import type { OnPhase, RehearsalRequest } from './rehearsal';
import { countConflicts } from './row-states';
import { describeReject, reportStep, stepWarnings } from './step-report';
import { legacySchema, StepSql } from './step-sql';
import { beforeSchema, notRun, validateStep, type StepProof } from './validate-step';
import { validateTarget } from './validate-target';
import { readVirtualTable, type VirtualTable } from '../sqlite/virtual-table';
import { warning } from './warnings';

export interface TargetInput {
  readonly snapshot: Snapshot;
  readonly before: SqliteConnection;
  readonly planned: readonly TableStep[];
  readonly opened: ReadonlyMap<string, SqliteConnection>;
}

export interface TargetTools {
  readonly engine: SqliteEngine;
  readonly integrity: IntegrityChecks;
  readonly collector: RejectCollector | null;
  readonly onPhase: OnPhase;
}

export interface TargetResult {
  readonly connection: SqliteConnection;
  readonly steps: readonly StepReport[];
  readonly target: TargetReport | null;
  readonly successor: Successor | null;
  readonly warnings: readonly WarningReport[];
  readonly findings: readonly string[];
  readonly rejects: readonly RejectReport[];
  readonly mismatches: readonly MismatchReport[];
}

/** The result's connection is the caller's to close; where this throws, none stays open. */
export async function rehearseTarget(
  tools: TargetTools,
  request: RehearsalRequest,
  input: TargetInput,
): Promise<TargetResult> {
  const refused = new Map<TableStep, string>();
  let foreseen: ForeseenKeys | null = null;
  for (let round = 1; ;) {
    const rehearsal: TargetRehearsal = new TargetRehearsal(tools, request, input, refused, foreseen);
    try {
      await rehearsal.apply();
      const successor = await rehearsal.export();
      if (successor !== null) await request.onSuccessor(successor);
      return await rehearsal.prove(successor);
    } catch (error) {
      rehearsal.connection.close();
      tools.collector?.forget(input.snapshot.database);
      if (error instanceof BetterAdopted) {
        refused.set(error.step, error.message);
      } else if (error instanceof CircleUnsettled) {
        if (round++ === mostRounds || [...error.foreseen.values()].some(({ isPortable }) => !isPortable))
          throw error.refusal;
        foreseen = error.foreseen;
      } else throw error;
    }
  }
}

/**
 * Thrown where a table is better adopted than mapped. Everything begins anew, since what refers to the table must know
 * it by the name that it gets: foreign keys, triggers and views of all tables that are adopted with it.
 */
class BetterAdopted extends Error {
  constructor(
    readonly step: MapStep,
    why: string,
  ) {
    super(why);
  }
}

type Applied = AppliedStep | AppliedVirtual;

/** A step whose legacy table is there. */
interface PresentStep {
  readonly step: TableStep;
  readonly legacy: TableSchema | VirtualTable;
  /** Its table in the target. */
  readonly table: string;
  readonly adopted: AdoptedPlace | null;
}

class TargetRehearsal {
  /** The working copy; from {@link export} on, the image that is to be published. */
  connection: SqliteConnection;
  private readonly warnings: WarningReport[] = [];
  private readonly applied: Applied[] = [];
  private siblings: readonly Sibling[] = [];
  /** What earlier runs made of steps that take no part in this one. */
  private readonly absent: readonly Sibling[];
  private madeViews = false;
  /** Names of objects that are planned and not made yet. */
  private readonly reserved = new Set<string>();
  /** Map targets (legacy database and folded name) whose rows were adopted elsewhere: nothing may refer to them there. */
  private readonly adoptedElsewhere = new Map<string, MapStep>();

  constructor(
    private readonly tools: TargetTools,
    private readonly request: RehearsalRequest,
    private readonly input: TargetInput,
    /** Map steps that the target cannot take whole, and why: they are adopted. */
    private readonly refused: ReadonlyMap<TableStep, string>,
    private readonly foreseen: ForeseenKeys | null,
  ) {
    const sizes = [...request.snapshots.values()].map(({ bytes }) => bytes.length);
    const room = 1024 ** 2 + Math.round(1.25 * sizes.reduce((sum, size) => sum + size, 0));
    this.connection = tools.engine.open(input.snapshot.bytes, input.snapshot.database, { room });
    // Measured: half a million rows go in 30 % quicker than with the default 2 MB.
    this.connection.execute('PRAGMA main.cache_size = -64000');
    this.absent = findAbsent(request.plan, input.snapshot.database, input.planned).flatMap((step) =>
      placesOfAbsent(this.connection, step),
    );
  }

  async apply(): Promise<void> {
    const { input, request } = this;
    // Outside of every savepoint: what a step finds or makes of the ledger is not taken back with the step.
    if (request.intent === 'write') createLedger(this.connection);
    const present: PresentStep[] = [];
    const views: AdoptedView[] = [];
    for (const [database, planned] of groupByLegacy(input.planned)) {
      const snapshot = request.snapshots.get(database);
      if (snapshot === undefined || !input.opened.has(database)) continue;
      this.withLegacy(database, () => {
        const found = this.findPlaces(database, planned);
        present.push(...found.steps);
        views.push(...found.views);
      });
    }
    this.siblings = [
      ...present.map(({ step, table }) => ({ step, table })),
      // No row of theirs is in the table that they were meant for.
      ...[...this.adoptedElsewhere.values()].map((step) => ({ step, table: step.target.table, isElsewhere: true })),
      ...this.absent,
    ];
    const ordered = inDependencyOrder(this.connection, present);
    for (const [index, entry] of ordered.entries()) {
      await this.tools.onPhase('apply', `${entry.step.legacy.database} ${entry.step.legacy.table}`);
      const later = new Set(ordered.slice(index + 1).map(({ table }) => foldName(table)));
      later.delete(foldName(entry.table));
      this.withLegacy(entry.step.legacy.database, () => this.applyOne(entry, later));
    }
    this.assertCirclesSettled();
    if (request.intent === 'write') {
      for (const { create, triggers } of views)
        for (const statement of [create, ...triggers]) this.connection.execute(statement);
      this.madeViews = views.length > 0;
    }
  }

  /** The steps whose legacy tables are there, and the tables of the target that they go to. */
  private findPlaces(
    database: string,
    planned: readonly TableStep[],
  ): { readonly steps: readonly PresentStep[]; readonly views: readonly AdoptedView[] } {
    const { connection: target } = this;
    const steps: PresentStep[] = [];
    const adopting: {
      readonly step: AdoptStep;
      readonly legacy: TableSchema | VirtualTable;
      readonly existing: string | null;
      /** Why it is not mapped, where this run found out. */
      readonly why?: string | undefined;
    }[] = [];
    for (const step of planned) {
      const virtual = readVirtualTable(target, step.legacy.table, legacySchema);
      const legacy = virtual ?? readTable(target, step.legacy.table, legacySchema);
      if (legacy === null && this.request.mustHaveTables) throw tableMissing(step);
      if (legacy === null) {
        this.warn('legacy-table-missing', `${database} has no table ${step.legacy.table}: the step is left out.`);
      } else if (step.strategy === 'adopt') {
        const entry = readLedgerEntry(target, subjectOf(step, legacy.name));
        adopting.push({ step, legacy, existing: entry?.targetTable ?? null });
      } else if (virtual !== null) {
        throw new CoreError(
          'plan-invalid',
          `${database} ${step.legacy.table} is a virtual table: its rows cannot be mapped.`,
          {
            path: database,
            hint: 'Use the strategy adopt or skip for it.',
          },
        );
      } else {
        const instead = adoptInstead(step);
        const entry = step.otherwise === 'adopt' ? readLedgerEntry(target, subjectOf(instead, legacy.name)) : null;
        // What an earlier run adopted instead of mapping it stays adopted.
        if (entry === null && !this.refused.has(step))
          steps.push({ step, legacy, table: step.target.table, adopted: null });
        else {
          this.adoptedElsewhere.set(placeKey(step), step);
          adopting.push({ step: instead, legacy, existing: entry?.targetTable ?? null, why: this.refused.get(step) });
        }
      }
    }
    if (adopting.length === 0) return { steps, views: [] };
    const adoption = planAdoption(this.tools.engine, {
      target,
      reserved: this.reserved,
      legacyDatabase: database,
      tables: [
        ...adopting.map(({ step, legacy, existing }) => ({
          table: legacy.name,
          existing,
          wanted: step.target.table ?? null,
        })),
        ...this.adoptedBefore(database),
      ],
      mapped: this.request.plan.steps.flatMap((step) =>
        step.legacy.database === database ? (mappedTable(step, this.input.snapshot.database) ?? []) : [],
      ),
    });
    for (const { code, message } of adoption.warnings) this.warn(code, message);
    for (const { step, legacy, existing, why } of adopting) {
      const schema = adoption.tables.get(foldName(legacy.name));
      const name = existing ?? schema?.name ?? legacy.name;
      if (why !== undefined)
        this.warn(
          'adopted-instead',
          `${database} ${legacy.name}: ${why}. The table is adopted as ${name} instead, whole and with its own schema.`,
        );
      const isNew = existing === null && this.request.intent === 'write';
      if (isNew && 'columns' in legacy && !('module' in legacy)) target.execute(schema?.create ?? '');
      const created = isNew ? { indexes: schema?.indexes ?? [], triggers: schema?.triggers ?? [] } : null;
      steps.push({ step, legacy, table: name, adopted: { table: name, created } });
    }
    return { steps, views: adoption.views };
  }

  /** Tables of a legacy database that steps of other domains adopted: what refers to them follows them. */
  private adoptedBefore(database: string): readonly RequestedTable[] {
    return this.absent.flatMap(({ step: { strategy, legacy }, table }) =>
      strategy === 'adopt' && legacy.database === database && hasTable(this.connection, legacy.table, legacySchema)
        ? [{ table: legacy.table, existing: table, wanted: null }]
        : [],
    );
  }

  private applyOne({ step, legacy, adopted, table }: PresentStep, notYet: ReadonlySet<string>): void {
    const { request, tools, connection: target, siblings } = this;
    const legacySha256 = request.snapshots.get(step.legacy.database)?.sha256 ?? '';
    const context = {
      target,
      openScratch: () => tools.engine.open(new Uint8Array(), 'the plan'),
      legacySha256,
      run: request.run,
      at: request.at,
      tool: request.tool,
      write: request.intent === 'write',
      siblings,
      notYet,
      foreseen: this.foreseen,
      inspector: request.inspector ?? null,
    };
    if ('module' in legacy) {
      const content = siblings.find(
        (other) =>
          legacy.content !== null &&
          other.step.legacy.database === step.legacy.database &&
          sameName(other.step.legacy.table, legacy.content),
      );
      if (step.strategy !== 'adopt') throw new TypeError('Only adopt steps take virtual tables.');
      this.applied.push(applyVirtual(context, step, legacy, table, content?.table ?? null));
      return;
    }
    const applied = applyStep(context, step, legacy, adopted);
    if (step.strategy === 'map' && step.otherwise === 'adopt' && context.write && request.rejects === 'fail') {
      const why = applied.wasKnown ? null : this.whyNotMapped(step, applied);
      if (why !== null) throw new BetterAdopted(step, why);
    }
    this.applied.push(applied);
    this.warnings.push(...stepWarnings(applied), ...warnOfUnmigrated(target, applied, siblings, this.absent));
    // A database can only be attached outside of a transaction.
    if (applied.rows !== null && applied.counts.rejected > 0) tools.collector?.add(target, applied.sql, applied.rows);
  }

  private assertCirclesSettled(): void {
    if (this.request.intent !== 'write') return;
    const { connection: target, siblings } = this;
    const awaited = this.applied.flatMap((step) => {
      if ('module' in step) return [];
      const { plan, place, sql } = step;
      return step.awaited.map((keys) => ({
        ...keys,
        strays: () => {
          if (step.counts.new === 0) return false;
          const subject = subjectOf(plan, sql.step.legacy.name);
          const anew = new StepSql(
            sql.step,
            keyHistory({ target, siblings }, plan, subject, sql.step, place?.table ?? null),
          );
          const column = `t.${q(keys.column)}`;
          let found = 0;
          this.withLegacy(plan.legacy.database, () => {
            found = target.count(
              `SELECT EXISTS (SELECT 1 FROM ${anew.rowsAt(place?.table ?? '', anew.meets)} WHERE ${column} IS NOT NULL AND ${anew.strays(keys.column)})`,
            );
          });
          return found > 0;
        },
      }));
    });
    assertSettled(target, awaited);
  }

  /** Why a table of which nothing was migrated yet is better adopted; null where every row has found its place. */
  private whyNotMapped(step: MapStep, { counts: { rejected, taken }, rejects: [first] }: AppliedStep): string | null {
    // A reference to a row that went elsewhere would be answered by somebody else's row.
    const moved = tablesReferredTo(this.connection, step, step.target.table).find((table) =>
      this.adoptedElsewhere.has(`${step.legacy.database}\n${table}`),
    );
    if (moved !== undefined) return `${moved}, which its rows refer to, was adopted elsewhere`;
    if (rejected + taken === 0) return null;
    const reasons = [
      ...(taken > 0 ? [`${taken} ${taken === 1 ? 'row has a key' : 'rows have keys'} that other rows of it have`] : []),
      ...(first === undefined
        ? []
        : [`${rejected} ${rejected === 1 ? 'row' : 'rows'} would be refused (${describeReject(first)})`]),
    ];
    return `${step.target.table} cannot take every row: ${reasons.join('; ')}`;
  }

  /** The image that is to be published, opened again; null where nothing changed. */
  async export(): Promise<Successor | null> {
    const { input, tools } = this;
    this.detachLegacy();
    if (!this.madeViews && !this.applied.some(({ changed }) => changed)) {
      // What is proved is what is on disk, not what the working copy has become.
      this.connection.close();
      this.connection = tools.engine.open(input.snapshot.bytes, input.snapshot.database, { access: 'shared' });
      return null;
    }
    const image = this.connection.export();
    this.connection.close();
    succeedHeader(image, input.snapshot.header);
    this.connection = tools.engine.open(image, input.snapshot.database, { access: 'shared' });
    return { snapshot: input.snapshot, image, sha256: await sha256(image) };
  }

  async prove(successor: Successor | null): Promise<TargetResult> {
    const { input, tools, connection } = this;
    const { snapshot, before } = input;
    const image = successor?.image ?? snapshot.bytes;
    // Where nothing changed, the bytes were checked when they were read.
    const integrity =
      successor === null ? Promise.resolve([]) : tools.integrity.check(image, snapshot.database, connection);
    const growth = this.growth();
    connection.attach(before, beforeSchema);
    const steps: StepReport[] = [];
    const mismatches: MismatchReport[] = this.applied.flatMap((step) => ('module' in step ? [] : [...step.mismatches]));
    for (const step of this.applied) {
      await tools.onPhase('validate', `Proving ${step.plan.legacy.table}`);
      this.withLegacy(step.plan.legacy.database, () => {
        if ('module' in step) {
          steps.push(proveVirtual(connection, step));
        } else {
          const proof = this.proveStep(step, growth);
          steps.push(reportStep(step, proof));
          if (proof !== null) mismatches.push(...proof.mismatches);
        }
      });
    }
    await tools.onPhase('validate', `Proving ${snapshot.database}`);
    const own = {
      widened: new Set(
        this.applied.flatMap((step) =>
          'module' in step || step.place?.sidecar == null ? [] : [foldName(step.place.sidecar.table)],
        ),
      ),
      replaced: new Set(this.applied.flatMap((step) => ('module' in step ? step.replaced.map(foldName) : []))),
    };
    const proof = validateTarget(connection, before, own, await integrity);
    this.detachLegacy();
    connection.detach(beforeSchema);
    const target: TargetReport = {
      database: snapshot.database,
      sizeBefore: snapshot.main.length,
      sizeAfter: (successor?.image ?? snapshot.main).length,
      sha256Before: snapshot.sha256,
      sha256After: successor?.sha256 ?? snapshot.sha256,
      untouchedRows: proof.untouchedRows,
      integrity: proof.integrity,
      foreignKeys: proof.foreignKeys,
      undone: this.proveUndone(successor),
    };
    const failed = steps.flatMap((step) =>
      Object.entries(step.validation)
        .filter(([, check]) => check === 'failed')
        .map(([tier]) => `${step.legacy.table}: ${tier}`),
    );
    return {
      connection,
      steps,
      target,
      successor,
      warnings: [...this.warnings, ...this.applied.flatMap((step) => ('module' in step ? step.warnings : []))],
      findings: [...failed, ...proof.findings],
      rejects: this.applied.flatMap((step) => ('module' in step ? [] : [...step.rejects])),
      mismatches,
    };
  }

  /** A way back that does not lead back is told, and stops nothing: the copies lead back as well. */
  private proveUndone(successor: Successor | null): Check {
    const { input, request, tools } = this;
    const { database } = input.snapshot;
    if (successor === null || request.triesUndo !== true) return 'notRun';
    const undone = rehearseUndo({
      engine: tools.engine,
      database,
      before: input.before,
      image: successor.image,
      run: request.run,
      steps: input.planned,
    });
    if (undone === 'failed')
      this.warn('undo-not-exact', `Rolling back from ${database} row by row would not leave every table as it was.`);
    return undone;
  }

  /** Rows that each table of the target gained, by its folded name, whichever step brought them. */
  private growth(): ReadonlyMap<string, number> {
    const growth = new Map<string, number>();
    const add = (table: string, rows: number): void => {
      growth.set(foldName(table), (growth.get(foldName(table)) ?? 0) + rows);
    };
    for (const step of this.applied) {
      if ('module' in step) continue;
      add(step.targetTable, step.inserted);
      for (const { table, inserted } of step.parents) add(table, inserted);
    }
    return growth;
  }

  private proveStep(step: AppliedStep, growth: ReadonlyMap<string, number>): StepProof | null {
    const { connection, request, siblings, input } = this;
    const { counts, legacyRows, place, plan } = step;
    const { intent } = request;
    if (place === null) {
      // Nothing to compare cells with; but to look for rows and to find not even their table is a result.
      if (intent !== 'look' || legacyRows === 0) return null;
      return { validation: { ...notRun, counts: 'failed' }, lostValues: 0, mismatches: [], sample: null };
    }
    const sum = counts.new + counts.present + countConflicts(counts) + counts.rejected;
    const complete = intent === 'write' || counts.present === legacyRows;
    const subject = subjectOf(plan, step.sql.step.legacy.name);
    const before = hasTable(input.before, place.table) ? countRows(input.before, place.table) : 0;
    return validateStep(connection, {
      database: plan.legacy.database,
      // Keys are asked of the ledger in the image itself, not of what the working copy knew.
      sql: new StepSql(
        step.sql.step,
        keyHistory({ target: connection, siblings }, plan, subject, step.sql.step, place.table),
      ),
      place,
      matching: intent === 'write' ? counts.new + counts.present : legacyRows,
      aside: intent === 'write' ? counts.aside : 0,
      targetRows: before + (growth.get(foldName(place.table)) ?? 0),
      accounted: complete && sum === legacyRows && (intent !== 'write' || step.inserted === counts.new),
    });
  }

  /** The legacy database that is attached; it stays so until another one is needed, since attaching reads its schema. */
  private attached: string | null = null;

  private withLegacy(database: string, action: () => void): void {
    const legacy = this.input.opened.get(database);
    if (legacy === undefined) return;
    if (this.attached !== database) {
      this.detachLegacy();
      this.connection.attach(legacy, legacySchema);
      this.attached = database;
    }
    action();
  }

  private detachLegacy(): void {
    if (this.attached !== null) this.connection.detach(legacySchema);
    this.attached = null;
  }

  private warn(code: string, message: string): void {
    this.warnings.push(warning(code, message));
  }
}

export function tableMissing({ legacy }: PlanStep): CoreError {
  return new CoreError('plan-invalid', `${legacy.database} has no table ${legacy.table}, which the plan names.`, {
    path: legacy.database,
    hint: 'Correct the name, or remove the step from the plan; nothing was touched.',
  });
}

function placeKey({ legacy, target }: MapStep): string {
  return `${legacy.database}\n${foldName(target.table)}`;
}

function groupByLegacy(steps: readonly TableStep[]): ReadonlyMap<string, readonly TableStep[]> {
  const groups = new Map<string, TableStep[]>();
  for (const step of steps) groups.set(step.legacy.database, [...(groups.get(step.legacy.database) ?? []), step]);
  return groups;
}

/** Parents before children, otherwise the plan's order; where tables refer to each other in a circle, the plan's. */
function inDependencyOrder(target: SqliteConnection, steps: readonly PresentStep[]): readonly PresentStep[] {
  const byTable = new Map<string, PresentStep[]>();
  for (const step of steps) byTable.set(foldName(step.table), [...(byTable.get(foldName(step.table)) ?? []), step]);
  const ordered: PresentStep[] = [];
  const visited = new Set<PresentStep>();
  const referredTo = (entry: PresentStep): readonly PresentStep[] =>
    tablesReferredTo(target, entry.step, entry.table).flatMap((table) => byTable.get(table) ?? []);
  const visit = (entry: PresentStep): void => {
    if (visited.has(entry)) return;
    visited.add(entry);
    for (const other of 'module' in entry.legacy ? indexedBy(entry.legacy, entry.step, steps) : referredTo(entry))
      visit(other);
    ordered.push(entry);
  };
  for (const entry of steps) visit(entry);
  return ordered;
}

/** The step that brings the rows which a full-text table indexes. */
function indexedBy(
  { content }: VirtualTable,
  { legacy }: TableStep,
  steps: readonly PresentStep[],
): readonly PresentStep[] {
  return steps.filter(
    ({ step }) => content !== null && step.legacy.database === legacy.database && sameName(step.legacy.table, content),
  );
}
