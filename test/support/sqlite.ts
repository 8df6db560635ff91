/**
 * A reader and writer of databases that shares nothing with the project but sql.js: what a test states about a file is
 * asked with SQL of the test's own.
 */
import { readFile, writeFile } from 'node:fs/promises';
import initSqlJs, { type Database, type SqlJsStatic } from 'sql.js';

let loading: Promise<SqlJsStatic> | undefined;

export function loadSql(): Promise<SqlJsStatic> {
  return (loading ??= initSqlJs());
}

export type Cell = string | number | null;

/** Opens a copy of a database file in memory. */
export async function withDatabase<T>(path: string, body: (database: Database) => T): Promise<T> {
  const SQL = await loadSql();
  // Out of WAL mode: what is written goes to the image and not to a log.
  const database = new SQL.Database(Uint8Array.from(await readFile(path)).fill(1, 18, 20));
  try {
    return body(database);
  } finally {
    database.close();
  }
}

/** Runs SQL on a database file, as its owner would; the journal mode stays. */
export async function edit(path: string, sql: string | ((database: Database) => void)): Promise<void> {
  const before = await readFile(path);
  const image = await withDatabase(path, (database) => {
    if (typeof sql === 'string') database.run(sql);
    else sql(database);
    return database.export();
  });
  image.set(before.subarray(18, 20), 18);
  await writeFile(path, image);
}

/** Writes a new database file. */
export async function create(path: string, sql: string | ((database: Database) => void)): Promise<void> {
  const SQL = await loadSql();
  const database = new SQL.Database();
  try {
    if (typeof sql === 'string') database.run(sql);
    else sql(database);
    await writeFile(path, database.export());
  } finally {
    database.close();
  }
}

export async function query(path: string, sql: string): Promise<readonly (readonly Cell[])[]> {
  return withDatabase(path, (database) => (database.exec(sql)[0]?.values ?? []) as Cell[][]);
}

/** The first column of every row. */
export async function column(path: string, sql: string): Promise<readonly Cell[]> {
  return (await query(path, sql)).map(([first]) => first ?? null);
}

/** The first cell of the first row. */
export async function cell(path: string, sql: string): Promise<Cell> {
  return (await column(path, sql))[0] ?? null;
}

/** One SQL expression that tells two cells apart wherever their value or their storage class differs. */
export function exact(expression: string): string {
  return `typeof(${expression}) || ':' || CASE typeof(${expression}) WHEN 'text' THEN hex(CAST(${expression} AS BLOB)) ELSE quote(${expression}) END`;
}

/** Every row of a relation as exact cells, sorted: equal lists are equal bags of rows. */
export async function exactRows(
  path: string,
  relation: string,
  expressions: readonly string[],
): Promise<readonly string[]> {
  return (await column(path, selectExact(relation, expressions))).map(String).sort();
}

function selectExact(relation: string, expressions: readonly string[]): string {
  return `SELECT ${expressions.map((expression) => exact(`(${expression})`)).join(` || ' | ' || `)} FROM ${relation}`;
}

/** {@link exactRows} of every table, by its name. */
export async function allRows(
  path: string,
  except: readonly string[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  return withDatabase(path, (database) => {
    const first = (sql: string): string[] => (database.exec(sql)[0]?.values ?? []).map(([value]) => String(value));
    const tables = first("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name");
    return new Map(
      tables
        .filter((table) => !except.includes(table))
        .map((table) => [table, first(selectExact(quoted(table), first(columnsSql(table)).map(quoted))).sort()]),
    );
  });
}

/** Columns of a table that an INSERT could name. */
export async function columnsOf(path: string, table: string): Promise<readonly string[]> {
  return (await column(path, columnsSql(table))).map(String);
}

function columnsSql(table: string): string {
  return `SELECT name FROM pragma_table_xinfo('${table.replaceAll("'", "''")}') WHERE hidden = 0 ORDER BY cid`;
}

export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/**
 * Writes a database of any number of empty tables `t0 (id INTEGER PRIMARY KEY)`, `t1 …`. CREATE TABLE would take half a
 * minute for ten thousand: the schema's rows and their empty b-trees are written as they lie in the file.
 */
export async function createManyTables(path: string, tables: number): Promise<void> {
  const SQL = await loadSql();
  const database = new SQL.Database();
  const pageSize = 512;
  try {
    // Page numbers of two bytes throughout, so that correcting them moves nothing.
    database.run(
      `PRAGMA page_size = ${pageSize}; VACUUM; PRAGMA writable_schema = ON;
       WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < ${tables})
       INSERT INTO sqlite_schema (type, name, tbl_name, rootpage, sql)
       SELECT 'table', 't' || i, 't' || i, 1000 + i, 'CREATE TABLE t' || i || ' (id INTEGER PRIMARY KEY)' FROM n`,
    );
    const used = Number(database.exec('PRAGMA page_count')[0]?.values[0]?.[0]);
    database.run(`UPDATE sqlite_schema SET rootpage = rootpage - 1000 + ${used + 1}`);
    const schema = database.export();
    const image = new Uint8Array(schema.length + tables * pageSize);
    image.set(schema);
    // An empty leaf of a table: its type, and where its content would begin.
    for (let offset = schema.length; offset < image.length; offset += pageSize)
      image.set([13, 0, 0, 0, 0, pageSize >> 8, pageSize & 255, 0], offset);
    const view = new DataView(image.buffer);
    view.setUint32(28, image.length / pageSize);
    view.setUint32(92, view.getUint32(24));
    await writeFile(path, image);
  } finally {
    database.close();
  }
}
