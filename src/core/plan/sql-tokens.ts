/** SQLite's tokens, as far as they decide where an expression ends and what it names. */

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

/** The tokens, or the character at which none begins (a quote that is not closed, a control character). */
export function readTokens(sql: string): readonly SqlToken[] | { readonly strange: string } {
  const tokens: SqlToken[] = [];
  for (let offset = 0; offset < sql.length;) {
    const start = offset;
    for (const [kind, pattern] of patterns) {
      pattern.lastIndex = start;
      const text = pattern.exec(sql)?.[0];
      if (text === undefined) continue;
      offset += text.length;
      if (kind === 'quoted') tokens.push(quotedToken(text));
      else if (kind !== 'space') tokens.push({ kind, text });
      break;
    }
    if (offset === start) return { strange: sql.slice(start, start + 1) };
  }
  return tokens;
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
