import * as vscode from 'vscode';
import { settings } from './contributions';
import { readRunSettings, type RunSettings } from './run-settings';

type Setting = (typeof settings)[keyof typeof settings];

/**
 * The `jarvis.dataFolder` setting of a workspace folder; null where it is not set.
 *
 * VS Code itself leaves out the workspace's own value while the workspace is not trusted (`restrictedConfigurations`).
 */
export function dataFolderSetting(folder: vscode.WorkspaceFolder): string | null {
  return textSetting(folder, settings.dataFolder);
}

/** The `jarvis.planFile` setting of a workspace folder, with the same restriction; null where it is not set. */
export function planFileSetting(folder: vscode.WorkspaceFolder): string | null {
  return textSetting(folder, settings.planFile);
}

/** @throws CoreError for a setting with a value that it cannot have */
export function runSettings(folder: vscode.WorkspaceFolder): RunSettings {
  return readRunSettings((setting) => {
    if (setting === settings.planFile) return planFileSetting(folder);
    const { section, key } = setting;
    // Not `get`, which gives the default of the manifest: whether anybody has set it is what counts.
    const values = vscode.workspace.getConfiguration(section, folder.uri).inspect<unknown>(key);
    return values?.workspaceFolderValue ?? values?.workspaceValue ?? values?.globalValue;
  });
}

export async function setDataFolderSetting(folder: vscode.WorkspaceFolder, value: string): Promise<void> {
  const { section, key } = settings.dataFolder;
  const several = (vscode.workspace.workspaceFolders?.length ?? 0) > 1;
  const target = several ? vscode.ConfigurationTarget.WorkspaceFolder : vscode.ConfigurationTarget.Workspace;
  await vscode.workspace.getConfiguration(section, folder.uri).update(key, value, target);
}

export function affects(event: vscode.ConfigurationChangeEvent, ...names: readonly (keyof typeof settings)[]): boolean {
  return names.some((name) => event.affectsConfiguration(`${settings[name].section}.${settings[name].key}`));
}

function textSetting(folder: vscode.WorkspaceFolder, { section, key }: Setting): string | null {
  const value = vscode.workspace.getConfiguration(section, folder.uri).get<unknown>(key);
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : null;
}
