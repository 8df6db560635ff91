/** What a person should know about a run's data, beside its counts. */
import type { TableStep } from '../plan/schema';
import type { WarningReport } from '../report/model';
import { anyOf } from '../sqlite/cells';
import type { SqliteConnection } from '../sqlite/engine';
import { quoteIdentifier as q } from '../sqlite/identifiers';
import type { ColumnSchema, TableSchema } from '../sqlite/schema';
import { legacySchema } from './step/step-sql';

export function warning(code: string, message: string): WarningReport {
  return { code, message };
}

/** Columns that are declared to hold numbers, and could hold others: a rowid cannot. */
export function numberColumns({ columns, rowidAlias }: TableSchema): readonly ColumnSchema[] {
  return columns.filter(
    ({ name, type, generated }) => !generated && name !== rowidAlias && /INT|REAL|FLOA|DOUB/i.test(type),
  );
}

/** A value that is no number: texts and BLOBs sort behind all numbers, infinity included. */
export function isOdd(column: string): string {
  return `${column} > 9e999 COLLATE BINARY`;
}

/** A text in an integer column is copied as it is, but arithmetic takes it for 0: worth a look before trusting a sum. */
export function findOddStorageClasses(
  target: SqliteConnection,
  plan: TableStep,
  legacy: TableSchema,
): readonly WarningReport[] {
  const numeric = numberColumns(legacy);
  if (numeric.length === 0) return [];
  const from = `${legacySchema}.${q(legacy.name)}`;
  const anyOdd = anyOf(numeric.map(({ name }) => isOdd(q(name))));
  if (target.count(`SELECT EXISTS (SELECT 1 FROM ${from} WHERE ${anyOdd})`) === 0) return [];
  const sums = numeric.map(({ name }, index) => `sum(typeof(${q(name)}) IN ('text', 'blob')) AS n${index}`);
  const [row] = target.all(`SELECT ${sums.join(', ')} FROM ${from}`);
  return numeric.flatMap(({ name, type }, index) => {
    const rows = Number(row?.[`n${index}`] ?? 0);
    if (rows === 0) return [];
    return [
      warning(
        'unexpected-storage-class',
        `${plan.legacy.database} ${legacy.name}: ${rows} ${rows === 1 ? 'value' : 'values'} of the ${type} column ${name} ${rows === 1 ? 'is' : 'are'} no number. The value is kept as it is; a computed column takes it as SQLite's arithmetic does.`,
      ),
    ];
  });
}
