/** What the web suite asks of the window, with VS Code's API alone. */
import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { sha256 } from '../../../src/core/storage/hash';
import type { TreeNode } from '../../../src/shell/tree/nodes';
import type { WebExtensionApi } from '../../../src/web/extension';

const { fs } = vscode.workspace;

export function findExtension(): vscode.Extension<WebExtensionApi> {
  const extension = vscode.extensions.getExtension<WebExtensionApi>('jarvis-databases.jarvis-databases');
  assert.ok(extension !== undefined, 'the extension is not there');
  return extension;
}

export function dataFolder(): vscode.Uri {
  const [folder] = vscode.workspace.workspaceFolders ?? [];
  assert.ok(folder !== undefined, 'no folder is open');
  return vscode.Uri.joinPath(folder.uri, 'data');
}

export type Tree = vscode.TreeDataProvider<TreeNode>;

export async function itemsOf(
  tree: Tree,
  node?: TreeNode,
): Promise<readonly { readonly node: TreeNode; readonly item: vscode.TreeItem }[]> {
  const nodes = (await tree.getChildren(node)) ?? [];
  return Promise.all(nodes.map(async (child) => ({ node: child, item: await tree.getTreeItem(child) })));
}

export function labelOf({ label }: vscode.TreeItem): string {
  return typeof label === 'string' ? label : (label?.label ?? '');
}

/** @param path labels from the top */
export async function findNode(tree: Tree, ...path: readonly string[]): Promise<TreeNode> {
  let node: TreeNode | undefined;
  for (const label of path) {
    const items = await itemsOf(tree, node);
    node = items.find(({ item }) => labelOf(item) === label)?.node;
    assert.ok(node !== undefined, `no ${label} among ${items.map(({ item }) => labelOf(item)).join(', ')}`);
  }
  assert.ok(node !== undefined, 'no path');
  return node;
}

export async function tabCalled(label: string): Promise<vscode.Tab> {
  const open = (): readonly vscode.Tab[] => vscode.window.tabGroups.all.flatMap(({ tabs }) => tabs);
  for (let tries = 0; tries < 100; tries++) {
    const tab = open().find((one) => one.label.includes(label));
    if (tab !== undefined) return tab;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return assert.fail(
    `no tab ${label} among ${open()
      .map((tab) => tab.label)
      .join(', ')}`,
  );
}

/** Time and SHA-256 of every file below a folder, as one text. */
export async function contentOf(folder: vscode.Uri): Promise<string> {
  const lines: string[] = [];
  for (const [name, type] of await fs.readDirectory(folder)) {
    const uri = vscode.Uri.joinPath(folder, name);
    if (type === vscode.FileType.Directory) {
      lines.push(`${name}/ ${await contentOf(uri)}`);
      continue;
    }
    const digest = await sha256(await fs.readFile(uri));
    lines.push(`${name} ${(await fs.stat(uri)).mtime} ${digest}`);
  }
  return lines.sort().join('\n');
}

/** The code of an error of the core: the extension's bundle has another class for them than this one. */
export function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : String(error);
}

/** The warnings that are shown while `work` runs. */
export async function warningsOf(work: () => PromiseLike<unknown>): Promise<readonly string[]> {
  const { showWarningMessage } = vscode.window;
  const messages: string[] = [];
  Object.assign(vscode.window, {
    showWarningMessage: (text: string) => {
      messages.push(text);
      return Promise.resolve(undefined);
    },
  });
  try {
    await work();
    return messages;
  } finally {
    Object.assign(vscode.window, { showWarningMessage });
  }
}
