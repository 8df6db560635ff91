/** "Archive Legacy Databases…" and "Restore Archived Databases…": show the list, ask, move, tell. */
import * as vscode from 'vscode';
import { CoreError, describeError } from '../../core/errors';
import type { ArchiveEntry, ArchivePlan, ArchiveResult, RefusedDatabase } from '../../core/archive/model';
import type { EngineRequests } from '../../engine/protocol';
import { askUser } from '../ask-user';
import { withConsent } from '../consent';
import { inNotification } from '../in-notification';
import { offer } from '../present-error';
import type { Services } from '../services';
import { runSettings } from '../settings';
import { requireTrustToWrite } from '../trust';
import { countedBytes, countedRows, formatCount } from '../words';
import type { FolderPlace } from '../workspace-model';
import { pickPlace } from './pick-place';
import { exclusively, showLogAction } from './run';

/** A dialog that does not fit the screen is read by nobody. */
const mostLines = 16;

export async function archiveDatabases(services: Services, argument: unknown): Promise<void> {
  requireTrustToWrite(vscode.workspace.isTrusted);
  const picked = await pickPlace(services, argument);
  if (picked === undefined) return;
  await exclusively(async () => {
    const { planFile, rateLimits } = runSettings(picked.folder);
    const params = { ...picked.place, planFile, rateLimits };
    const title = vscode.l10n.t('Looking for databases to archive');
    const looked = await withConsent(
      ({ openAnyway }) => request(services, title, 'archive.plan', { ...params, openAnyway }),
      () => null,
      askUser,
    );
    if (looked === undefined) return;
    const { result: plan, consent } = looked;
    if (plan.complete.length === 0) {
      tellNothing(services, plan.refused);
      return;
    }
    if (!(await confirmArchive(plan))) return;
    const expected = Object.fromEntries(
      plan.complete.map(({ database, files: [main] }) => [database, main?.sha256 ?? '']),
    );
    try {
      const archiving = vscode.l10n.t('Archiving');
      const done = await withConsent(
        (agreed) => request(services, archiving, 'archive.run', { ...params, expected, ...agreed }),
        () => null,
        askUser,
        consent,
      );
      if (done !== undefined) tellArchived(services, picked, done.result);
    } finally {
      await services.view.refresh();
    }
  });
}

export async function restoreDatabases(services: Services, argument: unknown): Promise<void> {
  requireTrustToWrite(vscode.workspace.isTrusted);
  const picked = await pickPlace(services, argument);
  if (picked === undefined) return;
  await exclusively(async () => {
    const entries = await services.engine.request('archive.list', picked.place);
    const usable = entries.filter(({ problem }) => problem === null);
    if (usable.length === 0) {
      throw new CoreError('archive-missing', vscode.l10n.t('There is no archive to restore.'), {
        hint: vscode.l10n.t('"Jarvis: Archive Legacy Databases…" makes one.'),
      });
    }
    const entry = await pickArchive(usable);
    if (entry === undefined || !(await confirmRestore(entry))) return;
    const title = vscode.l10n.t('Restoring');
    try {
      const params = { ...picked.place, archive: entry.name };
      const result = await request(services, title, 'archive.restore', params);
      if (result === undefined) return;
      const { restored, present, archive, warnings } = result;
      const text =
        restored.length === 0
          ? vscode.l10n.t('Nothing to restore: all of {0} is there already.', archive)
          : vscode.l10n.t('Restored from {0}: {1}. There already: {2}.', archive, restored.length, present.length);
      tell(services, text, warnings);
    } finally {
      await services.view.refresh();
    }
  });
}

/** Undefined where the user cancels. */
async function request<N extends 'archive.plan' | 'archive.run' | 'archive.restore'>(
  { engine, log }: Services,
  title: string,
  name: N,
  params: EngineRequests[N]['params'],
): Promise<EngineRequests[N]['result'] | undefined> {
  try {
    return await inNotification({ title, cancellable: true }, (tell, signal) =>
      engine.request(name, params, { signal, onProgress: ({ message }) => tell(message) }),
    );
  } catch (error) {
    if (describeError(error).code !== 'cancelled') throw error;
    log.info(`${title}: cancelled`);
    return undefined;
  }
}

async function confirmArchive({ complete, refused, warnings }: ArchivePlan): Promise<boolean> {
  const archive = vscode.l10n.t('Archive');
  const lines = complete.map(({ database, rows, files }) =>
    vscode.l10n.t(
      '{0}: {1}, {2}',
      database,
      countedRows(rows),
      countedBytes(files.reduce((sum, { size }) => sum + size, 0)),
    ),
  );
  const facts = [
    vscode.l10n.t('Every row of these was found in the consolidated databases, cell by cell.'),
    vscode.l10n.t('They move to data/archive with their sidecars; each copy is verified before its original goes.'),
    ...(refused.length > 0
      ? [
          vscode.l10n.t(
            'These stay, rows would be left behind: {0}.',
            refused.map(({ database }) => database).join(', '),
          ),
        ]
      : []),
    ...warnings.map(({ message }) => message),
  ];
  const picked = await vscode.window.showWarningMessage(
    complete.length === 1
      ? vscode.l10n.t('Archive 1 legacy database?')
      : vscode.l10n.t('Archive {0} legacy databases?', formatCount(complete.length)),
    { modal: true, detail: [shorten(lines).join('\n'), facts.join('\n')].join('\n\n') },
    archive,
  );
  return picked === archive;
}

async function pickArchive(entries: readonly ArchiveEntry[]): Promise<ArchiveEntry | undefined> {
  const items = entries.map((entry) => ({
    label: entry.name,
    description: vscode.l10n.t('Databases: {0}', entry.databases.length),
    detail: entry.databases.map(({ database }) => database).join(', '),
    entry,
  }));
  const placeHolder = vscode.l10n.t('Which archive?');
  return (await vscode.window.showQuickPick(items, { placeHolder, matchOnDetail: true }))?.entry;
}

async function confirmRestore({ name, databases }: ArchiveEntry): Promise<boolean> {
  const restore = vscode.l10n.t('Restore');
  const detail = [
    shorten(databases.map(({ database }) => database)).join('\n'),
    [
      vscode.l10n.t('Every hash is checked first. A file that stands there already is never overwritten.'),
      vscode.l10n.t('What was migrated stays migrated; the archive keeps its copies.'),
    ].join('\n'),
  ].join('\n\n');
  const question = vscode.l10n.t('Restore the databases of {0}?', name);
  return (await vscode.window.showWarningMessage(question, { modal: true, detail }, restore)) === restore;
}

function shorten(lines: readonly string[]): readonly string[] {
  if (lines.length <= mostLines) return lines;
  return [...lines.slice(0, mostLines - 1), vscode.l10n.t('… and {0} more', lines.length - mostLines + 1)];
}

function tellNothing(services: Services, refused: readonly RefusedDatabase[]): void {
  for (const { database, reasons } of refused) services.log.warn(`${database}: ${reasons.join('; ')}`);
  const [first] = refused;
  const text =
    first === undefined
      ? vscode.l10n.t('Nothing to archive: no legacy database of the plan is there.')
      : vscode.l10n.t(
          'Nothing can be archived. Databases with rows that would be left behind: {0}. {1}: {2}. The log lists all.',
          refused.length,
          first.database,
          first.reasons[0] ?? '',
        );
  const show = first === undefined ? vscode.window.showInformationMessage : vscode.window.showWarningMessage;
  offer(show, text, [showLogAction(services)], services.log);
}

function tellArchived(
  services: Services,
  picked: FolderPlace,
  { archive, complete, refused, warnings }: ArchiveResult,
): void {
  for (const { database, reasons } of refused) services.log.warn(`${database}: ${reasons.join('; ')}`);
  const text =
    refused.length === 0
      ? vscode.l10n.t('Databases archived to {0}: {1}.', archive ?? '', complete.length)
      : vscode.l10n.t(
          'Databases archived to {0}: {1}. Staying, the log says why: {2}.',
          archive ?? '',
          complete.length,
          refused.length,
        );
  services.log.info(`${picked.folder.name}: ${text}`);
  tell(services, text, warnings);
}

function tell(services: Services, text: string, warnings: ArchivePlan['warnings']): void {
  const show = warnings.length === 0 ? vscode.window.showInformationMessage : vscode.window.showWarningMessage;
  const words = [text, ...warnings.map(({ message }) => message)].join(' ');
  offer(show, words, [showLogAction(services)], services.log);
}
