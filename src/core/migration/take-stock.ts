/**
 * What there is, for a run that only copies: every step with its rows left where they are.
 *
 * A database whose content is damaged is worth a copy more than any other, so nothing here refuses: what cannot be
 * counted is said in a warning. (A file that cannot be read safely was refused before.)
 */
import { describeError } from '../errors';
import type { Plan } from '../plan/schema';
import type { Domain, WarningReport } from '../report/model';
import type { SqliteConnection, SqliteEngine } from '../sqlite/engine';
import { countRows, readTable } from '../sqlite/schema';
import type { Snapshot } from '../storage/snapshot';
import { warning } from './warnings';

import { describeDatabases } from './database-states';
import { nothingRehearsed, type Rehearsal } from './rehearsal';
import { openSound } from './rehearse';
import { reportLeftBehind } from './step/step-report';

export function takeStock(
  engine: SqliteEngine,
  plan: Plan,
  domains: readonly Domain[],
  snapshots: ReadonlyMap<string, Snapshot>,
): Rehearsal {
  const warnings: WarningReport[] = [];
  const opened = new Map<string, SqliteConnection>();
  try {
    for (const [name, snapshot] of snapshots) {
      try {
        opened.set(name, openSound(engine, snapshot));
      } catch (error) {
        warnings.push(warning('not-counted', `${describeError(error).message} It was copied as it is.`));
      }
    }
    const steps = plan.steps
      .filter(({ domain }) => domains.includes(domain))
      .flatMap((step) => {
        const connection = opened.get(step.legacy.database);
        const table = connection === undefined ? null : readTable(connection, step.legacy.table);
        return connection === undefined || table === null
          ? []
          : [reportLeftBehind(step, countRows(connection, table.name))];
      });
    const databases = describeDatabases({ plan, snapshots }, opened, opened, []);
    return { ...nothingRehearsed, steps, databases, warnings };
  } finally {
    for (const connection of opened.values()) connection.close();
  }
}
