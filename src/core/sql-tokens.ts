/** SQLite's tokens, as far as they decide where an expression or a statement ends and what it names. */
import { foldName, sameName } from './sql-names';

export type SqlToken =
  | {
      readonly kind: 'word' | 'number' | 'text' | 'blob' | 'punctuation' | 'comment' | 'parameter';
      readonly text: string;
    }
  | { readonly kind: 'quoted'; readonly text: string; readonly quote: '"' | '[' | '`'; readonly name: string };

const patterns: readonly (readonly [SqlToken['kind'] | 'space', RegExp])[] = [
  ['space', /[ \t\n\f\r]+/y],
  // A block comment that nothing closes goes on to the end.
  ['comment', /--[^\n]*|\/\*[^*]*(?:\*(?!\/)[^*]*)*(?:\*\/|$)/y],
  ['blob', /[xX]'[^']*'/y],
  ['text', /'[^']*(?:''[^']*)*'/y],
  ['quoted', /"[^"]*(?:""[^"]*)*"|`[^`]*(?:``[^`]*)*`|\[[^\]]*\]/y],
  ['number', /(?:\d|\.\d)(?:[eE][+-]?\d|[\w.$\u0080-\uFFFF])*/y],
  ['word', /[A-Za-z_\u0080-\uFFFF][\w$\u0080-\uFFFF]*/y],
  ['parameter', /[?:@$#][\w$:]*/y],
  ['punctuation', /[-+*/%=<>!&|~(),.;]/y],
];

/** A token and where it stands; null for a character at which none begins (a quote that is not closed, say). */
export interface PlacedToken {
  readonly token: SqlToken | null;
  readonly from: number;
  readonly to: number;
}

/** Every token of the text, whatever the text is: what cannot be read is one character at a time. */
export function* placeTokens(sql: string): Generator<PlacedToken> {
  for (let from = 0; from < sql.length;) {
    const found = matchAt(sql, from);
    const to = from + Math.max(1, found?.text.length ?? 0);
    if (found === null) yield { token: null, from, to };
    else if (found.kind === 'quoted') yield { token: quotedToken(found.text), from, to };
    else if (found.kind !== 'space') yield { token: { kind: found.kind, text: found.text }, from, to };
    from = to;
  }
}

/** The tokens, or the character at which none begins (a quote that is not closed, a control character). */
export function readTokens(sql: string): readonly SqlToken[] | { readonly strange: string } {
  const tokens: SqlToken[] = [];
  for (const { token, from, to } of placeTokens(sql)) {
    if (token === null) return { strange: sql.slice(from, to) };
    tokens.push(token);
  }
  return tokens;
}

function matchAt(
  sql: string,
  offset: number,
): { readonly kind: SqlToken['kind'] | 'space'; readonly text: string } | null {
  for (const [kind, pattern] of patterns) {
    pattern.lastIndex = offset;
    const text = pattern.exec(sql)?.[0];
    if (text !== undefined) return { kind, text };
  }
  return null;
}

function quotedToken(text: string): SqlToken {
  const quote = text.startsWith('[') ? '[' : text.startsWith('`') ? '`' : '"';
  const inside = text.slice(1, -1);
  return { kind: 'quoted', text, quote, name: quote === '[' ? inside : inside.replaceAll(quote + quote, quote) };
}

/** The text of a string literal. */
export function textOf(literal: string): string {
  return literal.slice(1, -1).replaceAll("''", "'");
}

/** A name, a literal or a sign of a statement, and where it stands. */
export interface StatementToken {
  readonly text: string;
  /** The name or the text that it stands for; null where it is neither. */
  readonly name: string | null;
  readonly start: number;
  readonly end: number;
}

/** A statement of the schema table, which SQLite has read before; comments are left out. */
export function readStatement(sql: string): readonly StatementToken[] {
  return [...placeTokens(sql)]
    .filter(({ token }) => token?.kind !== 'comment')
    .map(({ token, from, to }) => ({ text: sql.slice(from, to), name: token && nameOf(token), start: from, end: to }));
}

function nameOf(token: SqlToken): string | null {
  switch (token.kind) {
    case 'quoted':
      return token.name;
    case 'text':
      return textOf(token.text);
    case 'word':
    case 'number':
      return token.text;
    case 'blob':
    case 'comment':
    case 'parameter':
    case 'punctuation':
      return null;
  }
}

/** Whether a statement names something, be it in a string. */
export function mentions(sql: string, name: string): boolean {
  // Most statements do not hold the letters at all; a quote in a name is written twice.
  if (!/["'`]/.test(name) && !foldName(sql).includes(foldName(name))) return false;
  return readStatement(sql).some((token) => token.name !== null && sameName(token.name, name));
}
