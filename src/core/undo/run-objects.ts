/** Tables, views and full-text indexes that a run made: they go where nothing but the run's own is in them. */
import { sameCells } from '../sqlite/cells';
import { foldName, quoteIdentifier as q, quoteText, sameName } from '../sqlite/identifiers';
import type { SqliteConnection } from '../sqlite/engine';
import { countRows, hasTable, readObjects, readTable, type SchemaObject, type TableSchema } from '../sqlite/schema';
import { historyTable, isLedgerTable, type LedgerEntry } from '../migration/ledger/ledger';
import { mentions } from '../sql-tokens';
import { readVirtualTable, reloadSchema, type VirtualTable } from '../sqlite/virtual-table';
import { meets, rowKey, sameRows, sqlOf } from './compare-tables';
import { readReferences } from './read-references';
import type { KeptReport } from './report';
import { renamedReason, renamedTo } from './renamed';
import type { LedgerLine } from './run-rows';
import { states } from './states';

const { before, after } = states;

/** Full-text indexes (and other virtual tables) that the run's ledger names, as the run left them. */
export function virtualTablesOf(connection: SqliteConnection, lines: readonly LedgerLine[]): readonly VirtualTable[] {
  return lines.flatMap(({ table }) => readVirtualTable(connection, table, after) ?? []);
}

/**
 * Takes a virtual table away where the run made it, or puts its content back where the run replaced it. Its shadow
 * tables are one whole: unless each is as the run left it, all of them stay.
 *
 * @returns why it stays as it is; null where it was undone, or is gone already
 */
export function undoVirtual(connection: SqliteConnection, { name, shadows }: VirtualTable): string | null {
  if (sqlOf(connection, 'table', name, 'main') === null) return null;
  const tables = shadows.map((shadow) => readTable(connection, shadow, after));
  const isAsLeft = (table: TableSchema | null): table is TableSchema =>
    table !== null &&
    sqlOf(connection, 'table', table.name, 'main') === sqlOf(connection, 'table', table.name, after) &&
    sameRows(connection, table, 'main', after);
  if (sqlOf(connection, 'table', name, 'main') !== sqlOf(connection, 'table', name, after) || !tables.every(isAsLeft))
    return 'the full-text index changed since the run';
  if (sqlOf(connection, 'table', name, before) !== null) {
    for (const shadow of tables) {
      const columns = [...(rowKey(connection, shadow, [before])[0] === 'rowid' ? ['rowid'] : [])];
      const list = [...columns, ...shadow.columns.map((column) => column.name)].map(q).join(', ');
      connection.execute(
        `DELETE FROM main.${q(shadow.name)}; INSERT INTO main.${q(shadow.name)} (${list}) SELECT ${list} FROM ${before}.${q(shadow.name)}`,
      );
    }
    return null;
  }
  connection.execute('PRAGMA writable_schema = ON');
  try {
    connection.execute(
      `DELETE FROM main.sqlite_schema WHERE type = 'table' AND coalesce(rootpage, 0) = 0 AND name = ${quoteText(name)}`,
    );
  } finally {
    connection.execute('PRAGMA writable_schema = OFF');
  }
  reloadSchema(connection);
  for (const shadow of tables) connection.execute(`DROP TABLE main.${q(shadow.name)}`);
  return null;
}

export interface DroppedObjects {
  readonly dropped: readonly string[];
  readonly kept: readonly KeptReport[];
}

/**
 * Drops the tables that the run made and that are empty now, and its views where all of those tables went.
 *
 * @param otherLines what other runs entered in the ledger: a table of theirs stays, or they would miss it
 */
export function dropMadeObjects(
  connection: SqliteConnection,
  otherLines: readonly Pick<LedgerEntry, 'targetTable' | 'sidecarTable'>[],
  skip: ReadonlySet<string>,
): DroppedObjects {
  const old = new Set(readObjects(connection, before).map(keyOf));
  const made = readObjects(connection, after).filter((object) => !old.has(keyOf(object)));
  const now = readObjects(connection);
  const madeTables = made.filter(
    ({ type, name }) =>
      type === 'table' && !isLedgerTable(name) && !skip.has(foldName(name)) && hasTable(connection, name),
  );
  const madeViews = made.filter(
    ({ type, name, sql }) => type === 'view' && sqlOf(connection, 'view', name, 'main') === sql,
  );
  const madeKeys = new Set(made.map(keyOf));
  const others = now.filter((object) => !madeKeys.has(keyOf(object)));
  const dropped: string[] = [];
  const kept: KeptReport[] = [];
  for (const { type, name } of made) {
    if (type !== 'table' || isLedgerTable(name) || skip.has(foldName(name)) || hasTable(connection, name)) continue;
    const names = renamedTo(connection, name);
    if (names.length > 0) kept.push({ table: name, key: null, reason: renamedReason(names) });
  }
  const references = readReferences(connection);

  const isOthers = (name: string): boolean =>
    otherLines.some(
      ({ targetTable, sidecarTable }) =>
        sameName(targetTable, name) || (sidecarTable !== null && sameName(sidecarTable, name)),
    );
  const whyStays = ({ name, sql }: SchemaObject): string | null => {
    if (sqlOf(connection, 'table', name, 'main') !== sql) return 'it has another schema than the run left it';
    const added = others.find(
      (object) => object.type !== 'table' && object.type !== 'view' && sameName(object.table, name),
    );
    if (added !== undefined) return `the ${added.type} ${added.name} was added to it since`;
    const user = others.find(
      (object) => (object.type === 'view' || object.type === 'trigger') && mentions(object.sql ?? '', name),
    );
    if (user !== undefined) return `the ${user.type} ${user.name} uses it`;
    const child = references.find(
      (reference) =>
        sameName(reference.parent, name) && !madeTables.some((table) => sameName(table.name, reference.child)),
    );
    return child === undefined ? null : `${child.child} refers to it`;
  };
  // What holds rows that stay is theirs now, and stays without a word: the rows themselves are what is told.
  const empty = madeTables.filter(({ name }) => countRows(connection, name) === 0 && !isOthers(name));
  const fates = empty.map((table) => ({ table, stays: whyStays(table) }));
  const isAllGoing = empty.length === madeTables.length && fates.every(({ stays }) => stays === null);
  if (isAllGoing) {
    for (const { name } of madeViews) {
      connection.execute(`DROP VIEW main.${q(name)}`);
      dropped.push(name);
    }
  } else {
    kept.push(
      ...madeViews.map(({ name }) => ({ table: name, key: null, reason: 'tables that it was made with stay' })),
    );
  }
  for (const { table, stays } of fates) {
    const isUsed = !isAllGoing && madeViews.some(({ sql }) => mentions(sql ?? '', table.name));
    const reason = stays ?? (isUsed ? 'a view that stays uses it' : null);
    if (reason === null) {
      connection.execute(`DROP TABLE main.${q(table.name)}`);
      dropped.push(table.name);
    } else kept.push({ table: table.name, key: null, reason });
  }
  return { dropped, kept };
}

function keyOf({ type, name }: SchemaObject): string {
  return `${type} ${foldName(name)}`;
}

/**
 * Takes away the columns that the run added to a sidecar that was there before, where only its own values are in them.
 *
 * Its older columns and rows stay as they are.
 */
export function narrowSidecar(
  connection: SqliteConnection,
  name: string,
): 'asItWas' | 'narrowed' | { readonly stays: string } {
  const was = readTable(connection, name, before);
  const left = readTable(connection, name, after);
  if (was === null || left === null || readTable(connection, name) === null) return 'asItWas';
  const added = left.columns
    .map((column) => column.name)
    .filter((column) => !was.columns.some((other) => sameName(other.name, column)));
  if (added.length === 0) return 'asItWas';
  const stays = { stays: `the columns that the run added to it stay: ${added.join(', ')}` };
  const key = rowKey(connection, was, [before, after, 'main']);
  const isAsLeft = sqlOf(connection, 'table', name, 'main') === sqlOf(connection, 'table', name, after);
  if (!isAsLeft || key.length === 0) return stays;
  const isOwn = sameCells(added.map((column) => [`c.${q(column)}`, `a.${q(column)}`] as const));
  const foreign = connection.count(
    `SELECT count(*) FROM main.${q(name)} AS c LEFT JOIN ${after}.${q(name)} AS a ON ${meets(key, 'a', 'c')} WHERE NOT ${isOwn}`,
  );
  if (foreign > 0) return stays;
  connection.execute('SAVEPOINT narrow');
  try {
    for (const column of added) connection.execute(`ALTER TABLE main.${q(name)} DROP COLUMN ${q(column)}`);
    connection.execute('RELEASE narrow');
    return 'narrowed';
  } catch {
    // SQLite compiles the whole schema for it, which another object's module or collation may prevent.
    connection.execute('ROLLBACK TO narrow; RELEASE narrow');
    return stays;
  }
}

/** Puts the AUTOINCREMENT mark of a table back where nobody has drawn a number since the run. */
export function putSequenceBack(connection: SqliteConnection, table: string): void {
  if (!['main', before, after].every((schema) => hasTable(connection, 'sqlite_sequence', schema))) return;
  const seq = (schema: string): string =>
    `(SELECT seq FROM ${schema}.sqlite_sequence WHERE name = ${quoteText(table)})`;
  const isUnused = `name = ${quoteText(table)} AND seq IS ${seq(after)}`;
  connection.execute(
    `DELETE FROM main.sqlite_sequence WHERE ${isUnused} AND ${seq(before)} IS NULL;` +
      ` UPDATE main.sqlite_sequence SET seq = ${seq(before)} WHERE ${isUnused} AND ${seq(before)} IS NOT NULL`,
  );
}

/** What runs other than this one entered in the ledger of `main`. */
export function otherLedgerLines(
  connection: SqliteConnection,
  run: string,
): readonly Pick<LedgerEntry, 'targetTable' | 'sidecarTable'>[] {
  if (!hasTable(connection, historyTable)) return [];
  return connection
    .all(`SELECT target_table, sidecar_table FROM main.${historyTable} WHERE run <> ?`, [run])
    .map((row) => ({
      targetTable: String(row['target_table']),
      sidecarTable: row['sidecar_table'] === null ? null : String(row['sidecar_table']),
    }));
}
