/** Which tables move house, and under which names: what stands from an earlier run, and what moves now. */
import { CoreError } from '../../errors';
import type { SqliteConnection } from '../../sqlite/engine';
import { foldName } from '../../sqlite/identifiers';
import { readObjects, type SchemaObject } from '../../sqlite/schema';
import { readVirtualTables, type VirtualTable } from '../../sqlite/virtual-table';
import { legacySchema } from '../step/step-sql';
import type { Names } from './adopted-names';
import type { MappedTable } from './mapped-tables';

export interface AdoptionRequest {
  /** The working copy of the consolidated database, with the legacy database attached as `legacy`. */
  readonly target: SqliteConnection;
  /** The legacy database's name in the plan. */
  readonly legacyDatabase: string;
  /** Every table that is to be adopted from it, or has been by an earlier run. */
  readonly tables: readonly RequestedTable[];
  /** Every table that the plan maps, or that goes into another target; what is among `tables` counts as adopted. */
  readonly mapped?: readonly MappedTable[];
  /**
   * Names, folded, that earlier calls gave to objects which are not in the target yet (indexes, triggers and views come
   * after the rows); gets those of this call.
   */
  readonly reserved?: Set<string>;
}

export interface RequestedTable {
  /** The legacy name, as the schema spells it. */
  readonly table: string;
  /** Its name in the target from an earlier run. */
  readonly existing: string | null;
  /** The name that the plan asks for. */
  readonly wanted: string | null;
}

export interface Legacy {
  readonly objects: readonly SchemaObject[];
  readonly virtuals: ReadonlyMap<string, VirtualTable>;
}

/** A table and the name it gets, or has got by an earlier run. */
export interface Move {
  readonly table: SchemaObject;
  readonly name: string;
  /** An earlier run adopted it. */
  readonly isAdopted: boolean;
  /** It is in the target now: what an earlier run adopted may have been dropped since. */
  readonly stands: boolean;
}

export function readLegacy(target: SqliteConnection): Legacy {
  return {
    objects: readObjects(target, legacySchema),
    virtuals: new Map(readVirtualTables(target, legacySchema).map((virtual) => [foldName(virtual.name), virtual])),
  };
}

export function isRenamed({ table, name }: Move): boolean {
  return table.name !== name;
}

export function chooseMoves(
  { target, legacyDatabase, tables }: AdoptionRequest,
  legacy: Legacy,
  names: Names,
): readonly Move[] {
  const moves = new Map<RequestedTable, Move>();
  const needed = (table: SchemaObject): readonly string[] =>
    (legacy.virtuals.get(foldName(table.name))?.shadows ?? []).map((shadow) => shadow.slice(table.name.length));
  const give = (request: RequestedTable, table: SchemaObject, name: string): void => {
    for (const suffix of ['', ...needed(table)]) names.take(name + suffix);
    const isAdopted = request.existing !== null;
    moves.set(request, { table, name, isAdopted, stands: isAdopted && hasObject(target, name) });
  };
  const legacyTables = new Map(
    legacy.objects.filter(({ type }) => type === 'table').map((object) => [foldName(object.name), object]),
  );
  const found = tables.map((request) => {
    const table = legacyTables.get(foldName(request.table));
    if (table === undefined) {
      throw new CoreError('plan-invalid', `${legacyDatabase} has no table ${request.table}.`, {
        path: legacyDatabase,
        hint: 'Take the step out of the plan, or correct the name.',
      });
    }
    return { request, table };
  });
  const isFree = (table: SchemaObject, name: string): boolean =>
    needed(table).every((suffix) => names.isFree(name + suffix));
  // What stands and what the plan asks for goes before what can be given any name.
  for (const { request, table } of found) {
    if (request.existing !== null) give(request, table, request.existing);
  }
  for (const { request, table } of found) {
    const { existing, wanted } = request;
    if (existing !== null || wanted === null) continue;
    if (!names.isFree(wanted) || !isFree(table, wanted)) {
      throw new CoreError(
        'plan-invalid',
        `${legacyDatabase} ${table.name}: the name ${wanted}, which the plan asks for, is taken in the target.`,
        { path: legacyDatabase, hint: 'Ask for another name in the plan, or for none.' },
      );
    }
    give(request, table, wanted);
  }
  for (const { request, table } of found) {
    if (moves.has(request)) continue;
    for (const name of names.candidates(table.name)) {
      if (!isFree(table, name)) continue;
      give(request, table, name);
      break;
    }
  }
  return tables.flatMap((request) => moves.get(request) ?? []);
}

export function hasObject(connection: SqliteConnection, name: string): boolean {
  return (
    connection.count(
      `SELECT count(*) FROM main.sqlite_schema WHERE type IN ('table', 'view') AND name = ? COLLATE NOCASE`,
      [name],
    ) > 0
  );
}
