/** Which database a command is about: the node's, one of the data folders', or any other file. */
import * as vscode from 'vscode';
import type { ComparedFile } from '../../engine/protocol';
import { baseName } from '../format';
import { onNoDisk } from '../on-no-disk';
import { resolveFromFolder } from '../resolve-path';
import { isReadable, pathOf } from '../resource-paths';
import type { ViewServices } from '../services';
import { asNode } from '../tree/nodes';
import { placeOf } from '../workspace-model';

interface DatabaseItem extends vscode.QuickPickItem {
  readonly file: ComparedFile | null;
}

/** The database of a node of the tree, be it a table's, or one that a viewer shows; undefined for anything else. */
export function databaseOf(argument: unknown): ComparedFile | undefined {
  const node = asNode(argument);
  if (node === undefined && isFile(argument)) return argument;
  if (node?.kind !== 'database' && node?.kind !== 'table') return undefined;
  const { database } = node.entry;
  return { path: pathOf(resolveFromFolder(node.folder.uri, database)), database };
}

function isFile(argument: unknown): argument is ComparedFile {
  const { path, database } = (
    typeof argument === 'object' && argument !== null ? argument : {}
  ) as Partial<ComparedFile>;
  return typeof path === 'string' && typeof database === 'string';
}

/** @param except is not offered */
export async function pickDatabase(
  services: ViewServices,
  placeHolder: string,
  except?: ComparedFile,
): Promise<ComparedFile | undefined> {
  const other: DatabaseItem = { label: vscode.l10n.t('$(folder-opened) Another File…'), file: null };
  const picked = await vscode.window.showQuickPick<DatabaseItem>(
    listDatabases(services).then((files) => {
      const items = files
        .filter(({ path }) => path !== except?.path)
        .map((file) => ({ label: baseName(file.database), description: file.database, file }));
      return [...items, other];
    }),
    { placeHolder, matchOnDescription: true, ignoreFocusOut: true },
  );
  return picked === undefined ? undefined : (picked.file ?? (await openDatabase(placeHolder)));
}

/** @throws CoreError `needs-disk` for a file that the engine cannot see */
async function openDatabase(title: string): Promise<ComparedFile | undefined> {
  const [uri] =
    (await vscode.window.showOpenDialog({
      title,
      canSelectMany: false,
      filters: { [vscode.l10n.t('Databases')]: ['db', 'sqlite', 'sqlite3'], [vscode.l10n.t('All Files')]: ['*'] },
    })) ?? [];
  if (uri !== undefined && !isReadable(uri)) throw onNoDisk(baseName(uri.path));
  return uri === undefined ? undefined : { path: pathOf(uri), database: vscode.workspace.asRelativePath(uri) };
}

/** Those that can be read, of every data folder there is. */
async function listDatabases({ engine, model }: ViewServices): Promise<readonly ComparedFile[]> {
  const lists = await Promise.all(
    model.folders.map(async (folder) => {
      const found = await model.resolve(folder);
      if (found.kind !== 'found') return [];
      const { databases } = await engine.request('catalogue.inventory', placeOf(folder, found.dataFolder));
      return databases
        .filter(({ state }) => state === 'ready')
        .map(({ database }) => ({ path: pathOf(resolveFromFolder(folder.uri, database)), database }));
    }),
  );
  return lists.flat();
}
