import type { CommandId } from '../contributions';
import type { Disposable } from '../disposable-store';
import type { Services } from '../services';
import { archiveDatabases, restoreDatabases } from './archive';
import { backUp } from './back-up';
import { compareDatabases } from './compare-databases';
import { compareWithConsolidated } from './compare-with-consolidated';
import { createPlanFile } from './create-plan-file';
import { allDomains } from './domains';
import { dryRun } from './dry-run';
import { getStarted } from './get-started';
import { migrating } from './migrate';
import { register, type Command } from './register';
import { rollBackReport, showReportRows, validateReport } from './report-commands';
import { restoreBackup, verifyBackups } from './restore-backup';
import { rollBack } from './roll-back';
import { validate } from './validate';
import { viewCommands } from './view-commands';

/** The type makes sure that every command of the manifest is here, and no other. */
const commands: Readonly<Record<CommandId, Command>> = {
  ...viewCommands,
  'jarvis.migrateAll': migrating('jarvis.migrateAll', allDomains),
  'jarvis.migrateCore': migrating('jarvis.migrateCore', ['core']),
  'jarvis.migrateAnalytics': migrating('jarvis.migrateAnalytics', ['analytics']),
  'jarvis.migrateCache': migrating('jarvis.migrateCache', ['cache']),
  'jarvis.dryRun': dryRun,
  'jarvis.getStarted': getStarted,
  'jarvis.backUp': backUp,
  'jarvis.rollBack': rollBack,
  'jarvis.restoreBackup': restoreBackup,
  'jarvis.verifyBackups': verifyBackups,
  'jarvis.validate': validate,
  'jarvis.validateReport': validateReport,
  'jarvis.rollBackReport': rollBackReport,
  'jarvis.showReportRows': showReportRows,
  'jarvis.archive': archiveDatabases,
  'jarvis.restoreArchive': restoreDatabases,
  'jarvis.createPlanFile': createPlanFile,
  'jarvis.compareDatabases': compareDatabases,
  'jarvis.compareWith': compareDatabases,
  'jarvis.compareWithConsolidated': compareWithConsolidated,
};

export function registerCommands(services: Services): Disposable {
  return register(commands, services);
}
