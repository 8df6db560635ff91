import * as vscode from 'vscode';
import { settings } from './contributions';

const { section, key } = settings.dataFolder;

/**
 * The `jarvis.dataFolder` setting of a workspace folder; null where it is not set.
 *
 * VS Code itself leaves out the workspace's own value while the workspace is not trusted (`restrictedConfigurations`).
 */
export function dataFolderSetting(folder: vscode.WorkspaceFolder): string | null {
  const value = vscode.workspace.getConfiguration(section, folder.uri).get<unknown>(key);
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : null;
}

export async function setDataFolderSetting(folder: vscode.WorkspaceFolder, value: string): Promise<void> {
  const several = (vscode.workspace.workspaceFolders?.length ?? 0) > 1;
  const target = several ? vscode.ConfigurationTarget.WorkspaceFolder : vscode.ConfigurationTarget.Workspace;
  await vscode.workspace.getConfiguration(section, folder.uri).update(key, value, target);
}

export function affectsDataFolder(event: vscode.ConfigurationChangeEvent): boolean {
  return event.affectsConfiguration(`${section}.${key}`);
}
