import * as vscode from 'vscode';
import { offer } from '../present-error';
import type { Services } from '../services';
import { allDomains } from './domains';
import { pickPlace } from './pick-place';
import { exclusively, openReportAction, presentFailure, run, showLogAction } from './run';

/** "Back Up Databases": copies every file involved, and verifies each copy by its hash. */
export async function backUp(services: Services, argument: unknown): Promise<void> {
  const picked = await pickPlace(services, argument);
  if (picked === undefined) return;
  await exclusively(async () => {
    const result = await run(services, picked, { mode: 'backupOnly', domains: allDomains });
    if (result === undefined) return;
    const { backedUp, backup, error } = result.report;
    if (error !== null || backup === null) {
      presentFailure(services, result);
      return;
    }
    const message =
      backedUp.length === 1
        ? vscode.l10n.t('1 file backed up to {0}; the copy was verified by its hash.', backup)
        : vscode.l10n.t('{0} files backed up to {1}; every copy was verified by its hash.', backedUp.length, backup);
    const actions = [openReportAction(services, result), showLogAction(services)];
    offer(vscode.window.showInformationMessage, message, actions, services.log);
  });
}
