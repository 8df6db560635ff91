/**
 * Whether a text is exactly one deterministic expression over one row of a table. SQLite decides, and evaluates nothing:
 * in a generated column it prohibits subqueries, aggregates, window functions, parameters and functions that invent.
 *
 * What it would let pass there is refused by its tokens: a text that ends the column's definition, a double-quoted word
 * that is no column (SQLite takes it for a string), and the present time (`datetime('now')` fails only when it is run).
 */
import { sqliteWords, type SqliteConnection } from '../sqlite/engine';
import { foldName, quoteIdentifier } from '../sqlite/identifiers';
import type { TableSchema } from '../sqlite/schema';
import { readTokens, textOf, type SqlToken } from '../sql-tokens';

/** SQLite's own depth of a tree is 1,000; its parser gives up at fewer brackets. */
const deepestBrackets = 100;
/** UTF-16 units. */
const longestExpression = 32_768;
/** SQLite's limit is 2,000; one is taken by the expression. */
const mostColumns = 1999;

/**
 * @param scratch a database to compile in; it is left as it was
 * @param columns what a row has names for: see {@link namesOfRow}
 * @returns null where the expression is fine, else the reason in words
 */
export function checkExpression(
  scratch: SqliteConnection,
  columns: readonly { readonly name: string }[],
  expression: string,
): string | null {
  if (expression.length > longestExpression)
    return `it has more than ${longestExpression.toLocaleString('en')} characters`;
  if (expression.includes('\0')) return 'it has a NUL character, where SQLite stops reading';
  const tokens = readTokens(expression);
  if ('strange' in tokens) return describeStrange(tokens.strange);
  if (tokens.length === 0) return 'it is empty';
  const names = new Map(columns.map(({ name }) => [foldName(name), name]));
  const fault = findFault(tokens, names) ?? findClock(tokens);
  if (fault !== null) return fault;

  // Only the columns that it may name: a table with SQLite's 2,000 has no room for one more.
  const named = tokens.flatMap((token): readonly string[] => {
    const name = names.get(foldName(token.kind === 'quoted' ? token.name : token.text));
    return name === undefined || (token.kind !== 'quoted' && token.kind !== 'word') ? [] : [name];
  });
  const used = [...new Set(named)];
  if (used.length > mostColumns) return `it names more than ${mostColumns.toLocaleString('en')} columns`;
  return compile(scratch, used, expression);
}

/**
 * What an expression over a row may name: its columns, generated ones too, and the rowid, which alone tells the rows of a
 * table without a key apart.
 */
export function namesOfRow({ columns, rowidName }: TableSchema): readonly { readonly name: string }[] {
  return rowidName === null ? columns : [...columns, { name: rowidName }];
}

/** Whether an expression is nothing but the name of a column, quoted or not. */
export function isColumnName(expression: string, column: string): boolean {
  const tokens = readTokens(expression);
  if ('strange' in tokens) return false;
  const [token, ...rest] = tokens;
  if (token === undefined || rest.length > 0 || (token.kind !== 'word' && token.kind !== 'quoted')) return false;
  return foldName(token.kind === 'quoted' ? token.name : token.text) === foldName(column);
}

function describeStrange(character: string): string {
  return ['"', "'", '`', '['].includes(character)
    ? `a ${character} is not closed`
    : `${JSON.stringify(character)} has no meaning in SQL`;
}

function findFault(tokens: readonly SqlToken[], columns: ReadonlyMap<string, string>): string | null {
  let depth = 0;
  for (const token of tokens) {
    if (token.kind === 'comment') return 'it has a comment';
    if (token.kind === 'parameter') return `it has a parameter, ${token.text}`;
    if (token.kind === 'quoted' && token.quote === '"' && !columns.has(foldName(token.name)))
      return `there is no column ${token.text} (text is written in single quotes)`;
    if (token.text === ';') return 'it has a semicolon: one expression, not a statement';
    if (token.text === '(') depth++;
    if (token.text === ')') depth--;
    if (depth < 0) return 'it closes a bracket that it did not open';
    if (depth > deepestBrackets) return `its brackets nest deeper than ${deepestBrackets} levels`;
  }
  return depth > 0 ? 'a bracket is not closed' : null;
}

const clockFunctions: ReadonlySet<string> = new Set([
  'date',
  'time',
  'datetime',
  'julianday',
  'unixepoch',
  'strftime',
  'timediff',
]);
/** Modifiers by which a date function looks at the clock or the time zone of the machine. */
const clockWords: ReadonlySet<string> = new Set(['now', 'localtime', 'utc', 'subsec', 'subsecond']);

/** The present time, in the places where SQLite notices it only when the expression is run. */
function findClock(tokens: readonly SqlToken[]): string | null {
  const isCall = (index: number): boolean => {
    const token = tokens[index];
    return token?.kind === 'word' && clockFunctions.has(foldName(token.text)) && tokens[index + 1]?.text === '(';
  };
  const calls = [...tokens.keys()].filter(isCall);
  if (calls.length === 0) return null;
  for (const token of tokens) {
    if (token.kind === 'text' && clockWords.has(foldName(textOf(token.text).trim())))
      return `${token.text} depends on when and where it runs: a migration invents no facts`;
  }
  for (const index of calls) {
    const name = tokens[index]?.text ?? '';
    if (countArguments(tokens, index + 1) < (foldName(name) === 'strftime' ? 2 : 1))
      return `${name}() without a time is the present time: a migration invents no facts`;
  }
  return null;
}

/** @param open the index of the opening bracket */
function countArguments(tokens: readonly SqlToken[], open: number): number {
  let depth = 0;
  let commas = 0;
  for (let index = open; index < tokens.length; index++) {
    const text = tokens[index]?.text;
    if (text === '(') depth++;
    else if (text === ')' && --depth === 0) return index === open + 1 ? 0 : commas + 1;
    else if (text === ',' && depth === 1) commas++;
  }
  return commas + 1;
}

/** Names with a character that nobody writes, so that no expression reaches them. */
const probe = '\u0001probe';
const dummy = '\u0001row';
const result = '\u0001value';

function compile(scratch: SqliteConnection, columns: readonly string[], expression: string): string | null {
  const table = quoteIdentifier(probe);
  const stored = [dummy, ...columns].map(quoteIdentifier).join(', ');
  try {
    // The line break ends nothing: comments were refused. No types: they take no part in what compiles.
    scratch.execute(`CREATE TABLE ${table} (${stored}, ${quoteIdentifier(result)} AS (${expression}\n))`);
  } catch (error) {
    return explain(error);
  }
  try {
    const found = scratch.all(`SELECT name, hidden FROM pragma_table_xinfo(?) ORDER BY cid`, [probe]);
    const last = found.at(-1);
    if (found.length !== columns.length + 2 || last?.['name'] !== result || last['hidden'] !== 2)
      return 'it is more than one expression';
    // Compiled, not run: what SQLite resolves only then, such as a collation or the use of a row value.
    scratch.all(`EXPLAIN QUERY PLAN SELECT ${quoteIdentifier(result)} FROM ${table}`);
    return null;
  } catch (error) {
    return explain(error);
  } finally {
    scratch.execute(`DROP TABLE ${table}`);
  }
}

function explain(error: unknown): string {
  const words = sqliteWords(error).replace(/ in generated columns$/, '');
  return /recursion limit|parser stack/i.test(words) ? 'it nests too deeply' : words;
}
