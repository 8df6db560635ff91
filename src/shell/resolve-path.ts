import * as vscode from 'vscode';

/** A path of the catalogue as a URI: relative to the workspace folder, or absolute where it lies outside. */
export function resolveFromFolder(folder: vscode.Uri, path: string): vscode.Uri {
  return /^([\\/]|[A-Za-z]:[\\/])/.test(path) ? vscode.Uri.file(path) : vscode.Uri.joinPath(folder, path);
}
