/**
 * A plan's step against what is really there: which table, which key, which cell comes from where.
 *
 * Pure: schemas in, a frozen description out. What does not fit is an error in words, before anything is moved.
 */
import { CoreError } from '../errors';
import type { ColumnMapping } from '../report/model';
import { keyValue } from '../sqlite/cells';
import { foldName, quoteIdentifier, sameName } from '../sqlite/identifiers';
import {
  affinityIn,
  mostColumns,
  primaryKeyOf,
  storedColumns,
  type Affinity,
  type ColumnSchema,
  type TableSchema,
} from '../sqlite/schema';
import { isColumnName } from './expression';
import { packLegacy, unpackLegacy } from './metadata';
import type { AdoptStep, MapStep } from './schema';

/** One column of the target and the SQL expression over the legacy row that fills it. */
export interface CellSource {
  readonly target: string;
  readonly expression: string;
  /** The legacy column that the expression is nothing but a copy of; null where it computes. */
  readonly copyOf: string | null;
  /** The affinity of both columns, where the cell is a copy between columns of one; null otherwise. */
  readonly shared: Affinity | null;
  /** The target column's. */
  readonly affinity: Affinity;
  /** The target column's affinity could turn the value into another one. */
  readonly mayRewrite: boolean;
}

/** A target column that refers to a row of another table of the target. */
export interface CellReference {
  readonly target: string;
  readonly table: string;
  readonly column: string;
  readonly orphans: 'reject' | 'null';
}

/** A legacy column and how its value is read back: an expression over the target row. */
export interface RecoveredColumn {
  readonly legacy: string;
  readonly expression: string;
  /** The way back is not a plain copy: it is tried on every row. */
  readonly declared: boolean;
}

export interface ResolvedStep {
  readonly strategy: 'map' | 'adopt';
  readonly legacyDatabase: string;
  readonly legacy: TableSchema;
  /** The legacy row's identity as one SQL expression over its table; an integer where the table has rowids. */
  readonly identity: { readonly expression: string; readonly isRowid: boolean };
  /** What identifies a row in the target: target column and the expression over the legacy row, in key order. */
  readonly key: readonly CellSource[];
  /** The key is the target's rowid: an integer, which can be shifted. */
  readonly keyIsRowid: boolean;
  /** The legacy schema keeps the key unique and free of NULLs. */
  readonly keyIsSound: boolean;
  readonly takenKeys: 'shift' | 'conflict';
  /** Every column that an INSERT names. */
  readonly cells: readonly CellSource[];
  readonly references: readonly CellReference[];
  readonly recovered: readonly RecoveredColumn[];
  /** Legacy columns that the target has no place for, in the legacy table's order. */
  readonly residual: readonly string[];
  readonly residualMode: 'sidecar' | 'metadata' | 'drop';
  /** The JSON column that keeps residual columns; null unless the mode is `metadata`. */
  readonly metadataColumn: string | null;
}

/** @throws CoreError `plan-invalid` where step and schemas do not fit */
export function resolveMap(
  step: MapStep,
  legacy: TableSchema,
  target: TableSchema,
  uniqueKeys: readonly (readonly string[])[],
): ResolvedStep {
  const fail = (message: string): CoreError =>
    new CoreError('plan-invalid', `${step.legacy.database} ${step.legacy.table} → ${step.target.table}: ${message}`, {
      path: step.legacy.database,
      hint: 'The schema is not the one that the plan was made for; nothing was touched.',
    });
  const references = Object.entries(step.references);
  const named = new Map<string, { name: string; expression: string }>();
  for (const [name, expression] of [
    ...Object.entries(step.columns),
    ...references.map(([name, { value }]) => [name, value] as const),
  ]) {
    const column = target.columns.find((candidate) => sameName(candidate.name, name));
    if (column === undefined) throw fail(`${step.target.table} has no column ${name}.`);
    if (column.generated) throw fail(`${name} is a generated column and cannot be filled.`);
    if (named.has(foldName(name))) throw fail(`${name} is named twice.`);
    named.set(foldName(name), { name, expression });
  }
  const keyNames = step.key ?? primaryKeyOf(target);
  if (keyNames.length === 0) {
    throw fail(`${step.target.table} has no primary key to tell its rows apart. Name "key" columns that are unique.`);
  }
  const sameSet = (columns: readonly string[]): boolean =>
    columns.length === keyNames.length && columns.every((column) => keyNames.some((name) => sameName(name, column)));
  if (!uniqueKeys.some(sameSet)) {
    throw fail(`${keyNames.join(', ')} does not tell the rows of ${step.target.table} apart: no UNIQUE key covers it.`);
  }
  // The legacy rows are one query: identity, key, a column for each of the target's, and those of the legacy table.
  const queried = 1 + keyNames.length + target.columns.length + legacy.columns.length;
  if (queried > mostColumns) {
    throw fail(
      `the tables have ${legacy.columns.length} and ${target.columns.length} columns; SQLite takes ${mostColumns} at a time, key and identity included. Use the strategy adopt for it.`,
    );
  }
  const isKey = (column: ColumnSchema): boolean => keyNames.some((name) => sameName(name, column.name));
  const cellOf = (column: ColumnSchema, expression: string): CellSource => {
    const copied = legacy.columns.find(({ name }) => isColumnName(expression, name));
    const affinity = affinityIn(target, column.type);
    const copiedAffinity = copied === undefined || copied.generated ? null : affinityIn(legacy, copied.type);
    return {
      target: column.name,
      expression,
      copyOf: copied?.name ?? null,
      affinity,
      shared: isTextLiteral(expression) ? sharedWithText(affinity) : copiedAffinity === affinity ? affinity : null,
      mayRewrite: copiedAffinity !== affinity && mayRewrite(expression, affinity, target.strict),
    };
  };

  const fixed: CellSource[] = [];
  for (const column of target.columns.filter(({ generated }) => !generated)) {
    const source = named.get(foldName(column.name));
    if (source !== undefined) fixed.push(cellOf(column, source.expression));
    else if (isKey(column)) throw fail(`the plan does not say where the key column ${column.name} comes from.`);
    else if (target.rowidAlias === column.name) continue;
    else if (column.notNull) throw fail(`the plan does not fill ${column.name}, which must not be NULL.`);
    // An explicit NULL: a column left out of an INSERT lets its DEFAULT invent a value.
    else fixed.push(cellOf(column, 'NULL'));
  }

  const stored = storedColumns(legacy);
  const orphaning = references.filter(([, { orphans }]) => orphans === 'null').map(([name]) => name);
  const recovered = stored.flatMap((column): readonly RecoveredColumn[] => {
    const copied = fixed.find(({ copyOf }) => copyOf !== null && sameName(copyOf, column));
    if (copied !== undefined) {
      // A reference that may become NULL gives its value back only where it did not: it is looked at row by row.
      const declared = orphaning.some((name) => sameName(name, copied.target));
      return [{ legacy: column, expression: quoteIdentifier(copied.target), declared }];
    }
    const declared = Object.entries(step.rebuild).find(([name]) => sameName(name, column));
    return declared === undefined ? [] : [{ legacy: column, expression: declared[1], declared: true }];
  });
  const residual = stored.filter((column) => !recovered.some((entry) => entry.legacy === column));
  const key = keyNames.flatMap((name) => fixed.filter((cell) => sameName(cell.target, name)));
  const keyIsRowid = key.length === 1 && key[0]?.target === target.rowidAlias;
  const base = {
    strategy: 'map' as const,
    legacyDatabase: step.legacy.database,
    legacy,
    identity: identityOf(step.legacy.database, legacy),
    key,
    keyIsRowid,
    keyIsSound: keyIsRowid && legacy.rowidAlias !== null && key[0]?.copyOf === legacy.rowidAlias,
    takenKeys: step.takenKeys,
    references: references.map(([name, { table, column, orphans }]) => ({ target: name, table, column, orphans })),
    residualMode: step.residual,
  };
  if (step.residual !== 'metadata' || residual.length === 0) {
    return { ...base, cells: fixed, recovered, residual, metadataColumn: null };
  }

  const wanted = step.metadata ?? 'metadata_json';
  const home = target.columns.find(({ name, generated }) => !generated && sameName(name, wanted));
  if (home === undefined) {
    throw fail(
      `${step.target.table} has no column ${wanted} for the residual columns. Name a JSON column as "metadata".`,
    );
  }
  const unsayable = residual.find((column) => !/^[^"\\\p{Cc}]+$/u.test(column));
  if (unsayable !== undefined) {
    throw fail(`the column name ${JSON.stringify(unsayable)} cannot be a path in JSON. Use "residual": "sidecar".`);
  }
  const filled = fixed.find(({ target: name }) => name === home.name);
  // What a legacy column put there is kept by the side of the others: JSON is not given back letter by letter.
  const kept =
    filled?.copyOf === null || filled === undefined
      ? residual
      : stored.filter((c) => residual.includes(c) || c === filled.copyOf);
  const packed = packLegacy(filled?.expression ?? 'NULL', kept);
  const unpacked = kept.map((column) => ({
    legacy: column,
    expression: unpackLegacy(quoteIdentifier(home.name), column),
    declared: true,
  }));
  return {
    ...base,
    cells: fixed.map((cell) =>
      cell.target === home.name ? { ...cell, expression: packed, copyOf: null, shared: null, mayRewrite: true } : cell,
    ),
    recovered: [...recovered.filter(({ legacy: column }) => !kept.includes(column)), ...unpacked],
    residual: kept,
    metadataColumn: home.name,
  };
}

/**
 * @param keyedBy what identifies rows: the declared key, or the rowid for want of a better
 * @param keyHoldsNull some row has a NULL in its declared key, which then does not identify it (SQLite allows NULLs in
 *   every primary key but INTEGER PRIMARY KEY and those of WITHOUT ROWID tables)
 */
export function resolveAdopt(
  step: AdoptStep,
  legacy: TableSchema,
  keyedBy: 'key' | 'rowid',
  keyHoldsNull: boolean,
  existing: TableSchema | null = null,
): ResolvedStep {
  const columns = storedColumns(legacy);
  const declaredKey = primaryKeyOf(legacy);
  const byRowid = declaredKey.length === 0 || keyedBy === 'rowid';
  if (byRowid && legacy.rowidName === null) {
    throw new CoreError(
      'plan-invalid',
      `${step.legacy.database} ${legacy.name}: its rows have no key, and its columns hide the rowid.`,
      {
        path: step.legacy.database,
        hint: noKeyHint,
      },
    );
  }
  const keyColumns = byRowid && legacy.rowidName !== null ? [legacy.rowidName] : declaredKey;
  const typeIn = (table: TableSchema, column: string): string =>
    table.columns.find(({ name }) => sameName(name, column))?.type ?? '';
  const copy = (column: string): CellSource => {
    const affinity = affinityIn(existing ?? legacy, typeIn(existing ?? legacy, column));
    // Adopted by an earlier run, the table is the application's, which may have changed a column's type since.
    const isSame = affinityIn(legacy, typeIn(legacy, column)) === affinity;
    return {
      target: column,
      expression: quoteIdentifier(column),
      copyOf: column,
      shared: isSame ? affinity : null,
      affinity,
      mayRewrite: !isSame && affinity !== 'blob',
    };
  };
  return {
    strategy: 'adopt',
    legacyDatabase: step.legacy.database,
    legacy,
    identity: identityOf(step.legacy.database, legacy),
    key: keyColumns.map(copy),
    keyIsRowid: byRowid || (keyColumns.length === 1 && keyColumns[0] === legacy.rowidAlias),
    keyIsSound: byRowid || !keyHoldsNull,
    takenKeys: 'shift',
    cells: columns.map(copy),
    references: [],
    recovered: columns.map((column) => ({ legacy: column, expression: quoteIdentifier(column), declared: false })),
    residual: [],
    residualMode: 'sidecar',
    metadataColumn: null,
  };
}

const noKeyHint =
  'Give the table a primary key, or take the strategy skip for it in a plan file (start from jarvis-db plan --print): its rows then stay where they are.';

function isTextLiteral(expression: string): boolean {
  return /^'(?:[^']|'')*'$/.test(expression.trim());
}

function sharedWithText(affinity: Affinity): Affinity | null {
  return affinity === 'text' ? 'text' : null;
}

function identityOf(database: string, legacy: TableSchema): ResolvedStep['identity'] {
  if (legacy.rowidName !== null) return { expression: quoteIdentifier(legacy.rowidName), isRowid: true };
  if (legacy.rowidAlias !== null) return { expression: quoteIdentifier(legacy.rowidAlias), isRowid: true };
  const key = primaryKeyOf(legacy);
  if (key.length === 0) {
    throw new CoreError(
      'plan-invalid',
      `${database} ${legacy.name}: its rows have no key, and its columns hide the rowid.`,
      {
        path: database,
        hint: noKeyHint,
      },
    );
  }
  return { expression: keyValue(key.map(quoteIdentifier)), isRowid: false };
}

/** Whether storing could change what an expression gives, where it is no copy of a column of the same affinity. */
function mayRewrite(expression: string, affinity: Affinity, isStrict: boolean): boolean {
  if (/^NULL$/i.test(expression.trim())) return false;
  if (affinity === 'blob' && !isStrict) return false;
  if (affinity === 'text' && isTextLiteral(expression)) return false;
  return !(affinity === 'integer' && /^\d{1,15}$/.test(expression.trim()));
}

/** The mapping in words, for the report. */
export function describeMapping(
  step: ResolvedStep,
  kept: string | null,
  residual: readonly string[],
): readonly ColumnMapping[] {
  const lines = step.cells.map(({ target, expression, copyOf }): ColumnMapping => {
    if (copyOf !== null) {
      return { legacy: copyOf, target, transformation: copyOf === target ? 'unchanged' : 'renamed' };
    }
    if (target === step.metadataColumn) {
      return { legacy: null, target, transformation: `computed: residual columns as JSON under "legacy"` };
    }
    const source = step.recovered.find(({ declared, expression: back }) => declared && isColumnName(back, target));
    const constant = /^(?:NULL|-?\d+(?:\.\d+)?|'(?:[^']|'')*')$/i.test(expression);
    return {
      legacy: source?.legacy ?? null,
      target,
      transformation: `${constant ? 'constant' : 'computed'}: ${expression}`,
    };
  });
  const where = (column: string): string => {
    if (step.residualMode === 'drop' && step.residual.includes(column)) return 'dropped';
    return kept === null ? 'no home' : `kept in ${kept}`;
  };
  const homeless = residual.map((legacy): ColumnMapping => ({ legacy, target: null, transformation: where(legacy) }));
  return [...lines, ...homeless];
}
