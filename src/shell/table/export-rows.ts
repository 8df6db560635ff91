import * as vscode from 'vscode';
import type { RowFormat } from '../../core/browse/model';
import type { BrowseDatabase } from '../../engine/browse-protocol';
import type { Engine } from '../../engine/protocol';
import type { HostRequests } from '../../webview/table/messages';
import { inNotification } from '../in-notification';
import { inertMessage } from '../inert-message';
import { pickTarget } from '../pick-target';
import { pathOf } from '../resource-paths';
import { countedRows } from '../words';

interface FormatChoice extends vscode.QuickPickItem {
  readonly format: RowFormat;
  readonly extension: string;
}

/** Asks for the format and the file, and writes all rows of the query to it. A cancelled export leaves no file. */
export async function exportRows(
  engine: Engine,
  database: BrowseDatabase,
  { table, query, columns }: HostRequests['exportRows']['params'],
  source: vscode.Uri,
): Promise<void> {
  const formats: readonly FormatChoice[] = [
    {
      label: 'CSV',
      description: vscode.l10n.t('NULL is an empty field; no text is a formula'),
      format: 'csv',
      extension: 'csv',
    },
    { label: 'JSON', description: vscode.l10n.t('one list of objects'), format: 'json', extension: 'json' },
    { label: 'JSON Lines', description: vscode.l10n.t('one object per line'), format: 'jsonLines', extension: 'jsonl' },
    { label: 'SQL', description: vscode.l10n.t('one INSERT per row'), format: 'sql', extension: 'sql' },
    { label: 'Markdown', description: vscode.l10n.t('one table'), format: 'markdown', extension: 'md' },
  ];
  const choice = await vscode.window.showQuickPick(formats, {
    placeHolder: vscode.l10n.t('Export the rows of {0} as…', table),
  });
  if (choice === undefined) return;
  const name = `${table.replace(/[\\/:*?"<>|\s]+/g, '_') || 'table'}.${choice.extension}`;
  const target = await pickTarget(source, name, { [choice.label]: [choice.extension] });
  if (target === undefined) return;
  const partial = target.with({ path: `${target.path}.${Date.now().toString(36)}.part` });
  const written = await inNotification(
    { title: vscode.l10n.t('Exporting {0}', table), cancellable: true },
    async (tell, signal) => {
      try {
        const exported = await engine.request(
          'browse.export',
          { ...database, table, query, columns, format: choice.format, file: pathOf(partial) },
          { signal, onProgress: ({ message }) => tell(countedRows(Number(message))) },
        );
        await vscode.workspace.fs.rename(partial, target, { overwrite: true });
        return exported;
      } catch (error) {
        // An engine that was ended in the middle of it has left it.
        await vscode.workspace.fs.delete(partial).then(undefined, () => undefined);
        if (signal.aborted) return null;
        throw error;
      }
    },
  );
  if (written === null) return;
  const open = vscode.l10n.t('Open File');
  const done = vscode.l10n.t('{0} exported to {1}.', countedRows(written.rows), target.fsPath);
  const shown =
    written.limit === null
      ? vscode.window.showInformationMessage(inertMessage(done), open)
      : vscode.window.showWarningMessage(
          inertMessage(
            vscode.l10n.t('{0} Only the first {1} of {2} were read.', done, countedRows(written.limit), table),
          ),
          open,
        );
  void shown.then((picked) => (picked === open ? vscode.commands.executeCommand('vscode.open', target) : undefined));
}
