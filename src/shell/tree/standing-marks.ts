/** The marks beside legacy tables: what a row is marked with stands in the URI that it carries for this alone. */
import * as vscode from 'vscode';
import { DisposableStore } from '../disposable-store';
import { standingMark } from './standing-words';

const scheme = 'jarvis-table';

/** @param id of the node: two rows with one URI would be one file to VS Code */
export function markUri(id: string, state: string): vscode.Uri {
  return vscode.Uri.from({ scheme, path: `/${id}`, query: state });
}

export class StandingMarks implements vscode.FileDecorationProvider {
  private readonly store = new DisposableStore();

  constructor() {
    this.store.add(vscode.window.registerFileDecorationProvider(this));
  }

  provideFileDecoration(uri: vscode.Uri): vscode.FileDecoration | undefined {
    const mark = uri.scheme === scheme ? standingMark(uri.query) : null;
    if (mark === null) return undefined;
    // No tooltip: that of the row says it in words.
    return new vscode.FileDecoration(
      mark.badge,
      undefined,
      mark.color === null ? undefined : new vscode.ThemeColor(mark.color),
    );
  }

  dispose(): void {
    this.store.dispose();
  }
}
