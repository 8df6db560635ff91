/** What the host tells the view of a result; what the view asks is what the view of a table asks. */
import type { CoreErrorData } from '../../core/errors';
import type { QueryResult } from '../../core/query/model';
import type { Words } from '../table/words';
import type { QueryWords } from './words';

export interface QueryStart {
  readonly words: Words;
  readonly queryWords: QueryWords;
  /** The language of numbers and dates. */
  readonly language: string;
}

/** A statement and where it was run: its view remembers that, and the host finds the result again after a reload. */
export interface RememberedRun {
  /** The URI of the SQL document. */
  readonly document: string;
  /** The URI of the database file. */
  readonly file: string;
  /** What messages call it. */
  readonly database: string;
  readonly sql: string;
  readonly explain: boolean;
  /** What it gave; null where that were no rows. */
  readonly gave: {
    readonly rows: number;
    readonly cut: boolean;
    readonly milliseconds: number;
    /** When it was run, in milliseconds since the epoch. */
    readonly at: number;
  } | null;
}

/** The statement that was run last, and what has become of it. */
export interface Outcome {
  readonly run: RememberedRun;
  /** The name of the database for people. */
  readonly database: string;
  readonly state:
    /** It was run before the window was reloaded, and has not been since. */
    | { readonly kind: 'restored' }
    | { readonly kind: 'running' }
    | { readonly kind: 'cancelled' }
    | { readonly kind: 'failed'; readonly error: CoreErrorData }
    | { readonly kind: 'done'; readonly result: QueryResult };
}

export type ToQueryView =
  | { readonly kind: 'start'; readonly start: QueryStart }
  | { readonly kind: 'outcome'; readonly outcome: Outcome }
  /** The database is no longer what the statement was run on. */
  | { readonly kind: 'changed' };
