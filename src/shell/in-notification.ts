/** Work that takes a while, in a notification: its title and what it tells are inert, whatever a table is called. */
import * as vscode from 'vscode';
import { inertMessage } from './inert-message';

export interface NotifiedWork {
  readonly title: string;
  readonly cancellable: boolean;
}

/** What is being done just now, behind the title. */
export type Tell = (message: string) => void;

/** @param work hears of a cancellation by its signal */
export function inNotification<T>(
  { title, cancellable }: NotifiedWork,
  work: (tell: Tell, signal: AbortSignal) => Promise<T>,
): Thenable<T> {
  const options = { location: vscode.ProgressLocation.Notification, title: inertMessage(title), cancellable };
  return vscode.window.withProgress(options, (progress, token) => {
    const abort = new AbortController();
    token.onCancellationRequested(() => abort.abort());
    return work((message) => progress.report({ message: inertMessage(message) }), abort.signal);
  });
}
