/** What the run of a statement gives: plain data between engine, extension host and webview. */
import type { FileVersion } from '../browse/model';

/** The name by which a viewer opens the rows of a result. */
export const resultTable = 'result';

/** Rows that a result keeps. More than anybody reads, and a hundredth of the memory that a runaway join would take. */
export const mostResultRows = 100_000;

/** Bytes that the rows of a result may take: what a window can hold open several times. */
export const mostResultBytes = 256 * 1024 ** 2;

export interface QueryPlanStep {
  /** 0 for a step of the statement itself, 1 for a part of that, … */
  readonly depth: number;
  /** In SQLite's words. */
  readonly detail: string;
}

export type QueryResult = {
  /** Of the statement alone: the file was read before. */
  readonly milliseconds: number;
  readonly state: FileVersion;
} & (
  | {
      readonly kind: 'rows';
      readonly rows: number;
      /** Whether there are more rows than {@link mostResultRows}, which are not kept. */
      readonly cut: boolean;
    }
  | { readonly kind: 'plan'; readonly steps: readonly QueryPlanStep[] }
);

export interface QueryRelation {
  readonly name: string;
  readonly kind: 'table' | 'view' | 'virtual' | 'shadow';
  readonly columns: readonly { readonly name: string; readonly type: string; readonly primaryKey: boolean }[];
}
