/** The statements that were run in this workspace, in its own storage, and the list to pick one from. */
import * as vscode from 'vscode';
import { addToHistory, withoutEntry, type HistoryEntry } from '../../core/query/history';
import { countedRows, formatCount } from '../words';
import { nameOf } from './query-documents';

const memoryKey = 'queries.history';

interface HistoryItem extends vscode.QuickPickItem {
  readonly entry: HistoryEntry;
}

export class QueryHistory {
  constructor(private readonly memory: vscode.Memento) {}

  async add(entry: HistoryEntry): Promise<void> {
    await this.save(addToHistory(this.entries, entry));
  }

  /** The statement that the user picks; undefined where none is picked. */
  pick(): Promise<HistoryEntry | undefined> {
    const remove: vscode.QuickInputButton = {
      iconPath: new vscode.ThemeIcon('trash'),
      tooltip: vscode.l10n.t('Remove from History'),
    };
    const clear: vscode.QuickInputButton = {
      iconPath: new vscode.ThemeIcon('clear-all'),
      tooltip: vscode.l10n.t('Clear History'),
    };
    return new Promise((resolve) => {
      const list = vscode.window.createQuickPick<HistoryItem>();
      const show = (): void => {
        list.items = this.entries.map((entry) => itemOf(entry, remove));
        list.placeholder =
          list.items.length === 0
            ? vscode.l10n.t('No statement has been run in this workspace yet.')
            : vscode.l10n.t('Which statement? It opens in a new query.');
      };
      list.title = vscode.l10n.t('Query History');
      list.matchOnDescription = true;
      list.buttons = [clear];
      list.onDidTriggerButton(() => void this.save([]).then(show));
      list.onDidTriggerItemButton(({ item }) => void this.save(withoutEntry(this.entries, item.entry)).then(show));
      list.onDidAccept(() => {
        resolve(list.selectedItems[0]?.entry);
        list.hide();
      });
      list.onDidHide(() => {
        resolve(undefined);
        list.dispose();
      });
      show();
      list.show();
    });
  }

  private get entries(): readonly HistoryEntry[] {
    return this.memory.get<readonly HistoryEntry[]>(memoryKey, []);
  }

  private async save(entries: readonly HistoryEntry[]): Promise<void> {
    await this.memory.update(memoryKey, entries);
  }
}

function itemOf(entry: HistoryEntry, ...buttons: vscode.QuickInputButton[]): HistoryItem {
  const { sql, at, milliseconds, rows, cut } = entry;
  const counted = cut ? vscode.l10n.t('more than {0}', countedRows(rows)) : countedRows(rows);
  const time = vscode.l10n.t('{0} ms', formatCount(Math.max(1, Math.round(milliseconds))));
  return {
    // A name of an icon in a statement is no icon.
    label: sql.replace(/\s+/g, ' ').replace(/\$\(/g, '$\u200b('),
    description: nameOf(entry),
    detail: `${counted} · ${time} · ${new Date(at).toLocaleString(vscode.env.language)}`,
    buttons,
    entry,
  };
}
