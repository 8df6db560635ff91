/** What archiving and restoring answer: plain data, for the command line and for the window. */
import type { WarningReport } from '../report/model';

export interface ArchivedFile {
  /** Relative to the workspace folder, forward slashes; absolute where the data folder lies outside. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  readonly sha256: string;
}

/** A legacy database of which every row was found, cell by cell, where the plan puts it. */
export interface CompleteDatabase {
  readonly database: string;
  readonly rows: number;
  /** The main file first, then its sidecars. */
  readonly files: readonly ArchivedFile[];
}

/** A legacy database that stays where it is. */
export interface RefusedDatabase {
  readonly database: string;
  /** In words, one for each table that is not accounted for. Never empty. */
  readonly reasons: readonly string[];
}

/** What archiving would do now. */
export interface ArchivePlan {
  readonly complete: readonly CompleteDatabase[];
  readonly refused: readonly RefusedDatabase[];
  readonly warnings: readonly WarningReport[];
}

export interface ArchiveResult extends ArchivePlan {
  /** `data/archive/<date>`; null where nothing was archived. */
  readonly archive: string | null;
}

/**
 * `copying` nothing was removed yet; `withdrawn` given up before anything was removed; `removing` every copy is
 * verified and safe, the originals go; `done`; `restoring`; `restored`: the copies are still there.
 */
export type ArchiveState = 'copying' | 'withdrawn' | 'removing' | 'done' | 'restoring' | 'restored';

/** One folder below `data/archive`, newest first in lists. */
export interface ArchiveEntry {
  /** `YYYY-MM-DD`, `YYYY-MM-DD-2`, … */
  readonly name: string;
  /** When it was made, ISO 8601, UTC; null where its manifest cannot be understood. */
  readonly at: string | null;
  readonly state: ArchiveState | null;
  readonly databases: readonly { readonly database: string; readonly rows: number; readonly size: number }[];
  /** Why it cannot be restored; null where it can. */
  readonly problem: string | null;
}

export interface RestoreResult {
  readonly archive: string;
  /** Databases that were put back. */
  readonly restored: readonly string[];
  /** Databases that stood there already, equal to the byte. */
  readonly present: readonly string[];
  readonly warnings: readonly WarningReport[];
}
