/**
 * The account of one run: what `report.json` holds, and all that the Markdown report and the log are made from.
 *
 * Everything here is plain, readonly and measured in the run itself. No check defaults to `passed`: a {@link Check}
 * starts as `notRun` and is overwritten by the tier that ran.
 */
import type { CoreErrorData } from '../errors';

export type Domain = 'core' | 'analytics' | 'cache';
export type Strategy = 'map' | 'adopt' | 'config' | 'skip';
export type Check = 'passed' | 'failed' | 'notRun';
export type RunMode = 'migrate' | 'dryRun' | 'backupOnly' | 'validate';

/**
 * How a run ended. In a dry run it is what the run would have ended with.
 *
 * `committed` targets were published; `rolledBack` a check failed, nothing was published; `refused` nothing was
 * touched; `cancelled` stopped by the user before publication; `nothingToDo` every row was there already.
 */
export type Outcome = 'committed' | 'rolledBack' | 'refused' | 'cancelled' | 'nothingToDo';

/** The phases of a run, in order. From `publish` on, a run can no longer be cancelled. */
export type RunPhase = 'read' | 'apply' | 'validate' | 'backup' | 'publish' | 'report';

export interface StepValidation {
  /** The target table has the columns, indexes and triggers it must have. */
  readonly schema: Check;
  /** Each legacy row is accounted for exactly once, and the target grew by what was inserted. */
  readonly counts: Check;
  /** Every cell of every migrated row has the value and storage class that the plan computes. */
  readonly cells: Check;
  /** The legacy rows rebuilt from target and sidecar equal the legacy rows. */
  readonly rebuilt: Check;
}

/** One line of the schema mapping: a legacy column, a target column, or both. */
export interface ColumnMapping {
  /** Null where the target column has no legacy column behind it. */
  readonly legacy: string | null;
  /** Null where the legacy column has no home in the target table. */
  readonly target: string | null;
  /** What happens, in words: `unchanged`, `renamed`, `computed: …`, `constant: …`, `kept in legacy_…`. */
  readonly transformation: string;
}

/** A row shown in the report: column names and their values as SQL literals (`quote()`), shortened for display. */
export interface SampleRow {
  readonly columns: readonly string[];
  readonly values: readonly string[];
}

export interface StepReport {
  readonly domain: Domain;
  readonly strategy: Strategy;
  readonly legacy: { readonly database: string; readonly table: string; readonly rows: number };
  readonly target: { readonly database: string; readonly table: string } | { readonly file: string } | null;
  /** Rows published by this run; 0 whenever the run published nothing. */
  readonly inserted: number;
  /** Rows that earlier runs (or the predecessor) left in the target, equal in every cell. */
  readonly alreadyPresent: number;
  /** Rows changed on either side since they were migrated: left alone. */
  readonly conflicts: number;
  /** Rows that the target's constraints refuse. */
  readonly rejected: number;
  /** Rows that are in no target after the run: skipped, or part of a run that was not published. */
  readonly leftBehind: number;
  readonly residual: {
    /** Legacy columns without a home in the target table, in the legacy table's order. */
    readonly columns: readonly string[];
    /** The sidecar table, or the JSON column, that keeps them; null where there are none or nothing was written. */
    readonly kept: string | null;
    /** Values that are nowhere after the run: those of dropped columns (NULLs do not count). */
    readonly lostValues: number;
    /** The same by column, for columns that lost any. */
    readonly lost: readonly { readonly column: string; readonly values: number }[];
  };
  /**
   * Added to every integer key of the rows that this run inserted, in decimal digits: it may be more than a number of
   * JavaScript holds exactly. `0` where they kept theirs.
   */
  readonly keyOffset: string;
  /** Rows that the plan declares as demanded by the target, and that this run added before the step's own. */
  readonly parents: readonly { readonly table: string; readonly inserted: number }[];
  /** Why nothing moves; null but for strategy `skip`. */
  readonly reason: string | null;
  readonly validation: StepValidation;
  readonly mapping: readonly ColumnMapping[];
  /** A legacy row beside the row it became; null where the step has no row to show. */
  readonly sample: { readonly legacy: SampleRow; readonly target: SampleRow } | null;
}

/** A legacy row that the constraints of its target refuse. */
export interface RejectReport {
  readonly database: string;
  readonly table: string;
  /** Null for a table without rowids. A string: rowids go beyond what a number of JavaScript holds. */
  readonly rowid: string | null;
  /** The row's key in the target as a SQL literal, shortened for display. */
  readonly key: string;
  readonly reason: string;
}

/** A cell that a tier found other than it must be. */
export interface MismatchReport {
  readonly database: string;
  readonly table: string;
  /** `cells` or `rebuilt`: the tier that found it; `conflict` for a row that changed on one side since its migration. */
  readonly tier: 'cells' | 'rebuilt' | 'conflict';
  /** As SQL literals, shortened for display. */
  readonly key: string;
  readonly column: string;
  readonly legacy: string;
  readonly consolidated: string;
}

export interface TargetReport {
  readonly database: string;
  /** Bytes. */
  readonly sizeBefore: number;
  /** Bytes; what it would be in a dry run. */
  readonly sizeAfter: number;
  readonly sha256Before: string;
  readonly sha256After: string;
  /** Rows and schema objects that stood in the target before stand there unchanged. */
  readonly untouchedRows: Check;
  readonly integrity: Check;
  readonly foreignKeys: Check;
  /**
   * The rows of the run were taken out of the image again, in memory, and left every table as it was; not run where the
   * image is large, and where nothing is to be published.
   */
  readonly undone: Check;
}

export interface CriterionReport {
  readonly label: string;
  readonly expected: string;
  /** Null where it was not measured. */
  readonly actual: number | string | null;
  readonly status: Check;
  /** A required criterion that fails stops the run; any other is a warning. */
  readonly required: boolean;
}

export interface WarningReport {
  readonly code: string;
  readonly message: string;
}

/** A table as it stood when the run read it; `rowsAfter` equals `rows` where the run left it alone. */
export interface TableState {
  readonly name: string;
  readonly rows: number;
  readonly rowsAfter: number;
}

export interface DatabaseState {
  readonly database: string;
  readonly role: 'legacy' | 'consolidated';
  /** Bytes. */
  readonly size: number;
  readonly sizeAfter: number;
  /** Of the main file as it lies on disk. */
  readonly sha256: string;
  /** SHA-256 over main file and sidecars: equal to `sha256` where no sidecar has content. */
  readonly fingerprint: string;
  /** In the order of their names. Tables that the run created have `rows` 0 and `created` true. */
  readonly tables: readonly (TableState & { readonly created: boolean })[];
}

export interface RunReport {
  readonly format: 1;
  readonly run: string;
  readonly mode: RunMode;
  readonly dryRun: boolean;
  readonly outcome: Outcome;
  /** Absolute path of the workspace folder. Every other path is relative to it, with forward slashes. */
  readonly workspace: string;
  readonly dataFolder: string;
  /** `data/backups/<run>`; null where the run wrote none. */
  readonly backup: string | null;
  readonly steps: readonly StepReport[];
  readonly targets: readonly TargetReport[];
  readonly criteria: readonly CriterionReport[];
  readonly lost: { readonly rows: number; readonly values: number };
  readonly warnings: readonly WarningReport[];
  /** The first rejected rows, at most {@link listedRows}; each step counts all of its own. */
  readonly rejects: readonly RejectReport[];
  /** `rejects.db` with every rejected row; null where none was collected. */
  readonly rejectsFile: string | null;
  /** The first cells that differ, at most {@link listedRows} for each step. */
  readonly mismatches: readonly MismatchReport[];
  /** The plan file, or `built in`. */
  readonly plan: string;
  readonly error: CoreErrorData | null;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly finishedAt: string;
  /** Every database that the run read, as it stood before. */
  readonly databases: readonly DatabaseState[];
  /** Files that the backup holds and whose copies were verified by hash. */
  readonly backedUp: readonly { readonly path: string; readonly size: number; readonly sha256: string }[];
  /** Time spent in each phase, in milliseconds, in the order in which they ran. */
  readonly phases: readonly { readonly name: string; readonly milliseconds: number }[];
  readonly versions: { readonly extension: string; readonly sqlite: string };
}

/** Rows that a report lists before it says how many more there are. */
export const listedRows = 1000;

/** The validation report's file names inside `data/backups/<run>/`. */
export const reportFiles = {
  markdown: 'MIGRATION-REPORT.md',
  json: 'report.json',
  log: 'migration_report.txt',
  manifest: 'manifest.json',
  rejects: 'rejects.db',
  /** What the run was asked, so that its result can be computed once more. */
  request: 'request.json',
  /** Of a run that undid another, or restored a backup. */
  undo: 'ROLLBACK-REPORT.md',
} as const;
