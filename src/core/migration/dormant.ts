/**
 * Domains that no run has brought anything of yet, while others were migrated: a validation counts their rows as left
 * behind and does not look for them, since nobody has claimed that they moved.
 */
import type { PlanStep } from '../plan/schema';
import { targetDatabaseOf } from '../plan/schema';
import type { Domain, StepReport, WarningReport } from '../report/model';
import type { SqliteConnection } from '../sqlite/engine';
import { readLedgerDomains } from './ledger/ledger';
import { warning } from './warnings';

/**
 * None where nothing at all was migrated: then everything is looked for, and found missing.
 *
 * @param steps those that take part
 * @param opened every database that was read
 * @param inFiles the steps that write configuration files: those hold no ledger, and say by their rows that a run was there
 */
export function findDormant(
  steps: readonly PlanStep[],
  opened: ReadonlyMap<string, SqliteConnection>,
  inFiles: readonly StepReport[],
): ReadonlySet<Domain> {
  const found = inFiles.filter(({ alreadyPresent, conflicts }) => alreadyPresent + conflicts > 0);
  const migrated = new Set<string>(found.map(({ domain }) => domain));
  for (const name of new Set(steps.map(targetDatabaseOf))) {
    const target = name === null ? undefined : opened.get(name);
    if (target !== undefined) for (const domain of readLedgerDomains(target)) migrated.add(domain);
  }
  const domains = [...new Set(steps.map(({ domain }) => domain))];
  if (!domains.some((domain) => migrated.has(domain))) return new Set();
  return new Set(domains.filter((domain) => !migrated.has(domain)));
}

export function dormantWarning(domain: Domain): WarningReport {
  return warning(
    'not-migrated',
    `No run has migrated the domain ${domain} yet: its rows are counted as left behind, and no check was run on them.`,
  );
}
