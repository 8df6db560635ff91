import * as vscode from 'vscode';
import { resolveFromFolder } from '../resolve-path';
import type { ViewServices } from '../services';
import { asNode } from '../tree/nodes';

/** "Reveal in Explorer View" of a database. */
export async function revealInExplorer(_services: ViewServices, argument: unknown): Promise<void> {
  const node = asNode(argument);
  if (node?.kind !== 'database') return;
  await vscode.commands.executeCommand('revealInExplorer', resolveFromFolder(node.folder.uri, node.entry.database));
}
