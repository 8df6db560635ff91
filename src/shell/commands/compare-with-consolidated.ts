import * as vscode from 'vscode';
import type { StepReport } from '../../core/report/model';
import { sameName } from '../../core/sql-names';
import { textOfRows } from '../compared-text';
import { baseName } from '../format';
import { offer } from '../present-error';
import type { Services } from '../services';
import { asNode } from '../tree/nodes';
import { countedRows } from '../words';
import { allDomains } from './domains';
import { exclusively, openReportAction, presentFailure, run } from './run';

/** "Compare With Consolidated": the rows of one legacy table that differ from their consolidated rows, side by side. */
export async function compareWithConsolidated(services: Services, argument: unknown): Promise<void> {
  const node = asNode(argument);
  if (node?.kind !== 'table') return;
  const { folder, place, entry, table } = node;
  await exclusively(async () => {
    const domains = entry.domain === null ? allDomains : [entry.domain];
    const result = await run(services, { folder, place }, { mode: 'validate', domains });
    if (result === undefined) return;
    const isTable = (one: { readonly database: string; readonly table: string }): boolean =>
      one.database === entry.database && sameName(one.table, table.name);
    const step = result.report.steps.find(({ legacy }) => isTable(legacy));
    if (step === undefined && result.report.error !== null) {
      presentFailure(services, result);
      return;
    }
    const differing = result.report.mismatches.filter(isTable);
    if (differing.length > 0) {
      await services.comparedRows.show(`${entry.database}/${table.name}`, {
        title: `${baseName(entry.database)} ${table.name} ↔ ${targetOf(step)}`,
        legacy: textOfRows(differing, 'legacy'),
        consolidated: textOfRows(differing, 'consolidated'),
      });
    }
    const words = wordsOn(table.name, step, differing.length > 0);
    if (words !== null)
      offer(vscode.window.showInformationMessage, words, [openReportAction(services, result)], services.log);
  });
}

/** What the diff does not show; null where it shows all there is to say. */
function wordsOn(table: string, step: StepReport | undefined, isShown: boolean): string | null {
  if (step === undefined) return vscode.l10n.t('No step of the plan names {0}.', table);
  if (step.leftBehind > 0) return vscode.l10n.t('Not migrated yet: {0} of {1}.', countedRows(step.leftBehind), table);
  if (isShown) return null;
  if (step.conflicts > 0)
    return vscode.l10n.t('No longer in {0}: {1} of {2}.', targetOf(step), countedRows(step.conflicts), table);
  return vscode.l10n.t(
    'In {0}, equal in every cell: {1} of {2}.',
    targetOf(step),
    countedRows(step.legacy.rows),
    table,
  );
}

function targetOf(step: StepReport | undefined): string {
  const target = step?.target ?? null;
  if (target === null) return '';
  return 'file' in target ? target.file : `${baseName(target.database)} ${target.table}`;
}
