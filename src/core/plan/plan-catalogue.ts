/** The real schemas that a plan is compared with. */
import type { SqliteConnection } from '../sqlite/engine';
import { foldName } from '../sqlite/identifiers';
import {
  readColumns,
  readForeignKeys,
  readTable,
  readUniqueKeys,
  type ForeignKey,
  type TableSchema,
} from '../sqlite/schema';
import { shadowTables } from '../sqlite/virtual-table';

export interface PlanTable extends TableSchema {
  readonly kind: 'table' | 'virtual' | 'shadow' | 'view';
  readonly foreignKeys: readonly ForeignKey[];
  /** Each set of columns that is unique over all rows. */
  readonly uniqueKeys: readonly (readonly string[])[];
}

export type PlanDatabase =
  | { readonly state: 'missing' }
  /** It is there, and nothing can be said about what it holds. */
  | { readonly state: 'unreadable'; readonly reason: string }
  | {
      readonly state: 'read';
      readonly tables: readonly PlanTable[];
      /** Which file it really is: two names with one identity are one file. Null where nobody asked. */
      readonly identity: string | null;
    };

export interface PlanCatalogue {
  /** Relative to the workspace folder, or absolute. */
  readonly dataFolder: string;
  /** By the path in the plan; one that is not among them counts as missing. */
  readonly databases: ReadonlyMap<string, PlanDatabase>;
  /** A new, empty database to compile in; the caller closes it. */
  readonly openScratch: () => SqliteConnection;
}

/** Every table of a database but SQLite's own. A table that cannot be described has no columns; the others stay. */
export function readPlanTables(connection: SqliteConnection): readonly PlanTable[] {
  const listed = connection
    .all(
      `SELECT name, type FROM pragma_table_list WHERE schema = 'main' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name`,
    )
    .map((row) => ({ name: String(row['name']), kind: row['type'] as PlanTable['kind'] }));
  const shadows = shadowTables(connection);
  return listed.map(({ name, kind }) =>
    describe(connection, name, kind === 'table' && shadows.has(foldName(name)) ? 'shadow' : kind),
  );
}

const byName = new WeakMap<readonly PlanTable[], ReadonlyMap<string, PlanTable>>();

/** Thousands of steps look into lists of thousands of tables: a list is indexed once. */
export function findTable(tables: readonly PlanTable[], name: string): PlanTable | null {
  let index = byName.get(tables);
  if (index === undefined) {
    index = new Map(tables.map((table) => [foldName(table.name), table]));
    byName.set(tables, index);
  }
  return index.get(foldName(name)) ?? null;
}

function describe(connection: SqliteConnection, name: string, kind: PlanTable['kind']): PlanTable {
  const plain = { name, kind, withoutRowid: false, strict: false, rowidAlias: null, rowidName: null };
  const unknown = { foreignKeys: [], uniqueKeys: [] };
  try {
    const table = kind === 'table' ? readTable(connection, name) : null;
    if (table === null) return { ...plain, ...unknown, columns: readColumns(connection, name) };
    return {
      ...table,
      kind,
      foreignKeys: readForeignKeys(connection, name),
      uniqueKeys: readUniqueKeys(connection, table),
    };
  } catch {
    // A view over a table that is gone, a virtual table of a module that is not here.
    return { ...plain, ...unknown, columns: [] };
  }
}
