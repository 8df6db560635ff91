/**
 * Tables moving house: their own schemas, indexes and triggers, under names that are free in the target, with whatever
 * refers to them following. All tables of a legacy database are planned at once, so that a child finds its parent, a
 * trigger its index and a view its tables under the names they get.
 *
 * It is SQLite that rewrites SQL: the legacy schema is made in a scratch database, renamed there and read back. What
 * reads back as it went in keeps its text byte for byte.
 */
import { CoreError } from '../errors';
import type { WarningReport } from '../report/model';
import { sqliteWords, type SqliteConnection, type SqliteEngine } from '../sqlite/engine';
import { foldName, freeName, quoteIdentifier as q, quoteText, sameName } from '../sqlite/identifiers';
import {
  readColumns,
  readForeignKeys,
  readObjects,
  readTable,
  type ForeignKey,
  type SchemaObject,
} from '../sqlite/schema';
import { mentions, readStatement } from '../sqlite/sql-tokens';
import {
  readVirtualTable,
  readVirtualTables,
  stubColumns,
  virtualSql,
  type VirtualTable,
} from '../sqlite/virtual-table';
import { historyTable, rowsTable } from './ledger';
import { whyNoHome, type MappedTable } from './mapped-tables';
import { legacySchema } from './step-sql';
import { warning } from './warnings';

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

/** The name in the target: the table's own, else `<database>_<table>`, else that with a number. */
export function chooseAdoptedName(target: SqliteConnection, legacyDatabase: string, legacyTable: string): string {
  return freeName([legacyTable, `${databaseStem(legacyDatabase)}_${legacyTable}`], takenNames(target));
}

/** `data/llm_costs.db` → `llm_costs`. */
export function databaseStem(database: string): string {
  const file = database.slice(database.lastIndexOf('/') + 1);
  const dot = file.lastIndexOf('.');
  return dot > 0 ? file.slice(0, dot) : file;
}

/** Folded. The ledger's names are taken before the ledger is there. */
export function takenNames(target: SqliteConnection): ReadonlySet<string> {
  return new Set([historyTable, rowsTable, ...readObjects(target).map(({ name }) => foldName(name))]);
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
  const names = new Names(target, legacyDatabase, legacy, request.reserved ?? new Set());
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

interface Legacy {
  readonly objects: readonly SchemaObject[];
  readonly virtuals: ReadonlyMap<string, VirtualTable>;
}

/** A table and the name it gets, or has got by an earlier run. */
interface Move {
  readonly table: SchemaObject;
  readonly name: string;
  /** An earlier run adopted it. */
  readonly isAdopted: boolean;
  /** It is in the target now: what an earlier run adopted may have been dropped since. */
  readonly stands: boolean;
}

function readLegacy(target: SqliteConnection): Legacy {
  return {
    objects: readObjects(target, legacySchema),
    virtuals: new Map(readVirtualTables(target, legacySchema).map((virtual) => [foldName(virtual.name), virtual])),
  };
}

function isRenamed({ table, name }: Move): boolean {
  return table.name !== name;
}

/** Names in the target, each given once. */
class Names {
  private readonly taken: Set<string>;
  private readonly legacyNames: ReadonlySet<string>;

  constructor(
    target: SqliteConnection,
    private readonly legacyDatabase: string,
    legacy: Legacy,
    private readonly reserved: Set<string>,
  ) {
    this.taken = new Set([...takenNames(target), ...reserved]);
    this.legacyNames = new Set(legacy.objects.map(({ name }) => foldName(name)));
  }

  isFree(name: string): boolean {
    return !this.taken.has(foldName(name)) && !/^sqlite_/i.test(name);
  }

  take(name: string): void {
    this.taken.add(foldName(name));
    this.reserved.add(foldName(name));
  }

  /**
   * The candidates for an object: its own name, then names that no other legacy object has either, so that none is
   * mistaken for it.
   */
  *candidates(own: string): Generator<string> {
    if (this.isFree(own)) yield own;
    const stem = `${databaseStem(this.legacyDatabase)}_${own}`;
    for (let count = 1; ; count++) {
      const name = count === 1 ? stem : `${stem}_${count}`;
      if (this.isFree(name) && !this.legacyNames.has(foldName(name))) yield name;
    }
  }

  give(own: string): string {
    for (const name of this.candidates(own)) {
      this.take(name);
      return name;
    }
    return own;
  }
}

function chooseMoves(
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

function hasObject(connection: SqliteConnection, name: string): boolean {
  return (
    connection.count(
      `SELECT count(*) FROM main.sqlite_schema WHERE type IN ('table', 'view') AND name = ? COLLATE NOCASE`,
      [name],
    ) > 0
  );
}

/**
 * Without its parent, a child's rows would all count as orphans; with a parent whose columns are no key, SQLite could
 * check no foreign key of the whole target.
 */
function checkParents(
  engine: SqliteEngine,
  { target, legacyDatabase, mapped = [] }: AdoptionRequest,
  legacy: Legacy,
  moves: readonly Move[],
): readonly WarningReport[] {
  const warnings: WarningReport[] = [];
  const moveOf = new Map(moves.map((move) => [foldName(move.table.name), move]));
  const mappedOf = new Map(mapped.map((one) => [foldName(one.table), one]));
  const tableNames = new Set(
    legacy.objects.filter(({ type }) => /table|view/.test(type)).map(({ name }) => foldName(name)),
  );
  for (const { table: child, isAdopted } of moves) {
    if (isAdopted || legacy.virtuals.has(foldName(child.name))) continue;
    for (const reference of readForeignKeys(target, child.name, legacySchema)) {
      const { parent } = reference;
      const from = reference.columns.map((column) => column.child);
      const move = moveOf.get(foldName(parent));
      const other = mappedOf.get(foldName(parent));
      const refusal = (words: string): CoreError =>
        new CoreError(
          'plan-invalid',
          `${legacyDatabase} ${child.name} (${from.join(', ')}) refers to ${parent}, ${words}.`,
          { path: legacyDatabase, hint: `Adopt ${parent} too, or skip ${child.name}.` },
        );
      if (move !== undefined) {
        if (move.isAdopted && !move.stands) throw refusal('which an earlier run adopted and which is gone since');
        if (!hasKey(engine, target, legacySchema, reference)) {
          warnings.push(
            warning(
              'foreign-key-mismatch',
              `${legacyDatabase} ${child.name} refers to columns of ${parent} that are no key: SQLite cannot check the foreign keys of the target.`,
            ),
          );
        }
      } else if (other !== undefined) {
        const why = whyNoHome(target, other, reference);
        if (why !== null) throw refusal(why);
        const home = other.home ?? parent;
        if (hasObject(target, home) && !hasKey(engine, target, 'main', { ...reference, parent: home }))
          throw refusal(`whose rows go into ${home}, which has no such key`);
      } else if (hasObject(target, parent)) {
        if (!hasKey(engine, target, 'main', reference))
          throw refusal('which is not adopted; the table of that name in the target has no such key');
      } else if (tableNames.has(foldName(parent))) {
        throw refusal('which is neither adopted nor in the target');
      } else {
        const some = from.map((column) => `${q(column)} IS NOT NULL`).join(' AND ');
        const rows = target.count(`SELECT count(*) FROM ${legacySchema}.${q(child.name)} WHERE ${some}`);
        warnings.push(
          warning(
            'foreign-key-dangling',
            `${legacyDatabase} ${child.name} refers to ${parent}, which does not exist there either: ${rows} ${rows === 1 ? 'row stays an orphan' : 'rows stay orphans'}.`,
          ),
        );
      }
    }
  }
  return warnings;
}

/** Whether the columns that a foreign key refers to are a key of the parent: SQLite itself is asked. */
function hasKey(engine: SqliteEngine, target: SqliteConnection, schema: string, reference: ForeignKey): boolean {
  const table = readTable(target, reference.parent, schema);
  if (table === null) return false;
  const [first, ...others] = reference.columns;
  const isAlias = table.rowidAlias !== null && sameName(first?.parent ?? table.rowidAlias, table.rowidAlias);
  if (isAlias && others.length === 0) return true;
  const scratch = engine.open(new Uint8Array(), target.label);
  try {
    const own = readObjects(target, schema).filter((object) => sameName(object.table, table.name));
    for (const { type, sql } of own) {
      if (type === 'table' && !tryExecute(scratch, sql)) return true; // It cannot be told here: the final check will.
      if (type === 'index' && /^CREATE\s+UNIQUE/i.test(sql ?? '')) tryExecute(scratch, sql);
    }
    const columns = reference.columns.map((_, index) => `c${index}`).join(', ');
    const named = reference.columns.flatMap(({ parent }) => (parent === null ? [] : [q(parent)]));
    const to = named.length === 0 ? '' : ` (${named.join(', ')})`;
    const child = sameName(table.name, 'child') ? 'other_child' : 'child';
    scratch.execute(`CREATE TABLE ${child} (${columns}, FOREIGN KEY (${columns}) REFERENCES ${q(table.name)}${to})`);
    return tryExecute(scratch, `PRAGMA foreign_key_check(${child})`);
  } finally {
    scratch.close();
  }
}

function tryExecute(connection: SqliteConnection, sql: string | null): boolean {
  return failureOf(connection, sql) === null;
}

/** SQLite's own words where a statement fails; null where it does not. */
function failureOf(connection: SqliteConnection, sql: string | null): string | null {
  try {
    if (sql !== null) connection.execute(sql);
    return null;
  } catch (error) {
    return sqliteWords(error);
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

/** `v`, `…_v`, `…_v_2`: the names that a view can have been given. */
function isNameFor(name: string, own: string): boolean {
  const folded = foldName(name).replace(/_\d+$/, '');
  return sameName(name, own) || foldName(name).endsWith(`_${foldName(own)}`) || folded.endsWith(`_${foldName(own)}`);
}

/** The schema table keeps statements as `CREATE [UNIQUE] INDEX name …`, whatever was typed before the name. */
const createdName =
  /^(CREATE\s+(?:UNIQUE\s+)?(?:INDEX|TRIGGER|VIEW)\s+)("(?:[^"]|"")*"|`(?:[^`]|``)*`|\[[^\]]*\]|'(?:[^']|'')*'|[\w$\u0080-\uffff]+)/i;

export function renameCreated(sql: string, name: string): string {
  return sql.replace(createdName, (_, prefix: string) => prefix + q(name));
}

/** The name as the original statement spells it. */
function keepCreatedName(sql: string, original: string): string {
  const spelled = createdName.exec(original)?.[2] ?? '';
  return sql.replace(createdName, (_, prefix: string) => prefix + spelled);
}

/**
 * The legacy schema in a database of its own, without rows.
 *
 * What cannot be made there (a virtual table, an unknown collation) has an ordinary table of the same columns in its
 * place, so that what mentions it can be read. A view is there twice: as such under a name of ours, and as a table under
 * its own, since SQLite renames no views.
 */
class Scratch {
  private readonly connection: SqliteConnection;
  /** The beginning of every name of ours: nothing in the legacy schema holds it. */
  private readonly marker: string;
  private counter = 0;
  /** Objects that SQLite cannot read here, with its words. */
  private readonly broken = new Map<SchemaObject, string>();
  /** The name that an index or a view has here. */
  private readonly aliases = new Map<SchemaObject, string>();
  /** The table that stands for a table or a view has this name now. */
  private readonly current = new Map<SchemaObject, string>();
  /** The text of each object before anything was renamed. */
  private readonly before: ReadonlyMap<string, string>;
  /** Mapped tables that something adopted in this run mentions, and where their rows are. */
  private readonly homes: ReadonlyMap<SchemaObject, string>;
  /** No name changes, no trigger and no view has to be understood: every statement is as it was. */
  private readonly isIdle: boolean;
  /** The same after the tables have got their final names, before a column of a virtual table followed. */
  private beforeColumns: ReadonlyMap<string, string> | null = null;
  private afterColumns: ReadonlyMap<string, string> | null = null;
  /** The texts as they are now; null after a change. */
  private latest: ReadonlyMap<string, string> | null = null;
  /** Legacy indexes and triggers by the folded name of what they belong to. */
  private readonly owned = new Map<string, SchemaObject[]>();
  private readonly moveOf: ReadonlyMap<string, Move>;
  private readonly views: SchemaObject[] = [];

  constructor(
    engine: SqliteEngine,
    private readonly request: AdoptionRequest,
    private readonly legacy: Legacy,
    private readonly moves: readonly Move[],
  ) {
    this.marker = 'jarvis_scratch_';
    const holds = ({ name, sql }: SchemaObject): boolean => foldName(`${name} ${sql ?? ''}`).includes(this.marker);
    while (legacy.objects.some(holds)) this.marker += '_';
    this.connection = engine.open(new Uint8Array(), request.legacyDatabase);
    // Trusted, so that a view may say MATCH: there is no row here that anything could be run on.
    this.connection.execute('PRAGMA trusted_schema = ON; PRAGMA legacy_alter_table = OFF; BEGIN');
    this.moveOf = new Map(moves.map((move) => [foldName(move.table.name), move]));
    for (const object of legacy.objects) {
      if (object.sql === null || (object.type !== 'index' && object.type !== 'trigger')) continue;
      const owner = foldName(object.table);
      this.owned.set(owner, [...(this.owned.get(owner) ?? []), object]);
    }
    const isMoved = (object: SchemaObject): boolean => this.moveOf.get(foldName(object.table))?.stands === false;
    this.homes = this.findHomes(isMoved);
    this.isIdle =
      !moves.some(isRenamed) &&
      this.homes.size === 0 &&
      !legacy.objects.some((object) => object.type === 'view' || (object.type === 'trigger' && isMoved(object)));
    const ofType = (type: SchemaObject['type']): readonly SchemaObject[] =>
      this.isIdle ? [] : legacy.objects.filter((object) => object.type === type && object.sql !== null);
    for (const table of ofType('table')) this.makeTable(table);
    this.makeViews(ofType('view'));
    for (const index of ofType('index').filter(isMoved)) this.makeIndex(index);
    const isOfView = (object: SchemaObject): boolean => this.views.some(({ name }) => sameName(name, object.table));
    for (const trigger of ofType('trigger').filter((object) => isMoved(object) || isOfView(object)))
      this.note(trigger, failureOf(this.connection, toBefore(trigger.sql ?? '')));
    this.before = this.readTexts();
  }

  close(): void {
    this.connection.close();
  }

  /**
   * Gives every table its final name: by names of ours first, since one may be going to have the name that another is
   * leaving.
   */
  rename(): void {
    // Two may be mapped to one table, so that none gets its final name here.
    for (const table of this.homes.keys()) this.renameTable(table, this.freshName());
    const renamed = this.moves.filter(isRenamed);
    if (renamed.length === 0) return;
    const finals = new Set(renamed.map(({ name }) => foldName(name)));
    const leaving = new Set(renamed.map(({ table }) => table));
    for (const object of [...this.current.keys()])
      if (leaving.has(object) || finals.has(foldName(object.name))) this.renameTable(object, this.freshName());
    for (const { table, name } of renamed) this.renameTable(table, name);
    this.renameHiddenColumns(renamed);
  }

  /** The hidden column of a full-text table has the table's name: `INSERT INTO notes(notes) VALUES ('rebuild')`. */
  private renameHiddenColumns(renamed: readonly Move[]): void {
    const texts = this.readTexts();
    let changed = false;
    for (const { table, name } of renamed) {
      const virtual = this.legacy.virtuals.get(foldName(table.name));
      if (virtual === undefined || !/^fts[345]$/.test(virtual.module) || sameName(virtual.name, name)) continue;
      this.alter(`ALTER TABLE ${q(name)} RENAME COLUMN ${q(virtual.name)} TO ${q(name)}`, table, name);
      changed = true;
    }
    if (!changed) return;
    this.beforeColumns = texts;
    this.afterColumns = this.readTexts();
  }

  /** Views that read nothing but adopted tables and each other; the others get a warning. */
  findMovableViews(): { readonly views: readonly SchemaObject[]; readonly warnings: readonly WarningReport[] } {
    const views: SchemaObject[] = [];
    const failures = new Map<SchemaObject, string>();
    const isView = (object: SchemaObject): boolean => object.type === 'view';
    this.connection.execute('SAVEPOINT views');
    const adopted = new Set(this.moves.map(({ table }) => table));
    for (const [object, name] of this.current)
      if (!isView(object) && !adopted.has(object)) this.connection.execute(`DROP TABLE ${q(name)}`);
    for (const view of this.views) {
      const failure = this.failureToRead(view);
      if (failure === null) views.push(view);
      else {
        failures.set(view, failure);
        this.connection.execute(`DROP TABLE ${q(this.current.get(view) ?? '')}`);
      }
    }
    this.connection.execute('ROLLBACK TO views; RELEASE views');
    const warnings = this.legacy.objects
      .filter((object) => isView(object) && !views.includes(object))
      .map((view) => {
        const words = failures.get(view) ?? this.broken.get(view) ?? 'it cannot be read';
        return warning(
          'view-left-behind',
          `${this.request.legacyDatabase}: the view ${view.name} stays behind: of what it reads, not everything is adopted (${this.unmark(words)}).`,
        );
      });
    return { views, warnings };
  }

  renameView(view: SchemaObject, name: string): void {
    if (this.current.get(view) !== name) this.renameTable(view, name);
  }

  /**
   * Triggers that mention what is in the target under no name: there, they would fail whenever they fire. The last
   * thing to ask, since it takes the scratch apart.
   */
  findLooseTriggers(viewNames: readonly string[]): readonly WarningReport[] {
    const { connection, request } = this;
    const owners = new Set([
      ...this.moves.filter(({ stands }) => !stands).map(({ name }) => foldName(name)),
      ...viewNames.map(foldName),
    ]);
    const kept = new Set([...this.moves.map(({ name }) => foldName(name)), ...owners]);
    for (const { type, name } of readObjects(connection))
      if (type === 'view') connection.execute(`DROP VIEW ${q(name)}`);
    for (const { type, name } of readObjects(connection))
      if (type === 'table' && !kept.has(foldName(name))) connection.execute(`DROP TABLE ${q(name)}`);
    for (const [table, home] of this.homes)
      this.createStub(this.current.get(table) ?? table.name, columnNames(request.target, home));
    const triggers = readObjects(connection).filter(({ type }) => type === 'trigger');
    const probe = this.freshName();
    connection.execute(`CREATE TABLE ${q(probe)} (a)`);
    for (const { type, name } of readObjects(request.target)) {
      if (!/table|view/.test(type) || kept.has(foldName(name))) continue;
      if (triggers.some(({ sql }) => mentions(sql ?? '', name))) this.makeStub(name, request.target, 'main');
    }
    const warnings: WarningReport[] = [];
    for (let from = probe; ;) {
      const to = this.freshName();
      const words = failureOf(connection, `ALTER TABLE ${q(from)} RENAME TO ${q(to)}`);
      if (words === null) return warnings;
      const loose = readObjects(connection).find((object) => isBlamed(words, object));
      if (loose === undefined) return warnings;
      connection.execute(`DROP TRIGGER ${q(loose.name)}`);
      if (owners.has(foldName(loose.table))) {
        warnings.push(
          warning(
            'trigger-reference-missing',
            `${request.legacyDatabase}: the trigger ${loose.name} moves with ${loose.table}, but what it mentions does not: in the target, SQLite will say "${this.unmark(words)}" when it fires.`,
          ),
        );
      }
      from = probe;
    }
  }

  /** Indexes or triggers of a table or view, in the order of their creation. */
  ownObjects(owner: SchemaObject, type: 'index' | 'trigger'): readonly SchemaObject[] {
    return (this.owned.get(foldName(owner.name)) ?? []).filter((object) => object.type === type);
  }

  /** The statement that makes a table under its final name. */
  tableSql(move: Move): string {
    const { table, name } = move;
    const virtual = this.legacy.virtuals.get(foldName(table.name));
    if (virtual !== undefined) {
      const content = this.moves.find((other) => sameName(other.table.name, virtual.content ?? ''));
      return virtualSql(virtual, name, virtual.content === null ? null : (content?.name ?? virtual.content));
    }
    return this.finalSql(table, this.current.get(table) ?? name, table, isRenamed(move));
  }

  /** The statement of an index, a trigger or a view after all renames, under its own name. */
  objectSql(object: SchemaObject): string {
    const owner = object.type === 'view' ? undefined : this.moveOf.get(foldName(object.table));
    const alias = this.aliases.get(object);
    const sql = this.finalSql(
      object,
      alias ?? object.name,
      owner?.table ?? object,
      owner !== undefined && isRenamed(owner),
    );
    if (sql === object.sql) return sql;
    return alias === undefined ? toInsteadOf(sql, object.sql ?? '') : keepCreatedName(sql, object.sql ?? '');
  }

  private finalSql(object: SchemaObject, name: string, owner: SchemaObject, renamed: boolean): string {
    const text = object.sql ?? '';
    if (this.isIdle) return text;
    const words = this.broken.get(object);
    const gone = this.moves.filter(isRenamed);
    if (words !== undefined) {
      const leaving = [...gone.map(({ table }) => table), ...this.homes.keys()];
      if (!renamed && !leaving.some((table) => mentions(text, table.name))) return text;
      throw this.refusal(owner, object, words);
    }
    const key = `${object.type} ${foldName(name)}`;
    const before = this.before.get(`${object.type} ${foldName(this.aliases.get(object) ?? object.name)}`);
    const mentionsColumn = (sql: string): boolean =>
      gone.some((move) => this.legacy.virtuals.has(foldName(move.table.name)) && mentions(sql, move.name));
    // A renamed column makes SQLite rewrite string literals wherever they stand: only what names the table needs that.
    this.latest ??= this.readTexts();
    const latest = this.latest.get(key) ?? '';
    const early = this.beforeColumns?.get(key);
    const isQuotesOnly = early !== undefined && latest === this.afterColumns?.get(key) && !mentionsColumn(early);
    const after = isQuotesOnly ? early : latest;
    if (after === before) return text;
    const housed = this.house(after);
    if (foldName(housed).includes(this.marker) && foldName(renameAway(housed)).includes(this.marker))
      throw this.refusal(owner, object, 'it refers to a table whose name another one gets');
    return housed;
  }

  /** A statement with the tables where mapped rows are. */
  private house(sql: string): string {
    let text = sql;
    for (const [table, home] of this.homes)
      text = text.replaceAll(new RegExp(`"?\\b${this.current.get(table) ?? ''}\\b"?`, 'g'), () => q(home));
    return text;
  }

  private findHomes(isMoved: (object: SchemaObject) => boolean): ReadonlyMap<SchemaObject, string> {
    const homes = new Map<SchemaObject, string>();
    const texts = this.legacy.objects.filter(isMoved).map(({ sql }) => sql ?? '');
    for (const { table, home } of this.request.mapped ?? []) {
      const object = this.legacy.objects.find(({ type, name }) => type === 'table' && sameName(name, table));
      if (object === undefined || home === null || sameName(home, table) || this.moveOf.has(foldName(table))) continue;
      if (texts.some((sql) => mentions(sql, table))) homes.set(object, home);
    }
    return homes;
  }

  private refusal(owner: SchemaObject, object: SchemaObject, words: string): CoreError {
    const { legacyDatabase } = this.request;
    const what = object.type === 'table' ? 'it' : `its ${object.type} ${object.name}`;
    const move = this.moves.find(({ table }) => table === owner);
    const why =
      move !== undefined && isRenamed(move)
        ? `its name is taken in the target, and it cannot be renamed to ${move.name}: ${what} says`
        : `${what} refers to a table that is renamed, and SQLite says`;
    return new CoreError('plan-invalid', `${legacyDatabase} ${owner.name}: ${why} ${this.unmark(words)}.`, {
      path: legacyDatabase,
      hint: 'Correct or drop the object that SQLite names, or free the name in the target, then try again.',
    });
  }

  private freshName(): string {
    return `${this.marker}${this.counter++}`;
  }

  private note(object: SchemaObject, words: string | null): void {
    if (words !== null) this.broken.set(object, words);
  }

  private makeTable(table: SchemaObject): void {
    const virtual = this.legacy.virtuals.get(foldName(table.name));
    const words = virtual === undefined ? failureOf(this.connection, table.sql) : null;
    this.note(table, words);
    if ((virtual === undefined && words === null) || this.makeStub(table.name, this.request.target, legacySchema))
      this.current.set(table, table.name);
  }

  private makeStub(table: string, source: SqliteConnection, schema: string): boolean {
    const virtual = readVirtualTable(source, table, schema);
    const columns = virtual !== null ? stubColumns(virtual) : columnNames(source, table, schema);
    return this.createStub(table, columns);
  }

  private createStub(table: string, columns: readonly string[]): boolean {
    const list = columns.length === 0 ? q(this.freshName()) : columns.map(q).join(', ');
    return tryExecute(this.connection, `CREATE TABLE ${q(table)} (${list})`);
  }

  /** A view may read one that was made after it: whichever can be read is made next. */
  private makeViews(views: readonly SchemaObject[]): void {
    let pending = views;
    for (let made = true; made;) {
      made = false;
      const waiting: SchemaObject[] = [];
      for (const view of pending) {
        if (this.makeView(view)) made = true;
        else waiting.push(view);
      }
      pending = waiting;
    }
  }

  private makeView(view: SchemaObject): boolean {
    const alias = this.freshName();
    const words = failureOf(this.connection, renameCreated(view.sql ?? '', alias));
    this.note(view, words);
    if (words !== null) return false;
    this.aliases.set(view, alias);
    const unread = this.failureToRead(view);
    const columns = unread === null ? readColumns(this.connection, alias).map(({ name }) => name) : [];
    if (unread === null && this.createStub(view.name, columns)) {
      this.current.set(view, view.name);
      this.views.push(view);
      this.broken.delete(view);
      return true;
    }
    this.connection.execute(`DROP VIEW ${q(alias)}`);
    this.aliases.delete(view);
    this.note(view, unread);
    return false;
  }

  /** Its columns are asked for, and not its rows: a MATCH can be resolved here, but not run. */
  private failureToRead(view: SchemaObject): string | null {
    return failureOf(this.connection, `SELECT * FROM pragma_table_info(${quoteText(this.aliases.get(view) ?? '')})`);
  }

  /** Under a name of ours, since a table may be going to have the index's. */
  private makeIndex(index: SchemaObject): void {
    const alias = this.freshName();
    this.aliases.set(index, alias);
    this.note(index, failureOf(this.connection, renameCreated(index.sql ?? '', alias)));
  }

  private renameTable(object: SchemaObject, name: string): void {
    const current = this.current.get(object);
    if (current === undefined) return;
    this.alter(`ALTER TABLE ${q(current)} RENAME TO ${q(name)}`, object, name);
    this.current.set(object, name);
  }

  /** SQLite renames nothing while it cannot read a trigger or a view: those that it cannot are taken out. */
  private alter(sql: string, object: SchemaObject, name: string): void {
    this.latest = null;
    for (;;) {
      const words = failureOf(this.connection, sql);
      if (words === null) return;
      const blamed = readObjects(this.connection).find((other) => isBlamed(words, other));
      if (blamed === undefined || blamed.type === 'table') {
        throw new CoreError(
          'plan-invalid',
          `${this.request.legacyDatabase} ${object.name}: its name is taken in the target, and it cannot be renamed to ${name}: ${this.unmark(words)}.`,
          {
            path: this.request.legacyDatabase,
            hint: 'Correct or drop what SQLite names, or free the name in the target, then try again.',
          },
        );
      }
      this.connection.execute(`DROP ${blamed.type.toUpperCase()} ${q(blamed.name)}`);
      const original = this.legacy.objects.find(
        (other) => other.type === blamed.type && sameName(this.aliases.get(other) ?? other.name, blamed.name),
      );
      if (original !== undefined) this.broken.set(original, words);
    }
  }

  private readTexts(): ReadonlyMap<string, string> {
    return new Map(
      readObjects(this.connection).map(({ type, name, sql }) => [`${type} ${foldName(name)}`, sql ?? ''] as const),
    );
  }

  /** SQLite's words with the names that the user knows. */
  private unmark(words: string): string {
    let text = words;
    for (const names of [this.aliases, this.current])
      for (const [object, name] of names)
        if (name.startsWith(this.marker)) text = text.replaceAll(new RegExp(`\\b${name}\\b`, 'g'), () => object.name);
    return text;
  }
}

function columnNames(source: SqliteConnection, table: string, schema = 'main'): readonly string[] {
  return readColumns(source, table, schema).map(({ name }) => name);
}

/** `error in trigger facts_ad: no such table: main.facts_fts`, or `error in view v after rename: …`. */
function isBlamed(words: string, { type, name }: SchemaObject): boolean {
  const blame = `error in ${type} ${name}`;
  return words.startsWith(`${blame}: `) || words.startsWith(`${blame} after `);
}

/** The name of an index or view is one of ours by design. */
function renameAway(sql: string): string {
  return renameCreated(sql, '');
}

/** A trigger of a view, as one of the table that stands for it. */
function toBefore(sql: string): string {
  const [, , , instead, of] = readStatement(sql);
  if (instead === undefined || of === undefined || foldName(instead.text) !== 'instead') return sql;
  return `${sql.slice(0, instead.start)}BEFORE${sql.slice(of.end)}`;
}

function toInsteadOf(sql: string, original: string): string {
  const [, , , instead, of] = readStatement(original);
  const before = readStatement(sql)[3];
  if (instead === undefined || of === undefined || foldName(instead.text) !== 'instead' || before === undefined)
    return sql;
  return sql.slice(0, before.start) + original.slice(instead.start, of.end) + sql.slice(before.end);
}
