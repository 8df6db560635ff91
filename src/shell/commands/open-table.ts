import * as vscode from 'vscode';
import { resolveFromFolder } from '../resolve-path';
import type { ViewServices } from '../services';
import type { TableAddress } from '../table/table-tabs';
import { asNode } from '../tree/nodes';
import { pickEntry } from './pick-entry';
import { pickPlace } from './pick-place';
import type { Command } from './register';

/** "Open Table": the table of the node, or one that is picked. */
export const openTable: Command<ViewServices> = async (services, argument) => {
  const chosen = addressOf(argument);
  const address = chosen ?? (await pickTable(services, argument));
  // A click in the tree leaves the keyboard there, as one in the explorer does.
  if (address !== undefined) services.tables.show(address, { focus: chosen === undefined });
};

/** "Open Table to the Side". */
export const openTableToSide: Command<ViewServices> = (services, argument) => {
  const address = addressOf(argument);
  if (address !== undefined) services.tables.show(address, { column: vscode.ViewColumn.Beside });
};

function addressOf(argument: unknown): TableAddress | undefined {
  const node = asNode(argument);
  if (node?.kind !== 'table') return undefined;
  const { database } = node.entry;
  return { file: resolveFromFolder(node.folder.uri, database), database, table: node.table.name };
}

async function pickTable(services: ViewServices, argument: unknown): Promise<TableAddress | undefined> {
  const picked = await pickPlace(services, argument);
  if (picked === undefined) return undefined;
  const entry = await pickEntry(services, picked.place);
  if (entry === undefined) return undefined;
  const file = resolveFromFolder(picked.folder.uri, entry.database);
  const description = await services.catalogue.describe(picked.place, entry);
  const tables = description.ok ? description.value.tables : [];
  const items = tables.map(({ name, kind }) => ({ label: name, description: kind === 'table' ? '' : kind }));
  const table = await vscode.window.showQuickPick(items, {
    // A view that gets the focus back when the question before closes would close this one too.
    ignoreFocusOut: true,
    placeHolder: description.ok ? vscode.l10n.t('Which table of {0}?', entry.database) : description.problem.message,
  });
  return table === undefined ? undefined : { file, database: entry.database, table: table.label };
}
