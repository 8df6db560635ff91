import * as vscode from 'vscode';
import { uriOf } from '../resource-paths';
import type { ViewServices } from '../services';
import { databaseOf, pickDatabase } from './pick-database';

/** "Show Diagram": the tables of a database and how they refer to one another. */
export async function showDiagram(services: ViewServices, argument: unknown): Promise<void> {
  const database =
    databaseOf(argument) ?? (await pickDatabase(services, vscode.l10n.t('Show the diagram of which database?')));
  if (database !== undefined) services.diagrams.show({ file: uriOf(database.path), database: database.database });
}
