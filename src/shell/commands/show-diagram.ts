import * as vscode from 'vscode';
import type { Services } from '../services';
import { databaseOf, pickDatabase } from './pick-database';

/** "Show Diagram": the tables of a database and how they refer to one another. */
export async function showDiagram(services: Services, argument: unknown): Promise<void> {
  const database =
    databaseOf(argument) ?? (await pickDatabase(services, vscode.l10n.t('Show the diagram of which database?')));
  if (database !== undefined)
    services.diagrams.show({ file: vscode.Uri.file(database.path), database: database.database });
}
