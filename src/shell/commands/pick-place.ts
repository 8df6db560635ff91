/** Which workspace folder, and so which data folder, a command is about. */
import * as vscode from 'vscode';
import { CoreError } from '../../core/errors';
import { onNoDisk } from '../on-no-disk';
import type { ViewServices } from '../services';
import { asNode } from '../tree/nodes';
import { placeOf, type FolderPlace } from '../workspace-model';
import { askForDataFolder } from './ask-for-data-folder';

/**
 * The folder of the node that the menu belongs to; else the only one with a data folder; else the user's pick.
 * Undefined where the user picks none.
 *
 * @throws CoreError where there is no data folder to work on
 */
export async function pickPlace(
  services: ViewServices,
  argument: unknown,
  among?: readonly vscode.WorkspaceFolder[],
): Promise<FolderPlace | undefined> {
  const node = asNode(argument);
  const folders = node === undefined ? (among ?? openFolders(services)) : [node.folder];
  const resolved = await Promise.all(
    folders.map(async (folder) => ({ folder, result: await services.model.resolve(folder) })),
  );
  const places = resolved.flatMap(({ folder, result }): FolderPlace[] =>
    result.kind === 'found' ? [{ folder, place: placeOf(folder, result.dataFolder) }] : [],
  );
  const [first, second] = places;
  if (first !== undefined) return second === undefined ? first : pickOne(places);

  const ambiguous = resolved.find(({ result }) => result.kind === 'ambiguous');
  if (ambiguous !== undefined) {
    const dataFolder = await askForDataFolder(services, ambiguous.folder);
    return dataFolder === undefined
      ? undefined
      : { folder: ambiguous.folder, place: placeOf(ambiguous.folder, dataFolder) };
  }
  const problem = resolved.flatMap(({ result }) => (result.kind === 'none' ? [result.problem] : []))[0];
  throw problem === undefined ? noFolder() : CoreError.fromData(problem);
}

/** The workspace folder of the node; else the only one; else the user's pick. */
export async function pickFolder(
  services: ViewServices,
  argument: unknown,
): Promise<vscode.WorkspaceFolder | undefined> {
  const folders = openFolders(services);
  const folder = asNode(argument)?.folder ?? (folders.length === 1 ? folders[0] : undefined);
  if (folder !== undefined) return folder;
  const items = folders.map((one) => ({ label: one.name, description: one.uri.fsPath, folder: one }));
  const picked = await vscode.window.showQuickPick(items, { placeHolder: vscode.l10n.t('Which workspace folder?') });
  return picked?.folder;
}

function openFolders({ model }: ViewServices): readonly vscode.WorkspaceFolder[] {
  if (model.folders.length === 0) throw noFolder();
  return model.folders;
}

async function pickOne(places: readonly FolderPlace[]): Promise<FolderPlace | undefined> {
  const items = places.map((one) => ({ label: one.folder.name, description: one.place.dataFolder, one }));
  const picked = await vscode.window.showQuickPick(items, { placeHolder: vscode.l10n.t('Which data folder?') });
  return picked?.one;
}

/** Why there is nothing to work on where no folder of the workspace is on a disk. */
export function noFolder(): CoreError {
  const [folder] = vscode.workspace.workspaceFolders ?? [];
  if (folder !== undefined) return onNoDisk(folder.name);
  return new CoreError('workspace-missing', vscode.l10n.t('No folder is open.'), {
    hint: vscode.l10n.t('Open the folder that holds your data folder.'),
  });
}
