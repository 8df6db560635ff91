/** "Restore Backup…" and "Verify Backups". */
import * as vscode from 'vscode';
import { CoreError } from '../../core/errors';
import { damagedCopies, type BackupList, type BackupReport } from '../../core/undo/backup-list';
import { inNotification } from '../in-notification';
import { offer } from '../present-error';
import type { Services } from '../services';
import { requireTrustToWrite } from '../trust';
import type { FolderPlace } from '../workspace-model';
import { pickPlace } from './pick-place';
import { exclusively, showLogAction } from './run';
import { performUndo } from './undo';
import { countedBytes } from '../words';

export async function restoreBackup(services: Services, argument: unknown): Promise<void> {
  requireTrustToWrite(vscode.workspace.isTrusted);
  const picked = await pickPlace(services, argument);
  if (picked === undefined) return;
  await exclusively(async () => {
    const run = await pickBackup(await listBackups(services, picked));
    if (run === undefined) return;
    const words = {
      title: vscode.l10n.t('Restoring'),
      question: () => vscode.l10n.t('Restore the files of backup {0}?', run),
      confirm: vscode.l10n.t('Restore'),
      done: () => vscode.l10n.t('Backup {0} restored; every file was checked by its hash.', run),
      nothingToDo: () => vscode.l10n.t('Nothing to do: every file is as it is in backup {0}.', run),
    };
    await performUndo(services, picked, words, (params, options) =>
      services.engine.request('backups.restore', { ...params, run, file: null }, options),
    );
  });
}

export async function verifyBackups(services: Services, argument: unknown): Promise<void> {
  const picked = await pickPlace(services, argument);
  if (picked === undefined) return;
  const list = await listBackups(services, picked);
  const damaged = damagedCopies(list);
  for (const { run, path, state } of damaged) services.log.warn(`backup ${run}: the copy of ${path} is ${state ?? ''}`);
  const copies = list.backups.reduce((sum, { files }) => sum + files.length, 0);
  const actions = [showLogAction(services)];
  if (damaged.length === 0) {
    const message = vscode.l10n.t('{0} copies in {1} backups: every one is intact.', copies, list.backups.length);
    offer(vscode.window.showInformationMessage, message, actions, services.log);
  } else {
    const [first] = damaged;
    const message = vscode.l10n.t(
      '{0} of {1} copies are altered or missing, {2} in backup {3} among them.',
      damaged.length,
      copies,
      first?.path ?? '',
      first?.run ?? '',
    );
    offer(vscode.window.showWarningMessage, message, actions, services.log);
  }
}

/** With every hash checked: an altered backup is not even offered. @throws CoreError where there is none */
async function listBackups({ engine }: Services, { place }: FolderPlace): Promise<BackupList> {
  const shown = { title: vscode.l10n.t('Checking the backups'), cancellable: false };
  const list = await inNotification(shown, () => engine.request('backups.list', { ...place, verify: true }));
  if (list.backups.length > 0) return list;
  throw new CoreError('report-missing', vscode.l10n.t('There is no backup yet.'), {
    hint: vscode.l10n.t('A migration makes one, and so does "Jarvis: Back Up Databases".'),
  });
}

async function pickBackup({ backups }: BackupList): Promise<string | undefined> {
  const items = backups.map((backup) => ({
    label: backup.run,
    description: stateWords(backup),
    detail:
      backup.files.length === 1
        ? vscode.l10n.t('1 file, {0}', countedBytes(backup.size))
        : vscode.l10n.t('{0} files, {1}', backup.files.length, countedBytes(backup.size)),
    isIntact: backup.files.every(({ state }) => state === 'intact'),
  }));
  const picked = await vscode.window.showQuickPick(
    items.map((item) =>
      item.isIntact ? item : { ...item, detail: vscode.l10n.t('A copy is altered or missing: it cannot be restored.') },
    ),
    { placeHolder: vscode.l10n.t('Which backup? Each holds the files as they were before its run.') },
  );
  return picked?.isIntact === true ? picked.label : undefined;
}

function stateWords({ state, other }: BackupReport): string {
  switch (state) {
    case 'copies':
      return vscode.l10n.t('copies only');
    case 'published':
      return vscode.l10n.t('before a migration');
    case 'rolledBack':
      return vscode.l10n.t('before a migration that was rolled back');
    case 'pending':
      return vscode.l10n.t('before a migration that was cut off');
    case 'withdrawn':
      return vscode.l10n.t('before a migration that published nothing');
    case 'rollback':
      return vscode.l10n.t('before the rollback of {0}', other ?? '');
    case 'restore':
      return vscode.l10n.t('before backup {0} was restored', other ?? '');
  }
}
