/**
 * The same as `resource-paths.ts` in a browser, where a workspace may be anywhere that VS Code has a file system for.
 *
 * A path is `/<scheme>:<authority>/<the URI's own path>`: absolute, with forward slashes, and never of two files at once.
 */
import * as vscode from 'vscode';

export const hasDisk = false;

export function pathOf({ scheme, authority, path }: vscode.Uri): string {
  return `/${scheme}:${encodeURIComponent(authority)}${path}`;
}

export function uriOf(path: string): vscode.Uri {
  const [, scheme = 'file', authority = '', below = path] = /^\/([a-z][a-z0-9+.-]*):([^/]*)(.*)$/i.exec(path) ?? [];
  return vscode.Uri.from({ scheme, authority: decodeURIComponent(authority), path: below === '' ? '/' : below });
}

export function isReadable(): boolean {
  return true;
}
