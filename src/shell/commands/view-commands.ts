/** Commands that only look: they are there without a disk too. */
import type { CommandId } from '../contributions';
import type { ViewServices } from '../services';
import { copyPath } from './copy-path';
import { countRows } from './count-rows';
import { openLatestReport } from './open-latest-report';
import { openTable, openTableToSide } from './open-table';
import { chooseQueryDatabase, explainQuery, newQuery, queryHistory, runQuery } from './query';
import { refresh } from './refresh';
import type { Command } from './register';
import { revealInExplorer } from './reveal-in-explorer';
import { selectDataFolder } from './select-data-folder';
import { showDiagram } from './show-diagram';
import { showLog } from './show-log';

export const viewCommands = {
  'jarvis.openLatestReport': openLatestReport,
  'jarvis.openTable': openTable,
  'jarvis.openTableToSide': openTableToSide,
  'jarvis.newQuery': newQuery,
  'jarvis.runQuery': runQuery,
  'jarvis.explainQuery': explainQuery,
  'jarvis.chooseQueryDatabase': chooseQueryDatabase,
  'jarvis.queryHistory': queryHistory,
  'jarvis.showDiagram': showDiagram,
  'jarvis.selectDataFolder': selectDataFolder,
  'jarvis.showLog': showLog,
  'jarvis.refresh': refresh,
  'jarvis.countRows': countRows,
  'jarvis.revealInExplorer': revealInExplorer,
  'jarvis.copyPath': copyPath,
} as const satisfies Partial<Readonly<Record<CommandId, Command<ViewServices>>>>;
