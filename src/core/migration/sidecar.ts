/**
 * The sidecar of a step: the table `legacy_<table>` in the target that keeps the legacy columns without a home, by the
 * key of the target row.
 */
import { CoreError } from '../errors';
import type { ResolvedStep } from '../plan/resolve';
import type { SqliteConnection } from '../sqlite/engine';
import { freeName, quoteIdentifier as q, sameName } from '../sqlite/identifiers';
import { primaryKeyOf, readTable } from '../sqlite/schema';
import { databaseStem, takenNames } from './adopt';
import { countStates, stepRows } from './classify';
import type { LedgerEntry } from './ledger';
import type { StepPlace, StepSql } from './step-sql';

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

export function chooseSidecar(
  target: SqliteConnection,
  step: { readonly legacyDatabase: string; readonly sql: StepSql; readonly sidecar: StepPlace['sidecar'] },
  table: string,
  residual: readonly string[],
  inserted: number,
): { readonly sidecar: StepPlace['sidecar']; readonly isNew: boolean } {
  const { legacyDatabase, sql, sidecar } = step;
  const { legacy } = sql.step;
  if (sidecar !== null) {
    const missing = residual.filter((column) => !sidecar.columns.includes(column));
    if (missing.length === 0) return { sidecar, isNew: false };
    throw new CoreError(
      'validation-failed',
      `${sidecar.table} has no column for ${missing.join(', ')} of ${legacy.name}, whose values ${table} cannot give back.`,
      {
        path: legacyDatabase,
        hint: 'Rename that sidecar table, so that the next run makes a complete one.',
      },
    );
  }
  if (residual.length === 0 || (inserted === 0 && countStates(target).present === 0))
    return { sidecar: null, isNew: false };
  const name = freeName(
    [`legacy_${legacy.name}`, `legacy_${databaseStem(legacyDatabase)}_${legacy.name}`],
    takenNames(target),
  );
  const key = sql.step.key.map(({ target: column }) =>
    residual.some((kept) => sameName(kept, column)) ? `target_${column}` : column,
  );
  return { sidecar: { table: name, key, columns: residual }, isNew: true };
}

/**
 * Makes the sidecar. Its columns have no declared type: without affinity, every value keeps its storage class.
 *
 * @param keyIsRowid the target's key is its rowid, so it can be the sidecar's
 */
export function createSidecar(
  connection: SqliteConnection,
  place: NonNullable<StepPlace['sidecar']>,
  keyIsRowid: boolean,
): void {
  const columns = place.columns.map(q).join(', ');
  const key = place.key.map(q).join(', ');
  const definition = keyIsRowid ? `${key} INTEGER PRIMARY KEY, ${columns}` : `${key}, ${columns}, PRIMARY KEY (${key})`;
  connection.execute(`CREATE TABLE main.${q(place.table)} (${definition})${keyIsRowid ? '' : ' WITHOUT ROWID'}`);
}

/** Keeps the residual values of every row that is in the target and not in the sidecar yet. @returns rows added */
export function fillSidecar(connection: SqliteConnection, sql: StepSql, place: StepPlace): number {
  if (place.sidecar === null) return 0;
  const { table, key, columns } = place.sidecar;
  connection.execute(
    `INSERT OR ABORT INTO main.${q(table)} (${[...key, ...columns].map(q).join(', ')})` +
      ` SELECT ${[...sql.step.key.map(({ target }) => `t.${q(target)}`), ...columns.map((column) => sql.column(column))].join(', ')}` +
      ` FROM ${sql.source} JOIN ${stepRows} AS r ON r.k = ${sql.key} AND r.state IN ('new', 'present')` +
      ` JOIN main.${q(place.table)} AS t ON ${sql.meets}` +
      ` WHERE NOT EXISTS (SELECT 1 FROM main.${q(table)} AS s WHERE ${sql.sidecarMeets(place)})`,
  );
  return connection.changes();
}
