/**
 * The user settings of a test window: VS Code as its users have it, but silent. Nothing is sent or fetched, and nothing
 * depends on the machine or the day (news, tips, whether Git is installed).
 */
import { readFile, rename, writeFile } from 'node:fs/promises';

export type Settings = Readonly<Record<string, unknown>>;

export const quietSettings: Settings = {
  'telemetry.telemetryLevel': 'off',
  'update.mode': 'none',
  'extensions.autoUpdate': false,
  'extensions.autoCheckUpdates': false,
  'extensions.ignoreRecommendations': true,
  'workbench.startupEditor': 'none',
  'workbench.tips.enabled': false,
  'workbench.enableExperiments': false,
  'chat.disableAIFeatures': true,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'git.enabled': false,
  // Playwright can click VS Code's own dialogs, not the browser's.
  'window.dialogStyle': 'custom',
};

/** Makes VS Code run our extension's `browser` entry in its web worker host, though the server has a Node for `main`. */
export const inWebWorker: Settings = {
  'remote.extensionKind': { 'jarvis-databases.jarvis-databases': ['web'] },
};

/** Merges `changes` into the settings file; `undefined` removes a setting. Only windows opened later see them. */
export async function writeSettings(file: string, changes: Settings): Promise<void> {
  const current = JSON.parse(await readFile(file, 'utf8').catch(() => '{}')) as Settings;
  // A window that opens meanwhile must not read half of it.
  await writeFile(`${file}.new`, JSON.stringify({ ...current, ...changes }, undefined, 2));
  await rename(`${file}.new`, file);
}
