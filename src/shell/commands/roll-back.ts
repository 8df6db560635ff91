/** "Roll Back Last Migration": the files as they were before it, or, where something came since, without its rows. */
import * as vscode from 'vscode';
import { countKept, type UndoReport } from '../../core/undo/report';
import type { Services } from '../services';
import { requireTrustToWrite } from '../trust';
import type { FolderPlace } from '../workspace-model';
import { countedRows } from '../words';
import { pickPlace } from './pick-place';
import { exclusively } from './run';
import { performUndo, type UndoWords } from './undo';

export async function rollBack(services: Services, argument: unknown): Promise<void> {
  requireTrustToWrite(vscode.workspace.isTrusted);
  const picked = await pickPlace(services, argument);
  if (picked !== undefined) await rollBackRun(services, picked, null);
}

/** @param run null for the last migration that is still in force */
export async function rollBackRun(services: Services, picked: FolderPlace, run: string | null): Promise<void> {
  await exclusively(() =>
    performUndo(services, picked, words(), (params, options) =>
      services.engine.request('undo.rollBack', { ...params, run }, options),
    ),
  );
}

function words(): UndoWords {
  return {
    title: vscode.l10n.t('Rolling back'),
    question: ({ rolledBack }) => vscode.l10n.t('Roll back migration {0}?', rolledBack ?? ''),
    confirm: vscode.l10n.t('Roll Back'),
    done: doneWords,
    nothingToDo: ({ rolledBack }) =>
      rolledBack === null
        ? vscode.l10n.t('There is no migration to roll back.')
        : vscode.l10n.t('Nothing to do: nothing of migration {0} is there.', rolledBack),
  };
}

function doneWords(report: UndoReport): string {
  const run = report.rolledBack ?? '';
  const kept = countKept(report);
  const rows = report.targets.flatMap(({ removed }) => removed).reduce((sum, entry) => sum + entry.rows, 0);
  if (kept > 0)
    return vscode.l10n.t(
      'Migration {0} rolled back, but for {1} that changed since or is needed; the report lists it.',
      run,
      kept,
    );
  return rows === 0
    ? vscode.l10n.t('Migration {0} rolled back: every file is as it was before.', run)
    : vscode.l10n.t('Migration {0} rolled back: {1} taken out, everything else is as it was.', run, countedRows(rows));
}
