/**
 * What a statement is, as far as it decides how it is run.
 *
 * Whether it only reads is not decided here: it is run as a subquery, where SQLite's grammar has no room for anything
 * that writes, attaches or sets. What is refused here is refused early, for the sake of better words.
 */
import { CoreError } from '../errors';
import type { PlacedToken, SqlToken } from '../sql-tokens';
import { placeTokens } from '../sql-tokens';
import { quoteText } from '../sqlite/identifiers';
import { splitStatements, wordOf } from './statements';

export type ReadStatement =
  /** `source` can stand in parentheses behind FROM. */
  | { readonly kind: 'rows'; readonly source: string; readonly pragma: string | null }
  /** `source` can stand behind EXPLAIN QUERY PLAN. */
  | { readonly kind: 'plan'; readonly source: string };

const reading = new Set(['select', 'values', 'with']);
const changing = new Set(['insert', 'update', 'delete', 'replace']);
const otherwise = new Set(
  'create drop alter attach detach vacuum reindex analyze begin commit end rollback savepoint release'.split(' '),
);

/**
 * @param explain whether its query plan is asked for, whatever it is
 * @throws CoreError `query-invalid` with the reason
 */
export function readStatement(sql: string, explain: boolean): ReadStatement {
  const [statement, second] = splitStatements(sql);
  if (statement === undefined) throw refusal('There is no statement to run.', 'Write one, such as SELECT 1.');
  if (second !== undefined) throw refusal('There is more than one statement.', 'Run them one by one.');
  const { text } = statement;
  const tokens = [...placeTokens(text)].filter(({ token }) => token?.kind !== 'comment');
  const parameter = tokens.find(({ token }) => token?.kind === 'parameter')?.token?.text;
  if (parameter !== undefined)
    throw refusal(`The parameter ${parameter} has no value here.`, 'Write the value itself in its place.');

  const [first = '', next] = tokens.map(wordOf);
  if (first === 'explain') {
    const from = next === 'query' ? 3 : 1;
    if (from === 1) throw refusal('EXPLAIN alone lists byte code, which is not shown.', 'Use EXPLAIN QUERY PLAN.');
    return planOf(tokens.slice(from), text);
  }
  if (explain) return planOf(tokens, text);
  if (first === 'pragma') return readPragma(tokens);
  const verb = first === 'with' ? mainVerb(tokens) : first;
  if (changing.has(verb) || otherwise.has(verb)) throw refused(verb);
  // To compile a PRAGMA is to run it, and SQLite skips what is no word here, such as a byte order mark in front of it.
  if (!reading.has(first)) throw noStatement(tokens[0], text);
  return { kind: 'rows', source: text, pragma: null };
}

/** A PRAGMA can act while it is compiled, EXPLAIN or not: only what has a plan is explained. */
function planOf(tokens: readonly PlacedToken[], text: string): ReadStatement {
  const [first] = tokens;
  const verb = first === undefined ? '' : wordOf(first);
  if (first === undefined || !(reading.has(verb) || changing.has(verb)))
    throw refusal('Only SELECT, VALUES, WITH, INSERT, UPDATE and DELETE have a query plan.', null);
  return { kind: 'plan', source: text.slice(first.from) };
}

/** The first word outside parentheses that says what a WITH is for. */
function mainVerb(tokens: readonly PlacedToken[]): string {
  let depth = 0;
  for (const placed of tokens) {
    if (placed.token?.text === '(') depth++;
    else if (placed.token?.text === ')') depth--;
    const word = wordOf(placed);
    if (depth === 0 && word !== 'with' && (reading.has(word) || changing.has(word))) return word;
  }
  return 'with';
}

/**
 * `PRAGMA name`, `name(value)` and `name = value` as the table-valued function of the same name: SQLite has one for
 * each PRAGMA that gives rows, and none of them sets anything (https://www.sqlite.org/pragma.html#pragfunc).
 */
function readPragma(tokens: readonly PlacedToken[]): ReadStatement {
  let rest = tokens.slice(1).map(({ token }) => token);
  if (rest[1]?.text === '.') {
    if (rest[0]?.text.toLowerCase() !== 'main') throw refusal('A query reads the schema main only.', null);
    rest = rest.slice(2);
  }
  const [name, sign, ...behind] = rest;
  if (name?.kind !== 'word') throw refusal('PRAGMA needs a name.', 'Try PRAGMA table_list.');
  const values = sign?.text === '(' ? behind.slice(0, -1) : behind;
  if (sign !== undefined && !isOneValue(sign, behind, values))
    throw refusal('PRAGMA takes one value, in parentheses or behind an equals sign.', 'Try PRAGMA table_list.');
  const value = values.map((token) => (token?.kind === 'quoted' ? token.name : (token?.text ?? ''))).join('');
  const literal = values[0]?.kind === 'text' || values[0]?.kind === 'number' ? value : quoteText(value);
  const called = name.text.toLowerCase();
  // What is in `temp` is ours: the copy of this very result.
  const own = called === 'table_list' ? ` WHERE schema <> 'temp'` : '';
  // As a function, SQLite takes the number of lines that are wanted for the name of a table.
  const most = /^(?:integrity|quick)_check$/.test(called) && Number(value) > 0 ? ` LIMIT ${value}` : null;
  return {
    kind: 'rows',
    source: `SELECT * FROM pragma_${called}${sign === undefined || most !== null ? '' : `(${literal})`}${most ?? own}`,
    pragma: name.text,
  };
}

/** As SQLite's grammar has it (`pragma` in parse.y): what is more or less than that would be a name that nothing has. */
function isOneValue(
  sign: SqlToken | null,
  behind: readonly (SqlToken | null)[],
  values: readonly (SqlToken | null)[],
): boolean {
  if (sign?.text !== '=' && !(sign?.text === '(' && behind.at(-1)?.text === ')')) return false;
  const [first, second] = values;
  if (values.length === 2) return ['+', '-'].includes(first?.text ?? '') && second?.kind === 'number';
  return values.length === 1 && ['word', 'quoted', 'text', 'number'].includes(first?.kind ?? '');
}

/** In SQLite's words. */
function noStatement(first: PlacedToken | undefined, text: string): CoreError {
  const written = text.slice(first?.from, first?.to);
  return refusal(
    first?.token === null ? `Unrecognized token: "${written}".` : `Near "${written}": syntax error.`,
    null,
  );
}

function refused(verb: string): CoreError {
  const word = verb.toUpperCase();
  switch (verb) {
    case 'attach':
    case 'detach':
      return refusal(`${word} is refused: a query reads its own database only.`, 'Choose another database above it.');
    case 'begin':
    case 'commit':
    case 'end':
    case 'rollback':
    case 'savepoint':
    case 'release':
      return refusal(`${word} is refused: a query only reads, so there is no transaction.`, null);
    default:
      return refusal(`${word} is refused: a query only reads, and nothing was changed.`, null);
  }
}

export function refusal(message: string, hint: string | null): CoreError {
  return new CoreError('query-invalid', message, { hint });
}
