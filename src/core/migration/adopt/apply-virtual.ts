/** An adopt step for a virtual table: its shadow tables move as they are, and its row of the schema table with them. */
import type { AdoptStep } from '../../plan/schema';
import type { StepReport, WarningReport } from '../../report/model';
import type { SqliteConnection } from '../../sqlite/engine';
import { quoteIdentifier as q } from '../../sqlite/identifiers';
import { readObjects, readTable } from '../../sqlite/schema';
import { countVirtualRows, type VirtualTable } from '../../sqlite/virtual-table';
import type { StepContext } from '../step/step-context';
import { subjectOf } from '../step/key-history';
import { readLedgerEntry, writeHistory } from '../ledger/ledger';
import { notRun } from '../step/validate-step';
import { warning } from '../warnings';
import { adoptVirtual, countUnfound, isComplete, refreshVirtual, sameVirtual, type VirtualPlace } from './move-virtual';

export interface AppliedVirtual {
  /** Tells it from a step of ordinary rows. */
  readonly module: string;
  readonly plan: AdoptStep;
  readonly place: VirtualPlace;
  readonly legacyRows: number;
  readonly inserted: number;
  readonly alreadyPresent: number;
  readonly conflicts: number;
  readonly leftBehind: number;
  /** Its tables in the target hold what the legacy ones hold. */
  readonly isCurrent: boolean;
  readonly changed: boolean;
  /** Shadow tables that were there and have other rows now. */
  readonly replaced: readonly string[];
  readonly warnings: readonly WarningReport[];
}

/** The table that a full-text index finds the rows of. */
export interface AppliedContent {
  /** Its name in the target. */
  readonly table: string;
  /** This run has inserted rows into it. */
  readonly grew: boolean;
}

export function applyVirtual(
  context: StepContext,
  plan: AdoptStep,
  virtual: VirtualTable,
  name: string,
  content: AppliedContent | null,
): AppliedVirtual {
  const { target } = context;
  const place: VirtualPlace = { virtual, name, contentName: content?.table ?? null };
  const rows = countVirtualRows(target, virtual, 'legacy') ?? 0;
  const subject = subjectOf(plan, virtual.name);
  const entry = readLedgerEntry(target, subject);
  const stands = readObjects(target).some((object) => object.type === 'table' && object.name === name);
  const base = {
    module: virtual.module,
    plan,
    place,
    legacyRows: rows,
    inserted: 0,
    alreadyPresent: 0,
    conflicts: 0,
    leftBehind: 0,
    isCurrent: false,
    changed: false,
    replaced: [],
    warnings: [],
  };
  const label = `${plan.legacy.database} ${virtual.name}`;
  if (entry === null) {
    if (!context.write) return { ...base, leftBehind: rows };
    target.execute('SAVEPOINT virtual');
    adoptVirtual(target, place);
    const missing = countMissingContent(target, place);
    const adopted = {
      ...base,
      inserted: rows - missing,
      leftBehind: missing,
      isCurrent: true,
      changed: true,
      warnings: tellMissing(label, place, missing),
    };
    enterLedger(context, plan, adopted);
    target.execute('RELEASE virtual');
    return adopted;
  }
  if (!stands) {
    const gone = `${label}: ${name}, adopted by an earlier run, is gone from ${plan.target.database}: left alone.`;
    return { ...base, conflicts: rows, warnings: [warning('adopted-table-gone', gone)] };
  }
  if (!context.write) {
    const same = sameVirtual(target, place);
    const missing = same || isComplete(target, place) ? countMissingContent(target, place) : rows;
    return { ...base, alreadyPresent: rows - missing, leftBehind: missing, isCurrent: same };
  }
  target.execute('SAVEPOINT virtual');
  const unfound = countUnfound(target, place);
  const state = refreshVirtual(target, place, content?.grew === true);
  const missing = countMissingContent(target, place);
  const warnings = tellMissing(label, place, missing);
  if (state === 'replaced') {
    const inserted = Math.min(unfound ?? Math.max(0, rows - missing - entry.inserted), rows - missing);
    const refreshed = {
      ...base,
      inserted,
      alreadyPresent: rows - missing - inserted,
      leftBehind: missing,
      warnings,
      isCurrent: true,
      changed: true,
      replaced: virtual.shadows.map((shadow) => name + shadow.slice(virtual.name.length)),
    };
    enterLedger(context, plan, refreshed);
    target.execute('RELEASE virtual');
    return refreshed;
  }
  target.execute('RELEASE virtual');
  const present = { ...base, alreadyPresent: rows - missing, leftBehind: missing };
  if (state === 'same') return { ...present, isCurrent: true, warnings };
  if (state === 'complete') return present;
  const stale = staleIndex(label, place, 'it was left as it is, and the legacy one differs from it');
  const conflicts = Math.min(unfound ?? rows, rows - missing);
  return { ...present, alreadyPresent: rows - missing - conflicts, conflicts, warnings: [stale] };
}

function tellMissing(label: string, place: VirtualPlace, missing: number): readonly WarningReport[] {
  return missing === 0 ? [] : [staleIndex(label, place, `${missing} of the rows that it finds are not there`)];
}

function staleIndex(label: string, { name }: VirtualPlace, why: string): WarningReport {
  return warning(
    'index-stale',
    `${label}: the full-text index ${name} is not up to date in the target: ${why}. Bring it up to date there with: INSERT INTO ${q(name)}(${q(name)}) VALUES ('rebuild');`,
  );
}

/** Rows of the legacy content table that did not come along: they were rejected. */
function countMissingContent(target: SqliteConnection, { virtual, contentName }: VirtualPlace): number {
  const { content } = virtual;
  if (content === null || contentName === null) return 0;
  if (readTable(target, content, 'legacy') === null || readTable(target, contentName) === null) return 0;
  const key = q(virtual.contentRowid);
  return target.count(
    `SELECT count(*) FROM legacy.${q(content)} AS x WHERE NOT EXISTS (SELECT 1 FROM main.${q(contentName)} AS t WHERE t.${key} = x.${key})`,
  );
}

function enterLedger(context: StepContext, plan: AdoptStep, applied: AppliedVirtual): void {
  writeHistory(context.target, {
    run: context.run,
    finishedAt: context.at,
    domain: plan.domain,
    strategy: plan.strategy,
    legacy: subjectOf(plan, applied.place.virtual.name),
    legacySha256: context.legacySha256,
    targetTable: applied.place.name,
    sidecarTable: null,
    keyColumns: [],
    keyOffset: '0',
    inserted: applied.legacyRows - applied.leftBehind,
    alreadyPresent: applied.alreadyPresent,
    conflicts: 0,
    tool: context.tool,
  });
}

/** @param connection the image that is to be published, with the legacy database attached */
export function proveVirtual(connection: SqliteConnection, step: AppliedVirtual): StepReport {
  const { plan, place, legacyRows } = step;
  const check = !step.isCurrent ? 'notRun' : sameVirtual(connection, place) ? 'passed' : 'failed';
  return {
    domain: plan.domain,
    strategy: plan.strategy,
    legacy: { database: plan.legacy.database, table: place.virtual.name, rows: legacyRows },
    target: { database: plan.target.database, table: place.name },
    inserted: step.inserted,
    alreadyPresent: step.alreadyPresent,
    conflicts: step.conflicts,
    rejected: 0,
    leftBehind: step.leftBehind,
    residual: { columns: [], kept: null, lostValues: 0, lost: [] },
    keyOffset: '0',
    parents: [],
    reason: null,
    validation: step.isCurrent ? { schema: check, counts: check, cells: check, rebuilt: check } : notRun,
    mapping: place.virtual.columns.map((column) => ({ legacy: column, target: column, transformation: 'unchanged' })),
    sample: null,
  };
}
