/** What the tests of the suite share: the extension, the workspace's files, and dialogs that answer by themselves. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as vscode from 'vscode';
import type { ExtensionApi } from '../../../src/extension';
import { lineMark } from '../suite-marks';

/** Puts a line among the results. */
export function print(line: string): void {
  console.log(`${lineMark}      ${line}`);
}

export function findExtension(): vscode.Extension<ExtensionApi> {
  const extension = vscode.extensions.getExtension<ExtensionApi>('jarvis-databases.jarvis-databases');
  assert.ok(extension !== undefined, 'the extension is not there');
  return extension;
}

/** The sample workspace, fresh at the start of the suite. */
export function workspaceFolder(): vscode.WorkspaceFolder {
  const folder = vscode.workspace.workspaceFolders?.[0];
  assert.ok(folder !== undefined, 'the suite needs a sample workspace: run it with --folder');
  return folder;
}

export function inWorkspace(...parts: readonly string[]): string {
  return join(workspaceFolder().uri.fsPath, ...parts);
}

/** SHA-256 of every file of the workspace, by its path. */
export function hashWorkspace(): Readonly<Record<string, string>> {
  const names = readdirSync(inWorkspace(), { recursive: true, withFileTypes: true });
  const files = names.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return Object.fromEntries(files.sort().map((file) => [file.slice(inWorkspace().length + 1), hashFile(file)]));
}

function hashFile(file: string): string {
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}

export interface Message {
  readonly severity: 'information' | 'warning' | 'error';
  readonly text: string;
  /** Of a modal dialog. */
  readonly detail: string | undefined;
  readonly modal: boolean;
  readonly buttons: readonly string[];
}

/**
 * Runs `work` while every message is answered with `answer` (a button, or undefined for "closed") and every quick pick
 * with the item that is called `pick`, or its first: VS Code refuses modal dialogs under test, and notifications and
 * quick picks would wait for a click.
 */
export async function withMessages(
  answer: (message: Message) => string | undefined,
  work: () => PromiseLike<unknown>,
  pick?: string,
): Promise<readonly Message[]> {
  const { window } = vscode;
  const originals = {
    showInformationMessage: window.showInformationMessage,
    showWarningMessage: window.showWarningMessage,
    showErrorMessage: window.showErrorMessage,
    showQuickPick: window.showQuickPick,
  };
  const messages: Message[] = [];
  const stub = (severity: Message['severity']) => {
    return (text: string, ...rest: readonly (string | vscode.MessageOptions)[]): Promise<string | undefined> => {
      const options = rest.find((item): item is vscode.MessageOptions => typeof item === 'object');
      const buttons = rest.filter((item): item is string => typeof item === 'string');
      const message = { severity, text, detail: options?.detail, modal: options?.modal === true, buttons };
      messages.push(message);
      return Promise.resolve(answer(message));
    };
  };
  Object.assign(window, {
    showInformationMessage: stub('information'),
    showWarningMessage: stub('warning'),
    showErrorMessage: stub('error'),
    showQuickPick: (items: readonly vscode.QuickPickItem[]) =>
      Promise.resolve(pick === undefined ? items[0] : items.find(({ label }) => label === pick)),
  });
  try {
    await work();
    return messages;
  } finally {
    Object.assign(window, originals);
  }
}

/** Waits until `probe` gives something; what it last said is in the failure. */
export async function eventually<T>(what: string, probe: () => T | undefined | PromiseLike<T | undefined>): Promise<T> {
  for (let tries = 0; tries < 100; tries++) {
    const value = await probe();
    if (value !== undefined) return value;
    await sleep(100);
  }
  assert.fail(`${what} did not come`);
}

/** Markdown previews that are open, in the order of their columns. */
export function previewTabs(): readonly vscode.Tab[] {
  const tabs = vscode.window.tabGroups.all.flatMap((group) => group.tabs);
  return tabs.filter(
    ({ input }) => input instanceof vscode.TabInputWebview && input.viewType.includes('markdown.preview'),
  );
}

export async function closeAllEditors(): Promise<void> {
  await vscode.commands.executeCommand('workbench.action.closeAllEditors');
}
