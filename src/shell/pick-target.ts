/** Where a text that the user saves goes: anywhere but over a database. */
import * as vscode from 'vscode';
import { CoreError } from '../core/errors';
import { baseName, isOfDatabase } from './format';

/**
 * VS Code asks before it replaces a file, but not whether that is the database that is being looked at.
 *
 * @param source the database whose content is saved
 * @param name suggested, in the folder of the source
 * @returns undefined where the user thought better of it
 * @throws CoreError `same-file`
 */
export async function pickTarget(
  source: vscode.Uri,
  name: string,
  filters: vscode.SaveDialogOptions['filters'],
): Promise<vscode.Uri | undefined> {
  const defaultUri = vscode.Uri.joinPath(source, '..', name);
  const target = await vscode.window.showSaveDialog({ defaultUri, ...(filters === undefined ? {} : { filters }) });
  if (target === undefined || !isOfDatabase(target.path, source.path)) return target;
  throw new CoreError('same-file', vscode.l10n.t('{0} is a database, or a part of one.', baseName(target.path)), {
    path: target.fsPath,
    hint: vscode.l10n.t('Nothing was written. Choose another name.'),
  });
}
