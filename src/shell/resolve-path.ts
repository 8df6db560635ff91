import * as vscode from 'vscode';
import { uriOf } from './resource-paths';

/** A path of the catalogue as a URI: relative to the workspace folder, or absolute where it lies outside. */
export function resolveFromFolder(folder: vscode.Uri, path: string): vscode.Uri {
  return /^([\\/]|[A-Za-z]:[\\/])/.test(path) ? uriOf(path) : vscode.Uri.joinPath(folder, path);
}
