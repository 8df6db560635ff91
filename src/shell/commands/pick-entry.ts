import * as vscode from 'vscode';
import type { DatabaseEntry } from '../../core/catalogue/model';
import type { Place } from '../../engine/protocol';
import { baseName } from '../format';
import type { ViewServices } from '../services';

/** One of the databases of a data folder that can be read; undefined where the user picks none. */
export async function pickEntry({ engine }: ViewServices, place: Place): Promise<DatabaseEntry | undefined> {
  const { databases } = await engine.request('catalogue.inventory', place);
  const items = databases
    .filter(({ state }) => state === 'ready')
    .map((entry) => ({ label: baseName(entry.database), description: entry.database, entry }));
  const picked = await vscode.window.showQuickPick(items, {
    placeHolder: vscode.l10n.t('Which database?'),
    matchOnDescription: true,
  });
  return picked?.entry;
}
