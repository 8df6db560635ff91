import * as vscode from 'vscode';
import { databasesViewId } from '../contributions';
import type { ViewServices } from '../services';
import { asNode } from '../tree/nodes';

/** "Count Rows" of a view: a view may be slow, so it is counted only when somebody asks. */
export async function countRows({ catalogue }: ViewServices, argument: unknown): Promise<void> {
  const node = asNode(argument);
  if (node?.kind !== 'table') return;
  await vscode.window.withProgress({ location: { viewId: databasesViewId } }, () =>
    catalogue.countRows(node.place, node.entry, node.table.name),
  );
}
