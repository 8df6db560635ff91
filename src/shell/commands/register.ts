import * as vscode from 'vscode';
import { DisposableStore, type Disposable } from '../disposable-store';
import { presentError } from '../present-error';
import type { Services, ViewServices } from '../services';

/** A command: what was passed is the node, if a menu of the tree ran it. */
export type Command<S extends ViewServices = Services> = (services: S, argument: unknown) => Promise<void> | void;

/** Registers commands by their ids; what one of them throws is shown. */
export function register<S extends ViewServices>(
  commands: Readonly<Record<string, Command<S>>>,
  services: S,
): Disposable {
  const store = new DisposableStore();
  for (const [id, command] of Object.entries(commands)) {
    store.add(
      vscode.commands.registerCommand(id, async (argument: unknown) => {
        try {
          await command(services, argument);
        } catch (error) {
          presentError(error, services.log);
        }
      }),
    );
  }
  return store;
}
