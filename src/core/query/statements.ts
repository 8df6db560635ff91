/** The statements of a text of SQL: where each begins and ends. */
import { placeTokens, type PlacedToken } from '../sql-tokens';

export interface Statement {
  /** From its first token to its last, without comments around it and without the semicolon. */
  readonly text: string;
  readonly from: number;
  readonly to: number;
  /** Behind its semicolon; `to` where there is none. */
  readonly end: number;
}

export function splitStatements(sql: string): readonly Statement[] {
  const statements: Statement[] = [];
  let tokens: PlacedToken[] = [];
  const finish = (end: number | null): void => {
    const [first, last] = [tokens[0], tokens[tokens.length - 1]];
    tokens = [];
    if (first === undefined || last === undefined) return;
    const text = sql.slice(first.from, last.to);
    statements.push({ text, from: first.from, to: last.to, end: end ?? last.to });
  };
  for (const placed of placeTokens(sql)) {
    const { token, from, to } = placed;
    if (token?.kind === 'comment') continue;
    // A quote that nothing closes goes on to the end, semicolons included.
    if (token === null && /['"`[]/.test(sql.charAt(from))) {
      tokens.push({ token, from, to: from + sql.slice(from).trimEnd().length });
      break;
    }
    if (token?.text === ';' && endsHere(tokens)) finish(to);
    else tokens.push(placed);
  }
  finish(null);
  return statements;
}

/** The statement that a cursor is in; between two, the one before on the same line, else the one after it. */
export function statementAt(sql: string, offset: number): Statement | undefined {
  const statements = splitStatements(sql);
  const next = statements.findIndex(({ end }) => offset <= end);
  if (next < 0) return statements[statements.length - 1];
  const [before, found] = [statements[next - 1], statements[next]];
  const between = found !== undefined && offset < found.from;
  return between && before !== undefined && !sql.slice(before.end, offset).includes('\n') ? before : found;
}

/** A trigger has statements in it: it ends with the END that follows one of them, as the sqlite3 shell sees it. */
function endsHere(tokens: readonly PlacedToken[]): boolean {
  const words = tokens.slice(0, 3).map(wordOf);
  const isTrigger = words[0] === 'create' && (words[1] === 'trigger' || words[2] === 'trigger');
  if (!isTrigger) return true;
  const [before, last] = tokens.slice(-2);
  return before?.token?.text === ';' && last !== undefined && wordOf(last) === 'end';
}

/** A word in lower case; empty for any other token. */
export function wordOf({ token }: PlacedToken): string {
  return token?.kind === 'word' ? token.text.toLowerCase() : '';
}
