/** What a step is given. */
import type { TableStep } from '../../plan/schema';
import type { SqliteConnection } from '../../sqlite/engine';
import type { ForeseenKeys } from '../target/circles';
import type { RowStates } from './row-states';
import type { StepPlace, StepSql } from './step-sql';

/** A step of the same target, and the table that it fills. */
export interface Sibling {
  readonly step: TableStep;
  readonly table: string;
  /** Its rows went into another table: whatever stands in this one, no row of it is meant. */
  readonly isElsewhere?: boolean;
}

/** Hears of every table step that is looked at, while its rows are told apart. */
export interface RowInspector {
  readonly database: string;
  readonly table: string;
  /** @param place null where the target table is not there */
  look(connection: SqliteConnection, sql: StepSql, rows: RowStates, place: StepPlace | null, table: string): void;
}

export interface StepContext {
  /** The working copy of the target, with the legacy database attached as `legacy`. */
  readonly target: SqliteConnection;
  /** An empty database in which expressions can be compiled. */
  readonly openScratch: () => SqliteConnection;
  readonly legacySha256: string;
  readonly run: string;
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly tool: string;
  /** False to look only: nothing is inserted, missing rows count as left behind. */
  readonly write: boolean;
  /** The other steps of this target: whose keys references follow. */
  readonly siblings: readonly Sibling[];
  /** Tables (folded names) that later steps fill. */
  readonly notYet: ReadonlySet<string>;
  /** What became of their keys the last time; null the first time: what refers to them is judged at the end. */
  readonly foreseen: ForeseenKeys | null;
  readonly inspector: RowInspector | null;
  /** Rows may be taken for ordinary by some of them: the proof would show that they are not. */
  readonly mayAssume: boolean;
}
