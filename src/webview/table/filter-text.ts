/**
 * What a person types into the filter of a column.
 *
 *     abc       contains          !abc     does not contain      ^abc    begins with
 *     =abc      equals            !=abc    does not equal        > >= < <=   compares
 *     null      is NULL           !null    is not NULL           /a.c/   matches the regular expression
 */
import type { ColumnFilter, FilterOperator } from '../../core/browse/model';
import { compileExpression } from '../../core/browse/regular-expression';
import { describeError } from '../../core/errors';

const prefixes: readonly (readonly [string, FilterOperator])[] = [
  ['!=', 'notEquals'],
  ['<>', 'notEquals'],
  ['>=', 'greaterOrEqual'],
  ['<=', 'lessOrEqual'],
  ['=', 'equals'],
  ['>', 'greater'],
  ['<', 'less'],
  ['^', 'startsWith'],
  ['!', 'notContains'],
];

/** Null where nothing is asked for. */
export function parseFilter(column: string, text: string): ColumnFilter | null {
  const trimmed = text.trim();
  if (trimmed === '') return null;
  if (/^null$/i.test(trimmed)) return { column, operator: 'isNull', value: '' };
  if (/^!\s*null$/i.test(trimmed)) return { column, operator: 'isNotNull', value: '' };
  const expression = /^\/(.+)\/$/.exec(trimmed);
  if (expression !== null) return { column, operator: 'matches', value: expression[1] ?? '' };
  for (const [prefix, operator] of prefixes) {
    if (!trimmed.startsWith(prefix)) continue;
    const value = trimmed.slice(prefix.length).trim();
    // `=` alone looks for an empty text; the others would find everything.
    if (value === '' && operator !== 'equals' && operator !== 'notEquals') return null;
    return { column, operator, value };
  }
  return { column, operator: 'contains', value: trimmed };
}

/** What is wrong with the regular expression of a filter, in words; null where nothing is, or where it has none. */
export function mistakeIn(text: string): string | null {
  const filter = parseFilter('', text);
  if (filter?.operator !== 'matches') return null;
  try {
    compileExpression(filter.value);
    return null;
  } catch (error) {
    const { message, hint } = describeError(error);
    return hint === null ? message : `${message}\n${hint}`;
  }
}

/** The text that {@link parseFilter} reads as this filter. */
export function filterText({ operator, value }: Pick<ColumnFilter, 'operator' | 'value'>): string {
  switch (operator) {
    case 'isNull':
      return 'null';
    case 'isNotNull':
      return '!null';
    case 'matches':
      return `/${value}/`;
    case 'contains':
      return value;
    case 'equals':
    case 'notEquals':
    case 'less':
    case 'lessOrEqual':
    case 'greater':
    case 'greaterOrEqual':
    case 'startsWith':
    case 'notContains':
      return `${prefixes.find(([, known]) => known === operator)?.[0] ?? ''}${value}`;
  }
}
