/** Which workspace folders there are, and which data folder each of them has. Asks the engine only when it is asked. */
import * as vscode from 'vscode';
import type { DataFolderResult } from '../core/catalogue/model';
import type { Engine, Place } from '../engine/protocol';
import { DisposableStore } from './disposable-store';
import { isReadable, pathOf } from './resource-paths';
import { affects, dataFolderSetting, setDataFolderSetting } from './settings';

export interface FolderPlace {
  readonly folder: vscode.WorkspaceFolder;
  readonly place: Place;
}

export class WorkspaceModel {
  private readonly store = new DisposableStore();
  private readonly resolved = new Map<string, Promise<DataFolderResult>>();
  private readonly changed = this.store.add(new vscode.EventEmitter<void>());
  /** The folders, the setting, the trust or the remembered choice changed. */
  readonly onDidChange = this.changed.event;

  constructor(
    private readonly engine: Engine,
    private readonly memory: vscode.Memento,
  ) {
    this.store.add(vscode.workspace.onDidChangeWorkspaceFolders(() => this.invalidate()));
    this.store.add(vscode.workspace.onDidGrantWorkspaceTrust(() => this.invalidate()));
    this.store.add(
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (affects(event, 'dataFolder')) this.invalidate();
      }),
    );
  }

  /** Workspace folders that the engine can see. */
  get folders(): readonly vscode.WorkspaceFolder[] {
    return (vscode.workspace.workspaceFolders ?? []).filter(({ uri }) => isReadable(uri));
  }

  /** Remembers the answer until something changes; {@link forget} makes it look again. */
  resolve(folder: vscode.WorkspaceFolder): Promise<DataFolderResult> {
    const key = folder.uri.toString();
    let result = this.resolved.get(key);
    if (result === undefined) {
      result = this.find(folder);
      this.resolved.set(key, result);
      result.catch(() => this.resolved.delete(key));
    }
    return result;
  }

  /** Where a plan of this folder is at home: plans can be written before there is any data. */
  async planPlace(folder: vscode.WorkspaceFolder): Promise<Place> {
    const result = await this.resolve(folder);
    return placeOf(folder, result.kind === 'found' ? result.dataFolder : (dataFolderSetting(folder) ?? 'data'));
  }

  /** What there is to choose from, whatever was chosen before. */
  candidates(folder: vscode.WorkspaceFolder): Promise<DataFolderResult> {
    return this.ask(folder, null);
  }

  forget(): void {
    this.resolved.clear();
  }

  /** Makes `dataFolder` the data folder of a workspace folder from now on. */
  async choose(folder: vscode.WorkspaceFolder, dataFolder: string): Promise<void> {
    // A setting wins over what is remembered, so where there is one it has to be the one that changes.
    if (dataFolderSetting(folder) !== null) await setDataFolderSetting(folder, dataFolder);
    await this.memory.update(memoryKey(folder), dataFolder);
    this.invalidate();
  }

  dispose(): void {
    this.store.dispose();
  }

  private invalidate(): void {
    this.forget();
    this.changed.fire();
  }

  private async find(folder: vscode.WorkspaceFolder): Promise<DataFolderResult> {
    const setting = dataFolderSetting(folder);
    const remembered = this.memory.get<string>(memoryKey(folder));
    if (setting !== null || remembered === undefined) return this.ask(folder, setting);
    const result = await this.ask(folder, remembered);
    if (result.kind === 'found') return { ...result, by: 'search' };
    // The remembered folder is gone. The choice is kept: the folder may be on a disk that comes back.
    return this.ask(folder, null);
  }

  private ask(folder: vscode.WorkspaceFolder, setting: string | null): Promise<DataFolderResult> {
    return this.engine.request('catalogue.findDataFolder', { workspace: pathOf(folder.uri), setting });
  }
}

export function placeOf(folder: vscode.WorkspaceFolder, dataFolder: string): Place {
  return { workspace: pathOf(folder.uri), dataFolder };
}

function memoryKey(folder: vscode.WorkspaceFolder): string {
  return `dataFolder:${folder.uri.toString()}`;
}
