/** "Compare Row With Consolidated" of a viewer: one legacy row beside its consolidated row, in VS Code's own diff editor. */
import * as vscode from 'vscode';
import { describeError } from '../../core/errors';
import type { Engine, EngineRequests } from '../../engine/protocol';
import type { ComparedRows } from '../compared-rows';
import { askUser } from '../ask-user';
import { rowText } from '../compared-text';
import { withConsent } from '../consent';
import { baseName } from '../format';
import { inNotification } from '../in-notification';
import { offer } from '../present-error';
import { resolveFromFolder } from '../resolve-path';
import { runSettings } from '../settings';
import { placeOf, type FolderPlace, type WorkspaceModel } from '../workspace-model';

type RowComparison = EngineRequests['compare.row']['result'];

export class RowComparer {
  constructor(
    private readonly engine: Engine,
    private readonly model: WorkspaceModel,
    private readonly comparedRows: ComparedRows,
    private readonly log: vscode.LogOutputChannel,
  ) {}

  /** Whether the file is a legacy database of a workspace folder. */
  async isLegacy(file: vscode.Uri): Promise<boolean> {
    const found = await this.placeOf(file);
    if (found === undefined) return false;
    const { databases } = await this.engine.request('catalogue.inventory', found.place);
    return databases.some(
      ({ role, database }) => role === 'legacy' && resolveFromFolder(found.folder.uri, database).fsPath === file.fsPath,
    );
  }

  /** @param key the rowid, in decimal digits */
  async compare(file: vscode.Uri, table: string, key: string): Promise<void> {
    const found = await this.placeOf(file);
    if (found === undefined) return;
    const done = await withConsent(
      ({ openAnyway }) => this.ask(found, file, table, key, openAnyway),
      () => null,
      askUser,
    );
    if (done === undefined) return;
    const comparison = done.result;
    const { cells, target } = comparison;
    if (cells.length > 0) {
      await this.comparedRows.show(`${baseName(file.path)}/${table} ${key}.sql`, {
        title: `${baseName(file.path)} ${table} ${key} ↔ ${targetWords(target)}`,
        legacy: rowText(cells, 'legacy'),
        consolidated: rowText(cells, 'consolidated'),
      });
    }
    const words = wordsOn(comparison, table, key);
    if (words !== null) offer(vscode.window.showInformationMessage, words, [], this.log);
  }

  private async ask(
    { folder, place }: FolderPlace,
    file: vscode.Uri,
    table: string,
    key: string,
    openAnyway: boolean,
  ): Promise<RowComparison | undefined> {
    const shown = { title: vscode.l10n.t('Comparing row {0} of {1}', key, table), cancellable: true };
    const { planFile, rateLimits } = runSettings(folder);
    const params = { ...place, planFile, rateLimits, database: file.fsPath, table, key, openAnyway };
    try {
      return await inNotification(shown, (tell, signal) =>
        this.engine.request('compare.row', params, { signal, onProgress: ({ message }) => tell(message) }),
      );
    } catch (error) {
      if (describeError(error).code === 'cancelled') return undefined;
      throw error;
    }
  }

  private async placeOf(file: vscode.Uri): Promise<FolderPlace | undefined> {
    const inside = vscode.workspace.getWorkspaceFolder(file);
    // A legacy database may lie outside of the folder whose plan names it.
    const folders = inside === undefined ? this.model.folders : [inside];
    for (const folder of folders) {
      const found = await this.model.resolve(folder);
      if (found.kind === 'found') return { folder, place: placeOf(folder, found.dataFolder) };
    }
    return undefined;
  }
}

function targetWords(target: RowComparison['target']): string {
  if (target === null) return '';
  return 'file' in target ? target.file : `${baseName(target.database)} ${target.table}`;
}

/** What the diff does not show; null where it shows all there is to say. */
function wordsOn({ outcome, target, reason, cells }: RowComparison, table: string, key: string): string | null {
  const place = targetWords(target);
  switch (outcome) {
    case 'changed':
      return null;
    case 'present':
      return vscode.l10n.t('Row {0} of {1} is in {2}, equal in every cell.', key, table, place);
    case 'taken':
      return cells.length === 0
        ? vscode.l10n.t('Row {0} of {1} has not been migrated.', key, table)
        : vscode.l10n.t(
            'Row {0} of {1} has not been migrated: {2} has a row of its own under its key.',
            key,
            table,
            place,
          );
    case 'notMigrated':
      return vscode.l10n.t('Row {0} of {1} has not been migrated to {2} yet.', key, table, place);
    case 'gone':
      return vscode.l10n.t('Row {0} of {1} was migrated to {2}, and is no longer there.', key, table, place);
    case 'rejected':
      return vscode.l10n.t(
        'Row {0} of {1} has not been migrated: {2} refuses it ({3}).',
        key,
        table,
        place,
        reason ?? '',
      );
    case 'leftBehind':
      return vscode.l10n.t('The plan leaves {0} behind: {1}', table, reason ?? '');
    case 'inFile':
      return vscode.l10n.t('The rows of {0} go into {1}: compare the table as a whole.', table, place);
    case 'unplanned':
      return vscode.l10n.t('No step of the plan names {0}.', table);
    case 'missing':
      return vscode.l10n.t('{0} has no row {1} any more.', table, key);
  }
}
