/** A `map` step against the schemas of its two tables. */
import { foldName, sameName } from '../sqlite/identifiers';
import { primaryKeyOf, storedColumns, type ColumnSchema } from '../sqlite/schema';
import { isColumnName } from './expression';
import type { PlanPath } from './parse-plan';
import { findTable, type PlanTable } from './plan-catalogue';
import type { Examination } from './plan-examination';
import type { MapStep } from './schema';

export function checkMapStep(examination: Examination, step: MapStep, index: number, legacy: PlanTable | null): void {
  const at = ['steps', index] as const;
  for (const [column, expression] of Object.entries(step.columns))
    examination.expression(legacy, expression, [...at, 'columns', column]);
  for (const [column, { value }] of Object.entries(step.references))
    examination.expression(legacy, value, [...at, 'references', column, 'value']);
  step.parents.forEach(({ columns }, number) => {
    for (const [column, expression] of Object.entries(columns))
      examination.expression(legacy, expression, [...at, 'parents', number, 'columns', column]);
  });
  if (legacy !== null) checkLegacyColumns(examination, step, at, legacy);

  const tables = examination.known(step.target.database);
  if (tables === null) return;
  const target = findTable(tables, step.target.table);
  if (target?.kind !== 'table') {
    const words = target === null ? `has no table ${step.target.table}` : `has no ordinary table ${step.target.table}`;
    examination.error('unknown-table', [...at, 'target', 'table'], `${step.target.database} ${words}.`);
  } else {
    checkTargetColumns(examination, step, at, target);
    checkKey(examination, step, at, target);
    for (const [column, expression] of Object.entries(step.rebuild))
      examination.expression(target, expression, [...at, 'rebuild', column]);
    if (legacy !== null) checkResidual(examination, step, at, legacy, target);
  }
  checkReferences(examination, step, at, tables);
  checkParents(examination, step, at, tables);
}

function checkLegacyColumns(examination: Examination, step: MapStep, at: PlanPath, legacy: PlanTable): void {
  for (const column of Object.keys(step.rebuild)) {
    if (findColumn(legacy, column) === undefined)
      examination.error(
        'unknown-column',
        [...at, 'rebuild', column],
        `${step.legacy.database} ${legacy.name} has no column ${column}.`,
        'key',
      );
  }
}

/** What the step fills: columns that are there, not generated, each once; and nothing left out that must not be NULL. */
function checkTargetColumns(examination: Examination, step: MapStep, at: PlanPath, target: PlanTable): void {
  checkFilled(examination, target, [
    ...Object.keys(step.columns).map((name) => ({ name, at: [...at, 'columns', name] })),
    ...Object.keys(step.references).map((name) => ({ name, at: [...at, 'references', name] })),
  ]);
  const filled = filledNames(step);
  const uncovered = target.columns.filter(
    ({ name, notNull, generated }) =>
      notNull && !generated && name !== target.rowidAlias && !filled.has(foldName(name)),
  );
  const keyNames = step.key ?? primaryKeyOf(target);
  for (const { name } of uncovered) {
    if (!keyNames.some((keyName) => sameName(keyName, name)))
      examination.error(
        'uncovered-not-null',
        [...at, 'columns'],
        `The step does not fill ${name} of ${target.name}, which must not be NULL.`,
        'key',
      );
  }
  for (const [name, expression] of Object.entries(step.columns)) {
    const column = findColumn(target, name);
    if (column?.notNull === true && /^\s*null\s*$/i.test(expression))
      examination.error('uncovered-not-null', [...at, 'columns', name], `${name} of ${target.name} must not be NULL.`);
  }
}

function checkFilled(
  examination: Examination,
  table: PlanTable,
  named: readonly { readonly name: string; readonly at: PlanPath }[],
): void {
  const seen = new Set<string>();
  for (const { name, at } of named) {
    const column = findColumn(table, name);
    if (column === undefined) examination.error('unknown-column', at, `${table.name} has no column ${name}.`, 'key');
    else if (column.generated)
      examination.error('generated-column', at, `${name} is a generated column and cannot be filled.`, 'key');
    else if (seen.has(foldName(name)))
      examination.error('duplicate-column', at, `${name} of ${table.name} is filled twice.`, 'key');
    seen.add(foldName(name));
  }
}

/** What tells rows apart: named, covered by a UNIQUE key of the target, and filled. */
function checkKey(examination: Examination, step: MapStep, at: PlanPath, target: PlanTable): void {
  const names = step.key ?? primaryKeyOf(target);
  const where = step.key === undefined ? [...at, 'columns'] : [...at, 'key'];
  if (names.length === 0) {
    examination.error(
      'no-key',
      [...at, 'target', 'table'],
      `${target.name} has no primary key to tell its rows apart. Name "key" columns that are unique.`,
    );
    return;
  }
  const unknown = names.filter((name) => findColumn(target, name) === undefined);
  for (const name of unknown)
    examination.error('unknown-column', [...at, 'key', names.indexOf(name)], `${target.name} has no column ${name}.`);
  if (unknown.length > 0) return;
  const isKey = (columns: readonly string[]): boolean =>
    columns.length === names.length && columns.every((column) => names.some((name) => sameName(name, column)));
  if (!target.uniqueKeys.some(isKey))
    examination.error(
      'key-not-unique',
      where,
      `${names.join(', ')} does not tell the rows of ${target.name} apart: no UNIQUE key covers it.`,
      'key',
    );
  const filled = filledNames(step);
  for (const name of names.filter((keyName) => !filled.has(foldName(keyName)))) {
    const numbered = target.rowidAlias !== null && sameName(name, target.rowidAlias);
    examination.error(
      'key-not-covered',
      [...at, 'columns'],
      `The step does not say where the key column ${name} of ${target.name} comes from.${numbered ? ' To have SQLite number the rows, name other columns as "key".' : ''}`,
      'key',
    );
  }
}

function checkReferences(examination: Examination, step: MapStep, at: PlanPath, tables: readonly PlanTable[]): void {
  for (const [column, reference] of Object.entries(step.references)) {
    const where = [...at, 'references', column];
    const table = findTable(tables, reference.table);
    if (table === null) {
      if (!isAdopted(examination, step.target.database, reference.table))
        examination.error(
          'unknown-table',
          [...where, 'table'],
          `${step.target.database} has no table ${reference.table}.`,
        );
    } else if (findColumn(table, reference.column) === undefined) {
      examination.error('unknown-column', [...where, 'column'], `${table.name} has no column ${reference.column}.`);
    }
  }
}

function checkParents(examination: Examination, step: MapStep, at: PlanPath, tables: readonly PlanTable[]): void {
  step.parents.forEach((parent, number) => {
    const where = [...at, 'parents', number];
    const table = findTable(tables, parent.table);
    if (table?.kind !== 'table') {
      examination.error('unknown-table', [...where, 'table'], `${step.target.database} has no table ${parent.table}.`);
      return;
    }
    if (sameName(parent.table, step.target.table))
      examination.error(
        'parents-in-target',
        [...where, 'table'],
        `The step itself fills ${table.name}: its parents cannot go there too.`,
      );
    const names = Object.keys(parent.columns);
    checkFilled(
      examination,
      table,
      names.map((name) => ({ name, at: [...where, 'columns', name] })),
    );
    const key = primaryKeyOf(table);
    for (const column of table.columns) {
      if (column.generated || names.some((name) => sameName(name, column.name))) continue;
      if (key.includes(column.name))
        examination.error(
          'key-not-covered',
          [...where, 'columns'],
          `The primary key of ${table.name}, ${column.name}, must be among these columns.`,
          'key',
        );
      else if (column.notNull)
        examination.error(
          'uncovered-not-null',
          [...where, 'columns'],
          `${column.name} of ${table.name} must not be NULL.`,
          'key',
        );
    }
    if (key.length === 0)
      examination.error('no-key', [...where, 'table'], `${table.name} has no primary key to find its rows by.`);
  });
}

/** Legacy columns without a home: where they go, said once for the step. */
function checkResidual(
  examination: Examination,
  step: MapStep,
  at: PlanPath,
  legacy: PlanTable,
  target: PlanTable,
): void {
  if (step.residual !== 'metadata' && step.metadata !== undefined)
    examination.warning(
      'unused-metadata',
      [...at, 'metadata'],
      `"metadata" says nothing where "residual" is "${step.residual}".`,
      'key',
    );
  const residual = residualColumns(step, legacy);
  if (residual.length === 0) return;
  const list = residual.join(', ');
  const where = [...at, 'residual'];
  switch (step.residual) {
    case 'sidecar':
      examination.note(
        'no-home',
        where,
        `${list} of ${legacy.name} ${residual.length === 1 ? 'has' : 'have'} no home in ${target.name}: kept in the sidecar table legacy_${legacy.name}.`,
      );
      return;
    case 'drop':
      examination.warning(
        'values-lost',
        where,
        `${list} of ${legacy.name} ${residual.length === 1 ? 'is' : 'are'} dropped: the values are counted as lost.`,
      );
      return;
    case 'metadata':
      checkMetadata(examination, step, at, target, residual);
  }
}

function checkMetadata(
  examination: Examination,
  step: MapStep,
  at: PlanPath,
  target: PlanTable,
  residual: readonly string[],
): void {
  const wanted = step.metadata ?? 'metadata_json';
  const where = [...at, step.metadata === undefined ? 'residual' : 'metadata'];
  const column = findColumn(target, wanted);
  const unsayable = residual.find((name) => !/^[^"\\\p{Cc}]+$/u.test(name));
  if (column === undefined || column.generated)
    examination.error(
      'no-metadata-column',
      where,
      `${target.name} has no column ${wanted} for the residual columns. Name a JSON column as "metadata".`,
    );
  else if (unsayable !== undefined)
    examination.error(
      'no-metadata-column',
      where,
      `The column name ${JSON.stringify(unsayable)} cannot be a path in JSON. Use "residual": "sidecar".`,
    );
  else
    examination.note(
      'no-home',
      where,
      `${residual.join(', ')} ${residual.length === 1 ? 'has' : 'have'} no home in ${target.name}: kept in ${column.name} under "legacy".`,
    );
}

/** Legacy columns that no target column is a copy of and that nothing rebuilds. */
export function residualColumns(step: MapStep, legacy: PlanTable): readonly string[] {
  const expressions = [...Object.values(step.columns), ...Object.values(step.references).map(({ value }) => value)];
  const rebuilt = Object.keys(step.rebuild);
  return storedColumns(legacy).filter(
    (column) =>
      !rebuilt.some((name) => sameName(name, column)) &&
      !expressions.some((expression) => isColumnName(expression, column)),
  );
}

/** Whether a step brings a table of that name into the target. */
function isAdopted(examination: Examination, database: string, table: string): boolean {
  return examination.plan.steps.some(
    (step) =>
      step.strategy === 'adopt' &&
      step.target.database === database &&
      sameName(step.target.table ?? step.legacy.table, table),
  );
}

function filledNames(step: MapStep): ReadonlySet<string> {
  return new Set([...Object.keys(step.columns), ...Object.keys(step.references)].map(foldName));
}

function findColumn(table: PlanTable, name: string): ColumnSchema | undefined {
  return table.columns.find((column) => sameName(column.name, name));
}
