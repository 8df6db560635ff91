/** The texts of a result in the user's language. */
import * as vscode from 'vscode';
import type { QueryWords } from '../../webview/query/words';
import type { Words } from '../../webview/table/words';
import { viewWords } from '../table/view-words';

export function resultWords(): { readonly words: Words; readonly queryWords: QueryWords } {
  return {
    words: { ...viewWords(), noRows: vscode.l10n.t('The statement gave no rows.') },
    queryWords: {
      running: vscode.l10n.t('Running…'),
      cancel: vscode.l10n.t('Cancel'),
      cancelled: vscode.l10n.t('Cancelled.'),
      runAgain: vscode.l10n.t('Run Again'),
      failed: vscode.l10n.t('No result'),
      restored: vscode.l10n.t('The rows of a query are not kept when the window is reloaded.'),
      lastTime: vscode.l10n.t('The last time: {0}, {1}', '{0}', '{1}'),
      changed: vscode.l10n.t('The database has changed since'),
      plan: vscode.l10n.t('Query plan'),
      counted: vscode.l10n.t('{0} in {1}', '{0}', '{1}'),
      firstOf: vscode.l10n.t('the first {0} rows in {1}: more are not kept', '{0}', '{1}'),
      planIn: vscode.l10n.t('Query plan in {0}', '{0}'),
      milliseconds: vscode.l10n.t('{0} ms', '{0}'),
      seconds: vscode.l10n.t('{0} s', '{0}'),
      readsAll: vscode.l10n.t('reads every row'),
      readsIndex: vscode.l10n.t('reads every entry of an index'),
      searchesKey: vscode.l10n.t('finds rows by their key'),
      searchesIndex: vscode.l10n.t('finds rows by an index'),
      buildsIndex: vscode.l10n.t('builds an index for this run: one that lasts would help'),
      sorts: vscode.l10n.t('sorts in memory'),
    },
  };
}
