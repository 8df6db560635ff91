/**
 * Virtual tables without their module: FTS5 is not compiled into this engine, and neither is R*Tree.
 *
 * A virtual table is one row of the schema table and a few ordinary tables, its shadow tables, that hold all it knows.
 * They move like any rows, inside SQLite; the schema row is written as text. An SQLite that has the module finds a
 * table that it cannot tell from one it made itself.
 */
import { createHash } from 'node:crypto';
import { CoreError } from '../errors';
import { allOf, sameCells } from '../sqlite/cells';
import type { SqliteConnection } from '../sqlite/engine';
import { foldName, quoteIdentifier as q, quoteText, sameName } from '../sqlite/identifiers';
import { countRows, hasTable, readColumns } from '../sqlite/schema';
import { legacySchema } from './step-sql';

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

/** A legacy virtual table and where it stands in the target. */
export interface VirtualPlace {
  /** As read from the legacy database. */
  readonly virtual: VirtualTable;
  readonly name: string;
  /** The content table's name in the target; null where there is none. */
  readonly contentName: string | null;
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
  target.execute('PRAGMA writable_schema = ON');
  try {
    target.execute(
      `INSERT INTO main.sqlite_schema (type, name, tbl_name, rootpage, sql) VALUES ('table', ?, ?, 0, ?)`,
      [name, name, virtualSql(virtual, name, place.contentName)],
    );
  } finally {
    target.execute('PRAGMA writable_schema = OFF');
  }
  for (const { from, to } of shadowPairs(place)) {
    target.execute(renameTableSql(shadowSql(target, from), from, to));
    copyShadow(target, from, to);
  }
  reloadSchema(target);
}

/**
 * Brings an adopted virtual table up to date with the legacy one, where nothing of the target's own would be lost.
 *
 * @param adopted what {@link fingerprintVirtual} said when an earlier run was done with the table; null where nobody
 *   noted it. It is what tells whether an index that keeps its own content was changed since.
 * @returns `stale` where the target's index was left as it is and the legacy one differs: it has to be rebuilt there
 */
export function refreshVirtual(
  target: SqliteConnection,
  place: VirtualPlace,
  adopted: string | null = null,
): 'same' | 'replaced' | 'stale' {
  if (sameShadows(target, place, 'main')) return 'same';
  const pairs = shadowPairs(place);
  if (pairs.some(({ to }) => !hasTable(target, to))) return 'stale';
  const mayReplace =
    place.virtual.content === null
      ? adopted !== null && adopted === fingerprintVirtual(target, place)
      : sameContent(target, place);
  if (!mayReplace) return 'stale';
  for (const { from, to } of pairs) {
    target.execute(`DELETE FROM main.${q(to)}`);
    copyShadow(target, from, to);
  }
  return 'replaced';
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

/** The SHA-256 of every cell of the shadow tables in `main`, exact to the bit: two are equal where nobody wrote. */
export function fingerprintVirtual(connection: SqliteConnection, place: VirtualPlace): string {
  const hash = createHash('sha256');
  for (const { from, to } of shadowPairs(place)) {
    const { columns, key } = describeShadow(connection, from, legacySchema);
    const cells = columns.map((column) => {
      const cell = q(column);
      return `typeof(${cell}) || ':' || CASE typeof(${cell}) WHEN 'text' THEN hex(CAST(${cell} AS BLOB)) ELSE quote(${cell}) END`;
    });
    const order = key.map(q).join(', ');
    const page = 1000;
    for (let offset = 0; ; offset += page) {
      const rows = connection.all(
        `SELECT ${cells.join(` || ',' || `)} AS line FROM main.${q(to)} ORDER BY ${order} LIMIT ${page} OFFSET ${offset}`,
      );
      for (const row of rows) hash.update(`${String(row['line'])}\n`);
      if (rows.length < page) break;
    }
    hash.update(`;\n`);
  }
  return hash.digest('hex');
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

function virtualRows(schema: string): string {
  // An ordinary table has a root page; what has none in the schema table is a virtual one.
  return `SELECT name, sql FROM ${q(schema)}.sqlite_schema WHERE type = 'table' AND coalesce(rootpage, 0) = 0 AND sql LIKE 'CREATE VIRTUAL %'`;
}

/** Statements see a schema that was written as text only once it is read again; others see it by its cookie. */
export function reloadSchema(target: SqliteConnection): void {
  const version = target.count('PRAGMA main.schema_version');
  target.execute('PRAGMA writable_schema = RESET');
  target.execute(`PRAGMA main.schema_version = ${version >= 0x7fffffff ? 1 : version + 1}`);
}

function shadowOf(virtual: VirtualTable, suffix: string): string | null {
  return virtual.shadows.find((shadow) => sameName(shadow, virtual.name + suffix)) ?? null;
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
  const name = readTokens(sql)[2];
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
  const meets = allOf(key.map((column, at) => `b.${q(keyThere[at] ?? column)} = a.${q(column)}`));
  const equal = sameCells(columns.map((column) => [`a.${q(column)}`, `b.${q(column)}`] as const));
  return (
    connection.count(
      `SELECT count(*) FROM ${q(a[0])}.${q(a[1])} AS a WHERE NOT EXISTS` +
        ` (SELECT 1 FROM ${q(b[0])}.${q(b[1])} AS b WHERE ${meets} AND ${equal})`,
    ) === 0
  );
}

/** The content tables of both sides hold the same rows, as far as they are indexed. */
function sameContent(target: SqliteConnection, { virtual, contentName }: VirtualPlace): boolean {
  if (virtual.content === null) return false;
  const indexed = virtual.columns.filter((column) => !virtual.unindexed.some((name) => sameName(name, column)));
  try {
    return sameRows(
      target,
      [legacySchema, virtual.content],
      ['main', contentName ?? virtual.content],
      [virtual.contentRowid, ...indexed],
      [virtual.contentRowid],
    );
  } catch (error) {
    // A column or a table that is not there (any more) is a difference.
    if (error instanceof CoreError && error.code === 'sql-failed') return false;
    throw error;
  }
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
  readonly name: Token;
  readonly module: string;
  readonly args: readonly (readonly Token[])[];
}

/** `CREATE VIRTUAL TABLE name USING module(argument, …)`, as the schema table keeps it. */
function parseStatement(sql: string): Statement {
  const tokens = readTokens(sql);
  const [, , , name, , module] = tokens;
  if (name === undefined || module === undefined)
    throw new CoreError('damaged', `The schema holds a virtual table that cannot be read: ${sql.slice(0, 160)}`);
  const args: Token[][] = [[]];
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
  return { name, module: foldName(nameOf(module) ?? module.text), args: args.filter(({ length }) => length > 0) };
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
function readOptions(module: string, args: readonly (readonly Token[])[]): readonly Option[] {
  if (module !== 'fts5' && module !== 'fts4') return [];
  return args.flatMap(([key, equals, value]) => {
    if (key === undefined || equals?.text !== '=') return [];
    const typed = foldName(key.text);
    const full =
      module === 'fts4' ? typed : [...fts5Options, ...moreFts5Options].find((name) => name.startsWith(typed));
    const text = value === undefined ? '' : (nameOf(value) ?? value.text);
    return [{ key: full ?? typed, value: text, at: value ?? null }];
  });
}

function readDeclared(
  module: string,
  args: readonly (readonly Token[])[],
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
      return [{ name: nameOf(first) ?? first.text, unindexed: foldName(second?.text ?? '') === 'unindexed' }];
    });
  return [...shape, ...columns];
}

interface Span {
  readonly start: number;
  readonly end: number;
}

export interface Token extends Span {
  readonly text: string;
}

const tokenPattern =
  /[ \t\n\f\r]+|--[^\n]*|\/\*(?:[^*]|\*(?!\/))*(?:\*\/)?|("(?:[^"]|"")*"|'(?:[^']|'')*'|`(?:[^`]|``)*`|\[[^\]]*\]|[\w$\u0080-\uffff]+|[^])/g;

/** A statement in SQLite's own tokens, as far as names and strings go; spaces and comments are left out. */
export function readTokens(sql: string): readonly Token[] {
  return [...sql.matchAll(tokenPattern)]
    .filter((match) => match[1] !== undefined)
    .map((match) => ({ text: match[0], start: match.index, end: match.index + match[0].length }));
}

/** The name or string that a token stands for; null where it is neither. */
export function nameOf({ text }: Token): string | null {
  const [first = ''] = text;
  if (first === '[') return text.length > 1 ? text.slice(1, -1) : null;
  if (`"'\``.includes(first)) return text.length > 1 ? text.slice(1, -1).replaceAll(first + first, first) : null;
  return /^[\w$\u0080-\uffff]/.test(text) ? text : null;
}

/** Whether a statement names something, be it in a string. */
export function mentions(sql: string, name: string): boolean {
  return readTokens(sql).some((token) => {
    const named = nameOf(token);
    return named !== null && sameName(named, name);
  });
}
