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

/** The statement that was run last, and what has become of it. */
export interface Outcome {
  readonly statement: string;
  readonly database: string;
  readonly state:
    | { readonly kind: 'running' }
    | { readonly kind: 'cancelled' }
    | { readonly kind: 'failed'; readonly error: CoreErrorData }
    | { readonly kind: 'done'; readonly result: QueryResult };
}

export type ToQueryView =
  { readonly kind: 'start'; readonly start: QueryStart } | { readonly kind: 'outcome'; readonly outcome: Outcome };
