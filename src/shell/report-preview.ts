/** Shows reports in VS Code's own Markdown preview, beside whatever is open. */
import * as vscode from 'vscode';
import { reportScheme } from './contributions';
import { DisposableStore } from './disposable-store';
import { baseName } from './format';
import { uriOf } from './resource-paths';

/** How many texts that are in no file are kept for their previews. */
const keptTexts = 8;
/**
 * How long a preview may take to appear before we stop waiting for it; a shown one may only change its text. One that comes
 * late is still known for what it shows. Milliseconds.
 */
const previewTime = { appear: 2000, change: 300, late: 20_000 };

export class ReportPreview implements vscode.TextDocumentContentProvider {
  private readonly store = new DisposableStore();
  private readonly texts = new Map<string, string>();
  /** Of previews that are open: their tabs tell no more than the name of a file. */
  private readonly shown = new WeakMap<vscode.Tab, vscode.Uri>();
  /** The preview that is being opened. */
  private awaited: { readonly uri: vscode.Uri; readonly until: number } | undefined;
  private readonly changed = this.store.add(new vscode.EventEmitter<vscode.Uri>());
  readonly onDidChange = this.changed.event;
  private readonly opened = this.store.add(new vscode.EventEmitter<void>());
  /** {@link uriOf} knows one more tab. */
  readonly onDidShow = this.opened.event;

  constructor() {
    this.store.add(vscode.workspace.registerTextDocumentContentProvider(reportScheme, this));
    const { tabGroups } = vscode.window;
    this.store.add(tabGroups.onDidChangeTabs(({ opened, changed }) => this.learn([...opened, ...changed])));
  }

  /** @param path absolute path of a Markdown file */
  async showFile(path: string): Promise<void> {
    await this.show(uriOf(path));
  }

  /** What a locked preview shows that was opened here; undefined for any other tab. */
  uriOf(tab: vscode.Tab): vscode.Uri | undefined {
    return this.shown.get(tab);
  }

  /** Shows a text that is in no file, read-only; nothing is written to disk. */
  async showText(run: string, fileName: string, markdown: string): Promise<void> {
    const uri = vscode.Uri.from({ scheme: reportScheme, path: `/${run}/${fileName}` });
    this.keep(uri, markdown);
    await this.show(uri);
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

  private async show(uri: vscode.Uri): Promise<void> {
    const open = vscode.window.tabGroups.all.flatMap(({ tabs }) => tabs);
    const isOpen = open.some((tab) => this.shown.get(tab)?.toString() === uri.toString());
    this.awaited = isOpen ? undefined : { uri, until: Date.now() + previewTime.late };
    await showPreview(uri);
  }

  /**
   * Learns which tab a preview has: the command that opens one does not say it, and on a busy machine ends before the
   * tab is there. One that is not locked shows what the user turns to, so that nothing is known of it.
   */
  private learn(tabs: readonly vscode.Tab[]): void {
    for (const tab of tabs.filter(isMarkdownPreview)) {
      const { awaited } = this;
      if (!isLocked(tab)) this.shown.delete(tab);
      else if (tab.isActive && awaited !== undefined && isPreviewOf(tab, awaited.uri) && !this.shown.has(tab)) {
        if (Date.now() < awaited.until) this.shown.set(tab, awaited.uri);
        this.awaited = undefined;
        this.opened.fire();
      }
    }
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
  const isPreviewOfIt = (tab: vscode.Tab): boolean => isPreviewOf(tab, uri);
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

function isPreviewOf(tab: vscode.Tab, { path }: vscode.Uri): boolean {
  return isMarkdownPreview(tab) && tab.label.includes(baseName(path));
}

/** VS Code's Markdown extension writes `[Preview] name` then, in every language. */
export function isLocked({ label }: vscode.Tab): boolean {
  return label.startsWith('[');
}

export function isMarkdownPreview({ input }: vscode.Tab): boolean {
  return input instanceof vscode.TabInputWebview && input.viewType.includes('markdown.preview');
}
