/** The requests of table viewers. All of them only read; none depends on one before it, so that any can be sent again. */
import type { DatabaseDiagram } from '../core/browse/diagram';
import type { TableDescription } from '../core/browse/describe-table';
import type {
  CellContent,
  ExportedRows,
  FindResult,
  OpenedTable,
  QueryStatus,
  RefreshResult,
  RelationKind,
  RowFormat,
  RowsPage,
  TableQuery,
} from '../core/browse/model';
import type { ColumnProfile } from '../core/browse/profile';

/** One database as one viewer looks at it. */
export interface BrowseDatabase {
  /** Absolute path of the file. */
  readonly path: string;
  /** What messages call the file. */
  readonly database: string;
  /** Who looks: the file stays open in the engine until every viewer of it has said `browse.close`. */
  readonly viewer: string;
  /** The viewer looks at the result of its last `query.run`, and not at the file. */
  readonly result?: true;
  /** The viewer's user wants it also where it may not fit the memory. */
  readonly openAnyway?: boolean;
}

export interface BrowseTable extends BrowseDatabase {
  readonly table: string;
}

export interface BrowseQuery extends BrowseTable {
  readonly query: TableQuery;
}

export interface BrowseRequests {
  'browse.tables': {
    params: BrowseDatabase;
    result: readonly { readonly name: string; readonly kind: RelationKind }[];
  };
  'browse.open': { params: BrowseTable; result: OpenedTable };
  /** Rows from a position on; waits until they are known, and gives fewer where there are no more. */
  'browse.rows': { params: BrowseQuery & { readonly from: number; readonly count: number }; result: RowsPage };
  /** Looks for rows for a while; asked again and again until it is complete. */
  'browse.status': { params: BrowseQuery; result: QueryStatus };
  /** The position of the row with a key, or of the one that stands there now; null where that is not known. */
  'browse.locate': {
    params: BrowseQuery & { readonly key: string };
    result: { readonly version: string; readonly position: number | null };
  };
  /** The first match at or behind a position, or at or before it; around the end where there is none. */
  'browse.find': {
    params: BrowseQuery & {
      readonly text: string;
      readonly columns: readonly string[];
      readonly from: number;
      readonly backwards: boolean;
    };
    result: FindResult;
  };
  /** Null where the row is gone. */
  'browse.cell': {
    params: BrowseQuery & { readonly position: number; readonly column: string };
    result: CellContent | null;
  };
  /** Rows as text, for the clipboard. */
  'browse.copy': {
    params: BrowseQuery & {
      readonly columns: readonly string[];
      readonly from: number;
      readonly to: number;
      readonly format: RowFormat;
    };
    result: string;
  };
  /** All rows of a query into a new file. */
  'browse.export': {
    params: BrowseQuery & { readonly columns: readonly string[]; readonly format: RowFormat; readonly file: string };
    result: ExportedRows;
  };
  /** Every table with its columns and references. */
  'browse.diagram': { params: BrowseDatabase; result: DatabaseDiagram };
  'browse.describe': { params: BrowseTable; result: TableDescription };
  'browse.profile': { params: BrowseTable & { readonly column: string }; result: ColumnProfile };
  /** Reads the file again if it or a sidecar has changed. */
  'browse.refresh': { params: BrowseDatabase; result: RefreshResult };
  'browse.close': { params: BrowseDatabase; result: null };
}

/** For the client's table of what can be sent again. An export writes a file: it is not. */
export const browseReadOnly: Readonly<Record<keyof BrowseRequests, boolean>> = {
  'browse.tables': true,
  'browse.open': true,
  'browse.rows': true,
  'browse.status': true,
  'browse.locate': true,
  'browse.find': true,
  'browse.cell': true,
  'browse.copy': true,
  'browse.export': false,
  'browse.diagram': true,
  'browse.describe': true,
  'browse.profile': true,
  'browse.refresh': true,
  'browse.close': true,
};
