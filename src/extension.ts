/** Wiring only: activation registers things and does nothing else. No engine, no file is touched before somebody looks. */
import * as vscode from 'vscode';
import { createEngine, type EngineClient } from './engine/client';
import { inProcess } from './engine/engine-process';
import type { EngineEvents } from './engine/protocol';
import { registerCommands } from './shell/commands/register-commands';
import { DisposableStore } from './shell/disposable-store';
import { PlanLanguage } from './shell/plan/plan-language';
import { ComparedRows } from './shell/compared-rows';
import { DiagramPanels } from './shell/diagram/diagram-panels';
import { Queries } from './shell/query/queries';
import { ActiveReport } from './shell/report/active-report';
import { ReportPreview } from './shell/report-preview';
import { RowComparer } from './shell/table/row-comparer';
import { TableTabs } from './shell/table/table-tabs';
import { registerTools } from './shell/tools/register-tools';
import { CatalogueStore } from './shell/tree/catalogue-store';
import { DatabasesView } from './shell/tree/databases-view';
import type { TreeNode } from './shell/tree/nodes';
import { WorkspaceModel } from './shell/workspace-model';

/** How long the databases of viewers and the rows of queries stay in memory while nobody scrolls. Milliseconds. */
const viewerIdleTime = 10 * 60_000;

/** What `extension.activate()` resolves to: for our own tests, no interface for other extensions. */
export interface ExtensionApi {
  /** Whether an engine process was ever started. */
  engineStarted(): boolean;
  /** Whether anything of a workspace folder was ever read. */
  catalogueRead(): boolean;
  /** How long `activate` took, without the time that VS Code takes to load the bundle. */
  readonly activationMilliseconds: number;
  readonly tree: vscode.TreeDataProvider<TreeNode>;
}

export function activate(context: vscode.ExtensionContext): ExtensionApi {
  const start = performance.now();
  const store = new DisposableStore();
  context.subscriptions.push(store);

  const log = store.add(vscode.window.createOutputChannel('Jarvis Databases', { log: true }));
  const engine = store.add(
    createEngine({
      start: inProcess(context.asAbsolutePath('dist/engine.js')),
      log: (level, line) => write(log, level, line),
    }),
  );
  const model = store.add(new WorkspaceModel(engine, context.workspaceState));
  const catalogue = store.add(new CatalogueStore(engine, model));
  const view = store.add(new DatabasesView(engine, catalogue, model, log));
  const preview = store.add(new ReportPreview());
  const comparedRows = store.add(new ComparedRows());
  const plans = store.add(new PlanLanguage(engine, model, log));
  const rows = new RowComparer(engine, model, comparedRows, log);
  const { workspaceState, extensionUri } = context;
  const tables = store.add(new TableTabs(createViewerEngine(context, log), log, extensionUri, rows));
  const diagrams = store.add(new DiagramPanels(tables));
  const queries = store.add(
    new Queries(createViewerEngine(context, log), tables.engine, workspaceState, log, extensionUri),
  );
  const reports = store.add(new ActiveReport(engine, model, preview, log));
  const shown = { view, preview, reports, comparedRows, plans, tables, diagrams, queries };
  const services = { engine, log, model, catalogue, ...shown };
  store.add(registerCommands(services));
  store.add(registerTools(services));

  return {
    engineStarted: () => [engine, tables.engine, queries.engine].some(({ starts }) => starts > 0),
    catalogueRead: () => catalogue.states !== undefined,
    activationMilliseconds: performance.now() - start,
    tree: view.provider,
  };
}

/** A process of its own, so that runs, viewers and queries never wait for each other; it keeps what is on the screen for a while. */
function createViewerEngine(context: vscode.ExtensionContext, log: vscode.LogOutputChannel): EngineClient {
  return createEngine({
    start: inProcess(context.asAbsolutePath('dist/engine.js')),
    log: (level, line) => write(log, level, line),
    idleMilliseconds: viewerIdleTime,
  });
}

function write(log: vscode.LogOutputChannel, ...[level, line]: Parameters<EngineEvents['log']>): void {
  log[level](line);
}
