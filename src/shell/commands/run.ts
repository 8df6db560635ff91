/** Runs of every kind: one at a time, with a cancellable progress notification, and their report on the screen. */
import * as vscode from 'vscode';
import { CoreError, describeError } from '../../core/errors';
import type { Domain, RunMode, RunReport } from '../../core/report/model';
import type { ProgressEvent, RunParams, RunResult } from '../../engine/protocol';
import { askUser } from '../ask-user';
import { runWithConsent, type Consent, type ConsentedRun } from '../consent';
import { inNotification } from '../in-notification';
import { presentError, wordsFor, type ErrorAction } from '../present-error';
import type { RunSettings } from '../run-settings';
import type { Services } from '../services';
import { runSettings } from '../settings';
import { requireTrust } from '../trust';
import type { FolderPlace } from '../workspace-model';

export interface RunOptions {
  readonly mode: RunMode;
  readonly domains: readonly Domain[];
  /** Default: what the settings of the folder say now. */
  readonly settings?: RunSettings;
  readonly expected?: RunParams['expected'];
  /** What was agreed to in the run before, which this one goes on from. */
  readonly consent?: Consent;
  /** Cancels it from elsewhere than its notification. */
  readonly signal?: AbortSignal;
}

let running = false;

/** Only one command at a time may run something: its questions and the files it saw belong together. */
export async function exclusively<T>(work: () => Promise<T>): Promise<T> {
  if (running) {
    throw new CoreError('locked', vscode.l10n.t('A run is at work already.'), {
      hint: vscode.l10n.t('Wait until it has ended, or cancel it.'),
    });
  }
  running = true;
  try {
    return await work();
  } finally {
    running = false;
  }
}

/**
 * Runs the domains, and asks what only the user can say: whether the application is stopped where the system does not
 * tell, whether more is opened than fits the memory. Undefined where the user says no, or cancels.
 *
 * @throws CoreError where the run could not even report
 */
export async function run(
  services: Services,
  { folder, place }: FolderPlace,
  { mode, domains, expected, consent, signal, settings = runSettings(folder) }: RunOptions,
): Promise<ConsentedRun | undefined> {
  requireTrust(mode, vscode.workspace.isTrusted);
  const params = { ...place, ...settings, mode, domains, ...(expected === undefined ? {} : { expected }) };
  return runWithConsent((agreed) => attempt(services, { ...params, ...agreed }, signal), askUser, consent);
}

async function attempt(
  { engine, log }: Services,
  params: RunParams,
  signal: AbortSignal | undefined,
): Promise<RunResult | undefined> {
  const { mode } = params;
  try {
    const result = await inNotification({ title: titleOf(mode), cancellable: true }, (tell, cancelled) =>
      engine.request('migration.run', params, {
        signal: signal === undefined ? cancelled : AbortSignal.any([cancelled, signal]),
        onProgress: (event) => tell(progressMessage(mode, event)),
      }),
    );
    return result.report.outcome === 'cancelled' ? undefined : result;
  } catch (error) {
    if (describeError(error).code !== 'cancelled') throw error;
    log.info(`${titleOf(mode)}: cancelled`);
    return undefined;
  }
}

function titleOf(mode: RunMode): string {
  switch (mode) {
    case 'dryRun':
      return vscode.l10n.t('Dry run');
    case 'migrate':
      return vscode.l10n.t('Migrating');
    case 'backupOnly':
      return vscode.l10n.t('Backing up');
    case 'validate':
      return vscode.l10n.t('Validating');
  }
}

/** A sentence of its own: while steps are applied the engine names the table only, and the mode says what happens to it. */
function progressMessage(mode: RunMode, { phase, message }: ProgressEvent): string {
  if (phase === 'publish') return vscode.l10n.t('{0} (can no longer be cancelled)', message);
  if (phase !== 'apply') return message;
  switch (mode) {
    case 'migrate':
    case 'dryRun':
      return vscode.l10n.t('Moving {0}', message);
    case 'backupOnly':
      return vscode.l10n.t('Counting {0}', message);
    case 'validate':
      return vscode.l10n.t('Comparing {0}', message);
  }
}

/** The report in the Markdown preview: the file where the run wrote one, else the text alone. */
export async function showReport({ preview }: Services, { report, markdown, reportPath }: RunResult): Promise<void> {
  if (reportPath !== null) await preview.showFile(reportPath);
  else await preview.showText(report.run, reportName(report), markdown);
}

function reportName({ mode }: RunReport): string {
  switch (mode) {
    case 'dryRun':
      return 'DRY-RUN-REPORT.md';
    case 'validate':
      return 'VALIDATION-REPORT.md';
    case 'migrate':
    case 'backupOnly':
      return 'MIGRATION-REPORT.md';
  }
}

export function openReportAction(services: Services, result: RunResult): ErrorAction {
  return { title: vscode.l10n.t('Open Report'), run: () => showReport(services, result) };
}

export function showLogAction({ log }: Services): ErrorAction {
  return { title: vscode.l10n.t('Show Log'), run: () => log.show() };
}

/** Tells why a run came to nothing. */
export function presentFailure(services: Services, result: RunResult): void {
  const { error } = result.report;
  const problem =
    error === null
      ? new CoreError('validation-failed', vscode.l10n.t('A check failed: the report says which.'))
      : CoreError.fromData(error);
  services.log.debug(wordsFor(problem));
  presentError(problem, services.log, { run: true, actions: [openReportAction(services, result)] });
}
