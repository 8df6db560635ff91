/** What the catalogue says about data folders, databases and their tables: plain data for the tree, the CLI and the run. */
import type { CoreErrorData } from '../errors';
import type { Domain } from '../report/model';

/** `legacy` and `consolidated` by the plan; a database that the plan does not name is `other`. */
export type DatabaseRole = 'legacy' | 'consolidated' | 'other';

/**
 * What a look at the file's first bytes and its neighbours says, without loading it.
 *
 * `ready` can be opened; every other state carries the words for people in {@link DatabaseEntry.problem}.
 */
export type FileState = 'ready' | 'missing' | 'empty' | 'notSqlite' | 'damaged' | 'tooLarge' | 'unreadable';

export interface DatabaseEntry {
  /** Relative to the workspace folder, forward slashes: the name used in plans, reports and messages. */
  readonly database: string;
  readonly role: DatabaseRole;
  /** The domain whose steps read (legacy) or write (consolidated) it; null where the plan does not name it. */
  readonly domain: Domain | null;
  readonly state: FileState;
  /** Why the state is not `ready`; null where it is. */
  readonly problem: CoreErrorData | null;
  /** Bytes of the main file. */
  readonly size: number;
  /** Milliseconds since the epoch: the last write to the main file or to a sidecar. */
  readonly modified: number;
  /** Bytes of the `-wal` file; 0 where there is none. */
  readonly walSize: number;
  /** The sidecar with content, which is applied where the database is read: it is not in the main file yet. */
  readonly applies: 'wal' | 'journal' | null;
  /** Frames of that `-wal` file which are not in the main file yet, at most: as many as it has room for. */
  readonly frames: number;
}

export interface Inventory {
  /** Absolute path. */
  readonly workspace: string;
  /** Relative to the workspace folder (or absolute where it lies outside). */
  readonly dataFolder: string;
  /** Consolidated first, then legacy, then others; each by name. Missing ones are listed only if consolidated. */
  readonly databases: readonly DatabaseEntry[];
}

export interface ColumnInfo {
  readonly name: string;
  /** The declared type as written; empty where there is none. */
  readonly type: string;
  readonly notNull: boolean;
  /** Position in the primary key from 1; 0 where the column is not part of it. */
  readonly primaryKey: number;
  readonly generated: boolean;
  /** SQL text of the DEFAULT; null where there is none. */
  readonly defaultValue: string | null;
  /** Tables that foreign keys on this column refer to, as `table(column)`. */
  readonly references: readonly string[];
}

export interface TableInfo {
  readonly name: string;
  readonly kind: 'table' | 'view' | 'virtual' | 'shadow';
  /** Null where counting failed or was not asked for (a view counts only on demand). */
  readonly rows: number | null;
  readonly columns: readonly ColumnInfo[];
  readonly indexes: readonly string[];
  /** Why this table cannot be read, in words; null where it can. It never hides the others. */
  readonly problem: string | null;
}

export interface DatabaseDescription {
  readonly database: string;
  readonly tables: readonly TableInfo[];
}

/** A folder that may be the data folder, with the known databases that it holds. */
export interface DataFolderCandidate {
  /** Relative to the workspace folder, forward slashes; `.` for the workspace folder itself. */
  readonly folder: string;
  readonly databases: readonly string[];
}

export type DataFolderResult =
  | { readonly kind: 'found'; readonly dataFolder: string; readonly by: 'setting' | 'default' | 'search' }
  | { readonly kind: 'ambiguous'; readonly candidates: readonly DataFolderCandidate[] }
  | { readonly kind: 'none'; readonly problem: CoreErrorData };
