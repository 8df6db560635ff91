/**
 * Virtual tables as the schema table tells of them, without their modules: FTS5 is not compiled into this engine, and
 * neither is R*Tree.
 *
 * A virtual table is one row of the schema table and a few ordinary tables, its shadow tables, that hold all it knows.
 */
import { CoreError } from '../errors';
import type { SqliteConnection } from './engine';
import { foldName, quoteIdentifier as q, quoteText, sameName } from './identifiers';
import { countRows, readColumns } from './schema';
import { readStatement, type StatementToken } from '../sql-tokens';

export interface VirtualTable {
  readonly name: string;
  /** In lower case: `fts5`, `fts4`, `rtree`, … */
  readonly module: string;
  readonly sql: string;
  /** What stands between the parentheses, as the module gets it. */
  readonly args: readonly string[];
  /** The columns that the arguments declare; none where the module is not one that we read. */
  readonly columns: readonly string[];
  /** Those of them that are kept, but not searched (FTS5 `UNINDEXED`, FTS4 `notindexed=`). */
  readonly unindexed: readonly string[];
  /** The names of its shadow tables that are there. */
  readonly shadows: readonly string[];
  /** The table that holds what is indexed (`content='…'`); null where the index keeps it itself, or nobody does. */
  readonly content: string | null;
  /** The column of the content table that is its rowid. */
  readonly contentRowid: string;
}

const rtree = ['_node', '_rowid', '_parent'];
const fts4 = ['_content', '_segments', '_segdir', '_docsize', '_stat'];
const shadowSuffixes: Readonly<Record<string, readonly string[]>> = {
  fts5: ['_data', '_idx', '_content', '_docsize', '_config'],
  fts4,
  fts3: fts4,
  rtree,
  rtree_i32: rtree,
  geopoly: rtree,
};

/** @returns null where there is no virtual table of that name */
export function readVirtualTable(connection: SqliteConnection, table: string, schema = 'main'): VirtualTable | null {
  const [row] = connection.all(`${virtualRows(schema)} AND name = ? COLLATE NOCASE`, [table]);
  return row === undefined ? null : parseVirtual(connection, schema, String(row['name']), String(row['sql']));
}

export function readVirtualTables(connection: SqliteConnection, schema = 'main'): readonly VirtualTable[] {
  return connection
    .all(`${virtualRows(schema)} ORDER BY rowid`)
    .map((row) => parseVirtual(connection, schema, String(row['name']), String(row['sql'])));
}

/** The folded names of all shadow tables of a schema: they are no tables of anybody's. */
export function shadowTables(connection: SqliteConnection, schema = 'main'): ReadonlySet<string> {
  return new Set(readVirtualTables(connection, schema).flatMap(({ shadows }) => shadows.map(foldName)));
}

/** Whether the table can be moved without its module: all that it is made of is known. */
export function isMovable(virtual: VirtualTable): boolean {
  return virtual.module in shadowSuffixes;
}

/** What `SELECT count(*)` says where the module is there; null where that cannot be told. */
export function countVirtualRows(connection: SqliteConnection, virtual: VirtualTable, schema = 'main'): number | null {
  if (!isMovable(virtual)) return null;
  if (virtual.content !== null) {
    // As FTS5 asks its content table: a row without an integer for a rowid is not one. A content table that is gone or
    // cannot be read fails there as well.
    const rowid = q(virtual.contentRowid);
    const all = virtual.module === 'fts5' ? `${rowid} BETWEEN -9223372036854775808 AND 9223372036854775807` : '1';
    try {
      return connection.count(`SELECT count(*) FROM ${q(schema)}.${q(virtual.content)} WHERE ${all}`);
    } catch {
      return null;
    }
  }
  for (const suffix of ['_content', '_docsize', '_rowid']) {
    const shadow = shadowOf(virtual, suffix);
    if (shadow !== null) return countRows(connection, shadow, schema);
  }
  return null;
}

/** Writes a virtual table's row into the schema table of `main`: its module, which the engine may lack, is not asked. */
export function enterVirtual(target: SqliteConnection, name: string, sql: string): void {
  target.execute('PRAGMA writable_schema = ON');
  try {
    target.execute(
      `INSERT INTO main.sqlite_schema (type, name, tbl_name, rootpage, sql) VALUES ('table', ?, ?, 0, ?)`,
      [name, name, sql],
    );
  } finally {
    target.execute('PRAGMA writable_schema = OFF');
  }
}

/**
 * The statement that makes the table under another name and over another content table; byte for byte the same where
 * neither changes.
 */
export function virtualSql(virtual: VirtualTable, name: string, contentName: string | null): string {
  const parsed = parseStatement(virtual.sql);
  const content = contentName ?? virtual.content;
  const edits: { readonly at: Span; readonly text: string }[] = [];
  if (name !== virtual.name) edits.push({ at: parsed.name, text: q(name) });
  if (content !== virtual.content && content !== null) {
    for (const option of readOptions(virtual.module, parsed.args))
      if (option.key === 'content' && option.at !== null) edits.push({ at: option.at, text: quoteText(content) });
  }
  return edits
    .sort((a, b) => b.at.start - a.at.start)
    .reduce((sql, { at, text }) => sql.slice(0, at.start) + text + sql.slice(at.end), virtual.sql);
}

/**
 * What stands in for the table where the module is unknown and SQLite must only parse what mentions it: an ordinary
 * table with the same columns, the hidden ones included.
 */
export function stubColumns(virtual: VirtualTable): readonly string[] {
  const hidden: Readonly<Record<string, readonly string[]>> = {
    fts5: [virtual.name, 'rank'],
    fts4: [virtual.name, 'docid'],
    fts3: [virtual.name, 'docid'],
  };
  const languages = readOptions(virtual.module, parseStatement(virtual.sql).args)
    .filter(({ key }) => key === 'languageid')
    .map(({ value }) => value);
  const names = [...virtual.columns, ...(hidden[virtual.module] ?? []), ...languages];
  const seen = new Set<string>();
  return names.filter((name) => !seen.has(foldName(name)) && seen.add(foldName(name)));
}

/** Statements see a schema that was written as text only once it is read again; others see it by its cookie. */
export function reloadSchema(target: SqliteConnection): void {
  const version = target.count('PRAGMA main.schema_version');
  target.execute('PRAGMA writable_schema = RESET');
  target.execute(`PRAGMA main.schema_version = ${version >= 0x7fffffff ? 1 : version + 1}`);
}

function virtualRows(schema: string): string {
  // An ordinary table has a root page; what has none in the schema table is a virtual one.
  return `SELECT name, sql FROM ${q(schema)}.sqlite_schema WHERE type = 'table' AND coalesce(rootpage, 0) = 0 AND sql LIKE 'CREATE VIRTUAL %'`;
}

function shadowOf(virtual: VirtualTable, suffix: string): string | null {
  return virtual.shadows.find((shadow) => sameName(shadow, virtual.name + suffix)) ?? null;
}

function parseVirtual(connection: SqliteConnection, schema: string, name: string, sql: string): VirtualTable {
  const { module, args } = parseStatement(sql);
  const options = readOptions(module, args);
  const option = (key: string): string | null => options.find((entry) => entry.key === key)?.value ?? null;
  const content = option('content');
  const external = content === null || content === '' ? null : content;
  // Only what the module made is its shadow: beside an index with external content, `…_content` is somebody's table.
  const hasContent =
    content === null || (module === 'fts5' && content === '' && (option('contentless_unindexed') ?? '0') !== '0');
  const shadows = (shadowSuffixes[module] ?? [])
    .filter((suffix) => suffix !== '_content' || hasContent)
    .filter((suffix) => suffix !== '_docsize' || module !== 'fts5' || option('columnsize') !== '0')
    .flatMap((suffix) =>
      connection
        .all(
          `SELECT name FROM ${q(schema)}.sqlite_schema WHERE type = 'table' AND rootpage > 0 AND name = ? COLLATE NOCASE`,
          [name + suffix],
        )
        .map((row) => String(row['name'])),
    );
  const declared = readDeclared(module, args);
  const columns =
    declared.length > 0 || !/^fts[34]$/.test(module)
      ? declared.map((column) => column.name)
      : external === null
        ? ['content']
        : readColumns(connection, external, schema).map((column) => column.name);
  return {
    name,
    module,
    sql,
    args: args.map((tokens) => sql.slice(tokens[0]?.start, tokens.at(-1)?.end)),
    columns,
    unindexed: [
      ...declared.filter((column) => column.unindexed).map((column) => column.name),
      ...options.filter(({ key }) => key === 'notindexed').map(({ value }) => value),
    ],
    shadows,
    content: external,
    contentRowid: option('content_rowid') ?? 'rowid',
  };
}

interface Statement {
  readonly name: StatementToken;
  readonly module: string;
  readonly args: readonly (readonly StatementToken[])[];
}

/** `CREATE VIRTUAL TABLE name USING module(argument, …)`, as the schema table keeps it. */
function parseStatement(sql: string): Statement {
  const tokens = readStatement(sql);
  const [, , , name, , module] = tokens;
  if (name === undefined || module === undefined)
    throw new CoreError('damaged', `The schema holds a virtual table that cannot be read: ${sql.slice(0, 160)}`);
  const args: StatementToken[][] = [[]];
  let depth = 0;
  for (const token of tokens.slice(6)) {
    if (token.text === ')') depth -= 1;
    if (depth === 0) {
      if (token.text === '(') depth = 1;
      continue;
    }
    if (token.text === ',' && depth === 1) args.push([]);
    else args.at(-1)?.push(token);
    if (token.text === '(') depth += 1;
  }
  return { name, module: foldName(module.name ?? module.text), args: args.filter(({ length }) => length > 0) };
}

interface Option {
  readonly key: string;
  readonly value: string;
  /** Where the value stands; null where it was left out (`content=`). */
  readonly at: Span | null;
}

const fts5Options = ['prefix', 'tokenize', 'content', 'contentless_delete', 'contentless_unindexed', 'content_rowid'];
const moreFts5Options = ['columnsize', 'locale', 'detail', 'tokendata'];

/** The arguments of the form `key = value`. FTS5 takes any beginning of a key for the first key that begins so. */
function readOptions(module: string, args: readonly (readonly StatementToken[])[]): readonly Option[] {
  if (module !== 'fts5' && module !== 'fts4') return [];
  return args.flatMap(([key, equals, value]) => {
    if (key === undefined || equals?.text !== '=') return [];
    const typed = foldName(key.text);
    const full =
      module === 'fts4' ? typed : [...fts5Options, ...moreFts5Options].find((name) => name.startsWith(typed));
    const text = value === undefined ? '' : (value.name ?? value.text);
    return [{ key: full ?? typed, value: text, at: value ?? null }];
  });
}

function readDeclared(
  module: string,
  args: readonly (readonly StatementToken[])[],
): readonly { readonly name: string; readonly unindexed: boolean }[] {
  if (!(module in shadowSuffixes)) return [];
  const fts3 = module === 'fts3' || module === 'fts4';
  const shape = module === 'geopoly' ? [{ name: '_shape', unindexed: false }] : [];
  const columns = args
    .filter(([, second]) => second?.text !== '=' || module === 'fts3')
    .filter(([first, second]) => !(fts3 && second !== undefined && foldName(first?.text ?? '') === 'tokenize'))
    .map((tokens) => (tokens[0]?.text === '+' ? tokens.slice(1) : tokens))
    .flatMap(([first, second]) => {
      if (first === undefined) return [];
      return [{ name: first.name ?? first.text, unindexed: foldName(second?.text ?? '') === 'unindexed' }];
    });
  return [...shape, ...columns];
}

interface Span {
  readonly start: number;
  readonly end: number;
}
