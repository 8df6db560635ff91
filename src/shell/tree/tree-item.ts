/** How each node looks: label, description, icon, tooltip, menus and what a screen reader says. */
import * as vscode from 'vscode';
import type { DatabaseRole } from '../../core/catalogue/model';
import { nodeContexts } from '../contributions';
import { wordsFor } from '../present-error';
import { databaseItem } from './database-item';
import { factSheet, makeItem } from './item-look';
import type { FolderNode, GroupNode, HintNode, ProblemNode, TreeNode } from './nodes';
import { columnItem, tableItem } from './table-item';

const { Collapsed, Expanded, None } = vscode.TreeItemCollapsibleState;

export function toTreeItem(node: TreeNode): vscode.TreeItem {
  switch (node.kind) {
    case 'folder':
      return folderItem(node);
    case 'group':
      return groupItem(node);
    case 'database':
      return databaseItem(node);
    case 'table':
      return tableItem(node);
    case 'column':
      return columnItem(node);
    case 'problem':
      return problemItem(node);
    case 'hint':
      return hintItem(node);
  }
}

function folderItem(node: FolderNode): vscode.TreeItem {
  return makeItem(node, {
    label: node.folder.name,
    state: Expanded,
    icon: new vscode.ThemeIcon('root-folder'),
    context: nodeContexts.folder,
    spoken: vscode.l10n.t('Workspace folder {0}', node.folder.name),
  });
}

function groupItem(node: GroupNode): vscode.TreeItem {
  const label = groupLabel(node.role);
  const count = node.entries.length;
  return makeItem(node, {
    label,
    description: String(count),
    state: count === 0 ? None : node.open ? Expanded : Collapsed,
    icon: new vscode.ThemeIcon(groupIcon(node.role)),
    context: nodeContexts.group(node.role),
    spoken: count === 1 ? vscode.l10n.t('{0}, 1 database', label) : vscode.l10n.t('{0}, {1} databases', label, count),
  });
}

function groupLabel(role: DatabaseRole): string {
  switch (role) {
    case 'consolidated':
      return vscode.l10n.t('Consolidated');
    case 'legacy':
      return vscode.l10n.t('Legacy');
    case 'other':
      return vscode.l10n.t('Other');
  }
}

function groupIcon(role: DatabaseRole): string {
  switch (role) {
    case 'consolidated':
      return 'layers';
    case 'legacy':
      return 'archive';
    case 'other':
      return 'question';
  }
}

function problemItem(node: ProblemNode): vscode.TreeItem {
  const { message, hint, path } = node.problem;
  return makeItem(node, {
    label: withoutName(message, path),
    state: None,
    icon: new vscode.ThemeIcon('info'),
    context: nodeContexts.problem,
    tooltip: factSheet(path ?? '', [], [message, hint]),
    spoken: wordsFor(node.problem),
  });
}

/** The row above says which database it is; here its name would take the room that the cause needs. */
function withoutName(message: string, path: string | null): string {
  if (path === null || !message.startsWith(path)) return message;
  const rest = message.slice(path.length);
  if (rest.startsWith(': ')) return rest.slice(2);
  return rest.startsWith(' ') ? vscode.l10n.t('It {0}', rest.slice(1)) : message;
}

function hintItem(node: HintNode): vscode.TreeItem {
  return makeItem(node, {
    label: node.hint,
    state: None,
    icon: new vscode.ThemeIcon(node.about === 'advice' ? 'lightbulb' : 'info'),
    context: nodeContexts.hint,
    tooltip: factSheet('', [], [node.hint]),
    spoken: node.hint,
  });
}
