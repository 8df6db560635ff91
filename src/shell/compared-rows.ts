/**
 * The rows of a legacy table that differ from their consolidated rows, in VS Code's own diff editor.
 */
import * as vscode from 'vscode';
import { comparedRowsScheme } from './contributions';
import { DisposableStore } from './disposable-store';

/** How many comparisons are kept for their editors. */
const keptPairs = 8;

export interface Comparison {
  readonly title: string;
  readonly legacy: string;
  readonly consolidated: string;
}

export class ComparedRows implements vscode.TextDocumentContentProvider {
  private readonly store = new DisposableStore();
  private readonly pairs = new Map<string, Comparison>();
  private readonly changed = this.store.add(new vscode.EventEmitter<vscode.Uri>());
  readonly onDidChange = this.changed.event;

  constructor() {
    this.store.add(vscode.workspace.registerTextDocumentContentProvider(comparedRowsScheme, this));
  }

  /** @param name of the table, as a path: the same one takes the place of an earlier comparison */
  async show(name: string, comparison: Comparison): Promise<void> {
    this.pairs.delete(name);
    this.pairs.set(name, comparison);
    for (const oldest of this.pairs.keys()) {
      if (this.pairs.size <= keptPairs) break;
      this.pairs.delete(oldest);
    }
    const [legacy, consolidated] = (['legacy', 'consolidated'] as const).map((query) =>
      vscode.Uri.from({ scheme: comparedRowsScheme, path: `/${name}`, query }),
    );
    if (legacy === undefined || consolidated === undefined) return;
    this.changed.fire(legacy);
    this.changed.fire(consolidated);
    await vscode.commands.executeCommand('vscode.diff', legacy, consolidated, comparison.title);
  }

  provideTextDocumentContent(uri: vscode.Uri): string {
    const pair = this.pairs.get(uri.path.slice(1));
    if (pair === undefined) return vscode.l10n.t('This comparison is gone. Run the command again to see it.');
    return uri.query === 'legacy' ? pair.legacy : pair.consolidated;
  }

  dispose(): void {
    this.store.dispose();
  }
}
