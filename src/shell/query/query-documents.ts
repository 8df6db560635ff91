/** Which SQL documents are bound to which database. The documents are the user's own: files, or not saved yet. */
import * as vscode from 'vscode';
import { contextKeys } from '../contributions';
import { DisposableStore } from '../disposable-store';
import { baseName } from '../format';

export interface Binding {
  /** The URI of the database file. */
  readonly file: string;
  /** What messages call it. */
  readonly database: string;
}

const memoryKey = 'queries.bindings';
/** Documents that are remembered; the ones bound last stay. */
const mostBindings = 200;

export class QueryDocuments {
  private readonly store = new DisposableStore();
  private readonly bindings: Map<string, Binding>;
  private readonly changed = this.store.add(new vscode.EventEmitter<void>());
  readonly onDidChange = this.changed.event;

  constructor(private readonly memory: vscode.Memento) {
    this.bindings = new Map(Object.entries(memory.get<Record<string, Binding>>(memoryKey, {})));
    this.store.add(vscode.workspace.onDidCloseTextDocument((document) => this.closed(document)));
    if (this.bindings.size > 0) this.setContext();
  }

  bindingOf(uri: vscode.Uri): Binding | undefined {
    return this.bindings.get(uri.toString());
  }

  bind(uri: vscode.Uri, binding: Binding): void {
    const key = uri.toString();
    this.bindings.delete(key);
    this.bindings.set(key, binding);
    for (const oldest of this.bindings.keys()) {
      if (this.bindings.size <= mostBindings) break;
      this.bindings.delete(oldest);
    }
    this.save();
  }

  /** A new document that is not saved yet, in an editor. */
  async create(binding: Binding, content: string): Promise<vscode.TextEditor> {
    const document = await vscode.workspace.openTextDocument({ language: 'sql', content });
    this.bind(document.uri, binding);
    const editor = await vscode.window.showTextDocument(document, { preview: false });
    const end = document.positionAt(content.length);
    editor.selection = new vscode.Selection(end, end);
    return editor;
  }

  dispose(): void {
    this.store.dispose();
  }

  /** What was saved for the first time is now another document, with the same text. */
  private closed(document: vscode.TextDocument): void {
    const { uri } = document;
    const binding = this.bindingOf(uri);
    if (binding === undefined || uri.scheme !== 'untitled') return;
    const text = document.getText();
    const saved = vscode.workspace.textDocuments.find(
      (one) => one.uri.scheme === 'file' && this.bindingOf(one.uri) === undefined && one.getText() === text,
    );
    this.bindings.delete(uri.toString());
    if (saved !== undefined && text.trim() !== '') this.bind(saved.uri, binding);
    else this.save();
  }

  private save(): void {
    void this.memory.update(memoryKey, Object.fromEntries(this.bindings));
    this.setContext();
    this.changed.fire();
  }

  private setContext(): void {
    void vscode.commands.executeCommand('setContext', contextKeys.queryDocuments, [...this.bindings.keys()]);
  }
}

/** The name of a database for people. */
export function nameOf({ database }: Pick<Binding, 'database'>): string {
  return baseName(database);
}
