/** The commands in a browser. Those that it does not have are hidden, but a keyboard shortcut can still run them. */
import * as vscode from 'vscode';
import { CoreError } from '../../core/errors';
import { register, type Command } from '../../shell/commands/register';
import { viewCommands } from '../../shell/commands/view-commands';
import { nodeCommands, paletteCommands, reportCommands } from '../../shell/contributions';
import type { Disposable } from '../../shell/disposable-store';
import type { ViewServices } from '../../shell/services';

export function registerWebCommands(services: ViewServices): Disposable {
  const refused = [...paletteCommands, ...nodeCommands, ...reportCommands].map(
    (id): [string, Command<ViewServices>] => [id, refuse],
  );
  return register<ViewServices>({ ...Object.fromEntries(refused), ...viewCommands }, services);
}

/** @throws CoreError `needs-disk` */
export const refuse = (): never => {
  throw new CoreError('needs-disk', vscode.l10n.t('This is not possible in a browser, which has no disk.'), {
    hint: vscode.l10n.t('Open this folder in VS Code on its own computer.'),
  });
};
