/** The one place that turns what went wrong into words, a severity and buttons for people. */
import * as vscode from 'vscode';
import { describeError, type CoreErrorCode } from '../core/errors';
import { wordsFor } from './error-words';
import { inertMessage } from './inert-message';

export { wordsFor };

export interface ErrorAction {
  readonly title: string;
  run(): unknown;
}

type Severity = 'silent' | 'warning' | 'error';

export interface ErrorContext {
  /** A run failed, so that the user must hear what that means for the files. */
  readonly run?: boolean;
  readonly actions?: readonly ErrorAction[];
}

/** Shows the error with its hint and its buttons. Returns when the notification is on its way, not when it is gone. */
export function presentError(error: unknown, log: vscode.LogOutputChannel, context: ErrorContext = {}): void {
  const data = describeError(error);
  const { severity, lead } = presentationOf(data.code);
  // What is not an error of the core is a defect of ours: the stack is what helps to find it.
  if (data.code === 'internal') log.error(error instanceof Error ? error : String(error));
  else if (severity !== 'silent') log.warn(`${data.code}: ${wordsFor(data)}`);
  if (severity === 'silent') return;
  const text = lead === null || context.run !== true ? wordsFor(data) : `${lead} ${wordsFor(data)}`;
  const show = severity === 'error' ? vscode.window.showErrorMessage : vscode.window.showWarningMessage;
  offer(show, text, [...(context.actions ?? []), { title: vscode.l10n.t('Show Log'), run: () => log.show() }], log);
}

/** Shows a message with buttons, and runs what the user picks, whenever that is. */
export function offer(
  show: (message: string, ...items: string[]) => Thenable<string | undefined>,
  message: string,
  actions: readonly ErrorAction[],
  log: vscode.LogOutputChannel,
): void {
  const picked = async (): Promise<void> => {
    const title = await show(inertMessage(message), ...actions.map((action) => action.title));
    await actions.find((action) => action.title === title)?.run();
  };
  picked().catch((error: unknown) => log.error(String(error)));
}

/** What the error means for the user's files, where the message alone does not say it. */
function presentationOf(code: CoreErrorCode): { readonly severity: Severity; readonly lead: string | null } {
  switch (code) {
    case 'cancelled':
      return { severity: 'silent', lead: null };
    case 'workspace-missing':
    case 'data-folder-missing':
    case 'data-folder-ambiguous':
    case 'report-missing':
    case 'archive-missing':
    case 'run-unknown':
    case 'nothing-to-back-up':
    case 'untrusted':
    case 'table-missing':
    case 'query-invalid':
    case 'needs-disk':
      return { severity: 'warning', lead: null };
    case 'file-missing':
    case 'not-a-file':
    case 'unreadable':
    case 'busy':
    case 'empty-file':
    case 'not-sqlite':
    case 'damaged':
    case 'too-large':
    case 'needs-memory':
    case 'encoding-mismatch':
    case 'wal-live':
    case 'journal-hot':
    case 'hard-linked':
    case 'outside-workspace':
    case 'same-file':
    case 'plan-invalid':
    case 'plan-missing':
    case 'target-missing':
    case 'target-table-missing':
    case 'target-conflict':
    case 'in-use':
    case 'in-use-unknown':
    case 'read-only':
    case 'name-too-long':
    case 'no-space':
    case 'locked':
    case 'changed-since':
    case 'archive-invalid':
    case 'archive-damaged':
    case 'backup-damaged':
    case 'not-reversible':
      return { severity: 'error', lead: vscode.l10n.t('Refused, no database was changed.') };
    case 'rejected-rows':
    case 'validation-failed':
    case 'backup-failed':
      return { severity: 'error', lead: vscode.l10n.t('Stopped before publishing, no database was changed.') };
    case 'publish-failed':
    case 'recovery-needed':
      return { severity: 'error', lead: vscode.l10n.t('Publishing did not finish; the backup is complete.') };
    case 'archive-failed':
    case 'sql-failed':
    case 'engine-died':
    case 'internal':
      return { severity: 'error', lead: null };
  }
}
