/**
 * A plan's step against what is really there: which table, which key, which cell comes from where.
 *
 * Pure: schemas in, a frozen description out. What does not fit is an error in words, before anything is moved.
 */
import { CoreError } from '../errors';
import type { ColumnMapping } from '../report/model';
import { foldName, quoteIdentifier, sameName } from '../sqlite/identifiers';
import { primaryKeyOf, storedColumns, type TableSchema } from '../sqlite/schema';
import type { AdoptStep, MapStep } from './schema';

/** One column of the target and the SQL expression over the legacy row that fills it. */
export interface CellSource {
  readonly target: string;
  readonly expression: string;
}

export interface ResolvedStep {
  readonly strategy: 'map' | 'adopt';
  readonly legacyDatabase: string;
  readonly legacy: TableSchema;
  /** What identifies a row: target column and the expression over the legacy row, in key order. */
  readonly key: readonly CellSource[];
  /** Every column that an INSERT names. */
  readonly cells: readonly CellSource[];
  /** Legacy column → how its value is read back: a target column, or an expression over the target row. */
  readonly recovered: readonly { readonly legacy: string; readonly expression: string; readonly declared: boolean }[];
  /** Legacy columns that the target has no place for, in the legacy table's order. */
  readonly residual: readonly string[];
}

/** @throws CoreError `plan-invalid` where step and schemas do not fit */
export function resolveMap(step: MapStep, legacy: TableSchema, target: TableSchema): ResolvedStep {
  const fail = (message: string): CoreError =>
    new CoreError('plan-invalid', `${step.legacy.database} ${step.legacy.table} → ${step.target.table}: ${message}`, {
      path: step.legacy.database,
      hint: 'The schema is not the one that the plan was made for; nothing was touched.',
    });
  for (const name of Object.keys(step.columns)) {
    const column = target.columns.find((candidate) => sameName(candidate.name, name));
    if (column === undefined) throw fail(`${step.target.table} has no column ${name}.`);
    if (column.generated) throw fail(`${name} is a generated column and cannot be filled.`);
  }
  const expressions = new Map(Object.entries(step.columns).map(([name, expression]) => [foldName(name), expression]));
  const cells = target.columns
    .filter((column) => !column.generated)
    .map((column): CellSource => {
      const expression = expressions.get(foldName(column.name));
      if (expression !== undefined) return { target: column.name, expression };
      if (column.notNull) throw fail(`the plan does not fill ${column.name}, which must not be NULL.`);
      // An explicit NULL: a column left out of an INSERT lets its DEFAULT invent a value.
      return { target: column.name, expression: 'NULL' };
    });
  const key = primaryKeyOf(target).map((column): CellSource => {
    const expression = expressions.get(foldName(column));
    if (expression === undefined) throw fail(`the plan does not say where the key column ${column} comes from.`);
    return { target: column, expression };
  });
  if (key.length === 0) throw fail(`${step.target.table} has no primary key to tell its rows apart.`);

  const recovered = storedColumns(legacy).flatMap((column) => {
    const copied = cells.find(({ expression }) => isColumn(expression, column));
    if (copied !== undefined) return [{ legacy: column, expression: quoteIdentifier(copied.target), declared: false }];
    const declared = Object.entries(step.rebuild).find(([name]) => sameName(name, column));
    return declared === undefined ? [] : [{ legacy: column, expression: declared[1], declared: true }];
  });
  return {
    strategy: 'map',
    legacyDatabase: step.legacy.database,
    legacy,
    key,
    cells,
    recovered,
    residual: storedColumns(legacy).filter((column) => !recovered.some((entry) => entry.legacy === column)),
  };
}

/**
 * @param keyHoldsNull some row has a NULL in its declared key, which then does not identify it (SQLite allows NULLs in
 *   every primary key but INTEGER PRIMARY KEY and those of WITHOUT ROWID tables)
 */
export function resolveAdopt(step: AdoptStep, legacy: TableSchema, keyHoldsNull: boolean): ResolvedStep {
  const columns = storedColumns(legacy);
  const declaredKey = primaryKeyOf(legacy);
  const byRowid = declaredKey.length === 0 || keyHoldsNull;
  if (byRowid && legacy.rowidName === null) {
    throw new CoreError(
      'plan-invalid',
      `${step.legacy.database} ${legacy.name}: its rows have no key, and its columns hide the rowid.`,
      {
        path: step.legacy.database,
        hint: 'Give the table a primary key.',
      },
    );
  }
  const keyColumns = byRowid && legacy.rowidName !== null ? [legacy.rowidName] : declaredKey;
  const copy = (column: string): CellSource => ({ target: column, expression: quoteIdentifier(column) });
  return {
    strategy: 'adopt',
    legacyDatabase: step.legacy.database,
    legacy,
    key: keyColumns.map(copy),
    cells: columns.map(copy),
    recovered: columns.map((column) => ({ legacy: column, expression: quoteIdentifier(column), declared: false })),
    residual: [],
  };
}

/** The mapping in words, for the report. */
export function describeMapping(
  step: ResolvedStep,
  sidecar: string | null,
  residual: readonly string[],
): readonly ColumnMapping[] {
  const lines = step.cells.map(({ target, expression }): ColumnMapping => {
    const source = step.recovered.find(
      (entry) => entry.expression === quoteIdentifier(target) || (entry.declared && isColumn(entry.expression, target)),
    );
    if (source !== undefined && isColumn(expression, source.legacy)) {
      return { legacy: source.legacy, target, transformation: source.legacy === target ? 'unchanged' : 'renamed' };
    }
    const constant = /^(?:NULL|-?\d+(?:\.\d+)?|'(?:[^']|'')*')$/i.test(expression);
    return {
      legacy: source?.legacy ?? null,
      target,
      transformation: `${constant ? 'constant' : 'computed'}: ${expression}`,
    };
  });
  const kept = residual.map((legacy): ColumnMapping => ({
    legacy,
    target: null,
    transformation: sidecar === null ? 'no home' : `kept in ${sidecar}`,
  }));
  return [...lines, ...kept];
}

/** Whether an expression is nothing but the name of a column, quoted or not. */
function isColumn(expression: string, column: string): boolean {
  const text = expression.trim();
  if (text.startsWith('"') && text.endsWith('"') && text.length > 1)
    return sameName(text.slice(1, -1).replaceAll('""', '"'), column);
  return /^[\p{L}_][\p{L}\p{N}_$]*$/u.test(text) && sameName(text, column);
}
