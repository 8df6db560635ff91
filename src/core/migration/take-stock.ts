/**
 * What there is, for a run that only copies: every step with its rows left where they are.
 *
 * A database whose content is damaged is worth a copy more than any other, so nothing here refuses: what cannot be
 * counted is said in a warning. (A file that cannot be read safely was refused before.)
 */
import { describeError } from '../errors';
import type { Plan, PlanStep } from '../plan/schema';
import type { Domain, StepReport, WarningReport } from '../report/model';
import type { SqliteConnection, SqliteEngine } from '../sqlite/engine';
import { countRows, readTable } from '../sqlite/schema';
import type { Snapshot } from '../storage/snapshot';
import { warning } from './warnings';

import { describeDatabases } from './database-states';
import type { Rehearsal } from './rehearsal';
import { openSound } from './rehearse';
import { notRun } from './validate-step';

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
        return connection === undefined || table === null ? [] : [leaveBehind(step, countRows(connection, table.name))];
      });
    const databases = describeDatabases({ plan, snapshots }, opened, opened, []);
    return { steps, targets: [], criteria: [], databases, warnings, successors: [], failure: null };
  } finally {
    for (const connection of opened.values()) connection.close();
  }
}

function leaveBehind(plan: PlanStep, rows: number): StepReport {
  return {
    domain: plan.domain,
    strategy: plan.strategy,
    legacy: { ...plan.legacy, rows },
    target: plan.strategy === 'map' ? plan.target : { database: plan.target.database, table: plan.legacy.table },
    inserted: 0,
    alreadyPresent: 0,
    conflicts: 0,
    rejected: 0,
    leftBehind: rows,
    residual: { columns: [], kept: null, lostValues: 0 },
    validation: notRun,
    mapping: [],
    sample: null,
  };
}
