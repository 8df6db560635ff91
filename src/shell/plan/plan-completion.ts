/** Completion in plan files, from the databases that are really there. */
import * as vscode from 'vscode';
import type { Engine, Place } from '../../engine/protocol';
import type { WorkspaceModel } from '../workspace-model';
import type { PlanDocuments } from './plan-documents';
import { questionAt, type PlanPosition } from './plan-question';
import { proposeColumns, proposeDatabases, proposeTables, type Proposal } from './proposals';

export class PlanCompletion implements vscode.CompletionItemProvider {
  constructor(
    private readonly engine: Engine,
    private readonly model: WorkspaceModel,
    private readonly documents: PlanDocuments,
    private readonly log: vscode.LogOutputChannel,
  ) {}

  async provideCompletionItems(
    document: vscode.TextDocument,
    position: vscode.Position,
    token: vscode.CancellationToken,
  ): Promise<vscode.CompletionItem[]> {
    const folder = this.documents.folderOf(document);
    if (folder === undefined) return [];
    const asked = questionAt(document.getText(), document.offsetAt(position));
    if (asked === null) return [];
    try {
      const place = await this.model.planPlace(folder);
      // Somebody has typed on: the request is not worth a look into a database any more.
      if (token.isCancellationRequested) return [];
      const proposals = await this.answer(place, asked);
      const start = document.positionAt(asked.start);
      const range = { inserting: new vscode.Range(start, position), replacing: rangeOf(document, asked) };
      return proposals.map((proposal, index) => toItem(proposal, asked, range, index));
    } catch (error) {
      // A database that is missing or cannot be read is told by the check: here there is nothing to offer.
      this.log.debug(`Completion: ${String(error)}`);
      return [];
    }
  }

  private async answer(place: Place, position: PlanPosition): Promise<readonly Proposal[]> {
    const { question } = position;
    switch (question.kind) {
      case 'database': {
        const { databases } = await this.engine.request('catalogue.inventory', place);
        return proposeDatabases(position, question, databases);
      }
      case 'table':
        return proposeTables(
          position,
          await this.engine.request('plan.describe', { ...place, database: question.database }),
        );
      case 'column':
      case 'expression':
        return proposeColumns(
          position,
          question,
          await this.engine.request('plan.describe', { ...place, database: question.database }),
        );
    }
  }
}

function rangeOf(document: vscode.TextDocument, { start, end }: PlanPosition): vscode.Range {
  return new vscode.Range(document.positionAt(start), document.positionAt(end));
}

function toItem(
  { kind, label, detail, text, rest }: Proposal,
  { form }: PlanPosition,
  range: { readonly inserting: vscode.Range; readonly replacing: vscode.Range },
  index: number,
): vscode.CompletionItem {
  const item = new vscode.CompletionItem(label, kindOf(kind));
  item.detail = detail;
  // In the order of the schema, and before what JSON's own completion has to say.
  item.sortText = `\u0020${String(index).padStart(6, '0')}`;
  // What is in the range decides what matches: a string with its quotes, a name in SQL without.
  item.filterText = form === 'sqlName' || form === 'quotedName' ? label : JSON.stringify(label);
  // A whole string goes, with the quote that VS Code has closed by itself; of SQL only the name.
  item.range = form === 'sqlName' || form === 'quotedName' ? range : range.replacing;
  if (rest === null) item.insertText = text;
  else {
    item.insertText = new vscode.SnippetString().appendText(text).appendTabstop(1).appendText(rest);
    item.command = { title: vscode.l10n.t('Suggest'), command: 'editor.action.triggerSuggest' };
  }
  return item;
}

function kindOf(kind: Proposal['kind']): vscode.CompletionItemKind {
  switch (kind) {
    case 'database':
      return vscode.CompletionItemKind.File;
    case 'table':
      return vscode.CompletionItemKind.Struct;
    case 'column':
      return vscode.CompletionItemKind.Field;
  }
}
