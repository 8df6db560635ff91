/**
 * Everything the manifest and the code must agree on, in one table: `test/unit/contributions.test.ts` compares it with
 * `package.json` both ways, and the types make every id of it be implemented.
 */

/** Commands of the palette. */
export const paletteCommands = [
  'jarvis.migrateAll',
  'jarvis.migrateCore',
  'jarvis.migrateAnalytics',
  'jarvis.migrateCache',
  'jarvis.dryRun',
  'jarvis.backUp',
  'jarvis.rollBack',
  'jarvis.restoreBackup',
  'jarvis.verifyBackups',
  'jarvis.validate',
  'jarvis.archive',
  'jarvis.restoreArchive',
  'jarvis.openLatestReport',
  'jarvis.openTable',
  'jarvis.showDiagram',
  'jarvis.compareDatabases',
  'jarvis.newQuery',
  'jarvis.runQuery',
  'jarvis.explainQuery',
  'jarvis.chooseQueryDatabase',
  'jarvis.queryHistory',
  'jarvis.createPlanFile',
  'jarvis.selectDataFolder',
  'jarvis.getStarted',
  'jarvis.showLog',
  'jarvis.refresh',
] as const;

/** Commands of the tree's menus, which need a node: the palette hides them. */
export const nodeCommands = [
  'jarvis.compareWith',
  'jarvis.compareWithConsolidated',
  'jarvis.openTableToSide',
  'jarvis.countRows',
  'jarvis.revealInExplorer',
  'jarvis.copyPath',
] as const;

/** Commands of the title of a run's report, which need that report: the palette hides them. */
export const reportCommands = ['jarvis.validateReport', 'jarvis.rollBackReport', 'jarvis.showReportRows'] as const;

/** Commands that write: refused in an untrusted workspace, by the manifest and again by the code. */
export const writingCommands = [
  'jarvis.migrateAll',
  'jarvis.migrateCore',
  'jarvis.migrateAnalytics',
  'jarvis.migrateCache',
  'jarvis.backUp',
  'jarvis.archive',
  'jarvis.restoreArchive',
  'jarvis.rollBack',
  'jarvis.rollBackReport',
  'jarvis.restoreBackup',
  'jarvis.createPlanFile',
] as const;

/** Commands that a browser does not have, for want of a disk or of the code of a migration: hidden there. */
export const desktopCommands = [
  ...writingCommands,
  'jarvis.getStarted',
  'jarvis.dryRun',
  'jarvis.verifyBackups',
  'jarvis.validate',
  'jarvis.validateReport',
  'jarvis.showReportRows',
  'jarvis.compareDatabases',
  'jarvis.compareWith',
  'jarvis.compareWithConsolidated',
] as const;

export type CommandId =
  (typeof paletteCommands)[number] | (typeof nodeCommands)[number] | (typeof reportCommands)[number];

/** Tools for language models. */
export const tools = ['jarvis_inspect_database', 'jarvis_query', 'jarvis_plan_migration', 'jarvis_migrate'] as const;

/** Tools that write: not offered in an untrusted workspace, and refused there. */
export const writingTools = ['jarvis_migrate'] as const;

/** Tools that a browser does not have. */
export const desktopTools = [...writingTools, 'jarvis_plan_migration'] as const;

export type ToolId = (typeof tools)[number];

export const viewContainerId = 'jarvis';
export const databasesViewId = 'jarvis.databases';

/** By its extension, as VS Code's command wants it. */
export const walkthroughId = 'jarvis-databases.jarvis-databases#start';

/** The type of the tabs that show tables, and of the editor that shows a database file. */
export const tablePanelType = 'jarvis.table';
export const diagramPanelType = 'jarvis.diagram';
export const databaseEditorType = 'jarvis.database';

/** The type of the tabs that show results of queries. */
export const resultPanelType = 'jarvis.result';

/** The scheme of the two sides of a comparison. */
export const comparedRowsScheme = 'jarvis-rows';

/** The scheme of reports that are in no file. */
export const reportScheme = 'jarvis-report';

/** Settings, with the section and the key that VS Code's configuration API wants. */
export const settings = {
  dataFolder: { section: 'jarvis', key: 'dataFolder' },
  planFile: { section: 'jarvis', key: 'planFile' },
  rejects: { section: 'jarvis', key: 'rejects' },
  rateLimits: { section: 'jarvis', key: 'rateLimits.strategy' },
} as const;

/** The plan file that counts where `jarvis.planFile` names no other: the engine's own default. */
export const planFileName = 'jarvis.plan.json';

/** Who a problem of a plan file is from, in the Problems panel. */
export const problemSource = 'Jarvis';

/** Context keys that the extension sets, for `when` clauses. */
export const contextKeys = {
  /** A {@link DataFolderState}; unset until the view has looked. */
  dataFolderState: 'jarvis.dataFolderState',
  /** Set in a browser's extension host alone: where it is not set, everything is there before the extension is active. */
  withoutDisk: 'jarvis.withoutDisk',
  /** The URIs of the documents that are bound to a database. */
  queryDocuments: 'jarvis.queryDocuments',
  /** The active editor, or the preview that is active, shows the report of a run of this workspace. */
  reportShown: 'jarvis.reportShown',
  /** Something of that run may be left to take back. */
  reportCanRollBack: 'jarvis.reportCanRollBack',
  /** That report lists rows that can be shown. */
  reportHasRows: 'jarvis.reportHasRows',
} as const;

export type DataFolderState = 'found' | 'ambiguous' | 'none';

/** The `contextValue` of tree nodes, as the menus' `viewItem` patterns see it. */
export const nodeContexts = {
  folder: 'folder',
  group: (role: string): string => `group.${role}`,
  database: (role: string, domain: string | null): string => `database.${role}.${domain ?? 'none'}`,
  table: 'table',
  legacyTable: 'table.legacy',
  view: 'view',
  column: 'column',
  problem: 'problem',
  hint: 'hint',
} as const;
