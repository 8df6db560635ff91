/**
 * The messages between the extension host (or any caller) and the engine, in one map.
 *
 * Callers see {@link Engine} and cannot tell whether it runs in a child process or, one day, in a worker. A mutation is
 * never replayed after the engine died: what happened on disk is read from the run's manifest instead.
 */
import type { ArchiveEntry, ArchivePlan, ArchiveResult, RestoreResult } from '../core/archive/model';
import type { DatabaseDescription, DataFolderResult, Inventory } from '../core/catalogue/model';
import type { TableStatus } from '../core/catalogue/table-status';
import type { DatabaseComparison } from '../core/compare/model';
import type { CoreErrorData } from '../core/errors';
import type { Confirmed } from '../core/migration/confirmed';
import type { RowComparison } from '../core/migration/compare-row';
import type { PlanProblem } from '../core/plan/parse-plan';
import type { ColumnSchema } from '../core/sqlite/schema';
import type { BackupList } from '../core/undo/backup-list';
import type { ReportStanding } from '../core/undo/report-standing';
import type { FinishedUndo } from '../core/undo/undo';
import type { BrowseRequests } from './browse-protocol';
import type { QueryRequests } from './query-protocol';
import type { Domain, RunMode, RunPhase, RunReport } from '../core/report/model';

export type { RunPhase };

/** Where to look: plain paths, resolved by the engine. */
export interface Place {
  /** Absolute path of the workspace folder. */
  readonly workspace: string;
  /** The data folder, absolute or relative to the workspace folder. */
  readonly dataFolder: string;
}

export interface RunParams extends Place {
  readonly mode: RunMode;
  readonly domains: readonly Domain[];
  /** The user confirmed that the application is stopped, for systems where that cannot be seen. */
  readonly applicationStopped: boolean;
  /** Databases above the cap for loading are loaded too, up to a higher one. */
  readonly openAnyway?: boolean;
  /** Why there is no data folder to work in; the run is then refused with it, and accounted for like any other. */
  readonly refusal?: CoreErrorData;
  /** What the confirmed dry run saw; the run is refused where anything differs. */
  readonly expected?: Confirmed;
  /** The plan file, absolute or relative to the workspace folder; null or left out: `jarvis.plan.json`, else built in. */
  readonly planFile?: string | null;
  /** Where the built-in plan puts `rate_configs`. Default: `file`. */
  readonly rateLimits?: 'file' | 'database';
  /** What becomes of rows that a target refuses, whatever the plan says; left out, the plan decides. */
  readonly rejects?: 'fail' | 'collect';
}

export interface RunResult {
  readonly report: RunReport;
  /** The Markdown report's text: of a run that wrote none, the only copy. */
  readonly markdown: string;
  /** Absolute path of the Markdown report on disk; null where the run wrote none. */
  readonly reportPath: string | null;
  /** Of the plan that was in force, for {@link Confirmed}; null where the run ended before it was read. */
  readonly planFingerprint: string | null;
}

/** Place, plan file and rate limits as for a run: the plan says which legacy databases there are. */
export type ArchiveParams = Place & Pick<RunParams, 'planFile' | 'rateLimits' | 'openAnyway'>;

export interface UndoParams extends Place {
  readonly dryRun: boolean;
  readonly applicationStopped: boolean;
  /** As for a run. */
  readonly openAnyway?: boolean;
  /** SHA-256 of each file as the confirmed dry run saw it; refused if one differs. */
  readonly expected?: Readonly<Record<string, string>>;
}

export interface PlanDescription {
  readonly tables: readonly {
    readonly name: string;
    readonly columns: readonly Pick<ColumnSchema, 'name' | 'type' | 'notNull' | 'primaryKey' | 'generated'>[];
  }[];
}

/** A database file that is compared, wherever it lies. */
export interface ComparedFile {
  /** Absolute path. */
  readonly path: string;
  /** What messages call the file. */
  readonly database: string;
}

/** Everything the engine can be asked, by name. */
export interface EngineRequests extends BrowseRequests, QueryRequests {
  'catalogue.findDataFolder': {
    params: { readonly workspace: string; readonly setting: string | null };
    result: DataFolderResult;
  };
  'catalogue.inventory': { params: Place; result: Inventory };
  'catalogue.describe': { params: Place & { readonly database: string }; result: DatabaseDescription };
  /** Rows of one table or view, counted when somebody looks. */
  'catalogue.countRows': { params: Place & { readonly database: string; readonly table: string }; result: number };
  /** What has become of each legacy table so far; null where looking would read too much to do it unasked. */
  'catalogue.status': {
    params: Place & Pick<RunParams, 'planFile' | 'rateLimits'>;
    result: readonly TableStatus[] | null;
  };
  /** What is wrong with the text of a plan file, by shape and by the schemas of the databases that it names. */
  'plan.check': {
    params: Place & { readonly text: string };
    result: { readonly problems: readonly PlanProblem[] };
  };
  /** The plan in force as a plan file, and where it is from; null for the built-in one. */
  'plan.print': {
    params: Place & { readonly planFile: string | null; readonly rateLimits: 'file' | 'database' };
    result: { readonly text: string; readonly source: string | null };
  };
  /** Tables and columns of a database that a plan names, for completion. */
  'plan.describe': { params: Place & { readonly database: string }; result: PlanDescription };
  /** What differs between two databases, and the same as a Markdown report. */
  'compare.databases': {
    params: { readonly left: ComparedFile; readonly right: ComparedFile; readonly openAnyway?: boolean };
    result: { readonly comparison: DatabaseComparison; readonly markdown: string };
  };
  /** One legacy row beside its consolidated row. */
  'compare.row': {
    params: Place &
      Pick<RunParams, 'planFile' | 'rateLimits' | 'openAnyway'> & {
        /** As the plan names it, or an absolute path. */
        readonly database: string;
        readonly table: string;
        /** The rowid, in decimal digits. */
        readonly key: string;
      };
    result: RowComparison;
  };
  'migration.run': { params: RunParams; result: RunResult };
  /** Which legacy databases may be archived, and why others may not. Changes nothing. */
  'archive.plan': { params: ArchiveParams; result: ArchivePlan };
  'archive.run': {
    params: ArchiveParams & {
      readonly applicationStopped: boolean;
      /** SHA-256 of the main file of each database that was confirmed; the request is refused if one differs. */
      readonly expected?: Readonly<Record<string, string>>;
    };
    result: ArchiveResult;
  };
  /** Newest first. */
  'archive.list': { params: Place; result: readonly ArchiveEntry[] };
  'archive.restore': {
    /** The archive's name; null for the newest that is complete. */
    params: Place & { readonly archive: string | null };
    result: RestoreResult;
  };
  /** Takes a run back: restores what it left untouched, takes its rows out of what changed since. */
  'undo.rollBack': { params: UndoParams & { readonly run: string | null }; result: FinishedUndo };
  'backups.list': { params: Place & { readonly verify: boolean }; result: BackupList };
  'backups.restore': {
    params: UndoParams & { readonly run: string; readonly file: string | null };
    result: FinishedUndo;
  };
  /** The newest report below the data folder's backups; null where there is none. */
  'report.latest': { params: Place; result: { readonly run: string; readonly path: string } | null };
  /** What can still be done with the report of a run; null where the backups know no such run. */
  'report.standing': { params: Place & { readonly run: string }; result: ReportStanding | null };
}

export interface ProgressEvent {
  readonly phase: RunPhase;
  /** What is being done now, for people. */
  readonly message: string;
}

export interface EngineEvents {
  progress(event: ProgressEvent): void;
  /** A line for the log; the run id is part of it. */
  log(level: 'debug' | 'info' | 'warn' | 'error', line: string): void;
}

export type RequestName = keyof EngineRequests;

export interface RequestOptions {
  readonly onProgress?: (event: ProgressEvent) => void;
  /** Ends the engine; the request rejects with a `CoreError` of code `cancelled`. Ignored from `publish` on. */
  readonly signal?: AbortSignal;
}

/** The engine as callers see it. */
export interface Engine {
  request<N extends RequestName>(
    name: N,
    params: EngineRequests[N]['params'],
    options?: RequestOptions,
  ): Promise<EngineRequests[N]['result']>;
}

/** What a request comes back as on the wire: errors keep their code, path and hint. */
export type Reply<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: CoreErrorData };
