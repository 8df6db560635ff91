/** Above each statement of a bound document: run it, explain it, and which database it is run on. */
import * as vscode from 'vscode';
import { splitStatements } from '../../core/query/statements';
import { DisposableStore } from '../disposable-store';
import { nameOf, type QueryDocuments } from './query-documents';

/** What the commands of a query get from a lens. */
export interface StatementAddress {
  /** Of the document. */
  readonly uri: string;
  readonly offset: number;
}

export class QueryLenses implements vscode.CodeLensProvider {
  private readonly store = new DisposableStore();
  private readonly changed = this.store.add(new vscode.EventEmitter<void>());
  readonly onDidChangeCodeLenses = this.changed.event;

  constructor(private readonly documents: QueryDocuments) {
    this.store.add(documents.onDidChange(() => this.changed.fire()));
  }

  provideCodeLenses(document: vscode.TextDocument): vscode.CodeLens[] {
    const binding = this.documents.bindingOf(document.uri);
    if (binding === undefined) return [];
    const uri = document.uri.toString();
    const database = {
      title: `$(database) ${nameOf(binding)}`,
      tooltip: vscode.l10n.t('{0}: choose another database', binding.database),
      command: 'jarvis.chooseQueryDatabase',
      arguments: [{ uri, offset: 0 } satisfies StatementAddress],
    };
    const statements = splitStatements(document.getText());
    if (statements.length === 0) return [new vscode.CodeLens(new vscode.Range(0, 0, 0, 0), database)];
    return statements.flatMap(({ from }) => {
      const start = document.positionAt(from);
      const address: StatementAddress = { uri, offset: from };
      const commands: vscode.Command[] = [
        { title: `$(play) ${vscode.l10n.t('Run')}`, command: 'jarvis.runQuery', arguments: [address] },
        { title: vscode.l10n.t('Explain'), command: 'jarvis.explainQuery', arguments: [address] },
        database,
      ];
      return commands.map((command) => new vscode.CodeLens(new vscode.Range(start, start), command));
    });
  }

  dispose(): void {
    this.store.dispose();
  }
}
