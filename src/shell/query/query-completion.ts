/** Tables and columns of the bound database, while somebody types a statement. */
import * as vscode from 'vscode';
import { proposeAt, type QueryProposal } from '../../core/query/completion';
import { statementAt } from '../../core/query/statements';
import { pathOf } from '../resource-paths';
import type { Engine } from '../../engine/protocol';
import type { QueryDocuments } from './query-documents';

export class QueryCompletion implements vscode.CompletionItemProvider {
  /** @param engine another one than that of the queries: completion does not wait for a statement that is running */
  constructor(
    private readonly engine: Engine,
    private readonly documents: QueryDocuments,
  ) {}

  async provideCompletionItems(
    document: vscode.TextDocument,
    position: vscode.Position,
  ): Promise<vscode.CompletionItem[]> {
    const binding = this.documents.bindingOf(document.uri);
    if (binding === undefined) return [];
    const path = pathOf(vscode.Uri.parse(binding.file));
    // What cannot be read is told when the statement is run, not at every key.
    const relations = await this.engine.request('query.schema', { path, database: binding.database }).catch(() => []);
    const [text, offset] = [document.getText(), document.offsetAt(position)];
    const statement = statementAt(text, offset);
    const start = statement === undefined || offset < statement.from ? offset : statement.from;
    const end = Math.max(offset, statement?.to ?? offset);
    const { from, proposals } = proposeAt(text.slice(start, end), offset - start, relations);
    const range = new vscode.Range(document.positionAt(start + from), position);
    return proposals.map((proposal, index) => itemOf(proposal, index, range));
  }
}

function itemOf(
  { kind, label, text, detail }: QueryProposal,
  index: number,
  range: vscode.Range,
): vscode.CompletionItem {
  const item = new vscode.CompletionItem({ label, description: detail }, kindOf(kind));
  item.insertText = text;
  item.range = range;
  item.sortText = String(index).padStart(6, '0');
  return item;
}

function kindOf(kind: QueryProposal['kind']): vscode.CompletionItemKind {
  switch (kind) {
    case 'table':
      return vscode.CompletionItemKind.Struct;
    case 'view':
      return vscode.CompletionItemKind.Interface;
    case 'column':
      return vscode.CompletionItemKind.Field;
    case 'alias':
      return vscode.CompletionItemKind.Variable;
    case 'keyword':
      return vscode.CompletionItemKind.Keyword;
  }
}
