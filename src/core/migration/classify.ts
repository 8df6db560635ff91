/**
 * What each legacy row is to the target: new, there already, changed since, or in the way of a row of the target's own.
 *
 * The answer is a temporary table `jarvis_step_rows (k, state)` in the working connection; every later statement of the step
 * speaks of rows by it.
 */
import { CoreError } from '../errors';
import type { SqliteConnection } from '../sqlite/engine';
import { quoteIdentifier as q } from '../sqlite/identifiers';
import { registeredKeys } from './ledger';
import type { StepPlace, StepSql } from './step-sql';

/**
 * `new` in no target yet; `present` there, equal in every cell; `changed` migrated before, different now on either
 * side; `aside` the same, but different in the sidecar only; `gone` migrated before, deleted from the target since; `collision` the target has a row of its own under that
 * key; `rejected` refused by the target's constraints.
 */
export type RowState = 'new' | 'present' | 'changed' | 'aside' | 'gone' | 'collision' | 'rejected';

export type RowCounts = Readonly<Record<RowState, number>>;

export const stepRows = 'temp.jarvis_step_rows';

/**
 * @param inLedger the legacy database's name in the ledger
 * @param place null where the target table does not exist yet: every row is new
 */
export function classifyRows(
  connection: SqliteConnection,
  sql: StepSql,
  inLedger: string,
  place: StepPlace | null,
): RowCounts {
  const { legacyDatabase, legacy } = sql.step;
  connection.execute(`DROP TABLE IF EXISTS ${stepRows}; CREATE TEMP TABLE jarvis_step_rows (k, state TEXT NOT NULL)`);
  const registered = registeredKeys(connection);
  if (place === null) {
    connection.execute(
      `INSERT INTO ${stepRows} SELECT ${sql.key}, CASE WHEN g.legacy_key IS NULL THEN 'new' ELSE 'gone' END` +
        ` FROM ${sql.source} LEFT JOIN ${registered} AS g ON ${isRegistered(sql.key)} ORDER BY ${sql.keyParts.join(', ')}`,
      [inLedger, legacy.name],
    );
  } else {
    const [firstKey] = sql.step.key;
    const sidecar = place.sidecar;
    const keptColumns =
      sidecar === null
        ? []
        : sql.step.legacy.columns.map(({ name }) => name).filter((name) => sidecar.columns.includes(name));
    const equal =
      sidecar === null
        ? sql.equalsPlan
        : `${sql.equalsPlan} AND (g.legacy_key IS NULL OR ${sql.equalsSidecar(keptColumns)})`;
    connection.execute(
      `INSERT INTO ${stepRows} SELECT ${sql.key}, CASE` +
        ` WHEN t.${q(firstKey?.target ?? '')} IS NULL THEN CASE WHEN g.legacy_key IS NULL THEN 'new' ELSE 'gone' END` +
        ` WHEN ${equal} THEN 'present'` +
        ` WHEN g.legacy_key IS NULL THEN 'collision'` +
        ` WHEN ${sql.equalsPlan} THEN 'aside' ELSE 'changed' END` +
        ` FROM ${sql.source} LEFT JOIN ${sql.targetRows(place.table)} ON ${sql.meets}` +
        (sidecar === null ? '' : ` LEFT JOIN main.${q(sidecar.table)} AS s ON ${sql.sidecarMeets(place)}`) +
        ` LEFT JOIN ${registered} AS g ON ${isRegistered(sql.key)} ORDER BY ${sql.keyParts.join(', ')}`,
      [inLedger, legacy.name],
    );
  }
  const keyless = connection.count(`SELECT count(*) FROM ${stepRows} WHERE k IS NULL`);
  const doubled = connection.count(`SELECT count(k) - count(DISTINCT k) FROM ${stepRows}`);
  if (keyless > 0 || doubled > 0) {
    throw new CoreError(
      'plan-invalid',
      `${legacyDatabase} ${legacy.name}: ${keyless > 0 ? `${keyless} rows have no key` : `${doubled} rows share the key of another`} in the target.`,
      {
        path: legacyDatabase,
        hint: 'The plan does not tell these rows apart; nothing was touched.',
      },
    );
  }
  connection.execute(
    'CREATE UNIQUE INDEX temp.jarvis_step_rows_key ON jarvis_step_rows (k); CREATE INDEX temp.jarvis_step_rows_state ON jarvis_step_rows (state)',
  );
  return countStates(connection);
}

/**
 * The ledger's row is the legacy row's. The plus sign takes the key's affinity away: the ledger's column has none, and
 * between two affinities SQLite does not use its index, which would compare every row with every other.
 */
export function isRegistered(key: string): string {
  return `g.legacy_key = +(${key})`;
}

export function countStates(connection: SqliteConnection): RowCounts {
  const counts = { new: 0, present: 0, changed: 0, aside: 0, gone: 0, collision: 0, rejected: 0 };
  for (const row of connection.all(`SELECT state, count(*) AS n FROM ${stepRows} GROUP BY state`)) {
    counts[row['state'] as RowState] = Number(row['n']);
  }
  return counts;
}

/** Migrated before, and different on one side since. */
export function countConflicts({ changed, aside, gone }: RowCounts): number {
  return changed + aside + gone;
}

/** The first keys in a state, as SQL literals, for messages. */
export function listKeys(connection: SqliteConnection, state: RowState, limit = 5): readonly string[] {
  return connection
    .all(`SELECT substr(quote(k), 1, 60) AS k FROM ${stepRows} WHERE state = ? ORDER BY rowid LIMIT ?`, [state, limit])
    .map(({ k }) => String(k));
}
