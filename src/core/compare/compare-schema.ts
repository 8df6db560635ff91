/** The schemas of two databases: what stands on one side only, and what reads otherwise. */
import type { SqliteConnection } from '../sqlite/engine';
import { foldName, sameName } from '../sqlite/identifiers';
import { readColumns, readObjects, type ColumnSchema, type SchemaObject } from '../sqlite/schema';
import type { ColumnDifference, DifferenceKind, ObjectDifference } from './model';
import { leftSchema, rightSchema } from './compare-rows';
import { normaliseSql } from './schema-text';

/** Automatic indexes of constraints are part of their tables' SQL. In the order of the left schema, then the right. */
export function compareSchemas(connection: SqliteConnection): readonly Omit<ObjectDifference, 'rows'>[] {
  const [left, right] = [objectsOf(connection, leftSchema), objectsOf(connection, rightSchema)];
  const found: Omit<ObjectDifference, 'rows'>[] = [];
  for (const [id, object] of left) {
    const other = right.get(id);
    if (other === undefined) found.push(difference(object, 'onlyLeft', object.sql, null));
    else if (normaliseSql(object.sql) !== normaliseSql(other.sql))
      found.push({
        ...difference(object, 'different', object.sql, other.sql),
        columns: object.type === 'table' ? compareColumns(connection, object.name, other.name) : [],
      });
  }
  for (const [id, object] of right) if (!left.has(id)) found.push(difference(object, 'onlyRight', null, object.sql));
  return found;
}

type NamedObject = SchemaObject & { readonly sql: string };

function objectsOf(connection: SqliteConnection, schema: string): ReadonlyMap<string, NamedObject> {
  const objects = new Map<string, NamedObject>();
  for (const object of readObjects(connection, schema)) {
    const { type, name, sql } = object;
    if (sql !== null) objects.set(`${type} ${foldName(name)}`, { ...object, sql });
  }
  return objects;
}

function difference(
  { type, name, table }: SchemaObject,
  kind: DifferenceKind,
  left: string | null,
  right: string | null,
): Omit<ObjectDifference, 'rows'> {
  return { type, name, table, kind, left, right, columns: [] };
}

function compareColumns(connection: SqliteConnection, left: string, right: string): readonly ColumnDifference[] {
  const [ours, theirs] = [columnsOf(connection, left, leftSchema), columnsOf(connection, right, rightSchema)];
  const found: ColumnDifference[] = [];
  for (const column of ours) {
    const other = theirs.find(({ name }) => sameName(name, column.name));
    const [a, b] = [declaration(column), other === undefined ? null : declaration(other)];
    if (a !== b) found.push({ column: column.name, left: a, right: b });
  }
  for (const column of theirs)
    if (!ours.some(({ name }) => sameName(name, column.name)))
      found.push({ column: column.name, left: null, right: declaration(column) });
  return found;
}

/** None of a virtual table whose module is not known here: its SQL is all there is to compare. */
function columnsOf(connection: SqliteConnection, table: string, schema: string): readonly ColumnSchema[] {
  try {
    return readColumns(connection, table, schema);
  } catch {
    return [];
  }
}

/** `INTEGER NOT NULL DEFAULT 0 PRIMARY KEY`. */
function declaration({ type, notNull, defaultSql, primaryKey, generated }: ColumnSchema): string {
  const parts = [
    type === '' ? 'no type' : type,
    ...(notNull ? ['NOT NULL'] : []),
    ...(defaultSql === null ? [] : [`DEFAULT ${defaultSql}`]),
    ...(primaryKey === 0 ? [] : [primaryKey === 1 ? 'PRIMARY KEY' : `PRIMARY KEY (${primaryKey})`]),
    ...(generated ? ['generated'] : []),
  ];
  return parts.join(' ');
}
