/** The buttons in the title of a run's report: "Validate Again", "Roll Back…", "Show the Rows Concerned". */
import * as vscode from 'vscode';
import { CoreError } from '../../core/errors';
import { databaseEditorType } from '../contributions';
import { textOfRows } from '../compared-text';
import { baseName } from '../format';
import type { ShownReport } from '../report/active-report';
import { resolveFromFolder } from '../resolve-path';
import type { Services } from '../services';
import { requireTrustToWrite } from '../trust';
import { allDomains } from './domains';
import { rollBackRun } from './roll-back';
import { validateDomains } from './validate';

export async function validateReport(services: Services): Promise<void> {
  const report = shownReport(services);
  const { domains } = report.standing;
  await validateDomains(services, report, domains.length === 0 ? allDomains : domains);
}

export async function rollBackReport(services: Services): Promise<void> {
  requireTrustToWrite(vscode.workspace.isTrusted);
  const report = shownReport(services);
  try {
    await rollBackRun(services, report, report.run);
  } finally {
    await services.reports.look();
  }
}

interface RowsItem extends vscode.QuickPickItem {
  readonly open: () => Thenable<unknown>;
}

/** Cells that differ beside each other, rejected rows in the viewer. */
export async function showReportRows(services: Services): Promise<void> {
  const items = [...comparisonsOf(services, shownReport(services)), ...rejectsOf(shownReport(services))];
  const [only, ...others] = items;
  const placeHolder = vscode.l10n.t('Which rows?');
  const picked = others.length === 0 ? only : await vscode.window.showQuickPick(items, { placeHolder });
  await picked?.open();
}

function comparisonsOf({ comparedRows }: Services, { run, standing }: ShownReport): readonly RowsItem[] {
  const tables = new Map<string, (typeof standing.mismatches)[number][]>();
  for (const mismatch of standing.mismatches) {
    const name = `${mismatch.database}/${mismatch.table}`;
    tables.set(name, [...(tables.get(name) ?? []), mismatch]);
  }
  return [...tables].map(([name, cells]) => {
    const [first] = cells;
    const label = `${baseName(first?.database ?? '')} ${first?.table ?? ''}`;
    return {
      label,
      description: vscode.l10n.t('Cells that differ: {0}', cells.length),
      open: () =>
        comparedRows.show(`${run}/${name}`, {
          title: `${label} ↔ ${run}`,
          legacy: textOfRows(cells, 'legacy'),
          consolidated: textOfRows(cells, 'consolidated'),
        }),
    };
  });
}

function rejectsOf({ folder, standing: { rejects } }: ShownReport): readonly RowsItem[] {
  if (rejects === null) return [];
  const uri = resolveFromFolder(folder.uri, rejects);
  const open = (): Thenable<unknown> => vscode.commands.executeCommand('vscode.openWith', uri, databaseEditorType);
  return [{ label: baseName(rejects), description: vscode.l10n.t('Rejected rows'), open }];
}

function shownReport({ reports }: Services): ShownReport {
  if (reports.current !== undefined) return reports.current;
  throw new CoreError('report-missing', vscode.l10n.t('No report of a run is open.'), {
    hint: vscode.l10n.t('Open the report of a migration first.'),
  });
}
