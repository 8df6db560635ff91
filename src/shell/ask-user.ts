/** The questions of {@link ./consent}, as dialogs. */
import * as vscode from 'vscode';
import type { CoreErrorData } from '../core/errors';
import type { Ask } from './consent';

export const askUser: Ask = (question, problem) =>
  question === 'openAnyway' ? confirmOpening(problem) : confirmStopped(problem);

/** Where the system does not show who has a file open, the user's word counts. */
async function confirmStopped(problem: CoreErrorData): Promise<boolean> {
  const stopped = vscode.l10n.t('It Is Stopped');
  const picked = await vscode.window.showWarningMessage(
    vscode.l10n.t('Is Jarvis stopped?'),
    {
      modal: true,
      detail: vscode.l10n.t(
        '{0}\n\nA program that writes to these databases during the migration could lose what it writes.',
        problem.message,
      ),
    },
    stopped,
  );
  return picked === stopped;
}

/** What may be too much for the memory is opened where the user says so. */
async function confirmOpening(problem: CoreErrorData): Promise<boolean> {
  const open = vscode.l10n.t('Open Anyway');
  const picked = await vscode.window.showWarningMessage(
    vscode.l10n.t('Open these databases although they may not fit the memory?'),
    {
      modal: true,
      detail: vscode.l10n.t(
        '{0}\n\nWhere there is not enough memory, other programs become slow, or the system ends them. If it ends this run, no database is changed.',
        problem.message,
      ),
    },
    open,
  );
  return picked === open;
}
