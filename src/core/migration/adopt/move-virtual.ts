/**
 * Virtual tables moving without their module: their shadow tables move like any rows, inside SQLite; the schema row is
 * written as text. An SQLite that has the module finds a table that it cannot tell from one it made itself.
 */
import { CoreError } from '../../errors';
import { allOf, sameCells } from '../../sqlite/cells';
import type { SqliteConnection } from '../../sqlite/engine';
import { quoteIdentifier as q, quoteText, sameName } from '../../sqlite/identifiers';
import { countRows, hasTable, readColumns } from '../../sqlite/schema';
import { readStatement } from '../../sql-tokens';
import {
  enterVirtual,
  isMovable,
  readVirtualTable,
  reloadSchema,
  virtualSql,
  type VirtualTable,
} from '../../sqlite/virtual-table';
import { legacySchema } from '../step/step-sql';

/** A legacy virtual table and where it stands in the target. */
export interface VirtualPlace {
  /** As read from the legacy database. */
  readonly virtual: VirtualTable;
  readonly name: string;
  /** The content table's name in the target; null where there is none. */
  readonly contentName: string | null;
}

/**
 * Makes the virtual table in `main` with all that the legacy one holds. The connection may be inside a transaction.
 *
 * @throws CoreError `plan-invalid` where the module is not one that we can move
 */
export function adoptVirtual(target: SqliteConnection, place: VirtualPlace): void {
  const { virtual, name } = place;
  if (!isMovable(virtual)) {
    throw new CoreError(
      'plan-invalid',
      `${virtual.name} is a virtual table of the module ${virtual.module}, which cannot be moved without that module.`,
      { hint: 'Use the strategy skip for it, and let the application make it anew in the target.' },
    );
  }
  // The row of the schema table first, then the shadow tables: the order in which the module itself makes them.
  enterVirtual(target, name, virtualSql(virtual, name, place.contentName));
  for (const { from, to } of shadowPairs(place)) {
    target.execute(renameTableSql(shadowSql(target, from), from, to));
    copyShadow(target, from, to);
  }
  reloadSchema(target);
}

/**
 * Brings an adopted virtual table up to date with the legacy one, where that is this run's own doing: an index over a
 * content table that the run has brought rows into. Whatever else differs was written by somebody else.
 *
 * @param grew whether the run has inserted rows into the content table
 * @returns `complete` where the target's index differs and has every row of its content table: it is left as it is, for
 *   it finds what is there; `stale` where it was left as it is and does not, or nobody can tell
 */
export function refreshVirtual(
  target: SqliteConnection,
  place: VirtualPlace,
  grew: boolean,
): 'same' | 'complete' | 'replaced' | 'stale' {
  if (sameShadows(target, place, 'main')) return 'same';
  const pairs = shadowPairs(place);
  if (pairs.some(({ to }) => !hasTable(target, to))) return 'stale';
  if (isComplete(target, place)) return 'complete';
  if (!grew || !isLegacyContent(target, place)) return 'stale';
  for (const { from, to } of pairs) {
    target.execute(`DELETE FROM main.${q(to)}`);
    copyShadow(target, from, to);
  }
  return 'replaced';
}

/**
 * Whether the index in `main` has the rows of its content table and no others, as its list of their sizes says.
 *
 * @returns false also where it keeps no such list
 */
export function isComplete(target: SqliteConnection, place: VirtualPlace): boolean {
  return (
    countApart(target, place, (listed, content) => `${content} EXCEPT ${listed}`) === 0 &&
    countApart(target, place, (listed, content) => `${listed} EXCEPT ${content}`) === 0
  );
}

/** Rows of the content table in `main` that the index does not find; null where nobody can tell. */
export function countUnfound(target: SqliteConnection, place: VirtualPlace): number | null {
  return countApart(target, place, (listed, content) => `${content} EXCEPT ${listed}`);
}

function countApart(
  target: SqliteConnection,
  { virtual, name, contentName }: VirtualPlace,
  rowsApart: (listed: string, content: string) => string,
): number | null {
  const content = contentName ?? virtual.content;
  const sizes = `${name}_docsize`;
  if (virtual.content === null || content === null || !hasTable(target, sizes) || !hasTable(target, content))
    return null;
  const listed = `SELECT rowid FROM main.${q(sizes)}`;
  const there = `SELECT ${q(virtual.contentRowid)} FROM main.${q(content)}`;
  try {
    return target.count(`SELECT count(*) FROM (${rowsApart(listed, there)})`);
  } catch (error) {
    // Another content table than the one that the index was made for.
    if (error instanceof CoreError && error.code === 'sql-failed') return null;
    throw error;
  }
}

/**
 * The proof: the table stands in the schema, and every shadow table holds the legacy one's rows and no others.
 *
 * @param connection the image, with the legacy database attached as `legacy`
 */
export function sameVirtual(connection: SqliteConnection, place: VirtualPlace, schema = 'main'): boolean {
  const stands = connection.count(
    `SELECT count(*) FROM ${q(schema)}.sqlite_schema WHERE type = 'table' AND rootpage = 0 AND name = ? AND tbl_name = ? AND sql = ?`,
    [place.name, place.name, virtualSql(place.virtual, place.name, place.contentName)],
  );
  return stands === 1 && sameShadows(connection, place, schema);
}

function shadowPairs({ virtual, name }: VirtualPlace): readonly { readonly from: string; readonly to: string }[] {
  return virtual.shadows.map((from) => ({
    from,
    to: name === virtual.name ? from : name + from.slice(virtual.name.length),
  }));
}

function shadowSql(connection: SqliteConnection, shadow: string): string {
  const [row] = connection.all(`SELECT sql FROM ${legacySchema}.sqlite_schema WHERE type = 'table' AND name = ?`, [
    shadow,
  ]);
  return String(row?.['sql']);
}

/** SQLite keeps the statement as `CREATE TABLE name…`, whatever was typed before the name. */
function renameTableSql(sql: string, from: string, to: string): string {
  const name = readStatement(sql)[2];
  return from === to || name === undefined ? sql : sql.slice(0, name.start) + quoteText(to) + sql.slice(name.end);
}

interface Shadow {
  readonly columns: readonly string[];
  /** What tells its rows apart: a name of the rowid, or the primary key. */
  readonly key: readonly string[];
}

/** Shadow tables are of few shapes: an INTEGER PRIMARY KEY, a hidden rowid, or WITHOUT ROWID. */
function describeShadow(connection: SqliteConnection, shadow: string, schema: string): Shadow {
  const columns = readColumns(connection, shadow, schema);
  const [listed] = connection.all('SELECT wr FROM pragma_table_list(?) WHERE schema = ?', [shadow, schema]);
  const names = columns.map(({ name }) => name);
  const keyed = columns.filter(({ primaryKey }) => primaryKey > 0);
  if (listed?.['wr'] === 1) return { columns: names, key: keyed.map(({ name }) => name) };
  const [alias] = keyed.length === 1 && keyed[0]?.type.toUpperCase() === 'INTEGER' ? keyed : [];
  return alias === undefined ? { columns: ['rowid', ...names], key: ['rowid'] } : { columns: names, key: [alias.name] };
}

function copyShadow(target: SqliteConnection, from: string, to: string): void {
  const { columns, key } = describeShadow(target, from, legacySchema);
  const list = columns.map(q).join(', ');
  const order = key.map(q).join(', ');
  target.execute(
    `INSERT INTO main.${q(to)} (${list}) SELECT ${list} FROM ${legacySchema}.${q(from)} ORDER BY ${order}`,
  );
}

function sameShadows(connection: SqliteConnection, place: VirtualPlace, schema: string): boolean {
  const now = readVirtualTable(connection, place.name, schema);
  if (now?.shadows.length !== place.virtual.shadows.length) return false;
  return shadowPairs(place).every(({ from, to }) => {
    const { columns, key } = describeShadow(connection, from, legacySchema);
    if (!hasTable(connection, to, schema)) return false;
    const there = describeShadow(connection, to, schema);
    if (
      there.columns.length !== columns.length ||
      !columns.every((name, at) => sameName(name, there.columns[at] ?? ''))
    )
      return false;
    return sameRows(connection, [legacySchema, from], [schema, to], columns, key);
  });
}

type Relation = readonly [schema: string, table: string];

/** Equal in number, and each row of one has its equal in the other: by a key, that is both directions. */
function sameRows(
  connection: SqliteConnection,
  a: Relation,
  b: Relation,
  columns: readonly string[],
  key: readonly string[],
  keyThere = key,
): boolean {
  if (countRows(connection, a[1], a[0]) !== countRows(connection, b[1], b[0])) return false;
  return hasRows(connection, a, b, columns, key, keyThere);
}

/** Whether every row of `a` is in `b`, cell by cell. */
function hasRows(
  connection: SqliteConnection,
  a: Relation,
  b: Relation,
  columns: readonly string[],
  key: readonly string[],
  keyThere = key,
): boolean {
  const meets = allOf(key.map((column, at) => `b.${q(keyThere[at] ?? column)} = a.${q(column)}`));
  const equal = sameCells(columns.map((column) => [`a.${q(column)}`, `b.${q(column)}`] as const));
  return (
    connection.count(
      `SELECT count(*) FROM ${q(a[0])}.${q(a[1])} AS a WHERE NOT EXISTS` +
        ` (SELECT 1 FROM ${q(b[0])}.${q(b[1])} AS b WHERE ${meets} AND ${equal})`,
    ) === 0
  );
}

/**
 * Whether the content table in `main` holds rows of the legacy one only, as far as they are indexed: rows of it that were
 * rejected are found by the legacy index, and lead nowhere.
 */
function isLegacyContent(target: SqliteConnection, { virtual, contentName }: VirtualPlace): boolean {
  if (virtual.content === null) return false;
  const indexed = virtual.columns.filter((column) => !virtual.unindexed.some((name) => sameName(name, column)));
  try {
    return hasRows(
      target,
      ['main', contentName ?? virtual.content],
      [legacySchema, virtual.content],
      [virtual.contentRowid, ...indexed],
      [virtual.contentRowid],
    );
  } catch (error) {
    // A column or a table that is not there (any more) is a difference.
    if (error instanceof CoreError && error.code === 'sql-failed') return false;
    throw error;
  }
}
