import * as vscode from 'vscode';
import type { DatabaseEntry, FileState } from '../../core/catalogue/model';
import { nodeContexts } from '../contributions';
import { baseName } from '../format';
import { countedBytes, formatCount, sidecarWords, stateWords } from '../words';
import { factSheet, makeItem } from './item-look';
import type { DatabaseNode } from './nodes';
import { databaseWords } from './standing-words';

/** A database: its size, its state where there is something to say, and where it lies if that is not the data folder. */
export function databaseItem(node: DatabaseNode): vscode.TreeItem {
  const { entry } = node;
  const label = baseName(entry.database);
  const folder = entry.database.slice(0, -label.length - 1) || '.';
  const size = entry.state === 'missing' || entry.state === 'empty' ? '' : countedBytes(entry.size);
  // Most lie in the data folder itself; where one does not, two may have the same name.
  const place = folder === node.place.dataFolder ? '' : `${folder}/`;
  const standing = databaseWords(node.standings);
  const beside = sidecarWords(entry.applies);
  const join = (separator: string, ...parts: readonly string[]): string =>
    parts.filter((part) => part !== '').join(separator);
  return makeItem(node, {
    label,
    // Seen, a database without a word about its state is a healthy one; heard, it has to be said. What a narrow side bar
    // cuts is the end of the line, so what there is to do comes first.
    description: join(' · ', entry.state === 'ready' ? '' : stateWords(entry.state), standing, size, beside, place),
    state: vscode.TreeItemCollapsibleState.Collapsed,
    icon: stateIcon(entry.state),
    context: nodeContexts.database(entry.role, entry.domain),
    tooltip: databaseTooltip(entry, standing),
    spoken: join(', ', label, size, stateWords(entry.state), beside, place, standing),
  });
}

export function stateIcon(state: FileState): vscode.ThemeIcon {
  const icon = (id: string, color: string): vscode.ThemeIcon => new vscode.ThemeIcon(id, new vscode.ThemeColor(color));
  switch (state) {
    case 'ready':
      return icon('database', 'charts.blue');
    case 'missing':
      return icon('circle-slash', 'disabledForeground');
    case 'empty':
    case 'tooLarge':
      return icon('warning', 'list.warningForeground');
    case 'notSqlite':
    case 'damaged':
    case 'unreadable':
      return icon('error', 'list.errorForeground');
  }
}

function databaseTooltip(entry: DatabaseEntry, standing: string): vscode.MarkdownString {
  const lines: [string, string][] = [[vscode.l10n.t('State'), stateWords(entry.state)]];
  if (entry.state !== 'missing') {
    lines.push([vscode.l10n.t('Size'), countedBytes(entry.size)]);
    lines.push([vscode.l10n.t('Modified'), new Date(entry.modified).toLocaleString(vscode.env.language)]);
  }
  if (entry.walSize > 0) lines.push([vscode.l10n.t('Size of -wal'), countedBytes(entry.walSize)]);
  if (entry.frames > 0)
    lines.push([vscode.l10n.t('Frames not yet checkpointed'), vscode.l10n.t('at most {0}', formatCount(entry.frames))]);
  if (entry.domain !== null) lines.push([vscode.l10n.t('Domain'), entry.domain]);
  if (standing !== '') lines.push([vscode.l10n.t('Migration'), standing]);
  const words = entry.problem === null ? [sidecarSentence(entry)] : [entry.problem.message, entry.problem.hint];
  return factSheet(entry.database, lines, words);
}

/** Why what is shown is not what the main file alone would show. */
function sidecarSentence({ applies }: DatabaseEntry): string | null {
  switch (applies) {
    case null:
      return null;
    case 'wal':
      return vscode.l10n.t('The write-ahead log beside it is read too; no file is touched.');
    case 'journal':
      return vscode.l10n.t(
        'A transaction is under way or was cut off: shown is the database as it was before; no file is touched.',
      );
  }
}
