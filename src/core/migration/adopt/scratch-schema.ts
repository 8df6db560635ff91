/**
 * The legacy schema in a database of its own, where SQLite renames: it is SQLite that rewrites SQL. What reads back as it
 * went in keeps its text byte for byte.
 */
import { CoreError } from '../../errors';
import type { WarningReport } from '../../report/model';
import type { SqliteConnection, SqliteEngine } from '../../sqlite/engine';
import { foldName, quoteIdentifier as q, quoteText, sameName } from '../../sqlite/identifiers';
import { readColumns, readObjects, type SchemaObject } from '../../sqlite/schema';
import { mentions } from '../../sql-tokens';
import { readVirtualTable, stubColumns, virtualSql } from '../../sqlite/virtual-table';
import { legacySchema } from '../step/step-sql';
import { warning } from '../warnings';
import { keepCreatedName, renameAway, renameCreated, toBefore, toInsteadOf } from './created-sql';
import { isRenamed, type AdoptionRequest, type Legacy, type Move } from './moves';
import { failureOf, tryExecute } from './try-sql';

/**
 * The legacy schema in a database of its own, without rows.
 *
 * What cannot be made there (a virtual table, an unknown collation) has an ordinary table of the same columns in its
 * place, so that what mentions it can be read. A view is there twice: as such under a name of ours, and as a table under
 * its own, since SQLite renames no views.
 */
export class Scratch {
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
        const home = this.homes.get(object);
        const why =
          home === undefined
            ? `its name is taken in the target, and it cannot be renamed to ${name}`
            : `its rows go into ${home}, and what refers to it cannot follow`;
        throw new CoreError(
          'plan-invalid',
          `${this.request.legacyDatabase} ${object.name}: ${why}: ${this.unmark(words)}.`,
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
