/** Over the name of a table in a plan file: its rows and columns. */
import * as vscode from 'vscode';
import { sameName } from '../../core/sql-names';
import type { Engine, Place } from '../../engine/protocol';
import { factSheet } from '../tree/item-look';
import { countedRows } from '../words';
import type { WorkspaceModel } from '../workspace-model';
import type { PlanDocuments } from './plan-documents';
import { findTableName, type TableName } from './plan-text';
import { factsOf } from './proposals';

/** A hover that does not fit the screen is read by nobody. */
const mostColumns = 30;

export class PlanHover implements vscode.HoverProvider {
  constructor(
    private readonly engine: Engine,
    private readonly model: WorkspaceModel,
    private readonly documents: PlanDocuments,
    private readonly log: vscode.LogOutputChannel,
  ) {}

  async provideHover(
    document: vscode.TextDocument,
    position: vscode.Position,
    token: vscode.CancellationToken,
  ): Promise<vscode.Hover | undefined> {
    const folder = this.documents.folderOf(document);
    if (folder === undefined) return undefined;
    const named = findTableName(document.getText(), document.offsetAt(position));
    if (named === null) return undefined;
    try {
      const place = await this.model.planPlace(folder);
      if (token.isCancellationRequested) return undefined;
      const sheet = await this.describe(place, named);
      const { offset, length } = named;
      return sheet === undefined
        ? undefined
        : new vscode.Hover(sheet, new vscode.Range(document.positionAt(offset), document.positionAt(offset + length)));
    } catch (error) {
      // What is wrong with the database is told by the check.
      this.log.debug(`Hover: ${String(error)}`);
      return undefined;
    }
  }

  private async describe(place: Place, { database, table }: TableName): Promise<vscode.MarkdownString | undefined> {
    const { tables } = await this.engine.request('plan.describe', { ...place, database });
    const found = tables.find(({ name }) => sameName(name, table));
    if (found === undefined) return undefined;
    const rows = await this.engine.request('catalogue.countRows', { ...place, database, table: found.name });
    const columns = found.columns.slice(0, mostColumns).map((column) => [column.name, factsOf(column)] as const);
    const more = found.columns.length - columns.length;
    return factSheet(
      `${database} ${found.name}`,
      [[vscode.l10n.t('Rows'), countedRows(rows)], ...columns],
      [more > 0 ? vscode.l10n.t('And {0} more columns.', more) : null],
    );
  }
}
