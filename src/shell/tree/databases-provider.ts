/** The "Databases" tree: turns the catalogue as last read into nodes. */
import * as vscode from 'vscode';
import type { DatabaseEntry, DatabaseRole, TableInfo } from '../../core/catalogue/model';
import type { CoreErrorData } from '../../core/errors';
import { baseName } from '../format';
import { dataFolderSetting } from '../settings';
import type { CatalogueStore, FolderState } from './catalogue-store';
import {
  childId,
  childIds,
  type ColumnNode,
  type DatabaseNode,
  type GroupNode,
  type TableNode,
  type TreeNode,
} from './nodes';
import type { StatusStore } from './status-store';
import { toTreeItem } from './tree-item';

const roles: readonly DatabaseRole[] = ['consolidated', 'legacy', 'other'];

export class DatabasesProvider implements vscode.TreeDataProvider<TreeNode> {
  private readonly changed = new vscode.EventEmitter<undefined>();
  readonly onDidChangeTreeData = this.changed.event;
  private readonly subscriptions: readonly vscode.Disposable[];

  constructor(
    private readonly store: CatalogueStore,
    private readonly status: StatusStore,
  ) {
    this.subscriptions = [store, status].map(({ onDidChange }) => onDidChange(() => this.changed.fire(undefined)));
  }

  getTreeItem(node: TreeNode): vscode.TreeItem {
    return toTreeItem(node);
  }

  getParent(node: TreeNode): TreeNode | undefined {
    return node.parent;
  }

  async getChildren(node?: TreeNode): Promise<TreeNode[]> {
    if (node === undefined) return this.roots();
    switch (node.kind) {
      case 'folder':
        return this.contentOf(node.folder, node);
      case 'group':
        return this.databasesOf(node);
      case 'database':
        return this.tablesOf(node);
      case 'table':
        return columnsOf(node);
      case 'column':
      case 'problem':
      case 'hint':
        return [];
    }
  }

  dispose(): void {
    for (const subscription of this.subscriptions) subscription.dispose();
    this.changed.dispose();
  }

  private async roots(): Promise<TreeNode[]> {
    if (this.store.states === undefined) await this.store.refresh();
    const states = this.store.states ?? [];
    // An empty tree shows the welcome content, which says what to do.
    if (states.every(nothingToShow)) return [];
    const [only] = states;
    if (states.length === 1 && only !== undefined) return this.contentOf(only.folder, undefined);
    return states.map(({ folder }) => ({ kind: 'folder', id: rootId(folder), parent: undefined, folder }));
  }

  private contentOf(folder: vscode.WorkspaceFolder, parent: TreeNode | undefined): TreeNode[] {
    const state = this.store.states?.find((one) => one.folder.uri.toString() === folder.uri.toString());
    if (state === undefined) return [];
    const { content } = state;
    switch (content.kind) {
      case 'none':
      case 'failed':
        return problemNodes(folder, rootId(folder), parent, content.problem);
      case 'ambiguous':
        return problemNodes(folder, rootId(folder), parent, ambiguity(content.candidates.length));
      case 'found': {
        const groups = roles.map((role): GroupNode => {
          const entries = content.inventory.databases.filter((entry) => entry.role === role).sort(byName);
          return {
            kind: 'group',
            id: childId(rootId(folder), role),
            parent,
            folder,
            role,
            place: content.place,
            entries,
            // What is neither legacy nor consolidated is in the way, unless there is nothing else.
            open: role !== 'other' || !content.inventory.databases.some((entry) => entry.role === 'legacy'),
          };
        });
        return groups.filter(({ role, entries }) => role !== 'other' || entries.length > 0);
      }
    }
  }

  private databasesOf(node: GroupNode): TreeNode[] {
    const { place, folder } = node;
    return node.entries.map((entry) => ({
      kind: 'database',
      id: childId(node.id, entry.database),
      parent: node,
      folder,
      place,
      entry,
      standings: this.status.standingsOf(place, entry),
    }));
  }

  private async tablesOf(node: DatabaseNode): Promise<TreeNode[]> {
    const { entry, place, folder } = node;
    if (entry.problem !== null) return problemNodes(folder, node.id, node, entry.problem);
    const description = await this.store.describe(place, entry);
    if (!description.ok) return problemNodes(folder, node.id, node, description.problem);
    const { tables } = description.value;
    if (tables.length === 0) {
      const hint = vscode.l10n.t('No tables');
      return [{ kind: 'hint', id: childId(node.id, '!'), parent: node, folder, about: 'fact', hint }];
    }
    const ids = childIds(
      node.id,
      tables.map(({ kind, name }) => [kind, name]),
    );
    return tables.map((table, index): TableNode => {
      const rows = table.rows ?? this.store.countedRows(place, entry, table.name);
      const id = ids[index] ?? '';
      const standing = this.status.standingOf(place, entry, table.name, table.kind === 'shadow' ? null : table.rows);
      return { kind: 'table', id, parent: node, folder, place, entry, table, rows, standing };
    });
  }
}

/** As the tree shows them: by file name, wherever they lie. */
function byName(a: DatabaseEntry, b: DatabaseEntry): number {
  return baseName(a.database).localeCompare(baseName(b.database)) || a.database.localeCompare(b.database);
}

function columnsOf(node: TableNode): TreeNode[] {
  const ids = childIds(
    node.id,
    node.table.columns.map(({ name }) => [name]),
  );
  const columns = node.table.columns.map((column, index): ColumnNode => {
    return { kind: 'column', id: ids[index] ?? '', parent: node, folder: node.folder, column };
  });
  return node.table.problem === null ? columns : [...tableProblem(node, node.table), ...columns];
}

function tableProblem(node: TableNode, table: TableInfo): TreeNode[] {
  const message = table.problem ?? '';
  return problemNodes(node.folder, node.id, node, {
    code: 'sql-failed',
    message,
    path: node.entry.database,
    hint: null,
  });
}

/** The cause, and what to do about it where that is known. */
function problemNodes(
  folder: vscode.WorkspaceFolder,
  parentId: string,
  parent: TreeNode | undefined,
  problem: CoreErrorData,
): TreeNode[] {
  const cause: TreeNode = { kind: 'problem', id: childId(parentId, '!'), parent, folder, problem };
  if (problem.hint === null) return [cause];
  return [
    cause,
    { kind: 'hint', id: childId(parentId, '!', 'hint'), parent, folder, about: 'advice', hint: problem.hint },
  ];
}

function ambiguity(count: number): CoreErrorData {
  return {
    code: 'data-folder-ambiguous',
    message: vscode.l10n.t('{0} folders may be the data folder.', count),
    path: null,
    hint: vscode.l10n.t('Choose one with "Jarvis: Select Data Folder".'),
  };
}

function nothingToShow({ folder, content }: FolderState): boolean {
  switch (content.kind) {
    case 'none':
      // A setting that leads nowhere is a mistake to be named, not an empty workspace.
      return dataFolderSetting(folder) === null;
    case 'ambiguous':
      return true;
    case 'found':
    case 'failed':
      return false;
  }
}

function rootId(folder: vscode.WorkspaceFolder): string {
  return encodeURIComponent(folder.uri.toString());
}
