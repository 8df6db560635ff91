/** One target: its steps on a working copy, the copy exported, and the exported bytes opened again and proved. */
import { CoreError } from '../../errors';
import type { MapStep, TableStep } from '../../plan/schema';
import type { WarningReport } from '../../report/model';
import type { SqliteConnection } from '../../sqlite/engine';
import { succeedHeader } from '../../sqlite/header';
import { foldName, quoteIdentifier as q, sameName } from '../../sqlite/identifiers';
import type { TableSchema } from '../../sqlite/schema';
import { sha256 } from '../../storage/hash';
import type { Successor } from '../../storage/staging';
import { applyVirtual, type AppliedVirtual } from '../adopt/apply-virtual';
import type { AdoptedPlace, AppliedStep } from '../step/applied-step';
import { applyStep } from '../step/apply-step';
import { RowsNotOrdinary } from '../step/examine-rows';
import { keyHistory, subjectOf, tablesReferredTo } from '../step/key-history';
import type { Sibling, StepContext } from '../step/step-context';
import { createLedger, readLedgerEntry } from '../ledger/ledger';
import type { RehearsalRequest } from '../rehearsal';
import { describeReject, stepWarnings } from '../step/step-report';
import { StepSql } from '../step/step-sql';
import { findAbsent, placesOfAbsent, warnOfUnmigrated } from './absent-steps';
import { AttachedLegacy } from './attached-legacy';
import { assertSettled, CircleUnsettled, mostRounds, type ForeseenKeys } from './circles';
import { proveTarget } from './prove-target';
import { inDependencyOrder } from './step-order';
import { placeKey, StepPlaces, type PresentStep } from './step-places';
import type { TargetInput, TargetResult, TargetTools } from './target-input';

/** The result's connection is the caller's to close; where this throws, none stays open. */
export async function rehearseTarget(
  tools: TargetTools,
  request: RehearsalRequest,
  input: TargetInput,
): Promise<TargetResult> {
  const refused = new Map<TableStep, string>();
  let foreseen: ForeseenKeys | null = null;
  let mayAssume = request.intent === 'write';
  for (let round = 1; ;) {
    const rehearsal: TargetRehearsal = new TargetRehearsal(tools, request, input, refused, foreseen, mayAssume);
    try {
      await rehearsal.apply();
      return await rehearsal.prove(rehearsal.export());
    } catch (error) {
      rehearsal.connection.close();
      tools.collector?.forget(input.snapshot.database);
      if (error instanceof BetterAdopted) {
        refused.set(error.step, error.message);
      } else if (error instanceof CircleUnsettled) {
        if (round++ === mostRounds || [...error.foreseen.values()].some(({ isPortable }) => !isPortable))
          throw error.refusal;
        foreseen = error.foreseen;
      } else if (error instanceof RowsNotOrdinary) mayAssume = false;
      else throw error;
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

class TargetRehearsal {
  /** The working copy; from {@link export} on, the image that is to be published. */
  connection: SqliteConnection;
  private readonly warnings: WarningReport[] = [];
  private readonly applied: (AppliedStep | AppliedVirtual)[] = [];
  private siblings: readonly Sibling[] = [];
  /** What earlier runs made of steps that take no part in this one. */
  private absent: readonly Sibling[] = [];
  private madeViews = false;
  private legacy: AttachedLegacy;

  constructor(
    private readonly tools: TargetTools,
    private readonly request: RehearsalRequest,
    private readonly input: TargetInput,
    /** Map steps that the target cannot take whole, and why: they are adopted. */
    private readonly refused: ReadonlyMap<TableStep, string>,
    private readonly foreseen: ForeseenKeys | null,
    private readonly mayAssume: boolean,
  ) {
    const sizes = [...request.snapshots.values()].map(({ bytes }) => bytes.length);
    const room = 1024 ** 2 + Math.round(1.25 * sizes.reduce((sum, size) => sum + size, 0));
    this.connection = tools.engine.open(input.snapshot.bytes, input.snapshot.database, { room });
    // Measured: half a million rows go in 30 % quicker than with the default 2 MB.
    this.connection.execute('PRAGMA main.cache_size = -64000; PRAGMA main.locking_mode = EXCLUSIVE');
    this.legacy = new AttachedLegacy(this.connection, input.opened);
  }

  async apply(): Promise<void> {
    const { input, request } = this;
    // Outside of every savepoint: what a step finds or makes of the ledger is not taken back with the step.
    if (request.intent === 'write') createLedger(this.connection);
    const absent = findAbsent(request.plan, input.snapshot.database, input.planned);
    this.absent = absent.flatMap((step) => placesOfAbsent(this.connection, step));
    const places = this.findPlaces();
    this.siblings = [
      ...places.steps.map(({ step, table }) => ({ step, table })),
      // No row of theirs is in the table that they were meant for.
      ...[...places.adoptedElsewhere.values()].map((step) => ({ step, table: step.target.table, isElsewhere: true })),
      ...this.absent,
    ];
    const ordered = inDependencyOrder(this.connection, places.steps);
    for (const [index, entry] of ordered.entries()) {
      await this.tools.onPhase('apply', `${entry.step.legacy.database} ${entry.step.legacy.table}`);
      const later = new Set(ordered.slice(index + 1).map(({ table }) => foldName(table)));
      later.delete(foldName(entry.table));
      this.legacy.with(entry.step.legacy.database, () => this.applyOne(entry, later, places));
    }
    this.assertCirclesSettled();
    if (request.intent === 'write') {
      for (const { create, triggers } of places.views)
        for (const statement of [create, ...triggers]) this.connection.execute(statement);
      this.madeViews = places.views.length > 0;
    }
  }

  private findPlaces(): StepPlaces {
    const { input, request, tools, connection } = this;
    const places = new StepPlaces(
      tools.engine,
      request,
      connection,
      input.snapshot.database,
      this.refused,
      this.absent,
    );
    for (const [database, planned] of groupByLegacy(input.planned))
      if (request.snapshots.has(database)) this.legacy.with(database, () => places.find(database, planned));
    this.warnings.push(...places.warnings);
    return places;
  }

  private applyOne(
    { step, legacy, adopted, table }: PresentStep,
    notYet: ReadonlySet<string>,
    places: StepPlaces,
  ): void {
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
      mayAssume: this.mayAssume,
    };
    if ('module' in legacy) {
      const content = siblings.find(
        (other) =>
          legacy.content !== null &&
          other.step.legacy.database === step.legacy.database &&
          sameName(other.step.legacy.table, legacy.content),
      );
      if (step.strategy !== 'adopt') throw new TypeError('Only adopt steps take virtual tables.');
      const grew = this.applied.some(({ plan, inserted }) => plan === content?.step && inserted > 0);
      this.applied.push(
        applyVirtual(context, step, legacy, table, content === undefined ? null : { ...content, grew }),
      );
      return;
    }
    const applied = this.applyOrAdopt(context, step, legacy, adopted);
    if (step.strategy === 'map' && step.otherwise === 'adopt' && context.write && request.rejects === 'fail') {
      const why = applied.wasKnown ? null : this.whyNotMapped(step, applied, places);
      if (why !== null) throw new BetterAdopted(step, why);
    }
    this.applied.push(applied);
    this.warnings.push(...stepWarnings(applied), ...warnOfUnmigrated(target, applied, siblings, this.absent));
    // A database can only be attached outside of a transaction.
    if (applied.rows !== null && applied.counts.rejected > 0) tools.collector?.add(target, applied.sql, applied.rows);
  }

  /** @throws BetterAdopted where nothing of the table was migrated yet, and its schema or its keys rule the step out */
  private applyOrAdopt(
    context: StepContext,
    step: TableStep,
    legacy: TableSchema,
    adopted: AdoptedPlace | null,
  ): AppliedStep {
    try {
      return applyStep(context, step, legacy, adopted);
    } catch (error) {
      if (step.strategy !== 'map' || step.otherwise !== 'adopt' || !context.write) throw error;
      // What does not fit in a plan file is a mistake for its author to see.
      const isUnfit = error instanceof CoreError && error.code === 'plan-invalid' && !this.request.mustHaveTables;
      const isFull = error instanceof CoreError && error.code === 'target-conflict';
      if (!(isUnfit || isFull) || readLedgerEntry(this.connection, subjectOf(step, legacy.name)) !== null) throw error;
      throw new BetterAdopted(step, `it cannot be mapped (${error.message.replace(/\.$/, '')})`);
    }
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
          this.legacy.with(plan.legacy.database, () => {
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
  private whyNotMapped(
    step: MapStep,
    { counts: { rejected, taken }, rejects: [first] }: AppliedStep,
    places: StepPlaces,
  ): string | null {
    // A reference to a row that went elsewhere would be answered by somebody else's row.
    const moved = tablesReferredTo(this.connection, step, step.target.table).find((table) =>
      places.adoptedElsewhere.has(placeKey(step.legacy.database, table)),
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
  export(): Uint8Array | null {
    const { input } = this;
    this.legacy.detach();
    if (!this.madeViews && !this.applied.some(({ changed }) => changed)) {
      // What is proved is what is on disk, not what the working copy has become.
      this.connection.close();
      this.reopen(input.snapshot.bytes);
      return null;
    }
    const image = this.connection.export();
    this.connection.close();
    succeedHeader(image, input.snapshot.header);
    this.reopen(image);
    return image;
  }

  private reopen(bytes: Uint8Array): void {
    const { input, tools } = this;
    this.connection = tools.engine.open(bytes, input.snapshot.database, { access: 'shared' });
    this.legacy = new AttachedLegacy(this.connection, input.opened);
  }

  async prove(image: Uint8Array | null): Promise<TargetResult> {
    const { tools, request, input, connection, legacy, siblings, applied } = this;
    const { snapshot } = input;
    // It takes longest, so it begins first. Where nothing changed, the bytes were checked when they were read.
    const soundness =
      image === null ? Promise.resolve([]) : tools.integrity.check(image, snapshot.database, connection);
    // Where a proof fails otherwise, nobody asks for the answer any more.
    soundness.catch(() => undefined);
    const successor: Successor | null = image === null ? null : { snapshot, image, sha256: await sha256(image) };
    if (successor !== null) await request.preparation?.begin(successor);
    const proof = await proveTarget({ tools, request, input, connection, legacy, successor, siblings, applied });
    // Not before: an image whose rows turn out to be unusual is made anew.
    if (successor !== null) request.preparation?.stage(successor);
    return {
      ...proof,
      connection,
      successor,
      soundness,
      warnings: [...this.warnings, ...proof.warnings],
      rejects: applied.flatMap((step) => ('module' in step ? [] : [...step.rejects])),
    };
  }
}

function groupByLegacy(steps: readonly TableStep[]): ReadonlyMap<string, readonly TableStep[]> {
  const groups = new Map<string, TableStep[]>();
  for (const step of steps) groups.set(step.legacy.database, [...(groups.get(step.legacy.database) ?? []), step]);
  return groups;
}
