/** What follows from a run's report: tallies, states and flows that several sections and the summary share. */
import type { Check, DatabaseState, RunReport, StepReport } from './model';

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

/** Every tier ran and passed, and nothing was measured as lost: the only ground for "nothing was lost". */
export function isProven(report: RunReport): boolean {
  const checks = tallyChecks(report);
  return checks.total > 0 && checks.passed === checks.total && report.lost.rows === 0 && report.lost.values === 0;
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

/** The domain flags of `jarvis-db migrate` that repeat this run; empty if all domains took part. */
export function domainFlags(report: RunReport): string {
  const domains = new Set(report.steps.map((step) => step.domain));
  if (domains.size === 0 || domains.size === 3) return '';
  return (['analytics', 'cache', 'core'] as const)
    .filter((domain) => domains.has(domain))
    .map((domain) => ` --${domain}`)
    .join('');
}
