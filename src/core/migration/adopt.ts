/** A table moving house: its own schema, indexes and triggers, under a name that is free in the target. */
import { CoreError } from '../errors';
import { sqliteWords, type SqliteConnection, type SqliteEngine } from '../sqlite/engine';
import { foldName, freeName, quoteIdentifier as q, sameName } from '../sqlite/identifiers';
import { readObjects, type SchemaObject } from '../sqlite/schema';
import { legacySchema } from './step-sql';

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

export function takenNames(target: SqliteConnection): ReadonlySet<string> {
  return new Set(readObjects(target).map(({ name }) => foldName(name)));
}

export interface AdoptedTable {
  /** Statements for after the rows are in: an index is faster built once, and a trigger must not see the rows. */
  readonly afterwards: readonly string[];
}

/** Creates the (empty) table in the target under the given name. */
export function createAdopted(
  engine: SqliteEngine,
  target: SqliteConnection,
  legacyTable: string,
  legacyDatabase: string,
  name: string,
): AdoptedTable {
  const own = readObjects(target, legacySchema).filter(
    (object) => sameName(object.table, legacyTable) && object.sql !== null,
  );
  const objects =
    name === legacyTable
      ? own
      : renameInScratch(engine, readObjects(target, legacySchema), {
          database: legacyDatabase,
          from: legacyTable,
          to: name,
        });
  const table = objects.find(({ type }) => type === 'table');
  target.execute(table?.sql ?? '');
  const taken = new Set([...takenNames(target)]);
  const afterwards = objects
    .filter(({ type }) => type === 'index' || type === 'trigger')
    .sort((a, b) => Number(a.type === 'trigger') - Number(b.type === 'trigger'))
    .map((object) => {
      const free = freeName([object.name, `${databaseStem(legacyDatabase)}_${object.name}`], taken);
      taken.add(foldName(free));
      return free === object.name ? (object.sql ?? '') : renameCreated(object.sql ?? '', free);
    });
  return { afterwards };
}

/**
 * SQLite itself rewrites a table's name in its own text, its indexes, its triggers and its references to itself.
 *
 * @param objects the whole legacy schema: a trigger is rewritten only where the other tables that it names exist
 * @throws CoreError `plan-invalid` where SQLite cannot follow a trigger or an expression of the table
 */
function renameInScratch(
  engine: SqliteEngine,
  objects: readonly SchemaObject[],
  { database, from, to }: { readonly database: string; readonly from: string; readonly to: string },
): readonly SchemaObject[] {
  const scratch = engine.open(new Uint8Array(), database);
  try {
    const isOwn = (object: SchemaObject): boolean => sameName(object.table, from);
    for (const { sql } of objects.filter((object) => object.type === 'table' && !isOwn(object)))
      tryExecute(scratch, sql);
    for (const { sql } of objects.filter(isOwn)) if (sql !== null) scratch.execute(sql);
    scratch.execute(`ALTER TABLE ${q(from)} RENAME TO ${q(to)}`);
    return readObjects(scratch).filter(({ table, sql }) => sameName(table, to) && sql !== null);
  } catch (error) {
    throw new CoreError(
      'plan-invalid',
      `${database} ${from}: its name is taken in the target, and it cannot be renamed to ${to}: ${sqliteWords(error)}.`,
      {
        path: database,
        hint: 'Correct or drop the trigger or index that SQLite names, or free the name in the target, then try again.',
        cause: error,
      },
    );
  } finally {
    scratch.close();
  }
}

/** A neighbour that this engine cannot make (its module is unknown) is missed only by a trigger that names it. */
function tryExecute(scratch: SqliteConnection, sql: string | null): void {
  try {
    if (sql !== null) scratch.execute(sql);
  } catch {
    // The rename says so if it matters.
  }
}

/** The schema table keeps statements as `CREATE [UNIQUE] INDEX name …`, whatever was typed before the name. */
const createdName =
  /^(CREATE\s+(?:UNIQUE\s+)?(?:INDEX|TRIGGER)\s+)("(?:[^"]|"")*"|`(?:[^`]|``)*`|\[[^\]]*\]|'(?:[^']|'')*'|[\w$\u0080-\uffff]+)/i;

export function renameCreated(sql: string, name: string): string {
  return sql.replace(createdName, (_, prefix: string) => prefix + q(name));
}
