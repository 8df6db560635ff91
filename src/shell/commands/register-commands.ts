import * as vscode from 'vscode';
import type { CommandId } from '../contributions';
import { DisposableStore, type Disposable } from '../disposable-store';
import { presentError } from '../present-error';
import type { Services } from '../services';
import { archiveDatabases, restoreDatabases } from './archive';
import { backUp } from './back-up';
import { compareDatabases } from './compare-databases';
import { compareWithConsolidated } from './compare-with-consolidated';
import { copyPath } from './copy-path';
import { countRows } from './count-rows';
import { createPlanFile } from './create-plan-file';
import { allDomains } from './domains';
import { dryRun } from './dry-run';
import { migrating } from './migrate';
import { openLatestReport } from './open-latest-report';
import { openTable, openTableToSide } from './open-table';
import { chooseQueryDatabase, explainQuery, newQuery, queryHistory, runQuery } from './query';
import { refresh } from './refresh';
import { restoreBackup, verifyBackups } from './restore-backup';
import { revealInExplorer } from './reveal-in-explorer';
import { rollBack } from './roll-back';
import { selectDataFolder } from './select-data-folder';
import { showDiagram } from './show-diagram';
import { showLog } from './show-log';
import { validate } from './validate';

/** A command: what was passed is the node, if a menu of the tree ran it. */
export type Command = (services: Services, argument: unknown) => Promise<void> | void;

/** The type makes sure that every command of the manifest is here, and no other. */
const commands: Readonly<Record<CommandId, Command>> = {
  'jarvis.migrateAll': migrating('jarvis.migrateAll', allDomains),
  'jarvis.migrateCore': migrating('jarvis.migrateCore', ['core']),
  'jarvis.migrateAnalytics': migrating('jarvis.migrateAnalytics', ['analytics']),
  'jarvis.migrateCache': migrating('jarvis.migrateCache', ['cache']),
  'jarvis.dryRun': dryRun,
  'jarvis.backUp': backUp,
  'jarvis.rollBack': rollBack,
  'jarvis.restoreBackup': restoreBackup,
  'jarvis.verifyBackups': verifyBackups,
  'jarvis.validate': validate,
  'jarvis.archive': archiveDatabases,
  'jarvis.restoreArchive': restoreDatabases,
  'jarvis.openLatestReport': openLatestReport,
  'jarvis.openTable': openTable,
  'jarvis.openTableToSide': openTableToSide,
  'jarvis.newQuery': newQuery,
  'jarvis.runQuery': runQuery,
  'jarvis.explainQuery': explainQuery,
  'jarvis.chooseQueryDatabase': chooseQueryDatabase,
  'jarvis.queryHistory': queryHistory,
  'jarvis.createPlanFile': createPlanFile,
  'jarvis.selectDataFolder': selectDataFolder,
  'jarvis.showLog': showLog,
  'jarvis.refresh': refresh,
  'jarvis.compareDatabases': compareDatabases,
  'jarvis.compareWith': compareDatabases,
  'jarvis.compareWithConsolidated': compareWithConsolidated,
  'jarvis.showDiagram': showDiagram,
  'jarvis.countRows': countRows,
  'jarvis.revealInExplorer': revealInExplorer,
  'jarvis.copyPath': copyPath,
};

export function registerCommands(services: Services): Disposable {
  const store = new DisposableStore();
  for (const [id, command] of Object.entries(commands)) {
    store.add(
      vscode.commands.registerCommand(id, async (argument: unknown) => {
        try {
          await command(services, argument);
        } catch (error) {
          presentError(error, services.log);
        }
      }),
    );
  }
  return store;
}
