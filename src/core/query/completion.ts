/** What can stand at a place of a statement: tables behind FROM and JOIN, the columns of its tables elsewhere. */
import { placeTokens, type PlacedToken } from '../sql-tokens';
import { quoteIdentifier, sameName } from '../sql-names';
import type { QueryRelation } from './model';
import { wordOf } from './statements';

export interface QueryProposal {
  readonly kind: 'table' | 'view' | 'column' | 'alias' | 'keyword';
  readonly label: string;
  /** The label, quoted where it has to be. */
  readonly text: string;
  /** The type of a column, or what an alias stands for. */
  readonly detail: string;
}

export interface QueryProposals {
  /** Where the word that is being typed begins. */
  readonly from: number;
  readonly proposals: readonly QueryProposal[];
}

/** A table of the statement, under the name by which its columns are known. */
interface Source {
  readonly name: string;
  readonly relation: QueryRelation | undefined;
}

const keywords = (
  'SELECT FROM WHERE JOIN LEFT INNER CROSS ON USING GROUP ORDER BY HAVING LIMIT OFFSET AS AND OR NOT IN IS NULL LIKE' +
  ' BETWEEN EXISTS CASE WHEN THEN ELSE END DISTINCT UNION ALL EXCEPT INTERSECT WITH RECURSIVE VALUES ASC DESC' +
  ' CAST COUNT SUM AVG MIN MAX TOTAL GROUP_CONCAT COALESCE IFNULL LENGTH LOWER UPPER SUBSTR REPLACE ROUND TYPEOF' +
  ' JSON_EXTRACT DATETIME'
).split(' ');
const clauses = new Set(['select', 'from', 'join', 'where', 'on', 'by', 'having', 'limit', 'values', 'set', 'using']);
/** Words that cannot be a name without quotes; an alias cannot be one of these either. */
const reserved = new Set(
  (
    keywords.slice(0, 41).join(' ') +
    ' TABLE INDEX CREATE DROP INSERT UPDATE DELETE INTO SET DEFAULT CHECK UNIQUE PRIMARY FOREIGN REFERENCES' +
    ' CONSTRAINT TRANSACTION TO COLLATE ESCAPE ISNULL NOTNULL ADD ALTER COMMIT NATURAL OUTER RIGHT FULL WINDOW RETURNING' +
    ' AUTOINCREMENT DEFERRABLE NOTHING RAISE CURRENT_DATE CURRENT_TIME CURRENT_TIMESTAMP'
  )
    .toLowerCase()
    .split(' '),
);

export function proposeAt(statement: string, offset: number, relations: readonly QueryRelation[]): QueryProposals {
  const nothing = { from: offset, proposals: [] };
  const tokens = [...placeTokens(statement)];
  const at = tokens.find(({ from, to }) => from < offset && offset <= to);
  const inside = at !== undefined && (offset < at.to || at.token?.text.startsWith('--') === true);
  if (at?.token?.kind === 'comment' && inside) return nothing;
  if (at?.token?.kind === 'number' || (at?.token?.kind === 'text' && inside)) return nothing;
  if (tokens.some(({ token, from }) => token === null && from < offset)) return nothing;
  const from = at?.token?.kind === 'word' ? at.from : offset;
  const words = tokens.filter(({ token }) => token?.kind !== 'comment');
  const before = words.filter(({ to }) => to <= from);
  const sources = sourcesOf(words, relations);

  const last = before[before.length - 1];
  if (last?.token?.text === '.') {
    const qualifier = nameOf(before[before.length - 2]) ?? '';
    const source = sources.find(({ name }) => sameName(name, qualifier));
    const relation = source?.relation ?? relations.find(({ name }) => sameName(name, qualifier));
    return { from, proposals: relation?.columns.map((column) => columnProposal(column, null)) ?? [] };
  }
  const clause = clauseOf(before);
  const tables = [...relations.map(relationProposal), ...withNames(words)];
  const behindName = last !== undefined && nameOf(last) !== undefined && !clauses.has(wordOf(last));
  if ((clause === 'from' || clause === 'join') && !behindName) return { from, proposals: tables };
  const columns = unique(
    sources.flatMap(({ name, relation }) => relation?.columns.map((column) => columnProposal(column, name)) ?? []),
  );
  const aliases = sources.map(({ name, relation }): QueryProposal => {
    return { kind: 'alias', label: name, text: quoted(name), detail: relation?.name ?? '' };
  });
  const others = keywords.map((label): QueryProposal => ({ kind: 'keyword', label, text: label, detail: '' }));
  return { from, proposals: behindName ? others : [...columns, ...aliases, ...others] };
}

/** Names behind FROM and JOIN, wherever in the statement they are, with their aliases. */
function sourcesOf(tokens: readonly PlacedToken[], relations: readonly QueryRelation[]): readonly Source[] {
  const sources: Source[] = [];
  tokens.forEach((placed, index) => {
    if (!['from', 'join', 'update', 'into'].includes(wordOf(placed))) return;
    let at = index;
    do {
      const named = readSource(tokens, at + 1);
      if (named === null) return;
      const { name, alias, end } = named;
      sources.push({ name: alias ?? name, relation: relations.find((one) => sameName(one.name, name)) });
      at = end;
    } while (tokens[at]?.token?.text === ',');
  });
  return sources;
}

function readSource(
  tokens: readonly PlacedToken[],
  at: number,
): { readonly name: string; readonly alias: string | undefined; readonly end: number } | null {
  const first = tokens[at + 1]?.token?.text === '.' ? at + 2 : at;
  const name = nameOf(tokens[first]);
  if (name === undefined) return null;
  const behind = tokens[first + 1];
  const second = behind !== undefined && wordOf(behind) === 'as' ? first + 2 : first + 1;
  const alias = nameOf(tokens[second]);
  return { name, alias, end: alias === undefined ? first + 1 : second + 1 };
}

/** The tables of a WITH: a name, perhaps its columns, AS and a parenthesis. */
function withNames(tokens: readonly PlacedToken[]): readonly QueryProposal[] {
  return tokens.flatMap((placed, index): QueryProposal[] => {
    const name = nameOf(placed);
    const [as, parenthesis] = [tokens[index + 1], tokens[index + 2]];
    if (name === undefined || as === undefined || wordOf(as) !== 'as' || parenthesis?.token?.text !== '(') return [];
    return [{ kind: 'view', label: name, text: quoted(name), detail: 'WITH' }];
  });
}

/** The clause that a place behind these tokens is in; parentheses that are closed do not count. */
function clauseOf(before: readonly PlacedToken[]): string | null {
  let depth = 0;
  for (const placed of before.toReversed()) {
    if (placed.token?.text === ')') depth++;
    else if (placed.token?.text === '(') {
      if (depth === 0) return null;
      depth--;
    } else if (depth === 0 && clauses.has(wordOf(placed))) return wordOf(placed);
  }
  return null;
}

function nameOf(placed: PlacedToken | undefined): string | undefined {
  if (placed?.token?.kind === 'quoted') return placed.token.name;
  if (placed?.token?.kind !== 'word' || reserved.has(placed.token.text.toLowerCase())) return undefined;
  return placed.token.text;
}

function relationProposal({ name, kind }: QueryRelation): QueryProposal {
  return { kind: kind === 'view' ? 'view' : 'table', label: name, text: quoted(name), detail: kind };
}

function columnProposal(
  { name, type, primaryKey }: QueryRelation['columns'][number],
  source: string | null,
): QueryProposal {
  const detail = [type, primaryKey ? 'PRIMARY KEY' : '', source === null ? '' : `(${source})`];
  return { kind: 'column', label: name, text: quoted(name), detail: detail.filter((part) => part !== '').join(' ') };
}

/** The first of those with one label. */
function unique(proposals: readonly QueryProposal[]): readonly QueryProposal[] {
  const seen = new Set<string>();
  return proposals.filter(({ label }) => !seen.has(label) && seen.add(label));
}

function quoted(name: string): string {
  return /^[A-Za-z_]\w*$/.test(name) && !reserved.has(name.toLowerCase()) ? name : quoteIdentifier(name);
}
