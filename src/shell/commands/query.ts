/** The commands of queries: a new one, its statements, its database, and those of before. */
import * as vscode from 'vscode';
import { statementOf } from '../../core/query/statement-of';
import type { Binding } from '../query/query-documents';
import type { StatementAddress } from '../query/query-lenses';
import { resolveFromFolder } from '../resolve-path';
import type { ViewServices } from '../services';
import type { ShownTable } from '../table/table-page';
import { asNode } from '../tree/nodes';
import { pickEntry } from './pick-entry';
import { pickPlace } from './pick-place';
import type { Command } from './register';

/**
 * "New Query": on the database of the node, of the viewer that asks or is active, or on one that is picked; on a table,
 * with a statement to begin with, which takes over the filters and the order of the viewer that asks.
 */
export const newQuery: Command<ViewServices> = async (services, argument) => {
  const shown = shownBy(argument) ?? services.tables.active;
  const binding = shown === undefined ? await pickBinding(services, argument) : bindingTo(shown);
  if (binding === undefined) return;
  const table = shown?.table ?? null;
  const content = table === null ? '' : statementOf(table, shown?.query ?? { sort: [], filters: [] });
  await services.queries.documents.create(binding, content);
};

/** "Run Statement" */
export const runQuery: Command<ViewServices> = (services, argument) => runOrExplain(services, argument, false);

/** "Explain Statement" */
export const explainQuery: Command<ViewServices> = (services, argument) => runOrExplain(services, argument, true);

/** "Choose Database of Query" */
export const chooseQueryDatabase: Command<ViewServices> = async (services, argument) => {
  const target = targetOf(argument);
  if (target === undefined) return;
  await bind(services, target.document);
};

/** "Query History": a statement of before in a new query on its database. */
export const queryHistory: Command<ViewServices> = async ({ queries }) => {
  const entry = await queries.history.pick();
  if (entry === undefined) return;
  const { file, database, sql } = entry;
  await queries.documents.create({ file, database }, `${sql};\n`);
};

async function runOrExplain(services: ViewServices, argument: unknown, explain: boolean): Promise<void> {
  const target = targetOf(argument);
  if (target === undefined) return;
  const { document, selection } = target;
  // Any SQL document can be run, once it is known on what.
  if (services.queries.documents.bindingOf(document.uri) === undefined && !(await bind(services, document))) return;
  await services.queries.run(document, selection, explain);
}

async function bind(services: ViewServices, document: vscode.TextDocument): Promise<boolean> {
  const binding = await pickBinding(services, undefined);
  if (binding === undefined) return false;
  services.queries.documents.bind(document.uri, binding);
  return true;
}

/** The statement of a lens, else what the active editor is at. */
function targetOf(
  argument: unknown,
): { readonly document: vscode.TextDocument; readonly selection: vscode.Selection | number } | undefined {
  if (isAddress(argument)) {
    const document = vscode.workspace.textDocuments.find(({ uri }) => uri.toString() === argument.uri);
    return document === undefined ? undefined : { document, selection: argument.offset };
  }
  const editor = vscode.window.activeTextEditor;
  return editor?.document.languageId === 'sql' ? { document: editor.document, selection: editor.selection } : undefined;
}

function isAddress(argument: unknown): argument is StatementAddress {
  return (
    typeof argument === 'object' &&
    argument !== null &&
    'uri' in argument &&
    typeof argument.uri === 'string' &&
    'offset' in argument &&
    typeof argument.offset === 'number'
  );
}

function shownBy(argument: unknown): ShownTable | undefined {
  const node = asNode(argument);
  if (node === undefined) return isShown(argument) ? argument : undefined;
  if (node.kind !== 'database' && node.kind !== 'table') return undefined;
  const { database } = node.entry;
  const table = node.kind === 'table' ? node.table.name : null;
  return { file: resolveFromFolder(node.folder.uri, database), database, table };
}

function isShown(argument: unknown): argument is ShownTable {
  const { file, database } = (typeof argument === 'object' && argument !== null ? argument : {}) as Partial<ShownTable>;
  return file instanceof vscode.Uri && typeof database === 'string';
}

function bindingTo({ file, database }: Pick<ShownTable, 'file' | 'database'>): Binding {
  return { file: file.toString(), database };
}

async function pickBinding(services: ViewServices, argument: unknown): Promise<Binding | undefined> {
  const picked = await pickPlace(services, argument);
  const entry = picked === undefined ? undefined : await pickEntry(services, picked.place);
  if (picked === undefined || entry === undefined) return undefined;
  const { database } = entry;
  return bindingTo({ file: resolveFromFolder(picked.folder.uri, database), database });
}
