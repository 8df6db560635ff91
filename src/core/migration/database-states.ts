/** Every database of a run as a whole: its tables before and after, and those that no step of the plan names. */
import type { DatabaseState, WarningReport } from '../report/model';
import type { SqliteConnection } from '../sqlite/engine';
import { foldName } from '../sqlite/identifiers';
import { countRows, readObjects, readTable } from '../sqlite/schema';
import type { Successor } from '../storage/staging';
import { targetDatabaseOf } from '../plan/schema';
import { shadowTables } from '../sqlite/virtual-table';
import { warning } from './warnings';

import { isLedgerTable } from './ledger/ledger';
import type { RehearsalRequest } from './rehearsal';

/** Tables of the legacy databases involved that no step of the plan names. */
export function findUnplanned(
  request: RehearsalRequest,
  opened: ReadonlyMap<string, SqliteConnection>,
): readonly WarningReport[] {
  const planned = new Set(request.plan.steps.map(({ legacy }) => `${legacy.database}\n${foldName(legacy.table)}`));
  const legacies = new Set(
    request.plan.steps.filter(({ domain }) => request.domains.includes(domain)).map(({ legacy }) => legacy.database),
  );
  return [...legacies].flatMap((database) => {
    const connection = opened.get(database);
    if (connection === undefined) return [];
    const shadows = shadowTables(connection);
    return tableNames(connection)
      .filter((table) => !shadows.has(foldName(table)))
      .filter((table) => !planned.has(`${database}\n${foldName(table)}`))
      .map((table) => {
        const rows = readTable(connection, table) === null ? null : countRows(connection, table);
        return warning(
          'unplanned-table',
          `${database} ${table}${rows === null ? '' : ` (${rows} ${rows === 1 ? 'row' : 'rows'})`} is in no step of the plan: it stays where it is.`,
        );
      });
  });
}

/** Ordinary and virtual tables, shadow tables among them, without SQLite's own. */
export function tableNames(connection: SqliteConnection): readonly string[] {
  return connection
    .all(
      "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type IN ('table', 'virtual') AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name",
    )
    .map(({ name }) => String(name));
}

export function describeDatabases(
  request: Pick<RehearsalRequest, 'plan' | 'snapshots'>,
  opened: ReadonlyMap<string, SqliteConnection>,
  after: ReadonlyMap<string, SqliteConnection>,
  successors: readonly Successor[],
): readonly DatabaseState[] {
  const targets = new Set(request.plan.steps.map(targetDatabaseOf));
  return [...request.snapshots.values()].map((snapshot): DatabaseState => {
    const before = opened.get(snapshot.database);
    const now = after.get(snapshot.database) ?? before;
    const was = before === undefined ? new Map<string, number>() : countTables(before);
    const is = now === undefined || now === before ? was : countTables(now);
    const names = [...new Set([...was.keys(), ...is.keys()])].filter((name) => !isLedgerTable(name)).sort();
    return {
      database: snapshot.database,
      role: targets.has(snapshot.database) ? 'consolidated' : 'legacy',
      size: snapshot.main.length,
      sizeAfter: successors.find((successor) => successor.snapshot === snapshot)?.image.length ?? snapshot.main.length,
      sha256: snapshot.sha256,
      fingerprint: snapshot.fingerprint,
      tables: names.map((name) => ({
        name,
        rows: was.get(name) ?? 0,
        rowsAfter: is.get(name) ?? 0,
        created: !was.has(name),
      })),
    };
  });
}

/**
 * Rows of each ordinary table; a table that cannot be counted (its module or collation is unknown) is left out. So are
 * shadow tables: what a module keeps its index in are no rows of anybody's, and no step accounts for them.
 */
function countTables(connection: SqliteConnection): Map<string, number> {
  const counts = new Map<string, number>();
  const shadows = shadowTables(connection);
  for (const { name, type } of readObjects(connection)) {
    if (type !== 'table' || shadows.has(foldName(name))) continue;
    try {
      counts.set(name, countRows(connection, name));
    } catch {
      // Shown by the inventory with its reason; no step can name it.
    }
  }
  return counts;
}
