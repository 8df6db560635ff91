import * as vscode from 'vscode';
import { resolveFromFolder } from '../resolve-path';
import type { ViewServices } from '../services';
import { asNode } from '../tree/nodes';

/** "Copy Path" of a database. */
export async function copyPath(_services: ViewServices, argument: unknown): Promise<void> {
  const node = asNode(argument);
  if (node?.kind !== 'database') return;
  await vscode.env.clipboard.writeText(resolveFromFolder(node.folder.uri, node.entry.database).fsPath);
}
