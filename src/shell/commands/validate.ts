import * as vscode from 'vscode';
import type { Domain } from '../../core/report/model';
import { offer } from '../present-error';
import { summarize } from '../run-summary';
import type { Services } from '../services';
import type { FolderPlace } from '../workspace-model';
import { pickDomains } from './domains';
import { pickPlace } from './pick-place';
import { exclusively, openReportAction, presentFailure, run, showLogAction, showReport } from './run';

/** "Validate Migration": compares what is on disk now, legacy against consolidated, and changes nothing. */
export async function validate(services: Services, argument: unknown): Promise<void> {
  const picked = await pickPlace(services, argument);
  if (picked === undefined) return;
  const domains = await pickDomains(argument, vscode.l10n.t('Validate Migration'));
  if (domains === undefined) return;
  await validateDomains(services, picked, domains);
}

/** The comparison, its report, and what it came to. */
export async function validateDomains(
  services: Services,
  picked: FolderPlace,
  domains: readonly Domain[],
): Promise<void> {
  await exclusively(async () => {
    const result = await run(services, picked, { mode: 'validate', domains });
    if (result === undefined) return;
    await showReport(services, result);
    const { failedChecks, passedChecks } = summarize(result.report);
    if (result.report.error !== null || failedChecks.length > 0) {
      presentFailure(services, result);
    } else {
      const message =
        passedChecks === 0
          ? vscode.l10n.t('Nothing could be validated: no check was run.')
          : vscode.l10n.t('Validation passed: {0} checks, none failed.', passedChecks);
      const actions = [openReportAction(services, result), showLogAction(services)];
      offer(vscode.window.showInformationMessage, message, actions, services.log);
    }
  });
}
