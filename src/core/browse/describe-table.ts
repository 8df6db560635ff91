/** The schema of one table: what stands in `sqlite_schema` about it and what refers to it. */
import type { SqliteConnection } from '../sqlite/engine';
import { quoteText, sameName } from '../sqlite/identifiers';
import { readColumns, readForeignKeys, readObjectsOf } from '../sqlite/schema';

export interface TableDescription {
  readonly columns: readonly {
    readonly name: string;
    readonly type: string;
    readonly notNull: boolean;
    readonly primaryKey: number;
    readonly generated: boolean;
    readonly defaultValue: string | null;
  }[];
  readonly indexes: readonly {
    readonly name: string;
    readonly unique: boolean;
    readonly partial: boolean;
    /** Column names; an expression is shown as such. */
    readonly columns: readonly string[];
    /** Null for the automatic indexes of constraints. */
    readonly sql: string | null;
  }[];
  readonly triggers: readonly { readonly name: string; readonly sql: string }[];
  /** Foreign keys of this table. */
  readonly references: readonly Reference[];
  /** Foreign keys of other tables that refer to this one. */
  readonly referencedBy: readonly Reference[];
  readonly sql: string | null;
}

export interface Reference {
  readonly table: string;
  /** Column here and column there; the parent's is null where it is its primary key. */
  readonly columns: readonly { readonly child: string; readonly parent: string | null }[];
}

/** The schema is named throughout: SQLite looks for a name among the copies of a viewer, in `temp`, first. */
export function describeTable(connection: SqliteConnection, table: string): TableDescription {
  const objects = readObjectsOf(connection, table);
  return {
    columns: readColumns(connection, table).map(({ name, type, notNull, primaryKey, generated, defaultSql }) => ({
      name,
      type,
      notNull,
      primaryKey,
      generated,
      defaultValue: defaultSql,
    })),
    indexes: connection
      .all(`SELECT name, "unique" AS u, partial AS p FROM pragma_index_list(?, 'main') ORDER BY seq`, [table])
      .map((row) => {
        const name = String(row['name']);
        return {
          name,
          unique: row['u'] === 1,
          partial: row['p'] === 1,
          columns: connection
            .all(`SELECT name FROM pragma_index_info(${quoteText(name)}, 'main') ORDER BY seqno`)
            .map((column) => (column['name'] === null ? '(expression)' : String(column['name']))),
          sql: objects.find((object) => object.type === 'index' && object.name === name)?.sql ?? null,
        };
      }),
    triggers: objects.flatMap(({ type, name, sql }) => (type === 'trigger' && sql !== null ? [{ name, sql }] : [])),
    references: readForeignKeys(connection, table).map(({ parent, columns }) => ({ table: parent, columns })),
    referencedBy: referencesTo(connection, table),
    sql: objects.find(({ type, name }) => (type === 'table' || type === 'view') && sameName(name, table))?.sql ?? null,
  };
}

function referencesTo(connection: SqliteConnection, table: string): readonly Reference[] {
  const children = connection
    .all(
      `SELECT DISTINCT m.name FROM main.sqlite_schema AS m JOIN pragma_foreign_key_list(m.name, 'main') AS f` +
        ` WHERE m.type = 'table' AND f."table" = ? COLLATE NOCASE ORDER BY m.name`,
      [table],
    )
    .map(({ name }) => String(name));
  return children.flatMap((child) =>
    readForeignKeys(connection, child)
      .filter(({ parent }) => sameName(parent, table))
      .map(({ columns }) => ({ table: child, columns })),
  );
}
