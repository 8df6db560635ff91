/** What a run's report comes to, as plain numbers and states: the words are the commands' business. */
import type { Check, RunReport } from '../core/report/model';
import type { RunParams, RunResult } from '../engine/protocol';
import { baseName } from './format';

export interface RunSummary {
  readonly inserted: number;
  readonly alreadyPresent: number;
  readonly conflicts: number;
  readonly rejected: number;
  readonly leftBehind: number;
  /** Values that are in no target and no sidecar afterwards. */
  readonly lostValues: number;
  /** Steps whose integer keys were taken: all keys of each get one offset. */
  /** Offsets in decimal digits, as the report has them. */
  readonly shifted: readonly { readonly table: string; readonly offset: string }[];
  /** Rows that targets demanded before those of the steps. */
  readonly parentRows: number;
  /** Paths of the configuration files that are written. */
  readonly configurationFiles: readonly string[];
  /** Where the rows go: one entry for each target file, databases in the order of the steps, then configuration files. */
  readonly destinations: readonly { readonly file: string; readonly tables: number; readonly rows: number }[];
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
  const destinations = new Map<string, { file: string; tables: number; rows: number }>();
  for (const { target, inserted } of moved) {
    if (target === null) continue;
    const file = 'database' in target ? target.database : target.file;
    const { tables, rows } = destinations.get(file) ?? { tables: 0, rows: 0 };
    destinations.set(file, { file, tables: tables + 1, rows: rows + inserted });
  }
  const configurationFiles = [
    ...new Set(moved.flatMap(({ target }) => (target !== null && 'file' in target ? [target.file] : []))),
  ];
  const isConfiguration = ({ file }: { readonly file: string }): boolean => configurationFiles.includes(file);
  const all = [...destinations.values()];
  const ordered = [...all.filter((destination) => !isConfiguration(destination)), ...all.filter(isConfiguration)];
  return {
    inserted: total('inserted'),
    alreadyPresent: total('alreadyPresent'),
    conflicts: total('conflicts'),
    rejected: total('rejected'),
    leftBehind: total('leftBehind'),
    lostValues: report.steps.reduce((sum, { residual }) => sum + residual.lostValues, 0),
    shifted: report.steps
      .filter(({ keyOffset }) => keyOffset !== '0')
      .map(({ legacy, keyOffset }) => ({ table: legacy.table, offset: keyOffset })),
    parentRows: report.steps.reduce(
      (sum, { parents }) => sum + parents.reduce((rows, { inserted }) => rows + inserted, 0),
      0,
    ),
    configurationFiles,
    destinations: ordered,
    targets: ordered.map(({ file }) => baseName(file)),
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

/** What the rehearsal saw, so that the run is refused if a file, its sidecar or the plan changed while the user was reading. */
export function confirmedBy({
  report,
  planFingerprint,
}: Pick<RunResult, 'report' | 'planFingerprint'>): NonNullable<RunParams['expected']> {
  const databases = Object.fromEntries(report.databases.map(({ database, fingerprint }) => [database, fingerprint]));
  return { databases, plan: planFingerprint };
}
