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
/** How long a document that was saved for the first time may take to come back as a file. Milliseconds. */
const handover = 5_000;

export class QueryDocuments {
  private readonly store = new DisposableStore();
  private readonly bindings: Map<string, Binding>;
  /** Of documents that are not saved yet, as they were last written. */
  private readonly texts = new Map<string, string>();
  /** What was closed last, and may be about to go on as a file. */
  private left: { readonly text: string; readonly binding: Binding; readonly until: number } | null = null;
  private readonly changed = this.store.add(new vscode.EventEmitter<void>());
  readonly onDidChange = this.changed.event;

  constructor(private readonly memory: vscode.Memento) {
    this.bindings = new Map(Object.entries(memory.get<Record<string, Binding>>(memoryKey, {})));
    const { workspace } = vscode;
    this.store.add(workspace.onDidChangeTextDocument((event) => this.changedText(event)));
    this.store.add(workspace.onDidCloseTextDocument((document) => this.closed(document)));
    this.store.add(workspace.onDidOpenTextDocument((document) => this.opened(document)));
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

  /**
   * What is saved for the first time goes on as another document, which VS Code opens before it closes this one or after
   * that, and ties to it in no other way than by its text.
   */
  private closed(document: vscode.TextDocument): void {
    const { uri } = document;
    const binding = this.bindingOf(uri);
    if (binding === undefined || uri.scheme !== 'untitled') return;
    const text = this.texts.get(uri.toString()) ?? document.getText();
    this.texts.delete(uri.toString());
    this.bindings.delete(uri.toString());
    const saved = vscode.workspace.textDocuments.find((one) => this.mayGoOnAs(one, text));
    if (saved === undefined) {
      this.left = { text, binding, until: Date.now() + handover };
      this.save();
    } else this.bind(saved.uri, binding);
  }

  private opened(document: vscode.TextDocument): void {
    const { left } = this;
    if (left === null || Date.now() > left.until || !this.mayGoOnAs(document, left.text)) return;
    this.left = null;
    this.bind(document.uri, left.binding);
  }

  private mayGoOnAs(document: vscode.TextDocument, text: string): boolean {
    const { uri } = document;
    return (
      uri.scheme === 'file' && text.trim() !== '' && this.bindingOf(uri) === undefined && document.getText() === text
    );
  }

  /** Saving empties the document that was not saved yet before it closes it. */
  private changedText({ document }: vscode.TextDocumentChangeEvent): void {
    const text = document.getText();
    if (document.uri.scheme !== 'untitled' || text === '' || this.bindingOf(document.uri) === undefined) return;
    this.texts.set(document.uri.toString(), text);
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
