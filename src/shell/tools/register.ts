/** Hands tools to VS Code. Registering is all that is done before one is called: no engine, no file. */
import * as vscode from 'vscode';
import { describeError } from '../../core/errors';
import { DisposableStore, type Disposable } from '../disposable-store';
import { wordsFor } from '../error-words';
import type { ViewServices } from '../services';
import { dataText } from './data-text';
import type { Tool } from './tool';

export function register<S extends ViewServices>(tools: Readonly<Record<string, Tool<S>>>, services: S): Disposable {
  const store = new DisposableStore();
  for (const [id, tool] of Object.entries(tools)) {
    store.add(
      vscode.lm.registerTool<unknown>(id, {
        prepareInvocation: ({ input }) => explained(() => Promise.resolve(tool.prepare(services, input))),
        invoke: ({ input }, token) =>
          explained(async () => {
            const abort = new AbortController();
            const subscription = token.onCancellationRequested(() => abort.abort());
            try {
              const data = await tool.invoke(services, input, abort.signal);
              return new vscode.LanguageModelToolResult([new vscode.LanguageModelTextPart(dataText(id, data))]);
            } finally {
              subscription.dispose();
            }
          }),
      }),
    );
  }
  return store;
}

/** A model reads the message of an error alone: the next step has to be in it. */
async function explained<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new Error(wordsFor(describeError(error)), { cause: error });
  }
}
