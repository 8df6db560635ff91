/**
 * Notices that database files changed: file events for all of them, and a look at size and time of the listed ones while
 * somebody is looking at the view. Events alone miss changes made through network drives, containers and excluded folders.
 */
import * as vscode from 'vscode';
import { DisposableStore } from '../disposable-store';
import { resolveFromFolder } from '../resolve-path';
import type { CatalogueStore } from './catalogue-store';

const extensions = ['db', 'sqlite', 'sqlite3'];
const sidecars = ['-wal', '-journal'];
/** Database files and the sidecars that change with them. */
export const databaseFilePattern = `**/*.{${extensions.flatMap((name) => ['', ...sidecars].map((end) => name + end)).join(',')}}`;

/** A burst of writes is one change. Milliseconds. */
const debounceTime = 300;
/** How often size and time are looked at while the view is visible. Milliseconds. */
const pollTime = 5000;

export class DatabaseWatcher {
  private readonly store = new DisposableStore();
  private watchers = new DisposableStore();
  private watched = '';
  private debounce: NodeJS.Timeout | undefined;
  private poll: NodeJS.Timeout | undefined;
  private lastStamp: string | undefined;

  constructor(
    private readonly catalogue: CatalogueStore,
    private readonly onChange: () => void,
  ) {
    this.store.add(catalogue.onDidChange(() => this.watch()));
  }

  /** Polls while `visible`. */
  setVisible(visible: boolean): void {
    clearInterval(this.poll);
    this.poll = undefined;
    if (visible) this.poll = setInterval(() => void this.lookAtFiles(), pollTime);
  }

  dispose(): void {
    clearTimeout(this.debounce);
    clearInterval(this.poll);
    this.watchers.dispose();
    this.store.dispose();
  }

  /** Watches below each workspace folder, and below a data folder that lies outside. */
  private watch(): void {
    this.lastStamp = undefined;
    const folders = this.foldersToWatch();
    const key = folders.map(String).join('\n');
    if (key === this.watched) return;
    this.watched = key;
    this.watchers.dispose();
    this.watchers = new DisposableStore();
    for (const folder of folders) {
      const pattern = new vscode.RelativePattern(folder, databaseFilePattern);
      const watcher = this.watchers.add(vscode.workspace.createFileSystemWatcher(pattern));
      for (const event of [watcher.onDidCreate, watcher.onDidChange, watcher.onDidDelete]) {
        this.watchers.add(event(() => this.changeSoon()));
      }
    }
  }

  private foldersToWatch(): readonly vscode.Uri[] {
    return (this.catalogue.states ?? []).flatMap(({ folder, content }) => {
      if (content.kind !== 'found') return [folder.uri];
      const dataFolder = resolveFromFolder(folder.uri, content.inventory.dataFolder);
      const inside = vscode.workspace.getWorkspaceFolder(dataFolder) !== undefined;
      return inside ? [folder.uri] : [folder.uri, dataFolder];
    });
  }

  private changeSoon(): void {
    clearTimeout(this.debounce);
    this.debounce = setTimeout(this.onChange, debounceTime);
  }

  private async lookAtFiles(): Promise<void> {
    const before = this.lastStamp;
    const stamp = await this.stampFiles();
    // In the meantime a refresh may have begun a new comparison.
    if (before !== this.lastStamp) return;
    this.lastStamp = stamp;
    if (before !== undefined && before !== stamp) this.onChange();
  }

  private async stampFiles(): Promise<string> {
    const files = (this.catalogue.states ?? []).flatMap(({ folder, content }) => {
      if (content.kind !== 'found') return [folder.uri];
      const databases = content.inventory.databases.map(({ database }) => resolveFromFolder(folder.uri, database));
      // The folder's own time tells that a file was added.
      return [
        resolveFromFolder(folder.uri, content.inventory.dataFolder),
        ...databases.flatMap((uri) => [uri, ...sidecars.map((end) => uri.with({ path: uri.path + end }))]),
      ];
    });
    return (await Promise.all(files.map(stamp))).join('\n');
  }
}

async function stamp(uri: vscode.Uri): Promise<string> {
  try {
    const { size, mtime } = await vscode.workspace.fs.stat(uri);
    return `${size} ${mtime}`;
  } catch {
    return 'none';
  }
}
