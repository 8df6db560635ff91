/** The engine knows files by path, VS Code by URI. */
import * as vscode from 'vscode';

/** Whether there is a disk, where SQLite's locks and sidecars mean something and a migration can publish. */
export const hasDisk = true as boolean;

export function pathOf(uri: vscode.Uri): string {
  return uri.fsPath;
}

export function uriOf(path: string): vscode.Uri {
  return vscode.Uri.file(path);
}

/** Whether the engine can see it. */
export function isReadable({ scheme }: vscode.Uri): boolean {
  return scheme === 'file';
}
