/** Two databases compared: plain data, counted in SQLite. Texts of values are literals for display. */
import type { WarningReport } from '../report/model';

/** Neither equal nor different where something could not be compared and nothing else differs. */
export type ComparisonOutcome = 'equal' | 'different' | 'incomplete';

export type DifferenceKind = 'onlyLeft' | 'onlyRight' | 'different';

export interface DatabaseComparison {
  readonly format: 1;
  readonly outcome: ComparisonOutcome;
  readonly left: ComparedSide;
  readonly right: ComparedSide;
  /** What stands in the schema of one side only, or reads otherwise there, white space aside. */
  readonly objects: readonly ObjectDifference[];
  /** Tables with rows of their own that are on both sides, in the order of their names. */
  readonly tables: readonly TableComparison[];
  readonly warnings: readonly WarningReport[];
}

export interface ComparedSide {
  /** What messages call the file. */
  readonly database: string;
  /** Of the main file as it lies on disk. */
  readonly sha256: string;
  /** Bytes of the database, with what a sidecar adds. */
  readonly size: number;
  /** Which sidecar was applied. */
  readonly applied: 'wal' | 'journal' | null;
  readonly encoding: string;
  /** `PRAGMA user_version` and `PRAGMA application_id`: an application's own. */
  readonly userVersion: number;
  readonly applicationId: number;
  readonly tables: number;
}

export interface ObjectDifference {
  readonly type: 'table' | 'index' | 'trigger' | 'view';
  readonly name: string;
  /** The table that an index or trigger belongs to. */
  readonly table: string;
  readonly kind: DifferenceKind;
  readonly left: string | null;
  readonly right: string | null;
  /** Of a table on both sides. */
  readonly columns: readonly ColumnDifference[];
  /** Of a table on one side only; null where it was not counted. */
  readonly rows: number | null;
}

export interface ColumnDifference {
  readonly column: string;
  /** The declaration as SQLite understands it; null where the column is missing. */
  readonly left: string | null;
  readonly right: string | null;
}

export interface TableComparison {
  readonly table: string;
  /** The columns by which rows meet; empty where whole rows are compared as a multiset. Null where nothing was. */
  readonly key: readonly string[] | null;
  /** Columns on both sides that hold values of their own: those that are compared. */
  readonly columns: readonly string[];
  /** Columns that only one side has; their values were not compared. */
  readonly leftColumns: readonly string[];
  readonly rightColumns: readonly string[];
  readonly leftRows: number;
  readonly rightRows: number;
  readonly onlyLeft: number;
  readonly onlyRight: number;
  /** Rows that have the same key and not the same cells. */
  readonly different: number;
  readonly equal: number;
  /** Why the rows could not be compared; null where they were. */
  readonly problem: string | null;
  /** The first rows that differ, of each kind. */
  readonly shown: readonly RowDifference[];
}

export interface RowDifference {
  readonly kind: DifferenceKind;
  /** Literals of the key's columns; empty where there is no key. */
  readonly key: readonly string[];
  /** How often a row without key is there more than on the other side; 1 for rows with one. */
  readonly times: number;
  /** Of a row that differs, the cells that do; of a row on one side, all. */
  readonly cells: readonly CellDifference[];
}

export interface CellDifference {
  readonly column: string;
  /** SQL literals on one line; null where the side has no such row. */
  readonly left: string | null;
  readonly right: string | null;
}

/** Whether anything of the table differs, its schema aside. */
export function differs({ onlyLeft, onlyRight, different }: TableComparison): boolean {
  return onlyLeft + onlyRight + different > 0;
}

/** What two databases differ in, in numbers; all is zero and empty where nothing was found. */
export interface FoundDifferences {
  /** Objects of the schema. */
  readonly objects: number;
  readonly rows: number;
  /** Tables that those rows are of. */
  readonly tables: number;
  readonly header: readonly ('user_version' | 'application_id')[];
  /** Tables that could not be compared. */
  readonly unread: number;
}

export function summarise({ left, right, objects, tables }: DatabaseComparison): FoundDifferences {
  const changed = tables.filter(differs);
  return {
    objects: objects.length,
    rows: changed.reduce((sum, { onlyLeft, onlyRight, different }) => sum + onlyLeft + onlyRight + different, 0),
    tables: changed.length,
    header: [
      ...(left.userVersion === right.userVersion ? [] : (['user_version'] as const)),
      ...(left.applicationId === right.applicationId ? [] : (['application_id'] as const)),
    ],
    unread: tables.filter(({ problem }) => problem !== null).length,
  };
}
