import * as vscode from 'vscode';
import type { RunReport } from '../../core/report/model';
import { asPlanScope } from '../plan/plan-scope';
import type { Services } from '../services';
import { runSettings } from '../settings';
import type { FolderPlace } from '../workspace-model';
import { pickDomains } from './domains';
import { pickPlace } from './pick-place';
import { exclusively, presentFailure, run, showReport, type RunOptions } from './run';

/** "Dry Run": the whole migration in memory, and its report. Nothing is written, not even the report. */
export async function dryRun(services: Services, argument: unknown): Promise<void> {
  const scope = asPlanScope(argument);
  if (scope === undefined) {
    const picked = await pickPlace(services, argument);
    if (picked === undefined) return;
    const domains = await pickDomains(argument, vscode.l10n.t('Dry Run'));
    if (domains !== undefined) await rehearse(services, picked, { mode: 'dryRun', domains });
    return;
  }
  const { uri, folder, domain } = scope;
  // The engine reads the file, so what is on the screen has to be in it.
  const document = vscode.workspace.textDocuments.find((one) => one.uri.toString() === uri.toString());
  if (document?.isDirty === true && !(await document.save())) return;
  const version = document?.version;
  const picked = await pickPlace(services, undefined, [folder]);
  if (picked === undefined) return;
  const settings = { ...runSettings(folder), planFile: uri.fsPath };
  const report = await rehearse(services, picked, { mode: 'dryRun', domains: [domain], settings });
  // What was typed meanwhile was not rehearsed.
  const isOfText = document !== undefined && !document.isClosed && document.version === version;
  if (report !== undefined && isOfText) services.plans.remember(uri, report);
}

async function rehearse(services: Services, picked: FolderPlace, options: RunOptions): Promise<RunReport | undefined> {
  return exclusively(async () => {
    const result = await run(services, picked, options);
    if (result === undefined) return undefined;
    await showReport(services, result);
    if (result.report.error !== null) presentFailure(services, result);
    return result.report;
  });
}
