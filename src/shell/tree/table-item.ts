import * as vscode from 'vscode';
import type { ColumnInfo, TableInfo } from '../../core/catalogue/model';
import { visibleName } from '../../core/visible-text';
import { nodeContexts, type CommandId } from '../contributions';
import { countedRows } from '../words';
import { stateIcon } from './database-item';
import { factSheet, makeItem } from './item-look';
import type { ColumnNode, TableNode } from './nodes';
import { standingFacts, standingWords } from './standing-words';

const { Collapsed, None } = vscode.TreeItemCollapsibleState;

/** A table or view, with its rows as far as they were counted. */
export function tableItem(node: TableNode): vscode.TreeItem {
  const { table, rows, standing } = node;
  const name = visibleName(table.name);
  const kind = tableKind(table);
  const counted = rows === null ? '' : countedRows(rows);
  const state = standing === null ? '' : standingWords(standing);
  const facts = [
    table.problem === null ? counted : vscode.l10n.t('cannot be read'),
    // Heard, the kind comes first.
    table.kind === 'table' ? '' : kind,
    state,
  ];
  return makeItem(node, {
    label: name,
    description: facts.filter((fact) => fact !== '').join(' · '),
    mark: standing?.state ?? null,
    state: table.columns.length > 0 || table.problem !== null ? Collapsed : None,
    command: openCommand(node),
    icon: table.problem === null ? new vscode.ThemeIcon(tableIcon(table)) : stateIcon('damaged'),
    context: contextOf(node),
    tooltip: factSheet(
      name,
      [
        [vscode.l10n.t('Kind'), kind],
        [vscode.l10n.t('Rows'), rows === null ? vscode.l10n.t('not counted') : counted],
        [vscode.l10n.t('Columns'), String(table.columns.length)],
        ...(table.indexes.length === 0
          ? []
          : [[vscode.l10n.t('Indexes'), table.indexes.map(visibleName).join(', ')] as [string, string]]),
        ...(standing === null ? [] : standingFacts(standing)),
      ],
      [table.problem, standing?.reason ?? null],
    ),
    spoken: [`${kind} ${name}`, facts[0], state].filter((part) => part !== '').join(', '),
  });
}

/** Enter and a click on the name; the arrow before it still unfolds the columns. */
function openCommand(node: TableNode): vscode.Command {
  const command: CommandId = 'jarvis.openTable';
  return { command, title: vscode.l10n.t('Open Table'), arguments: [node] };
}

function contextOf({ table, entry }: TableNode): string {
  if (table.kind === 'view') return nodeContexts.view;
  return entry.role === 'legacy' ? nodeContexts.legacyTable : nodeContexts.table;
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

/** A column: its type, its keys and what it refers to. */
export function columnItem(node: ColumnNode): vscode.TreeItem {
  const { column } = node;
  const name = visibleName(column.name);
  const description = columnFacts(column);
  return makeItem(node, {
    label: name,
    description: description.join(' · '),
    state: None,
    icon: new vscode.ThemeIcon(
      column.primaryKey > 0 ? 'key' : column.references.length > 0 ? 'references' : 'symbol-field',
    ),
    context: nodeContexts.column,
    tooltip: factSheet(
      name,
      [
        [vscode.l10n.t('Type'), column.type === '' ? vscode.l10n.t('none declared') : column.type],
        ...(column.defaultValue === null ? [] : [[vscode.l10n.t('Default'), column.defaultValue] as [string, string]]),
        ...column.references.map((target) => [vscode.l10n.t('Refers to'), target] as [string, string]),
      ],
      [],
    ),
    spoken: [vscode.l10n.t('column {0}', name), ...description].join(', '),
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
