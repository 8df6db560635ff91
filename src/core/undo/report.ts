/**
 * The account of a rollback, or of a restored backup: `report.json` of its run, and what the Markdown is made from.
 *
 * As in the report of a run, every number is measured, and what did not happen says so.
 */
import type { CoreErrorData } from '../errors';
import type { WarningReport } from '../report/model';

export type UndoAction = 'rollBack' | 'restore';

/** `committed` files were changed; `nothingToDo` all is as it was before the run; `refused` nothing was changed. */
export type UndoOutcome = 'committed' | 'nothingToDo' | 'refused';

/** Something of the run that was left where it is. */
export interface KeptReport {
  readonly table: string;
  /** The row's key as a SQL literal, shortened for display; null where it is not about one row. */
  readonly key: string | null;
  readonly reason: string;
}

export interface UndoneTarget {
  readonly database: string;
  /** `restored` its bytes are those of the copy; where a warning says so, its content. */
  readonly how: 'restored' | 'rowsRemoved' | 'untouched';
  /** The log or journal that came back with it, to the byte; null where none did. */
  readonly sidecar: '-wal' | '-journal' | null;
  readonly sha256Before: string;
  readonly sha256After: string;
  /** Rows taken out, by table; of restored ones none is counted. */
  readonly removed: readonly { readonly table: string; readonly rows: number }[];
  /** Tables and views that the run had made, and that are gone again. */
  readonly dropped: readonly string[];
  /** The first of them, at most as many as a report lists. */
  readonly kept: readonly KeptReport[];
  readonly keptCount: number;
}

export interface UndoneFile {
  readonly file: string;
  readonly how: 'restored' | 'removed' | 'kept' | 'untouched';
  /** Why it was kept, or left; null where it was not. */
  readonly reason: string | null;
}

export interface UndoReport {
  readonly format: 1;
  /** The run that did it; in a dry run the one that would. */
  readonly run: string;
  readonly action: UndoAction;
  /** The run that was rolled back, or whose backup was restored; null where none was found. */
  readonly rolledBack: string | null;
  readonly dryRun: boolean;
  readonly outcome: UndoOutcome;
  /** Absolute. Every other path is relative to it, with forward slashes. */
  readonly workspace: string;
  readonly dataFolder: string;
  /** Where the files are as they were before this; null where nothing was changed. */
  readonly backup: string | null;
  readonly targets: readonly UndoneTarget[];
  readonly files: readonly UndoneFile[];
  readonly warnings: readonly WarningReport[];
  readonly error: CoreErrorData | null;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly finishedAt: string;
}

/** Rows and files of the run that are still there. */
export function countKept({ targets, files }: Pick<UndoReport, 'targets' | 'files'>): number {
  return targets.reduce((sum, { keptCount }) => sum + keptCount, 0) + files.filter(({ how }) => how === 'kept').length;
}
