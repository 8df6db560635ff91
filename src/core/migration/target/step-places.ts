/** Where the rows of each step go: the table that the plan maps them to, or the name that an adopted table has or gets. */
import { CoreError } from '../../errors';
import type { AdoptStep, MapStep, PlanStep, TableStep } from '../../plan/schema';
import type { WarningReport } from '../../report/model';
import type { SqliteConnection, SqliteEngine } from '../../sqlite/engine';
import { foldName } from '../../sqlite/identifiers';
import { hasTable, readTable, type TableSchema } from '../../sqlite/schema';
import { readVirtualTable, type VirtualTable } from '../../sqlite/virtual-table';
import { planAdoption, type AdoptedView } from '../adopt/adopt';
import type { AdoptedPlace } from '../step/applied-step';
import { subjectOf } from '../step/key-history';
import type { Sibling } from '../step/step-context';
import { readLedgerEntry } from '../ledger/ledger';
import { mappedTable } from '../adopt/mapped-tables';
import type { RequestedTable } from '../adopt/moves';
import type { RehearsalRequest } from '../rehearsal';
import { legacySchema } from '../step/step-sql';
import { warning } from '../warnings';
import { adoptInstead } from './absent-steps';

/** A step whose legacy table is there. */
export interface PresentStep {
  readonly step: TableStep;
  readonly legacy: TableSchema | VirtualTable;
  /** Its table in the target. */
  readonly table: string;
  readonly adopted: AdoptedPlace | null;
}

/** The places in one target; legacy databases are asked one after the other. */
export class StepPlaces {
  readonly steps: PresentStep[] = [];
  /** To be made once every table is filled. */
  readonly views: AdoptedView[] = [];
  readonly warnings: WarningReport[] = [];
  /** Map targets (legacy database and folded name) whose rows were adopted elsewhere: nothing may refer to them there. */
  readonly adoptedElsewhere = new Map<string, MapStep>();
  /** Names of objects that are planned and not made yet. */
  private readonly reserved = new Set<string>();

  constructor(
    private readonly engine: SqliteEngine,
    private readonly request: RehearsalRequest,
    /** The working copy. */
    private readonly target: SqliteConnection,
    /** Its name in the plan. */
    private readonly targetName: string,
    /** Map steps that the target cannot take whole, and why: they are adopted. */
    private readonly refused: ReadonlyMap<TableStep, string>,
    /** What earlier runs made of steps that take no part in this one. */
    private readonly absent: readonly Sibling[],
  ) {}

  /**
   * The steps of a legacy database, which is attached, and the tables that they go to. Adopted ones are made, empty.
   *
   * @throws CoreError `plan-invalid`
   */
  find(database: string, planned: readonly TableStep[]): void {
    const { target, request, refused, steps } = this;
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
      if (legacy === null && request.mustHaveTables) throw tableMissing(step);
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
        if (entry === null && !refused.has(step)) steps.push({ step, legacy, table: step.target.table, adopted: null });
        else {
          this.adoptedElsewhere.set(placeKey(database, step.target.table), step);
          adopting.push({ step: instead, legacy, existing: entry?.targetTable ?? null, why: refused.get(step) });
        }
      }
    }
    if (adopting.length === 0) return;
    const adoption = planAdoption(this.engine, {
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
      mapped: request.plan.steps.flatMap((step) =>
        step.legacy.database === database ? (mappedTable(step, this.targetName) ?? []) : [],
      ),
    });
    this.warnings.push(...adoption.warnings);
    for (const { step, legacy, existing, why } of adopting) {
      const schema = adoption.tables.get(foldName(legacy.name));
      const name = existing ?? schema?.name ?? legacy.name;
      if (why !== undefined)
        this.warn(
          'adopted-instead',
          `${database} ${legacy.name}: ${why}. The table is adopted as ${name} instead, whole and with its own schema.`,
        );
      const isNew = existing === null && request.intent === 'write';
      if (isNew && 'columns' in legacy && !('module' in legacy)) target.execute(schema?.create ?? '');
      const created = isNew ? { indexes: schema?.indexes ?? [], triggers: schema?.triggers ?? [] } : null;
      steps.push({ step, legacy, table: name, adopted: { table: name, created } });
    }
    this.views.push(...adoption.views);
  }

  /** Tables of a legacy database that steps of other domains adopted: what refers to them follows them. */
  private adoptedBefore(database: string): readonly RequestedTable[] {
    return this.absent.flatMap(({ step: { strategy, legacy }, table }) =>
      strategy === 'adopt' && legacy.database === database && hasTable(this.target, legacy.table, legacySchema)
        ? [{ table: legacy.table, existing: table, wanted: null }]
        : [],
    );
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

/** How a table that rows were meant for is told: by the legacy database they come from, and its own name. */
export function placeKey(legacyDatabase: string, table: string): string {
  return `${legacyDatabase}\n${foldName(table)}`;
}
