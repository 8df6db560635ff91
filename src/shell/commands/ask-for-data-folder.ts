/** Lets the user choose a data folder, and remembers the choice for the workspace. */
import { isAbsolute, relative, sep } from 'node:path';
import * as vscode from 'vscode';
import type { DataFolderCandidate } from '../../core/catalogue/model';
import { baseName } from '../format';
import { pathOf } from '../resource-paths';
import type { ViewServices } from '../services';

interface Choice extends vscode.QuickPickItem {
  /** Null for the item that opens the folder dialog. */
  readonly dataFolder: string | null;
}

/** @returns the chosen data folder, relative to the workspace folder where it lies inside; undefined where none was chosen */
export async function askForDataFolder(
  services: ViewServices,
  folder: vscode.WorkspaceFolder,
): Promise<string | undefined> {
  const candidates = await findCandidates(services, folder);
  const browse: Choice = { label: vscode.l10n.t('$(folder-opened) Browse…'), dataFolder: null };
  const choices: readonly Choice[] = [...candidates.map(toChoice), browse];
  const picked =
    candidates.length === 0
      ? browse
      : await vscode.window.showQuickPick(choices, {
          title: vscode.l10n.t('Data Folder of {0}', folder.name),
          placeHolder: vscode.l10n.t('Which folder holds the databases?'),
        });
  if (picked === undefined) return undefined;
  const dataFolder = picked.dataFolder ?? (await browseFor(folder));
  if (dataFolder !== undefined) await services.model.choose(folder, dataFolder);
  return dataFolder;
}

async function findCandidates(
  { model }: ViewServices,
  folder: vscode.WorkspaceFolder,
): Promise<readonly DataFolderCandidate[]> {
  const result = await model.candidates(folder);
  switch (result.kind) {
    case 'found':
      return [{ folder: result.dataFolder, databases: [] }];
    case 'ambiguous':
      return result.candidates;
    case 'none':
      return [];
  }
}

function toChoice({ folder, databases }: DataFolderCandidate): Choice {
  return { label: `$(folder) ${folder}`, description: databases.map(baseName).join(', '), dataFolder: folder };
}

async function browseFor(folder: vscode.WorkspaceFolder): Promise<string | undefined> {
  const [uri] =
    (await vscode.window.showOpenDialog({
      canSelectFiles: false,
      canSelectFolders: true,
      defaultUri: folder.uri,
      openLabel: vscode.l10n.t('Select Data Folder'),
    })) ?? [];
  if (uri === undefined) return undefined;
  const path = relative(pathOf(folder.uri), pathOf(uri));
  if (path === '') return '.';
  const outside = isAbsolute(path) || path.split(sep)[0] === '..';
  return outside ? pathOf(uri) : path.split(sep).join('/');
}
