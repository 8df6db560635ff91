/**
 * The sidecar of a step: the table `legacy_<table>` in the target that keeps the legacy columns without a home, by the
 * key of the target row.
 */
import type { ResolvedStep } from '../../plan/resolve';
import type { SqliteConnection } from '../../sqlite/engine';
import { freeName, quoteIdentifier as q, sameName } from '../../sqlite/identifiers';
import { primaryKeyOf, readTable } from '../../sqlite/schema';
import { databaseStem, takenNames } from '../adopt/adopted-names';
import type { LedgerEntry } from '../ledger/ledger';
import type { RowStates } from './row-states';
import { hasSidecarKey, type StepPlace, type StepSql } from './step-sql';

type Sidecar = NonNullable<StepPlace['sidecar']>;

export function existingSidecar(
  target: SqliteConnection,
  entry: LedgerEntry | null,
  step: ResolvedStep,
): StepPlace['sidecar'] {
  const name = entry?.sidecarTable ?? null;
  const table = name === null ? null : readTable(target, name);
  if (table === null) return null;
  const key = primaryKeyOf(table);
  const columns = table.columns.map((column) => column.name).filter((column) => !key.includes(column));
  return key.length === step.key.length ? { table: table.name, key, columns } : null;
}

/** What a new sidecar for these columns would be. */
export function newSidecar(
  target: SqliteConnection,
  legacyDatabase: string,
  step: ResolvedStep,
  columns: readonly string[],
): Sidecar {
  const { legacy } = step;
  const table = freeName(
    [`legacy_${legacy.name}`, `legacy_${databaseStem(legacyDatabase)}_${legacy.name}`],
    takenNames(target),
  );
  const key = step.key.map(({ target: column }) =>
    columns.some((kept) => sameName(kept, column)) ? `target_${column}` : column,
  );
  return { table, key, columns };
}

/**
 * Makes the sidecar. Its columns have no declared type: without affinity, every value keeps its storage class.
 *
 * @param keyIsRowid the target's key is its rowid, so it can be the sidecar's
 */
export function createSidecar(connection: SqliteConnection, place: Sidecar, keyIsRowid: boolean): void {
  const columns = place.columns.map(q).join(', ');
  const key = place.key.map(q).join(', ');
  const definition = keyIsRowid ? `${key} INTEGER PRIMARY KEY, ${columns}` : `${key}, ${columns}, PRIMARY KEY (${key})`;
  connection.execute(`CREATE TABLE main.${q(place.table)} (${definition})${keyIsRowid ? '' : ' WITHOUT ROWID'}`);
}

/** Gives a sidecar the columns that it lacks, filled for the rows that are in it already. */
export function widenSidecar(
  connection: SqliteConnection,
  sql: StepSql,
  rows: RowStates,
  place: Sidecar,
  missing: readonly string[],
): Sidecar {
  for (const column of missing) connection.execute(`ALTER TABLE main.${q(place.table)} ADD COLUMN ${q(column)}`);
  const values = missing.map((column) => `${q(column)} = ${sql.column(column)}`);
  connection.execute(
    `UPDATE main.${q(place.table)} SET ${values.join(', ')} FROM ${sql.source}${rows.join('present')} WHERE ${hasSidecarKey(place, rows.targetKey, q(place.table))}`,
  );
  return { ...place, columns: [...place.columns, ...missing] };
}

/** Keeps the residual values of every row that is in the target and not in the sidecar yet. @returns rows added */
export function fillSidecar(connection: SqliteConnection, sql: StepSql, rows: RowStates, place: StepPlace): number {
  if (place.sidecar === null) return 0;
  const { table, key, columns } = place.sidecar;
  const kept = sql.step.legacy.columns.map(({ name }) => name).filter((name) => columns.includes(name));
  const names = [...key, ...kept].map(q).join(', ');
  const values = [...rows.targetKey, ...kept.map((column) => sql.column(column))].join(', ');
  const missing = rows.isAllNew
    ? ''
    : ` WHERE NOT EXISTS (SELECT 1 FROM main.${q(table)} AS s WHERE ${hasSidecarKey(place.sidecar, rows.targetKey)})`;
  connection.execute(
    `INSERT OR ABORT INTO main.${q(table)} (${names}) SELECT ${values} FROM ${sql.source}${rows.join('new', 'present')}${missing}` +
      ` ORDER BY ${rows.targetKey.join(', ')}`,
  );
  return connection.changes();
}
