/** Shows reports in VS Code's own Markdown preview, beside whatever is open. */
import * as vscode from 'vscode';
import { reportScheme } from './contributions';
import { DisposableStore } from './disposable-store';
import { baseName } from './format';
import { uriOf } from './resource-paths';

/** How many texts that are in no file are kept for their previews. */
const keptTexts = 8;
/** How long a preview may take to appear before we stop waiting for it; a shown one may only change its text. Milliseconds. */
const previewTime = { appear: 2000, change: 300 };

export class ReportPreview implements vscode.TextDocumentContentProvider {
  private readonly store = new DisposableStore();
  private readonly texts = new Map<string, string>();
  private readonly changed = this.store.add(new vscode.EventEmitter<vscode.Uri>());
  readonly onDidChange = this.changed.event;

  constructor() {
    this.store.add(vscode.workspace.registerTextDocumentContentProvider(reportScheme, this));
  }

  /** @param path absolute path of a Markdown file */
  showFile(path: string): Promise<void> {
    return showPreview(uriOf(path));
  }

  /** Shows a text that is in no file, read-only; nothing is written to disk. */
  async showText(run: string, fileName: string, markdown: string): Promise<void> {
    const uri = vscode.Uri.from({ scheme: reportScheme, path: `/${run}/${fileName}` });
    this.keep(uri, markdown);
    await showPreview(uri);
  }

  provideTextDocumentContent(uri: vscode.Uri): string {
    return (
      this.texts.get(uri.toString()) ??
      vscode.l10n.t('This report was in no file and is gone. Run the command again to see it.')
    );
  }

  dispose(): void {
    this.store.dispose();
  }

  private keep(uri: vscode.Uri, markdown: string): void {
    this.texts.delete(uri.toString());
    this.texts.set(uri.toString(), markdown);
    for (const oldest of this.texts.keys()) {
      if (this.texts.size <= keptTexts) break;
      this.texts.delete(oldest);
    }
    this.changed.fire(uri);
  }
}

async function showPreview(uri: vscode.Uri): Promise<void> {
  const editor = vscode.window.activeTextEditor;
  try {
    const shown = whenPreviewShown(uri);
    await openLocked(uri, shown);
  } catch {
    // The user may have disabled VS Code's Markdown extension: the text itself reads well too.
    const viewColumn = hasOtherTabs() ? vscode.ViewColumn.Beside : vscode.ViewColumn.Active;
    await vscode.window.showTextDocument(uri, { viewColumn, preserveFocus: true });
    return;
  }
  // The preview takes the focus: whoever was writing goes on writing.
  if (editor?.viewColumn !== undefined) {
    await vscode.window.showTextDocument(editor.document, { viewColumn: editor.viewColumn });
  }
}

/** A preview that is not locked turns to whatever Markdown file is opened next: a report has to stay what it is. */
async function openLocked(uri: vscode.Uri, shown: Promise<void>): Promise<void> {
  if (hasOtherTabs()) {
    await vscode.commands.executeCommand('markdown.showLockedPreviewToSide', uri);
    await shown;
  } else {
    await vscode.commands.executeCommand('markdown.showPreview', uri);
    await shown;
    await vscode.commands.executeCommand('markdown.preview.toggleLock');
  }
}

/**
 * Resolves when the preview of `uri` is on the screen, or when it does not come in good time: the command resolves
 * earlier, and what gets the focus before then loses it again.
 */
function whenPreviewShown(uri: vscode.Uri): Promise<void> {
  const isPreviewOfIt = (tab: vscode.Tab): boolean => isMarkdownPreview(tab) && tab.label.includes(baseName(uri.path));
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      subscription.dispose();
      resolve();
    };
    const shown = vscode.window.tabGroups.all.some(({ tabs }) => tabs.some(isPreviewOfIt));
    const timer = setTimeout(done, shown ? previewTime.change : previewTime.appear);
    const subscription = vscode.window.tabGroups.onDidChangeTabs(({ opened, changed }) => {
      if ([...opened, ...changed].some(isPreviewOfIt)) done();
    });
  });
}

/** Whether anything but Markdown previews is open: alone in the window, a preview needs no second column. */
function hasOtherTabs(): boolean {
  return vscode.window.tabGroups.all.some(({ tabs }) => tabs.some((tab) => !isMarkdownPreview(tab)));
}

function isMarkdownPreview({ input }: vscode.Tab): boolean {
  return input instanceof vscode.TabInputWebview && input.viewType.includes('markdown.preview');
}
