/** How each node looks: label, description, icon, tooltip, menus and what a screen reader says. */
import * as vscode from 'vscode';
import type { ColumnInfo, DatabaseEntry, DatabaseRole, FileState, TableInfo } from '../../core/catalogue/model';
import { nodeContexts } from '../contributions';
import { baseName, formatBytes } from '../format';
import { wordsFor } from '../present-error';
import { countedRows, stateWords } from '../words';
import type { ColumnNode, DatabaseNode, FolderNode, GroupNode, ProblemNode, TableNode, TreeNode } from './nodes';

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
  }
}

function folderItem(node: FolderNode): vscode.TreeItem {
  return item(node, {
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
  return item(node, {
    label,
    description: String(count),
    state: node.role === 'other' ? Collapsed : Expanded,
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

function databaseItem(node: DatabaseNode): vscode.TreeItem {
  const { entry } = node;
  const label = baseName(entry.database);
  const folder = entry.database.slice(0, -label.length - 1);
  const parts = [
    entry.state === 'missing' ? '' : formatBytes(entry.size),
    stateWords(entry.state),
    // Most lie in the data folder itself; where one does not, two may have the same name.
    folder === node.place.dataFolder ? '' : `${folder}/`,
  ].filter((part) => part !== '');
  return item(node, {
    label,
    description: parts.join(' · '),
    state: Collapsed,
    icon: stateIcon(entry.state),
    context: nodeContexts.database(entry.role, entry.domain),
    tooltip: databaseTooltip(entry),
    spoken: [label, ...parts].join(', '),
  });
}

function stateIcon(state: FileState): vscode.ThemeIcon {
  const icon = (id: string, color: string): vscode.ThemeIcon => new vscode.ThemeIcon(id, new vscode.ThemeColor(color));
  switch (state) {
    case 'ready':
      return icon('database', 'charts.blue');
    case 'missing':
      return icon('circle-slash', 'disabledForeground');
    case 'empty':
    case 'walLive':
    case 'journalHot':
    case 'tooLarge':
      return icon('warning', 'list.warningForeground');
    case 'notSqlite':
    case 'damaged':
    case 'unreadable':
      return icon('error', 'list.errorForeground');
  }
}

function databaseTooltip(entry: DatabaseEntry): vscode.MarkdownString {
  const lines: [string, string][] = [[vscode.l10n.t('State'), stateWords(entry.state)]];
  if (entry.state !== 'missing') {
    lines.push([vscode.l10n.t('Size'), formatBytes(entry.size)]);
    lines.push([vscode.l10n.t('Modified'), new Date(entry.modified).toLocaleString(vscode.env.language)]);
  }
  if (entry.walSize > 0) lines.push([vscode.l10n.t('Size of -wal'), formatBytes(entry.walSize)]);
  if (entry.domain !== null) lines.push([vscode.l10n.t('Domain'), entry.domain]);
  return facts(entry.database, lines, entry.problem === null ? [] : [entry.problem.message, entry.problem.hint]);
}

function tableItem(node: TableNode): vscode.TreeItem {
  const { table, rows } = node;
  const kind = tableKind(table);
  const counted = rows === null ? '' : countedRows(rows);
  const description = table.problem === null ? counted : vscode.l10n.t('cannot be read');
  return item(node, {
    label: table.name,
    description: table.kind === 'table' || description === '' ? description : `${description} · ${kind}`,
    state: table.columns.length > 0 || table.problem !== null ? Collapsed : None,
    icon: table.problem === null ? new vscode.ThemeIcon(tableIcon(table)) : stateIcon('damaged'),
    context: table.kind === 'view' ? nodeContexts.view : nodeContexts.table,
    tooltip: facts(
      table.name,
      [
        [vscode.l10n.t('Kind'), kind],
        [vscode.l10n.t('Rows'), rows === null ? vscode.l10n.t('not counted') : counted],
        [vscode.l10n.t('Columns'), String(table.columns.length)],
        ...(table.indexes.length === 0
          ? []
          : [[vscode.l10n.t('Indexes'), table.indexes.join(', ')] as [string, string]]),
      ],
      [table.problem],
    ),
    spoken: [`${kind} ${table.name}`, description].filter((part) => part !== '').join(', '),
  });
}

function tableKind({ kind }: TableInfo): string {
  switch (kind) {
    case 'table':
      return vscode.l10n.t('table');
    case 'view':
      return vscode.l10n.t('view');
    case 'virtual':
      return vscode.l10n.t('virtual table');
    case 'shadow':
      return vscode.l10n.t('shadow table');
  }
}

function tableIcon({ kind }: TableInfo): string {
  switch (kind) {
    case 'table':
      return 'table';
    case 'view':
      return 'preview';
    case 'virtual':
      return 'symbol-interface';
    case 'shadow':
      return 'symbol-misc';
  }
}

function columnItem(node: ColumnNode): vscode.TreeItem {
  const { column } = node;
  const description = columnFacts(column);
  return item(node, {
    label: column.name,
    description: description.join(' · '),
    state: None,
    icon: new vscode.ThemeIcon(
      column.primaryKey > 0 ? 'key' : column.references.length > 0 ? 'references' : 'symbol-field',
    ),
    context: nodeContexts.column,
    tooltip: facts(
      column.name,
      [
        [vscode.l10n.t('Type'), column.type === '' ? vscode.l10n.t('none declared') : column.type],
        ...(column.defaultValue === null ? [] : [[vscode.l10n.t('Default'), column.defaultValue] as [string, string]]),
        ...column.references.map((target) => [vscode.l10n.t('Refers to'), target] as [string, string]),
      ],
      [],
    ),
    spoken: [vscode.l10n.t('column {0}', column.name), ...description].join(', '),
  });
}

function columnFacts(column: ColumnInfo): readonly string[] {
  return [
    column.type,
    column.primaryKey > 0 ? vscode.l10n.t('primary key') : '',
    column.notNull ? vscode.l10n.t('not null') : '',
    column.generated ? vscode.l10n.t('generated') : '',
    ...column.references.map((target) => `→ ${target}`),
  ].filter((fact) => fact !== '');
}

function problemItem(node: ProblemNode): vscode.TreeItem {
  const { message, hint } = node.problem;
  return item(node, {
    label: message,
    ...(hint === null ? {} : { description: hint }),
    state: None,
    icon: new vscode.ThemeIcon('info'),
    context: nodeContexts.problem,
    tooltip: facts(node.problem.path ?? '', [], [message, hint]),
    spoken: wordsFor(node.problem),
  });
}

interface Look {
  readonly label: string;
  readonly description?: string;
  readonly state: vscode.TreeItemCollapsibleState;
  readonly icon: vscode.ThemeIcon;
  readonly context: string;
  readonly tooltip?: vscode.MarkdownString;
  /** What a screen reader says instead of label and description. */
  readonly spoken: string;
}

function item(node: TreeNode, look: Look): vscode.TreeItem {
  const result = new vscode.TreeItem(look.label, look.state);
  result.id = node.id;
  result.iconPath = look.icon;
  result.contextValue = look.context;
  result.accessibilityInformation = { label: look.spoken };
  if (look.description !== undefined) result.description = look.description;
  if (look.tooltip !== undefined) result.tooltip = look.tooltip;
  return result;
}

/** Names and messages are data: `appendText` escapes them, and the string is not trusted, so no command can hide in one. */
function facts(
  title: string,
  lines: readonly (readonly [string, string])[],
  paragraphs: readonly (string | null)[],
): vscode.MarkdownString {
  const text = new vscode.MarkdownString();
  if (title !== '') text.appendMarkdown('**').appendText(title).appendMarkdown('**');
  for (const [name, value] of lines) text.appendMarkdown('  \n').appendText(`${name}: ${value}`);
  for (const paragraph of paragraphs) if (paragraph !== null) text.appendMarkdown('\n\n').appendText(paragraph);
  return text;
}
