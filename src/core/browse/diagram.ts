/** The tables of a database and how they refer to one another: what a diagram is drawn from. */
import type { SqliteConnection } from '../sqlite/engine';
import { foldName, quoteText } from '../sqlite/identifiers';
import { primaryKeyOf, readColumns, readForeignKeys } from '../sqlite/schema';

export interface DatabaseDiagram {
  /** In the order of their names. */
  readonly tables: readonly DiagramTable[];
}

export interface DiagramTable {
  readonly name: string;
  readonly virtual: boolean;
  /** Empty where they cannot be read: the module of a virtual table may be unknown here. */
  readonly columns: readonly DiagramColumn[];
  readonly references: readonly DiagramReference[];
}

export interface DiagramColumn {
  readonly name: string;
  /** The declared type as written; empty where there is none. */
  readonly type: string;
  readonly notNull: boolean;
  /** Part of the primary key. */
  readonly primary: boolean;
}

export interface DiagramReference {
  /** The parent as the schema names it where it is there; as the child spells it where it is missing. */
  readonly table: string;
  readonly missing: boolean;
  /** Column here and column there. */
  readonly columns: readonly { readonly child: string; readonly parent: string }[];
}

/** SQLite's own tables and those that keep what is in a virtual one are left out. */
export function readDiagram(connection: SqliteConnection): DatabaseDiagram {
  const listed = connection
    .all(
      `SELECT name, type FROM pragma_table_list WHERE schema = ${quoteText('main')} AND type IN ('table', 'virtual')` +
        ` AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name COLLATE NOCASE`,
    )
    .map(({ name, type }) => ({ name: String(name), virtual: type === 'virtual' }));
  const keys = new Map<string, { readonly name: string; readonly key: readonly string[] }>();
  const tables = listed.map(({ name, virtual }) => {
    const columns = columnsOf(connection, name);
    const key = primaryKeyOf({ name, columns, withoutRowid: false, strict: false, rowidAlias: null, rowidName: null });
    keys.set(foldName(name), { name, key });
    return {
      name,
      virtual,
      columns: columns.map((column) => ({
        name: column.name,
        type: column.type,
        notNull: column.notNull,
        primary: column.primaryKey > 0,
      })),
    };
  });
  return {
    tables: tables.map((table) => ({
      ...table,
      references: (table.virtual ? [] : readForeignKeys(connection, table.name)).map(({ parent, columns }) => {
        const there = keys.get(foldName(parent));
        return {
          table: there?.name ?? parent,
          missing: there === undefined,
          columns: columns.map(({ child, parent: column }, index) => ({
            child,
            parent: column ?? there?.key[index] ?? '',
          })),
        };
      }),
    })),
  };
}

function columnsOf(connection: SqliteConnection, table: string): ReturnType<typeof readColumns> {
  try {
    return readColumns(connection, table);
  } catch {
    return [];
  }
}
