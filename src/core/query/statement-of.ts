/** The statement that shows what a viewer shows: a beginning for who wants to go on from there in SQL. */
import type { ColumnFilter, TableQuery } from '../browse/model';
import { quoteIdentifier } from '../sql-names';

/** Rows at most, until somebody asks for more. */
const rows = 100;

export function statementOf(table: string, { sort, filters }: TableQuery): string {
  const conditions = filters.filter(({ operator }) => operator !== 'matches').map(condition);
  const orders = sort.map(({ column, descending }) => `${quoteIdentifier(column)}${descending ? ' DESC' : ''}`);
  const lines = [
    ...filters.filter(({ operator }) => operator === 'matches').map(leftOut),
    'SELECT *',
    `FROM ${quoteIdentifier(table)}`,
    ...conditions.map((one, index) => `${index === 0 ? 'WHERE' : '  AND'} ${one}`),
    ...(orders.length === 0 ? [] : [`ORDER BY ${orders.join(', ')}`]),
    `LIMIT ${rows};`,
  ];
  return `${lines.join('\n')}\n`;
}

/** As the filter of a viewer finds rows, said in the way that people write it. */
function condition({ column, operator, value }: ColumnFilter): string {
  const name = quoteIdentifier(column);
  switch (operator) {
    case 'isNull':
      return `${name} IS NULL`;
    case 'isNotNull':
    case 'matches':
      return `${name} IS NOT NULL`;
    case 'contains':
      return like(name, `%${escaped(value)}%`, value);
    case 'startsWith':
      return like(name, `${escaped(value)}%`, value);
    case 'notContains':
      return `ifnull(${like(name, `%${escaped(value)}%`, value)}, 0) = 0`;
    case 'equals':
      return `${name} = ${literal(value)}`;
    case 'notEquals':
      return `${name} IS NOT ${literal(value)}`;
    case 'less':
      return `${name} < ${literal(value)}`;
    case 'lessOrEqual':
      return `${name} <= ${literal(value)}`;
    case 'greater':
      return `${name} > ${literal(value)}`;
    case 'greaterOrEqual':
      return `${name} >= ${literal(value)}`;
  }
}

/** SQLite has no regular expressions of its own, so the statement says what it leaves out: on one line, whatever is in it. */
function leftOut({ column, value }: ColumnFilter): string {
  return `-- ${`${column} ~ /${value}/`.replace(/\s+/g, ' ')}`;
}

function like(name: string, pattern: string, value: string): string {
  return `${name} LIKE ${quoted(pattern)}${escaped(value) === value ? '' : ` ESCAPE '\\'`}`;
}

function escaped(value: string): string {
  return value.replace(/[\\%_]/g, '\\$&');
}

/** Digits and BLOBs as they were typed, so that no 64-bit integer is rounded; anything else is text. */
function literal(value: string): string {
  const isNumber = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(value);
  const isBlob = /^x'(?:[0-9a-f]{2})*'$/i.test(value);
  return isNumber || isBlob ? value : quoted(value);
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
