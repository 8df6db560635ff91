/**
 * What can be completed at a place of a plan file, as a question about real databases: which ones there are, which tables
 * one has, which columns a table has. Pure: the answers come from the engine.
 */
import { createScanner, type Node } from 'jsonc-parser';
import {
  databaseFor,
  keysAt,
  locate,
  namesDatabase,
  namesTable,
  readTree,
  tableAt,
  textAt,
  type Path,
  type TableName,
} from './plan-text';

export type PlanQuestion =
  | { readonly kind: 'database'; readonly role: 'legacy' | 'target' | 'any' }
  | { readonly kind: 'table'; readonly database: string }
  | ({
      readonly kind: 'column';
      /** Columns that are there already. */
      readonly named: readonly string[];
      /** Whether the step writes them: generated columns cannot be written. */
      readonly written: boolean;
    } & TableName)
  /** Columns in an SQL expression over a row of the table. */
  | ({ readonly kind: 'expression' } & TableName);

/** How an answer is written down. */
export type AnswerForm =
  /** A JSON string. */
  | 'string'
  /** A key, and what follows it. */
  | 'key'
  /** A JSON string that holds SQL. */
  | 'sqlString'
  /** Inside a JSON string: a name in SQL, quoted where SQL demands it. */
  | 'sqlName'
  /** The same, between quotes that are there. */
  | 'quotedName';

export interface PlanPosition {
  readonly question: PlanQuestion;
  readonly form: AnswerForm;
  /** What the answer replaces, from here … */
  readonly start: number;
  /** … to here. */
  readonly end: number;
  /** For a key: what is missing after it. */
  readonly missing: { readonly value: 'text' | 'reference' | null; readonly comma: boolean };
}

/** `ScanError.None`: the library's enum has no values at run time. */
const noError = 0;
/** Nobody writes a longer name or expression by hand, and what follows looks at each of its characters again and again. */
const longest = { name: 200, expression: 10_000 };

export function questionAt(text: string, offset: number): PlanPosition | null {
  const location = locate(text, offset);
  const root = readTree(text);
  if (location === undefined || root === undefined) return null;
  const { path, isAtPropertyKey, previousNode } = location;
  const question = isAtPropertyKey ? questionOfKey(root, path) : questionOfValue(root, path);
  if (question === null) return null;
  const string = stringAround(text, offset, previousNode);
  if (string === 'behind') return null;
  const nothing = { value: null, comma: false };
  const { start, end } = string ?? wordAround(text, offset);
  const before = tokenBefore(text, start);
  if (before === null) return null;
  if (isAtPropertyKey) {
    const value = path[2] === 'references' ? 'reference' : 'text';
    return { question, form: 'key', start, end, missing: missingAfter(text, end, value) };
  }
  // Behind a value that is there already, nothing but a comma can follow.
  if (!/[:[,]/.test(before)) return null;
  if (question.kind !== 'expression') return { question, form: 'string', start, end, missing: nothing };
  if (string === null) return { question, form: 'sqlString', start, end, missing: nothing };
  const name = nameAround(text, start + 1, offset);
  return name === null ? null : { question, ...name, missing: nothing };
}

/** The first character of the token before an offset; empty where there is none, null where it is inside a comment. */
function tokenBefore(text: string, offset: number): string | null {
  const scanner = createScanner(text);
  let before = '';
  for (;;) {
    scanner.scan();
    const start = scanner.getTokenOffset();
    if (start >= offset || scanner.getTokenLength() === 0) return before;
    const token = text.slice(start, start + scanner.getTokenLength());
    const comment = token.startsWith('//') || token.startsWith('/*');
    // A line comment goes on at its end, a block comment does not.
    const inside = start + token.length > offset || (start + token.length === offset && token.startsWith('//'));
    if (comment && inside) return null;
    if (!comment && token.trim() !== '') before = token.charAt(0);
  }
}

function questionOfKey(root: Node, path: Path): PlanQuestion | null {
  const [list, index = 0, part, at = 0, inside] = path;
  if (list !== 'steps') return null;
  const step = ['steps', index] as const;
  const current = String(path.at(-1));
  const column = (table: TableName | null, named: readonly string[], written: boolean): PlanQuestion | null =>
    table === null ? null : { kind: 'column', ...table, named: named.filter((name) => name !== current), written };
  const target = tableAt(root, [...step, 'target']);
  if (path.length === 4) {
    const mapped = [...keysAt(root, [...step, 'columns']), ...keysAt(root, [...step, 'references'])];
    if (part === 'columns' || part === 'references') return column(target, mapped, true);
    if (part === 'rebuild')
      return column(tableAt(root, [...step, 'legacy']), keysAt(root, [...step, 'rebuild']), false);
  }
  if (part === 'parents' && inside === 'columns' && path.length === 6) {
    const parent = [...step, 'parents', at] as const;
    return column(parentTable(root, parent), keysAt(root, [...parent, 'columns']), true);
  }
  return null;
}

function questionOfValue(root: Node, path: Path): PlanQuestion | null {
  const [list, index = 0, part] = path;
  const last = path.at(-1);
  if (last === 'database' && namesDatabase(path))
    return { kind: 'database', role: part === 'legacy' || part === 'target' ? part : 'any' };
  if (last === 'table' && namesTable(path)) {
    // What a table is to be called there is free.
    if (part === 'target' && textAt(root, ['steps', index, 'strategy']) === 'adopt') return null;
    const database = databaseFor(root, path);
    return database === null ? null : { kind: 'table', database };
  }
  return list === 'steps' ? questionOfStep(root, path) : null;
}

function questionOfStep(root: Node, path: Path): PlanQuestion | null {
  const [, index = 0, part, at = 0, inside] = path;
  const step = ['steps', index] as const;
  const target = tableAt(root, [...step, 'target']);
  const over = (table: TableName | null): PlanQuestion | null =>
    table === null ? null : { kind: 'expression', ...table };
  const columnOf = (table: TableName | null, named: readonly string[] = []): PlanQuestion | null =>
    table === null ? null : { kind: 'column', ...table, named, written: false };
  const legacy = tableAt(root, [...step, 'legacy']);
  switch (part) {
    case 'columns':
      return path.length === 4 ? over(legacy) : null;
    case 'rebuild':
      return path.length === 4 ? over(target) : null;
    case 'references':
      if (path.length !== 5) return null;
      if (inside === 'value') return over(legacy);
      return inside === 'column' ? columnOf(parentTable(root, [...step, 'references', at])) : null;
    case 'parents':
      return inside === 'columns' && path.length === 6 ? over(legacy) : null;
    case 'key':
      return columnOf(target);
    case 'metadata':
      return columnOf(target);
    case undefined:
    default:
      return null;
  }
}

/** A table of the step's target database, named on its own. */
function parentTable(root: Node, path: Path): TableName | null {
  const database = databaseFor(root, [...path, 'table']);
  const table = textAt(root, [...path, 'table']);
  return database === null || table === null ? null : { database, table };
}

interface Range {
  readonly start: number;
  readonly end: number;
}

/** The string that the offset is in; `behind` where it follows a closed one; null where it is in none. */
function stringAround(text: string, offset: number, node: Node | undefined): Range | 'behind' | null {
  if (node === undefined || !text.startsWith('"', node.offset)) return null;
  const start = node.offset;
  // The scanner ends a string that nothing closes at the end of its line.
  const scanner = createScanner(text, true);
  scanner.setPosition(start);
  scanner.scan();
  const end = start + scanner.getTokenLength();
  const error: number = scanner.getTokenError();
  const closed = end > start + 1 && text.startsWith('"', end - 1) && error === noError;
  if (offset <= start || offset > end) return null;
  return closed && offset === end ? 'behind' : { start, end };
}

function wordAround(text: string, offset: number): Range {
  const before = /[\w$.]*$/.exec(text.slice(Math.max(0, offset - longest.name), offset))?.[0].length ?? 0;
  const after = /^[\w$.]*/.exec(text.slice(offset, offset + longest.name))?.[0].length ?? 0;
  return { start: offset - before, end: offset + after };
}

function missingAfter(text: string, offset: number, value: 'text' | 'reference'): PlanPosition['missing'] {
  const scanner = createScanner(text, true);
  scanner.setPosition(offset);
  scanner.scan();
  const next = text.charAt(scanner.getTokenOffset());
  return { value: next === ':' ? null : value, comma: next === '"' };
}

/** The name in an expression that the offset is in or behind; null inside a text literal or a comment. */
function nameAround(
  text: string,
  start: number,
  offset: number,
): { readonly form: 'sqlName' | 'quotedName'; readonly start: number; readonly end: number } | null {
  const raw = text.slice(start, offset);
  if (raw.length > longest.expression) return null;
  const inside = stateAtEnd(decode(raw));
  switch (inside) {
    case 'text':
    case 'comment':
    case 'otherQuotes':
      return null;
    case 'quotes': {
      const after = /^(?:[^"\\\n]|\\[^"])*/.exec(text.slice(offset, offset + longest.name))?.[0].length ?? 0;
      return { form: 'quotedName', start: start + raw.lastIndexOf('"') + 1, end: offset + after };
    }
    case 'sql': {
      const word = /[\w$\u0080-\uFFFF]*$/.exec(raw.slice(-longest.name))?.[0] ?? '';
      // The letter after a backslash belongs to the escape: "\n" is a line break, not a name that begins with n.
      const escape = /(?:^|[^\\])(?:\\\\)*\\$/.test(raw.slice(0, raw.length - word.length)) ? 1 : 0;
      const after = /^[\w$\u0080-\uFFFF]*/.exec(text.slice(offset, offset + longest.name))?.[0].length ?? 0;
      return { form: 'sqlName', start: offset - word.length + Math.min(escape, word.length), end: offset + after };
    }
  }
}

function decode(raw: string): string {
  try {
    return JSON.parse(`"${raw}"`) as string;
  } catch {
    return raw;
  }
}

type SqlState = 'sql' | 'text' | 'quotes' | 'otherQuotes' | 'comment';

/** What a beginning of SQL has left open. */
function stateAtEnd(sql: string): SqlState {
  const closed = /'(?:[^']|'')*'|"(?:[^"]|"")*"|`(?:[^`]|``)*`|\[[^\]]*\]|--[^\n]*\n|\/\*[^]*?\*\//g;
  const rest = sql.replace(closed, ' ');
  const opened = /['"`[]|--|\/\*/.exec(rest)?.[0];
  switch (opened) {
    case undefined:
      return 'sql';
    case "'":
      return 'text';
    case '"':
      return 'quotes';
    case '`':
    case '[':
      return 'otherQuotes';
    default:
      return 'comment';
  }
}
