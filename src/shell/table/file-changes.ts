/** Notices that one database file or its sidecars changed: by file events, and by a look at size and time now and then. */
import * as vscode from 'vscode';
import { DisposableStore } from '../disposable-store';

/** A burst of writes is one change. Milliseconds. */
const debounceTime = 250;
/** Events miss changes made through network drives and containers. Milliseconds. */
const pollTime = 3000;

export class FileChanges {
  private readonly store = new DisposableStore();
  private debounce: NodeJS.Timeout | undefined;
  private poll: NodeJS.Timeout | undefined;

  constructor(
    file: vscode.Uri,
    private readonly onChange: () => void,
  ) {
    const folder = vscode.Uri.joinPath(file, '..');
    const name = file.path.slice(file.path.lastIndexOf('/') + 1).replace(/[*?[\]{}]/g, '?');
    const watcher = this.store.add(
      vscode.workspace.createFileSystemWatcher(new vscode.RelativePattern(folder, `${name}{,-wal,-journal}`)),
    );
    for (const event of [watcher.onDidCreate, watcher.onDidChange, watcher.onDidDelete])
      this.store.add(event(() => this.soon()));
  }

  /** Looks while somebody sees it; asks at once when it comes into view again. */
  setVisible(visible: boolean): void {
    clearInterval(this.poll);
    this.poll = undefined;
    if (!visible) return;
    this.soon();
    this.poll = setInterval(this.onChange, pollTime);
  }

  dispose(): void {
    clearTimeout(this.debounce);
    clearInterval(this.poll);
    this.store.dispose();
  }

  private soon(): void {
    clearTimeout(this.debounce);
    this.debounce = setTimeout(this.onChange, debounceTime);
  }
}
