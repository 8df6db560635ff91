/**
 * Tables moving house: their own schemas, indexes and triggers, under names that are free in the target, with whatever
 * refers to them following. All tables of a legacy database are planned at once, so that a child finds its parent, a
 * trigger its index and a view its tables under the names they get.
 */
import type { WarningReport } from '../../report/model';
import type { SqliteConnection, SqliteEngine } from '../../sqlite/engine';
import { foldName, sameName } from '../../sqlite/identifiers';
import { readObjects, type SchemaObject } from '../../sqlite/schema';
import { isNameFor, Names } from './adopted-names';
import { checkParents } from './adopted-parents';
import { renameCreated } from './created-sql';
import { chooseMoves, readLegacy, type AdoptionRequest, type Move } from './moves';
import { Scratch } from './scratch-schema';

/** Statements with final names, each after those it needs. */
export interface AdoptedSchema {
  readonly name: string;
  readonly create: string;
  /** For after the rows are in: an index is faster built once. */
  readonly indexes: readonly string[];
  /** For after the rows are in: a trigger must not see them. */
  readonly triggers: readonly string[];
}

export interface AdoptedView {
  readonly name: string;
  readonly create: string;
  /** Its INSTEAD OF triggers. */
  readonly triggers: readonly string[];
}

export interface Adoption {
  /** By the folded name of the legacy table. Of a table from an earlier run: what stands in the target. */
  readonly tables: ReadonlyMap<string, AdoptedSchema>;
  /** Views to be made once all tables and their triggers are there, in this order. */
  readonly views: readonly AdoptedView[];
  readonly warnings: readonly WarningReport[];
}

/**
 * Decides names and statements; nothing is written to the target.
 *
 * @throws CoreError `plan-invalid` where a name asked for is taken, where SQLite cannot follow a rename, or where a
 *   foreign key would be left without its parent
 */
export function planAdoption(engine: SqliteEngine, request: AdoptionRequest): Adoption {
  const { target, legacyDatabase } = request;
  const legacy = readLegacy(target);
  const names = new Names(target, legacyDatabase, legacy.objects, request.reserved ?? new Set());
  const moves = chooseMoves(request, legacy, names);
  if (moves.length === 0) return { tables: new Map(), views: [], warnings: [] };
  const warnings = checkParents(engine, request, legacy, moves);
  const scratch = new Scratch(engine, request, legacy, moves);
  try {
    scratch.rename();
    const movable = scratch.findMovableViews();
    const views = movable.views.map((view) => chooseView(scratch, names, target, view));
    const tables = new Map(
      moves.map((move) => [foldName(move.table.name), adoptTable(scratch, names, request, move)] as const),
    );
    const adoptedViews = views
      .filter(({ stands }) => !stands)
      .map(({ view, name, create }) => ({ name, create, triggers: adoptTriggers(scratch, names, view) }));
    const triggers = [...tables.values(), ...adoptedViews].flatMap((adopted) => adopted.triggers);
    const missing = triggers.length === 0 ? [] : scratch.findLooseTriggers(views.map(({ name }) => name));
    return { tables, views: adoptedViews, warnings: [...warnings, ...movable.warnings, ...missing] };
  } finally {
    scratch.close();
  }
}

function adoptTable(scratch: Scratch, names: Names, request: AdoptionRequest, move: Move): AdoptedSchema {
  const { table, name } = move;
  if (move.stands) {
    const own = readObjects(request.target).filter((object) => sameName(object.table, name));
    const sqlOf = (type: SchemaObject['type']): string[] =>
      own.flatMap((object) => (object.type === type && object.sql !== null ? [object.sql] : []));
    return { name, create: sqlOf('table')[0] ?? '', indexes: sqlOf('index'), triggers: sqlOf('trigger') };
  }
  const create = scratch.tableSql(move);
  const indexes = scratch.ownObjects(table, 'index').map((index) => named(names, index, scratch.objectSql(index)));
  return { name, create, indexes, triggers: adoptTriggers(scratch, names, table) };
}

function adoptTriggers(scratch: Scratch, names: Names, owner: SchemaObject): readonly string[] {
  return scratch.ownObjects(owner, 'trigger').map((trigger) => named(names, trigger, scratch.objectSql(trigger)));
}

function named(names: Names, object: SchemaObject, sql: string): string {
  const name = names.give(object.name);
  return name === object.name ? sql : renameCreated(sql, name);
}

interface ChosenView {
  readonly view: SchemaObject;
  readonly name: string;
  readonly create: string;
  /** An earlier run moved it. */
  readonly stands: boolean;
}

/** Views come in the order of their needs: what a view reads has its final name by then. */
function chooseView(scratch: Scratch, names: Names, target: SqliteConnection, view: SchemaObject): ChosenView {
  const sql = scratch.objectSql(view);
  const createAs = (name: string): string => (name === view.name ? sql : renameCreated(sql, name));
  const standing = readObjects(target).find(
    ({ type, name, sql: text }) => type === 'view' && text === createAs(name) && isNameFor(name, view.name),
  );
  const name = standing?.name ?? names.give(view.name);
  scratch.renameView(view, name);
  return { view, name, create: createAs(name), stands: standing !== undefined };
}
