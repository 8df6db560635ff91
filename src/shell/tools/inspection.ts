/** What there is, for a model: the databases of the workspace, or the tables of one. Read-only and bounded. */
import type { ColumnInfo, DatabaseEntry, TableInfo } from '../../core/catalogue/model';
import { CoreError, describeError } from '../../core/errors';
import { sameName } from '../../core/sql-names';
import type { Engine, Place } from '../../engine/protocol';
import { wordsFor } from '../error-words';
import { Allowance, shorten } from './data-text';
import { findDatabase, placesCalled, type NamedPlace } from './places';

export interface InspectionInput {
  readonly folder: string | null;
  readonly database: string | null;
  readonly table: string | null;
}

/** @throws CoreError for a folder, a database or a table that is not there, and for a database that cannot be read */
export async function inspect(
  engine: Engine,
  places: readonly NamedPlace[],
  { folder, database, table }: InspectionInput,
  signal: AbortSignal,
): Promise<unknown> {
  const chosen = placesCalled(places, folder);
  if (database !== null) return inspectDatabase(engine, chosen, database, table, signal);
  if (table === null) return inspectAll(engine, chosen, signal);
  throw new CoreError('query-invalid', 'A table is named, and no database.', { hint: 'Name its "database" as well.' });
}

async function inspectAll(engine: Engine, places: readonly NamedPlace[], signal: AbortSignal): Promise<unknown> {
  const allowance = new Allowance();
  const folders: unknown[] = [];
  for (const { name, place } of places) {
    const { databases } = await engine.request('catalogue.inventory', place, { signal });
    const listed = allowance.take(databases.map(factsOf));
    const shown: unknown[] = [];
    for (const [index, facts] of listed.shown.entries()) {
      const entry = databases[index];
      const tables = entry?.state === 'ready' ? await tablesOf(engine, place, entry, signal) : [];
      if ('problem' in tables) shown.push({ ...facts, problem: tables.problem });
      else shown.push({ ...facts, ...tableList(allowance, tables.map(briefly)) });
    }
    folders.push({ folder: name, dataFolder: place.dataFolder, databases: shown, databasesNotShown: listed.notShown });
  }
  return { folders };
}

async function inspectDatabase(
  engine: Engine,
  places: readonly NamedPlace[],
  database: string,
  table: string | null,
  signal: AbortSignal,
): Promise<unknown> {
  const { at, entry } = await findDatabase(engine, places, database, signal);
  const { tables } = await engine.request('catalogue.describe', { ...at.place, database: entry.database }, { signal });
  const wanted = table === null ? tables : tables.filter(({ name }) => sameName(name, table));
  if (table !== null && wanted.length === 0)
    throw new CoreError('table-missing', `${entry.database} has no table ${table}.`, {
      path: entry.database,
      hint: 'jarvis_inspect_database with the database alone lists its tables.',
    });
  const shown = wanted.filter(({ kind }) => kind !== 'shadow' || table !== null);
  return { folder: at.name, ...factsOf(entry), ...inFull(new Allowance(), shown) };
}

/** A database that cannot be read is an answer like any other: it never hides the ones that can. */
async function tablesOf(
  engine: Engine,
  place: Place,
  { database }: DatabaseEntry,
  signal: AbortSignal,
): Promise<readonly TableInfo[] | { readonly problem: string }> {
  try {
    const { tables } = await engine.request('catalogue.describe', { ...place, database }, { signal });
    return tables.filter(({ kind }) => kind !== 'shadow');
  } catch (error) {
    signal.throwIfAborted();
    return { problem: wordsFor(describeError(error)) };
  }
}

function tableList(allowance: Allowance, tables: readonly unknown[]): object {
  const { shown, notShown } = allowance.take(tables);
  return { tables: shown, tablesNotShown: notShown };
}

function factsOf({ database, role, domain, state, problem, size, applies, frames }: DatabaseEntry): object {
  return {
    database,
    role,
    domain,
    state,
    problem: problem === null ? null : wordsFor(problem),
    bytes: size,
    sidecar: applies,
    framesInWal: frames,
  };
}

function briefly({ name, kind, rows, problem }: TableInfo): object {
  return { table: shorten(name), kind, rows, ...(problem === null ? {} : { problem: shorten(problem) }) };
}

/** Columns and indexes too; a table whose columns have no room says how many there are. */
function inFull(allowance: Allowance, tables: readonly TableInfo[]): object {
  const shown: object[] = [];
  for (const table of tables) {
    const [facts] = allowance.take([briefly(table)]).shown;
    if (facts === undefined) break;
    const columns = allowance.take(table.columns.map(columnFacts));
    const indexes = allowance.take(table.indexes.map(shorten));
    shown.push({
      ...facts,
      columns: columns.shown,
      columnsNotShown: columns.notShown,
      indexes: indexes.shown,
      indexesNotShown: indexes.notShown,
    });
  }
  return { tables: shown, tablesNotShown: tables.length - shown.length };
}

function columnFacts({ name, type, notNull, primaryKey, generated, defaultValue, references }: ColumnInfo): object {
  return {
    column: shorten(name),
    type: shorten(type),
    notNull,
    primaryKey,
    ...(generated ? { generated } : {}),
    ...(defaultValue === null ? {} : { default: shorten(defaultValue) }),
    ...(references.length === 0 ? {} : { references: references.map(shorten) }),
  };
}
