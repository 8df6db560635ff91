/** The nodes of the tree, as plain data with stable ids: VS Code keeps what is expanded and selected by id. */
import type { WorkspaceFolder } from 'vscode';
import type { ColumnInfo, DatabaseEntry, DatabaseRole, TableInfo } from '../../core/catalogue/model';
import type { CoreErrorData } from '../../core/errors';
import type { Place } from '../../engine/protocol';
import type { Standing } from './status-store';

interface BaseNode {
  readonly id: string;
  readonly parent: TreeNode | undefined;
  readonly folder: WorkspaceFolder;
}

/** Only where several workspace folders are open. */
export interface FolderNode extends BaseNode {
  readonly kind: 'folder';
}

export interface GroupNode extends BaseNode {
  readonly kind: 'group';
  readonly role: DatabaseRole;
  readonly place: Place;
  readonly entries: readonly DatabaseEntry[];
  /** Whether it is unfolded at first. */
  readonly open: boolean;
}

export interface DatabaseNode extends BaseNode {
  readonly kind: 'database';
  readonly place: Place;
  readonly entry: DatabaseEntry;
  /** Of its tables that the plan names; empty while that is not known. */
  readonly standings: readonly Standing[];
}

export interface TableNode extends BaseNode {
  readonly kind: 'table';
  readonly place: Place;
  readonly entry: DatabaseEntry;
  readonly table: TableInfo;
  /** Null until counted: a view is counted only when somebody asks. */
  readonly rows: number | null;
  /** What has become of a legacy table; null where there is nothing to say. */
  readonly standing: Standing | null;
}

export interface ColumnNode extends BaseNode {
  readonly kind: 'column';
  readonly column: ColumnInfo;
}

/** What is wrong with its parent. */
export interface ProblemNode extends BaseNode {
  readonly kind: 'problem';
  readonly problem: CoreErrorData;
}

/**
 * What to do about the problem above it: a line of its own, since a side bar is too narrow for both in one. Or a fact
 * where there is nothing else to be listed.
 */
export interface HintNode extends BaseNode {
  readonly kind: 'hint';
  readonly about: 'advice' | 'fact';
  readonly hint: string;
}

export type TreeNode = FolderNode | GroupNode | DatabaseNode | TableNode | ColumnNode | ProblemNode | HintNode;

/** An id below its parent's; the parts are escaped, since a table may be called anything. */
export function childId(parent: string, ...parts: readonly string[]): string {
  return [parent, ...parts.map(encodeURIComponent)].join('/');
}

/**
 * The ids of siblings, which VS Code wants to differ: names that differ in bytes that are no text only are read as one.
 * The first keeps the id that its name gives it.
 */
export function childIds(parent: string, children: readonly (readonly string[])[]): readonly string[] {
  const taken = new Set<string>();
  return children.map((parts, index) => {
    const named = childId(parent, ...parts);
    const id = taken.has(named) ? childId(parent, ...parts, '!', String(index)) : named;
    taken.add(id);
    return id;
  });
}

/** The node that a menu passes to a command, if it is one of ours. */
export function asNode(argument: unknown): TreeNode | undefined {
  const known = ['folder', 'group', 'database', 'table', 'column', 'problem', 'hint'];
  const kind = typeof argument === 'object' && argument !== null && 'kind' in argument ? argument.kind : undefined;
  return typeof kind === 'string' && known.includes(kind) ? (argument as TreeNode) : undefined;
}
