/** What a viewer asks of a table and what it gets: plain data between engine, extension host and webview. */
import type { CoreErrorData } from '../errors';

export type StorageClass = 'null' | 'integer' | 'real' | 'text' | 'blob';

/** One cell for display. The value itself stays in SQLite. */
export interface Cell {
  readonly type: StorageClass;
  /**
   * Integers with all their digits, REAL as SQLite prints it, the beginning of a text, the beginning of a BLOB in
   * hexadecimal; empty for NULL. Bytes of a text that are no valid text show as U+FFFD.
   */
  readonly text: string;
  /** Bytes of a text or BLOB in all, where `text` shows only its beginning. */
  readonly size?: number;
}

/** Bytes of a text that a row carries; the rest comes when the cell is opened. */
export const displayedTextBytes = 400;
/** Bytes of a BLOB that a row carries. */
export const displayedBytes = 24;

export interface RowData {
  /** The rowid as text, where the table has one: what finds the row again after the file has changed. */
  readonly key: string | null;
  readonly cells: readonly Cell[];
}

export type RelationKind = 'table' | 'view' | 'virtual' | 'shadow';

export interface BrowseColumn {
  readonly name: string;
  /** The declared type as written; empty where there is none. */
  readonly type: string;
  readonly notNull: boolean;
  /** Position in the primary key from 1; 0 where the column is not part of it. */
  readonly primaryKey: number;
  readonly generated: boolean;
  /** Whether the declared type is one of numbers: those are set to the right. */
  readonly numeric: boolean;
  /** The parent table and column of a foreign key on this column alone; null where there is none. */
  readonly references: { readonly table: string; readonly column: string | null } | null;
  /** Why the values of this column cannot be read, in words; null where they can. */
  readonly problem: string | null;
}

export interface OpenedTable {
  readonly table: string;
  readonly kind: RelationKind;
  readonly columns: readonly BrowseColumn[];
  /** Whether rows have a key that outlives a change of the file. */
  readonly keyed: boolean;
  /** Rows at most, where a view or virtual table is read only so far; null where all are read. */
  readonly limit: number | null;
  readonly state: FileVersion;
}

export interface ExportedRows {
  readonly rows: number;
  /** Rows of a view or virtual table that were looked at, where it may have more; null where all were. */
  readonly limit: number | null;
}

/** Which state of the file is shown. */
export interface FileVersion {
  /** Changes with every change of the file or its sidecars. */
  readonly version: string;
  /** When what is shown was last written, in milliseconds since the epoch: by the main file, and by the -wal file where frames of it are shown. */
  readonly modified: number;
  /** Frames of the -wal file that are part of what is shown and not of the main file yet; null where it is not known. */
  readonly frames: number | null;
}

export interface SortKey {
  readonly column: string;
  readonly descending: boolean;
}

export type FilterOperator =
  | 'contains'
  | 'notContains'
  | 'startsWith'
  | 'equals'
  | 'notEquals'
  | 'less'
  | 'lessOrEqual'
  | 'greater'
  | 'greaterOrEqual'
  | 'isNull'
  | 'isNotNull'
  | 'matches';

export interface ColumnFilter {
  readonly column: string;
  readonly operator: FilterOperator;
  /** Not looked at by `isNull` and `isNotNull`. */
  readonly value: string;
}

/** Which rows, in which order. Without sort keys, the order of the table's own key. */
export interface TableQuery {
  readonly sort: readonly SortKey[];
  readonly filters: readonly ColumnFilter[];
}

export interface RowsPage {
  readonly version: string;
  /** Position of the first row, from 0. */
  readonly from: number;
  readonly rows: readonly RowData[];
}

/** How far the rows of a query are known. */
export interface QueryStatus {
  readonly version: string;
  /** Rows found so far. */
  readonly rows: number;
  /** False while rows are still being looked for. */
  readonly complete: boolean;
  /** Rows that there are without a filter; null while that is not known. */
  readonly total: number | null;
}

export interface FindResult {
  readonly version: string;
  /** Position of the match; null where there is none. */
  readonly position: number | null;
  /** Which match it is, from 1. */
  readonly ordinal: number;
  /** Matching rows found so far. */
  readonly matches: number;
  readonly complete: boolean;
}

/** A cell opened by itself. */
export interface CellContent {
  readonly type: StorageClass;
  /** Bytes of a text or BLOB; 0 for the others. */
  readonly size: number;
  /** The value as text; of a text, at most {@link openedBytes} of its bytes. Empty for a BLOB. */
  readonly text: string;
  /** A BLOB's first bytes in hexadecimal, at most {@link openedBlobBytes}. */
  readonly hex: string;
  /** Whether there is more than is shown. */
  readonly cut: boolean;
  /** Whether a text is valid in the database's encoding. */
  readonly valid: boolean;
  /** A BLOB that is an image a window can show. */
  readonly image: { readonly type: string; readonly base64: string } | null;
}

/** Bytes of one text that are shown at most when its cell is opened. */
export const openedBytes = 1024 ** 2;
/** Bytes of one BLOB that are shown in hexadecimal at most. */
export const openedBlobBytes = 16 * 1024;
/** Bytes up to which a BLOB that is an image is shown as one. */
export const imageBytes = 4 * 1024 ** 2;

export type RowFormat = 'text' | 'csv' | 'json' | 'jsonLines' | 'markdown' | 'sql';

export interface RefreshResult {
  readonly state: FileVersion;
  /** Why the present state of the file cannot be read, while the earlier one still can; null where it can. */
  readonly problem: CoreErrorData | null;
}
