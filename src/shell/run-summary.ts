/** What a run's report comes to, as plain numbers and states: the words are the commands' business. */
import type { Check, RunReport } from '../core/report/model';
import { baseName } from './format';

export interface RunSummary {
  readonly inserted: number;
  readonly alreadyPresent: number;
  readonly conflicts: number;
  readonly rejected: number;
  readonly leftBehind: number;
  /** File names of the databases that rows went into. */
  readonly targets: readonly string[];
  /** Every cell that this run migrated was compared, and was equal. False also where the comparison did not run. */
  readonly everyCellChecked: boolean;
  /** Descriptions of checks that failed: `llm_usage: cells`. */
  readonly failedChecks: readonly string[];
  /** Checks that passed; 0 means that nothing was proven, whatever did not fail. */
  readonly passedChecks: number;
}

export function summarize(report: RunReport): RunSummary {
  const total = (key: 'inserted' | 'alreadyPresent' | 'conflicts' | 'rejected' | 'leftBehind'): number =>
    report.steps.reduce((sum, step) => sum + step[key], 0);
  const moved = report.steps.filter((step) => step.inserted > 0);
  const checks = allChecks(report);
  return {
    inserted: total('inserted'),
    alreadyPresent: total('alreadyPresent'),
    conflicts: total('conflicts'),
    rejected: total('rejected'),
    leftBehind: total('leftBehind'),
    targets: [
      ...new Set(
        moved.flatMap(({ target }) =>
          target === null ? [] : [baseName('database' in target ? target.database : target.file)],
        ),
      ),
    ],
    everyCellChecked: moved.length > 0 && moved.every((step) => step.validation.cells === 'passed'),
    failedChecks: checks.filter(([, check]) => check === 'failed').map(([name]) => name),
    passedChecks: checks.filter(([, check]) => check === 'passed').length,
  };
}

function allChecks(report: RunReport): readonly (readonly [string, Check])[] {
  return [
    ...report.steps.flatMap((step) =>
      Object.entries(step.validation).map(
        ([tier, check]) => [`${step.legacy.table}: ${tier}`, check as Check] as const,
      ),
    ),
    ...report.targets.flatMap((target) =>
      (['untouchedRows', 'integrity', 'foreignKeys'] as const).map(
        (name) => [`${baseName(target.database)}: ${name}`, target[name]] as const,
      ),
    ),
    ...report.criteria.map((criterion) => [criterion.label, criterion.status] as const),
  ];
}

/** The hashes that the rehearsal saw, so that the run is refused if a file changed while the user was reading. */
export function expectedHashes(report: RunReport): Readonly<Record<string, string>> {
  return Object.fromEntries(report.databases.map(({ database, sha256 }) => [database, sha256]));
}
