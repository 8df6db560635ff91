/** What "Roll Back Last Migration" and "Restore Backup…" share: rehearse, ask, do it, show the report. */
import * as vscode from 'vscode';
import { CoreError, describeError, type CoreErrorData } from '../../core/errors';
import type { UndoReport } from '../../core/undo/report';
import type { UndoParams } from '../../engine/protocol';
import type { FinishedUndo } from '../../core/undo/undo';
import { askUser } from '../ask-user';
import { withConsent } from '../consent';
import { inNotification } from '../in-notification';
import { offer, presentError } from '../present-error';
import type { Services } from '../services';
import type { FolderPlace } from '../workspace-model';
import { showLogAction } from './run';

export interface UndoWords {
  /** Of the progress notification. */
  readonly title: string;
  readonly question: (report: UndoReport) => string;
  /** The button that does it. */
  readonly confirm: string;
  readonly done: (report: UndoReport) => string;
  readonly nothingToDo: (report: UndoReport) => string;
}

type Request = (
  params: UndoParams,
  options: { readonly signal: AbortSignal; readonly onProgress: (event: { readonly message: string }) => void },
) => Promise<FinishedUndo>;

export async function performUndo(
  services: Services,
  { place }: FolderPlace,
  words: UndoWords,
  request: Request,
): Promise<void> {
  const ask = (params: Omit<UndoParams, keyof FolderPlace['place']>): Promise<FinishedUndo | undefined> =>
    attempt(services, words.title, request, { ...place, ...params });
  const problemOf = ({ report }: FinishedUndo): CoreErrorData | null => report.error;
  const rehearsed = await withConsent(
    ({ openAnyway }) => ask({ dryRun: true, applicationStopped: true, openAnyway }),
    problemOf,
    askUser,
  );
  if (rehearsed === undefined) return;
  const { result: rehearsal, consent } = rehearsed;
  if (!mayGoOn(services, words, rehearsal.report)) return;
  if (!(await confirm(words, rehearsal))) return;
  const expected = Object.fromEntries(
    rehearsal.report.targets.map(({ database, sha256Before }) => [database, sha256Before]),
  );
  try {
    const done = await withConsent(
      (agreed) => ask({ dryRun: false, expected, ...agreed }),
      problemOf,
      askUser,
      consent,
    );
    if (done === undefined) return;
    const { result } = done;
    if (result.reportPath !== null) await services.preview.showFile(result.reportPath);
    tell(services, words, result);
  } finally {
    await services.view.refresh();
  }
}

/** Nobody should confirm what is then refused. */
function mayGoOn(services: Services, words: UndoWords, report: UndoReport): boolean {
  if (report.error !== null) {
    presentError(CoreError.fromData(report.error), services.log, { run: true });
    return false;
  }
  if (report.outcome === 'nothingToDo') {
    offer(vscode.window.showInformationMessage, words.nothingToDo(report), [showLogAction(services)], services.log);
    return false;
  }
  const held = report.warnings.filter(({ code }) => code === 'in-use');
  if (held.length === 0) return true;
  const message = held.map((entry) => entry.message).join(' ');
  presentError(new CoreError('in-use', message), services.log, { run: true });
  return false;
}

async function confirm(words: UndoWords, { report, summary }: FinishedUndo): Promise<boolean> {
  const [, ...lines] = summary;
  const detail = [
    ...lines.map((line) => line.trim()),
    vscode.l10n.t('Every file that changes is first copied to the backups, and the copies are verified.'),
  ].join('\n');
  const picked = await vscode.window.showWarningMessage(words.question(report), { modal: true, detail }, words.confirm);
  return picked === words.confirm;
}

/** Undefined where the user cancels. */
async function attempt(
  { log }: Services,
  title: string,
  request: Request,
  params: UndoParams,
): Promise<FinishedUndo | undefined> {
  try {
    const result = await inNotification({ title, cancellable: true }, (tell, signal) =>
      request(params, { signal, onProgress: ({ message }) => tell(message) }),
    );
    return result.report.error?.code === 'cancelled' ? undefined : result;
  } catch (error) {
    if (describeError(error).code !== 'cancelled') throw error;
    log.info(`${title}: cancelled`);
    return undefined;
  }
}

function tell(services: Services, words: UndoWords, { report, reportPath }: FinishedUndo): void {
  if (report.error !== null) {
    presentError(CoreError.fromData(report.error), services.log, { run: true });
    return;
  }
  if (report.outcome === 'nothingToDo') {
    offer(vscode.window.showInformationMessage, words.nothingToDo(report), [showLogAction(services)], services.log);
    return;
  }
  const open =
    reportPath === null
      ? []
      : [{ title: vscode.l10n.t('Open Report'), run: () => services.preview.showFile(reportPath) }];
  offer(vscode.window.showInformationMessage, words.done(report), [...open, showLogAction(services)], services.log);
}
