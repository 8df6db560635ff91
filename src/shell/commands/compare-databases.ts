import * as vscode from 'vscode';
import { summarise, type DatabaseComparison } from '../../core/compare/model';
import { describeError } from '../../core/errors';
import type { EngineRequests } from '../../engine/protocol';
import { textsOf } from '../comparison-text';
import { askUser } from '../ask-user';
import { withConsent } from '../consent';
import { baseName } from '../format';
import { inNotification } from '../in-notification';
import { offer } from '../present-error';
import type { Services } from '../services';
import { countedRows, formatCount } from '../words';
import { databaseOf, pickDatabase } from './pick-database';

/** "Compare Databases…", and "Compare With…" of a database in the tree: what differs in schema and rows. */
export async function compareDatabases(services: Services, argument: unknown): Promise<void> {
  const left =
    databaseOf(argument) ?? (await pickDatabase(services, vscode.l10n.t('Which database is the left side?')));
  if (left === undefined) return;
  const right = await pickDatabase(services, vscode.l10n.t('Compare {0} with which database?', left.database), left);
  if (right === undefined) return;
  const done = await withConsent(
    ({ openAnyway }) => compare(services, { left, right, openAnyway }),
    () => null,
    askUser,
  );
  if (done === undefined) return;
  const { comparison, markdown } = done.result;
  const names = [left, right].map(({ database }) => baseName(database));
  await services.preview.showText(names.join(' ↔ '), 'COMPARISON.md', markdown);
  const texts = textsOf(comparison);
  const show = {
    title: vscode.l10n.t('Show Differences'),
    run: () => services.comparedRows.showAll(`${left.database} ↔ ${right.database}`, names.join(' ↔ '), texts),
  };
  const message = `${names.join(' ↔ ')}: ${wordsOn(comparison)}`;
  offer(vscode.window.showInformationMessage, message, texts.length === 0 ? [] : [show], services.log);
}

async function compare(
  { engine, log }: Services,
  params: EngineRequests['compare.databases']['params'],
): Promise<EngineRequests['compare.databases']['result'] | undefined> {
  const shown = { title: vscode.l10n.t('Comparing databases'), cancellable: true };
  try {
    return await inNotification(shown, (tell, signal) =>
      engine.request('compare.databases', params, { signal, onProgress: ({ message }) => tell(message) }),
    );
  } catch (error) {
    if (describeError(error).code !== 'cancelled') throw error;
    log.info('Comparing databases: cancelled');
    return undefined;
  }
}

function wordsOn(comparison: DatabaseComparison): string {
  switch (comparison.outcome) {
    case 'equal':
      return vscode.l10n.t('equal in schema and rows, cell by cell.');
    case 'incomplete':
      return vscode.l10n.t('nothing differs, but not every table could be compared: the report says which.');
    case 'different': {
      const { objects, rows, tables, header, unread } = summarise(comparison);
      const parts = [
        ...(objects === 0 ? [] : [vscode.l10n.t('the schemas')]),
        ...(tables === 0 ? [] : [tables === 1 ? inOneTable(rows) : inTables(rows, tables)]),
        ...header,
      ].join(', ');
      return unread === 0
        ? vscode.l10n.t('different: {0}.', parts)
        : vscode.l10n.t('different: {0}. Not every table could be compared: the report says which.', parts);
    }
  }
}

function inOneTable(rows: number): string {
  return vscode.l10n.t('{0} in 1 table', countedRows(rows));
}

function inTables(rows: number, tables: number): string {
  return vscode.l10n.t('{0} in {1} tables', countedRows(rows), formatCount(tables));
}
