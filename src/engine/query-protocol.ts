/** The requests of queries. The rows of a result are then read as those of a table are: see `browse-protocol.ts`. */
import type { QueryRelation, QueryResult } from '../core/query/model';
import type { BrowseDatabase } from './browse-protocol';

export interface QueryRequests {
  /**
   * Runs one statement on the present state of the file; its rows stay open for the viewer, in the place of those of
   * its statement before, until it runs another or says `browse.close`.
   */
  'query.run': {
    params: BrowseDatabase & { readonly sql: string; readonly explain: boolean };
    result: QueryResult;
  };
  /** Whether the file or a sidecar of it has changed since a result was read. */
  'query.changed': {
    params: {
      /** Absolute path of the file. */
      readonly path: string;
      /** Of the state of that result. */
      readonly version: string;
    };
    result: boolean;
  };
  /** Tables, views and their columns, for completion. */
  'query.schema': {
    params: Pick<BrowseDatabase, 'path' | 'database'>;
    result: readonly QueryRelation[];
  };
}

/**
 * For the client's table of what can be sent again. A statement that ended the engine would end the next one too; and
 * those that wait behind a runaway one are started by the engine that replaces it.
 */
export const queryReadOnly: Readonly<Record<keyof QueryRequests, boolean>> = {
  'query.run': false,
  'query.changed': true,
  'query.schema': true,
};
