/**
 * The extension in a browser's extension host: wiring only, like `src/extension.ts`. There is no disk, so it looks at
 * databases and reports and moves nothing.
 */
import * as vscode from 'vscode';
import { createEngine, type EngineClient } from '../engine/client';
import { contextKeys } from '../shell/contributions';
import { DisposableStore } from '../shell/disposable-store';
import { DiagramPanels } from '../shell/diagram/diagram-panels';
import { Queries } from '../shell/query/queries';
import { ReportPreview } from '../shell/report-preview';
import { TableTabs } from '../shell/table/table-tabs';
import { CatalogueStore } from '../shell/tree/catalogue-store';
import { DatabasesView } from '../shell/tree/databases-view';
import type { TreeNode } from '../shell/tree/nodes';
import { WorkspaceModel } from '../shell/workspace-model';
import { registerWebCommands } from './host/commands';
import { registerWebTools } from './host/tools';
import { inWorker, type WorkerParts } from './host/worker-engine';
import { workspaceFiles } from './host/workspace-files';

/** How long the databases of viewers stay in memory while nobody scrolls. Milliseconds. */
const viewerIdleTime = 10 * 60_000;

/** What `extension.activate()` resolves to: for our own tests, no interface for other extensions. */
export interface WebExtensionApi {
  readonly tree: vscode.TreeDataProvider<TreeNode>;
  /** The engine of viewers. */
  readonly viewers: EngineClient;
}

export function activate(context: vscode.ExtensionContext): WebExtensionApi {
  const store = new DisposableStore();
  context.subscriptions.push(store);
  void vscode.commands.executeCommand('setContext', contextKeys.withoutDisk, true);

  const log = store.add(vscode.window.createOutputChannel('Jarvis Databases', { log: true }));
  const start = inWorker(() => readParts(context.extensionUri), workspaceFiles);
  const write: Parameters<typeof createEngine>[0]['log'] = (level, line) => log[level](line);
  const engine = store.add(createEngine({ start, log: write }));
  const model = store.add(new WorkspaceModel(engine, context.workspaceState));
  const catalogue = store.add(new CatalogueStore(engine, model));
  const view = store.add(new DatabasesView(engine, catalogue, model, log));
  const preview = store.add(new ReportPreview());
  const createViewer = (): EngineClient => createEngine({ start, log: write, idleMilliseconds: viewerIdleTime });
  const viewers = createViewer();
  const tables = store.add(new TableTabs(viewers, log, context.extensionUri, null));
  const diagrams = store.add(new DiagramPanels(tables));
  const { workspaceState, extensionUri } = context;
  const queries = store.add(new Queries(createViewer(), viewers, workspaceState, log, extensionUri));
  const services = { engine, log, model, catalogue, view, preview, tables, diagrams, queries };
  store.add(registerWebCommands(services));
  store.add(registerWebTools(services));

  return { tree: view.provider, viewers };
}

async function readParts(extension: vscode.Uri): Promise<WorkerParts> {
  const read = (name: string): Thenable<Uint8Array> =>
    vscode.workspace.fs.readFile(vscode.Uri.joinPath(extension, 'dist', name));
  const [script, wasm] = await Promise.all([read('engine-web.js'), read('sql-wasm.wasm')]);
  return { script: new TextDecoder().decode(script), wasm };
}
