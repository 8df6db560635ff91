/** Everything that passes between the extension host and the webview of a table: plain data, types only. */
import type { FileVersion, TableQuery } from '../../core/browse/model';
import type { CoreErrorData } from '../../core/errors';
import type { BrowseDatabase, BrowseRequests } from '../../engine/browse-protocol';
import type { Words } from './words';

/** What the webview may ask the engine; the host adds which file it is about. */
export type ViewRequestName = Exclude<
  keyof BrowseRequests,
  'browse.copy' | 'browse.export' | 'browse.diagram' | 'browse.refresh' | 'browse.close'
>;

export type ViewParams<N extends keyof BrowseRequests> = Omit<BrowseRequests[N]['params'], keyof BrowseDatabase>;

/** What the host does itself. */
export interface HostRequests {
  /** Puts rows on the clipboard. */
  copyRows: { params: ViewParams<'browse.copy'>; result: null };
  copyText: { params: { readonly text: string }; result: null };
  /** Asks for a format and a file, and writes all rows of the query. */
  exportRows: {
    params: { readonly table: string; readonly query: TableQuery; readonly columns: readonly string[] };
    result: null;
  };
  /** Opens another table of the database, or this one again, with a filter. */
  openTable: { params: { readonly table: string; readonly query: TableQuery | null }; result: null };
  /** Shows a legacy row, by its rowid, beside its consolidated row. */
  compareRow: { params: { readonly table: string; readonly key: string }; result: null };
  /** Shows how the tables of the database refer to one another. */
  showDiagram: { params: null; result: null };
  /** Opens a new query on the table that is shown, for the rows that are shown of it. */
  newQuery: { params: { readonly query: TableQuery }; result: null };
  /** Gives up whatever the view waits for. */
  stop: { params: null; result: null };
  /** Runs the statement of a result once more. */
  runAgain: { params: null; result: null };
}

export type ViewRequests = HostRequests & {
  [N in ViewRequestName]: { params: ViewParams<N>; result: BrowseRequests[N]['result'] };
};

/** Whoever asks the extension host. */
export interface ViewAsker {
  ask<N extends keyof ViewRequests>(name: N, params: ViewRequests[N]['params']): Promise<ViewRequests[N]['result']>;
}

export type FromView =
  | { readonly kind: 'ready' }
  | { readonly kind: 'request'; readonly id: number; readonly name: keyof ViewRequests; readonly params: unknown };

export interface Start {
  readonly words: Words;
  /** The language of numbers and dates. */
  readonly language: string;
  /** The file as messages name it. */
  readonly database: string;
  /** The table to show; null to begin with the list of tables. */
  readonly table: string | null;
  /** Whether the list of tables is part of the view. */
  readonly lists: boolean;
  /** Filters and sort keys to begin with, where the user asked for them; they replace what was remembered. */
  readonly query: TableQuery | null;
  /** What `setState` is to remember, so that the host finds the table again after a reload. */
  readonly identity: Readonly<Record<string, string>>;
}

export type ToView =
  | { readonly kind: 'start'; readonly start: Start }
  | { readonly kind: 'reply'; readonly id: number; readonly ok: true; readonly value: unknown }
  | { readonly kind: 'reply'; readonly id: number; readonly ok: false; readonly error: CoreErrorData }
  /** Rows have consolidated rows to be compared with. */
  | { readonly kind: 'comparable' }
  | { readonly kind: 'query'; readonly query: TableQuery }
  | { readonly kind: 'changed'; readonly state: FileVersion; readonly problem: CoreErrorData | null };
