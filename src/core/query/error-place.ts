/** Where in a statement an error is, as far as SQLite's words tell. */
import { placeTokens } from '../sql-tokens';
import { sameName } from '../sql-names';

export interface Span {
  readonly from: number;
  readonly to: number;
}

/** Messages that name the token: https://www.sqlite.org/src has them in parse.y and resolve.c. */
const namings = [
  /near "([\s\S]+)": syntax error/i,
  /unrecognized token: "([\s\S]+)"/i,
  /no such (?:column|table|function|collation sequence): ([^\s]+?)\.?$/i,
  /ambiguous column name: ([^\s]+?)\.?$/i,
  /wrong number of arguments to function ([^\s(]+)\(/i,
  /misuse of (?:aggregate|window function)(?: function)?:? ([^\s(]+)\(/i,
  /^([A-Z]+) is refused/,
];

/** Null where it could be anywhere: then it is about the whole statement. */
export function placeOfError(sql: string, message: string): Span | null {
  if (/incomplete input/i.test(message)) return { from: Math.max(0, sql.trimEnd().length - 1), to: sql.length };
  const named = namings.map((pattern) => pattern.exec(message)?.[1]).find((one) => one !== undefined);
  if (named === undefined) return null;
  const parts = named.split('.');
  const name = parts[parts.length - 1] ?? named;
  const found = [...placeTokens(sql)].filter(({ token, from, to }) => {
    if (token === null) return named.startsWith(sql.slice(from, to));
    if (token.kind === 'comment') return false;
    return sameName(token.kind === 'quoted' ? token.name : token.text, name) || token.text === named;
  });
  const [only] = found;
  // A token that stands there several times is not pointed at: it would be a guess.
  if (only === undefined || found.length > 1) return null;
  return { from: only.from, to: only.token === null ? sql.length : only.to };
}
