import * as vscode from 'vscode';
import { CoreError } from '../core/errors';

/**
 * For what VS Code reads from elsewhere, such as a repository on a server: the engine sees the files of this computer, and
 * the path of another file system would lead it to nothing, or to another file.
 *
 * @param name of the folder or file
 */
export function onNoDisk(name: string): CoreError {
  return new CoreError('needs-disk', vscode.l10n.t('{0} is on no disk of this computer.', name), {
    hint: vscode.l10n.t('Open a copy that is on a disk, or view it in VS Code for the Web (vscode.dev, github.dev).'),
  });
}
