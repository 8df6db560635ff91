/**
 * Rows and schemas side by side, in VS Code's own diff editor: those of a legacy table beside their consolidated rows,
 * and those of two databases.
 */
import * as vscode from 'vscode';
import type { ComparedText } from './comparison-text';
import { comparedRowsScheme } from './contributions';
import { DisposableStore } from './disposable-store';

/** How many comparisons are kept for their editors. */
const keptComparisons = 8;

export interface Comparison {
  readonly title: string;
  readonly legacy: string;
  readonly consolidated: string;
}

export class ComparedRows implements vscode.TextDocumentContentProvider {
  private readonly store = new DisposableStore();
  private readonly comparisons = new Map<string, ReadonlyMap<string, ComparedText>>();
  private readonly changed = this.store.add(new vscode.EventEmitter<vscode.Uri>());
  readonly onDidChange = this.changed.event;

  constructor() {
    this.store.add(vscode.workspace.registerTextDocumentContentProvider(comparedRowsScheme, this));
  }

  /** @param name of the table, as a path: the same one takes the place of an earlier comparison */
  async show(name: string, { title, legacy, consolidated }: Comparison): Promise<void> {
    const [pair] = this.keep(name, [{ name: '', left: legacy, right: consolidated }]);
    if (pair !== undefined) await vscode.commands.executeCommand('vscode.diff', ...pair, title);
  }

  /** Several texts in one editor, each below its name. */
  async showAll(name: string, title: string, texts: readonly ComparedText[]): Promise<void> {
    const resources = this.keep(name, texts).map((pair) => [pair[0], ...pair]);
    await vscode.commands.executeCommand('vscode.changes', title, resources);
  }

  provideTextDocumentContent({ path, query, fragment }: vscode.Uri): string {
    const text = this.comparisons.get(fragment)?.get(path);
    if (text === undefined) return vscode.l10n.t('This comparison is gone. Run the command again to see it.');
    return query === 'left' ? text.left : text.right;
  }

  dispose(): void {
    this.store.dispose();
  }

  /** Left and right of each text. */
  private keep(name: string, texts: readonly ComparedText[]): readonly (readonly [vscode.Uri, vscode.Uri])[] {
    const pathOf = (text: ComparedText): string => (text.name === '' ? `/${name}` : `/${name}/${text.name}`);
    this.comparisons.delete(name);
    this.comparisons.set(name, new Map(texts.map((text) => [pathOf(text), text])));
    for (const oldest of this.comparisons.keys()) {
      if (this.comparisons.size <= keptComparisons) break;
      this.comparisons.delete(oldest);
    }
    return texts.map((text) => {
      const side = (query: 'left' | 'right'): vscode.Uri => {
        const uri = vscode.Uri.from({ scheme: comparedRowsScheme, path: pathOf(text), query, fragment: name });
        this.changed.fire(uri);
        return uri;
      };
      return [side('left'), side('right')];
    });
  }
}
