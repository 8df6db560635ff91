/** Filters and searches as SQL conditions. Values are bound, or literals that were checked digit by digit. */
import { CoreError } from '../errors';
import type { SqlValue } from '../sqlite/engine';
import { allOf, anyOf } from '../sqlite/cells';
import type { ColumnFilter, FilterOperator } from './model';

/** The function behind `matches`: registered with the connection, called as `jarvis_matches(number, text)`. */
export const matchFunction = 'jarvis_matches';

export interface Condition {
  readonly sql: string;
  readonly parameters: readonly SqlValue[];
}

/** What a condition is about. */
export interface ConditionScope {
  /** The SQL of a column's value; undefined where there is no such column. */
  expressionOf(column: string): string | undefined;
  /** Compiles a regular expression and tells the number by which {@link matchFunction} knows it. */
  registerExpression(source: string): number;
}

/**
 * The rows that pass all filters.
 *
 * @throws CoreError `query-invalid` where a filter names a column that is not there or an expression that cannot be used
 */
export function filterCondition(filters: readonly ColumnFilter[], scope: ConditionScope): Condition {
  const builder = new ConditionBuilder(scope);
  const parts = filters.map(({ column, operator, value }) => {
    const expression = scope.expressionOf(column);
    if (expression === undefined)
      throw new CoreError('query-invalid', `There is no column ${column} to filter by.`, {
        hint: 'Remove the filter.',
      });
    return builder.condition(expression, operator, value);
  });
  return builder.finish(allOf(parts));
}

/** The rows in which one of the values contains the text, without regard to ASCII case. */
export function findCondition(text: string, expressions: readonly string[], scope: ConditionScope): Condition {
  const builder = new ConditionBuilder(scope);
  return builder.finish(anyOf(expressions.map((expression) => builder.condition(expression, 'contains', text))));
}

class ConditionBuilder {
  private readonly parameters: SqlValue[] = [];

  constructor(private readonly scope: ConditionScope) {}

  finish(sql: string): Condition {
    return { sql, parameters: this.parameters };
  }

  condition(e: string, operator: FilterOperator, value: string): string {
    const text = `(CAST(${e} AS TEXT) COLLATE BINARY)`;
    switch (operator) {
      case 'isNull':
        return `(${e} IS NULL)`;
      case 'isNotNull':
        return `(${e} IS NOT NULL)`;
      case 'contains':
        return `(typeof(${e}) <> 'blob' AND CAST(${e} AS TEXT) LIKE ${this.bind(`%${escapeLike(value)}%`)} ESCAPE '\\')`;
      case 'notContains':
        return `NOT ifnull(${this.condition(e, 'contains', value)}, 0)`;
      case 'startsWith':
        return `(typeof(${e}) <> 'blob' AND CAST(${e} AS TEXT) LIKE ${this.bind(`${escapeLike(value)}%`)} ESCAPE '\\')`;
      case 'equals':
        return this.equals(e, text, value);
      case 'notEquals':
        return `NOT ifnull(${this.equals(e, text, value)}, 0)`;
      case 'less':
        return this.compare(e, text, '<', value);
      case 'lessOrEqual':
        return this.compare(e, text, '<=', value);
      case 'greater':
        return this.compare(e, text, '>', value);
      case 'greaterOrEqual':
        return this.compare(e, text, '>=', value);
      case 'matches':
        return `(typeof(${e}) <> 'blob' AND ${e} IS NOT NULL AND ${matchFunction}(${this.scope.registerExpression(value)}, CAST(${e} AS TEXT)))`;
    }
  }

  /** A number is equal to the number however it is stored; text is equal by its characters; `x'…'` is a BLOB. */
  private equals(e: string, text: string, value: string): string {
    const ways = [`(typeof(${e}) <> 'blob' AND ${text} = ${this.bind(value)})`];
    const number = numberLiteral(value);
    if (number !== null) ways.push(`(typeof(${e}) IN ('integer', 'real') AND +${e} = ${number})`);
    const blob = /^x'((?:[0-9a-f]{2})*)'$/i.exec(value.trim());
    if (blob !== null) ways.push(`(typeof(${e}) = 'blob' AND +${e} = x'${blob[1] ?? ''}')`);
    return anyOf(ways);
  }

  /** Numbers with numbers, and text with text: nothing is converted, so that no 64-bit integer is rounded. */
  private compare(e: string, text: string, operator: string, value: string): string {
    const number = numberLiteral(value);
    return number === null
      ? `(typeof(${e}) = 'text' AND ${text} ${operator} ${this.bind(value)})`
      : `(typeof(${e}) IN ('integer', 'real') AND +${e} ${operator} ${number})`;
  }

  private bind(value: string): string {
    this.parameters.push(value);
    return '?';
  }
}

/** The text as a numeric literal of SQL; null where it is none. Never through a JavaScript number. */
export function numberLiteral(text: string): string | null {
  const trimmed = text.trim();
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(trimmed) ? trimmed : null;
}

function escapeLike(text: string): string {
  return text.replace(/[\\%_]/g, '\\$&');
}
