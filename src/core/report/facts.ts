/** What follows from a run's report: tallies, states and flows that several sections and the summary share. */
import type { Check, DatabaseState, RunReport, StepReport } from './model';
import { quotePosix } from './shell-quote';

/** A state in words, with a symbol that is never the only carrier of the meaning. */
export const checkWords: Readonly<Record<Check, string>> = {
  passed: '✓ passed',
  failed: '✗ failed',
  notRun: '○ not run',
};

export const tiers = ['schema', 'counts', 'cells', 'rebuilt'] as const;
export const targetChecks = ['untouchedRows', 'integrity', 'foreignKeys'] as const;

export interface Tally {
  readonly passed: number;
  readonly failed: number;
  readonly notRun: number;
  readonly total: number;
}

function tally(checks: readonly Check[]): Tally {
  const of = (check: Check): number => checks.filter((c) => c === check).length;
  return { passed: of('passed'), failed: of('failed'), notRun: of('notRun'), total: checks.length };
}

/** All tiers of all steps and targets. A skipped step moves nothing: it has no tier to pass. */
export function tallyChecks(report: RunReport): Tally {
  return tally([
    ...report.steps.filter((step) => step.strategy !== 'skip').flatMap((step) => tiers.map((t) => step.validation[t])),
    ...report.targets.flatMap((target) => targetChecks.map((c) => target[c])),
  ]);
}

export function tallyCriteria(report: RunReport): Tally {
  return tally(report.criteria.map((criterion) => criterion.status));
}

export interface Totals {
  readonly rows: number;
  readonly inserted: number;
  readonly alreadyPresent: number;
  readonly conflicts: number;
  readonly rejected: number;
  readonly leftBehind: number;
}

export function totalRows(steps: readonly StepReport[]): Totals {
  const sum = (of: (step: StepReport) => number): number => steps.reduce((total, step) => total + of(step), 0);
  return {
    rows: sum((step) => step.legacy.rows),
    inserted: sum((step) => step.inserted),
    alreadyPresent: sum((step) => step.alreadyPresent),
    conflicts: sum((step) => step.conflicts),
    rejected: sum((step) => step.rejected),
    leftBehind: sum((step) => step.leftBehind),
  };
}

/** A file was, or may have been, half published: nothing may be said about "untouched" then. */
export function isInterrupted(report: RunReport): boolean {
  return report.error?.code === 'publish-failed' || report.error?.code === 'recovery-needed';
}

/** The run changed, or would change, its targets. */
export function isPublished(report: RunReport): boolean {
  return report.outcome === 'committed' && (report.mode === 'migrate' || report.mode === 'dryRun');
}

/**
 * Every tier ran and passed, nothing was measured as lost, and the plan drops no column (a later run has no values left
 * to drop): the only ground for "nothing was lost".
 */
export function isProven(report: RunReport): boolean {
  const checks = tallyChecks(report);
  const isNothingLost = report.lost.rows === 0 && report.lost.values === 0 && droppedColumns(report) === 0;
  return checks.total > 0 && checks.passed === checks.total && isNothingLost;
}

/** The run published nothing, or only looked: what its steps hold beside their counts was done in memory. */
export function isUnpublished(report: RunReport): boolean {
  return report.outcome !== 'committed' && report.outcome !== 'nothingToDo';
}

/** `was` for what happened, `would be` for a dry run, `would have been` for what was not published. */
export function auxiliary(report: RunReport, count = 1): string {
  if (report.dryRun) return 'would be';
  if (isUnpublished(report)) return 'would have been';
  return count === 1 ? 'was' : 'were';
}

/** Values that the plan itself drops, of all the values that were measured as lost. */
export function droppedValues(report: RunReport): number {
  return report.steps.reduce((sum, { residual }) => sum + residual.lost.reduce((n, { values }) => n + values, 0), 0);
}

/** Columns that the plan drops: their values are in no target, whichever run dropped them. */
export function droppedColumns(report: RunReport): number {
  return report.steps.reduce(
    (sum, { mapping }) => sum + mapping.filter((m) => m.target === null && m.transformation === 'dropped').length,
    0,
  );
}

/** Rows were refused, and the run went on with the others: collected in `rejects.db`, or to be collected by a run. */
export function collectsRejects(report: RunReport): boolean {
  return report.rejectsFile !== null || (report.dryRun && isPublished(report) && totalRows(report.steps).rejected > 0);
}

/**
 * A report of more than 20 steps is long: it gathers tables without rows into lines (a table of them all is a page of
 * zeros), draws databases instead of tables, and prints fewer samples.
 */
export function isLong(report: RunReport): boolean {
  return report.steps.length > 20;
}

/** A step that is one of many and has nothing to tell but its name: no rows, no parents, no check that failed. */
export function isGathered(report: RunReport, step: StepReport): boolean {
  return (
    isLong(report) &&
    step.legacy.rows === 0 &&
    step.inserted + step.alreadyPresent + step.conflicts + step.rejected + step.leftBehind === 0 &&
    step.residual.lostValues === 0 &&
    step.keyOffset === '0' &&
    step.parents.every(({ inserted }) => inserted === 0) &&
    tiers.every((tier) => step.validation[tier] !== 'failed')
  );
}

/** Items under one key, in the order in which the keys appear. */
export function groupBy<T>(
  items: readonly T[],
  keyOf: (item: T) => readonly (string | null)[],
): readonly (readonly T[])[] {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = JSON.stringify(keyOf(item));
    const members = groups.get(key) ?? [];
    groups.set(key, members);
    members.push(item);
  }
  return [...groups.values()];
}

/** The first items of each group, and how many of the group were left out. */
export interface Excerpt<T> {
  readonly group: readonly [T, ...T[]];
  readonly shown: readonly T[];
}

export function excerpts<T>(
  items: readonly T[],
  keyOf: (item: T) => readonly (string | null)[],
  limit: number,
): readonly Excerpt<T>[] {
  return groupBy(items, keyOf).flatMap(([first, ...rest]) =>
    first === undefined ? [] : [{ group: [first, ...rest], shown: [first, ...rest].slice(0, limit) }],
  );
}

/** How `plan/resolve.ts` describes the JSON column that takes residual columns: words, unlike other expressions. */
export const residualJson = 'residual columns as JSON under "legacy"';

/** The residual columns are kept in a JSON column of the target table itself, not in a sidecar. */
export function isKeptAsJson({ residual, mapping }: StepReport): boolean {
  return mapping.some(
    ({ target, transformation }) => target === residual.kept && transformation === `computed: ${residualJson}`,
  );
}

/** Where a step writes, as the report names it; null where it writes nowhere. */
export function targetFile(step: StepReport): string | null {
  if (step.target === null) return null;
  return 'file' in step.target ? step.target.file : step.target.database;
}

export function targetTable(step: StepReport): string | null {
  return step.target !== null && 'table' in step.target ? step.target.table : null;
}

/** The files that the run writes, each once, in the order of the steps. */
export function targetFiles(report: RunReport): readonly string[] {
  const files = report.steps.map(targetFile).filter((file) => file !== null);
  return [...new Set([...report.targets.map((target) => target.database), ...files])];
}

/** The configuration files among them. */
export function configFiles(report: RunReport): readonly string[] {
  return [...new Set(report.steps.flatMap(({ target }) => (target !== null && 'file' in target ? [target.file] : [])))];
}

/** Configuration files that this run wrote, and whether each was there before: what was there has a copy. */
export function writtenConfigFiles(report: RunReport): readonly { readonly file: string; readonly isNew: boolean }[] {
  if (report.mode !== 'migrate' || report.outcome !== 'committed') return [];
  const copied = new Set(report.backedUp.map(({ path }) => path));
  return configFiles(report)
    .filter((file) => report.steps.some((step) => step.inserted > 0 && targetFile(step) === file))
    .map((file) => ({ file, isNew: !copied.has(file) }));
}

/** One word and a symbol for what became of a step. */
export function stepStatus(report: RunReport, step: StepReport): string {
  const checks = tally(tiers.map((tier) => step.validation[tier]));
  if (step.strategy === 'skip') return '○ skipped';
  if (checks.failed > 0) return '✗ failed';
  if (report.mode === 'backupOnly') return '○ not run';
  if (report.mode === 'validate') return checks.notRun > 0 ? '○ partly checked' : '✓ valid';
  if (report.outcome !== 'committed' && report.outcome !== 'nothingToDo') {
    return step.rejected > 0 ? '✗ rejected rows' : '○ not published';
  }
  if (step.conflicts > 0) return '! conflicts';
  if (step.rejected > 0) return '! rejected rows';
  if (checks.notRun > 0) return '○ partly checked';
  if (step.inserted === 0 && step.alreadyPresent > 0) return '✓ already there';
  if (report.dryRun) return '✓ would pass';
  return step.strategy === 'config' ? '✓ written' : step.strategy === 'adopt' ? '✓ adopted' : '✓ migrated';
}

/** One arrow of the picture: rows of a legacy table and where they are after the run. */
export interface Flow {
  readonly step: StepReport;
  readonly kind: 'inserted' | 'alreadyPresent' | 'conflicts' | 'rejected' | 'leftBehind';
  readonly rows: number;
}

/**
 * The rows of a step by where they ended. Each legacy row is in one flow: a rejected row that the step also counts as
 * left behind (always so in a run that was not published) is shown as rejected. A step without rows
 * has one flow of 0 rows.
 */
export function flowsOf(report: RunReport, step: StepReport): readonly Flow[] {
  const settled = step.inserted + step.alreadyPresent + step.conflicts + step.rejected;
  const leftBehind = Math.min(step.leftBehind, Math.max(0, step.legacy.rows - settled));
  const flows: Flow[] = [
    { step, kind: 'inserted', rows: step.inserted },
    { step, kind: 'alreadyPresent', rows: step.alreadyPresent },
    { step, kind: 'conflicts', rows: step.conflicts },
    { step, kind: 'rejected', rows: step.rejected },
    { step, kind: 'leftBehind', rows: leftBehind },
  ];
  const moving = flows.filter((flow) => flow.rows > 0);
  if (moving.length > 0) return moving;
  const isThere = step.target !== null && report.outcome === 'nothingToDo' && report.mode !== 'backupOnly';
  if (isThere) return [{ step, kind: 'alreadyPresent', rows: 0 }];
  return [{ step, kind: step.target !== null && isPublished(report) ? 'inserted' : 'leftBehind', rows: 0 }];
}

export function countTableRows(database: DatabaseState, when: 'before' | 'after'): number {
  return database.tables.reduce((sum, table) => sum + (when === 'before' ? table.rows : table.rowsAfter), 0);
}

/** A path without the data folder in front, for places where room is short: `data/llm_costs.db` → `llm_costs.db`. */
export function shortPath(report: RunReport, path: string): string {
  const folder = `${report.dataFolder.replace(/\/+$/, '')}/`;
  return path.startsWith(folder) ? path.slice(folder.length) : path;
}

/** The flags of `jarvis-db migrate` that repeat this run: its domains (none for all), its plan, its place, its rejects. */
export function migrateFlags(report: RunReport): string {
  return `${domainFlags(report)}${planFlag(report)}${dataFlag(report)}${collectsRejects(report) ? ' --rejects collect' : ''}`;
}

/** The flags that tell `jarvis-db validate` to look at the same steps. */
export function validateFlags(report: RunReport): string {
  return `${domainFlags(report)}${planFlag(report)}${dataFlag(report)}`;
}

/** Where several folders may be the data folder, a command has to name the one that is meant. */
export function dataFlag({ dataFolder }: Pick<RunReport, 'dataFolder'>): string {
  return dataFolder === 'data' ? '' : ` --data ${quotePosix(dataFolder)}`;
}

function domainFlags(report: RunReport): string {
  const domains = new Set(report.steps.map((step) => step.domain));
  if (domains.size === 0 || domains.size === 3) return '';
  return (['analytics', 'cache', 'core'] as const)
    .filter((domain) => domains.has(domain))
    .map((domain) => ` --${domain}`)
    .join('');
}

/** Plans that are found without a flag: the built-in one, and the file of the usual name; `not read` is none at all. */
const foundPlans: readonly string[] = ['built in', 'jarvis.plan.json', 'not read'];

function planFlag({ plan }: RunReport): string {
  return foundPlans.includes(plan) ? '' : ` --plan ${quotePosix(plan)}`;
}
