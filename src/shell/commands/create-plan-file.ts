/** "Create Plan File": writes down the plan that is in force, so that it can be changed. */
import * as vscode from 'vscode';
import { planFileName } from '../contributions';
import type { Services } from '../services';
import { runSettings } from '../settings';
import { requireTrustToWrite } from '../trust';
import { pickFolder } from './pick-place';

export async function createPlanFile(services: Services, argument: unknown): Promise<void> {
  requireTrustToWrite(vscode.workspace.isTrusted);
  const folder = await pickFolder(services, argument);
  if (folder === undefined) return;
  const file = vscode.Uri.joinPath(folder.uri, planFileName);
  const answer = (await exists(file)) ? await askToReplace(folder) : 'write';
  if (answer === 'write') {
    const place = await services.model.planPlace(folder);
    const { planFile, rateLimits } = runSettings(folder);
    const { text } = await services.engine.request('plan.print', { ...place, planFile, rateLimits });
    await vscode.workspace.fs.writeFile(file, new TextEncoder().encode(text));
  }
  if (answer !== 'cancel') await vscode.window.showTextDocument(file);
}

async function exists(file: vscode.Uri): Promise<boolean> {
  try {
    await vscode.workspace.fs.stat(file);
    return true;
  } catch {
    return false;
  }
}

async function askToReplace(folder: vscode.WorkspaceFolder): Promise<'write' | 'open' | 'cancel'> {
  const open = vscode.l10n.t('Open It');
  const replace = vscode.l10n.t('Replace It');
  const picked = await vscode.window.showWarningMessage(
    vscode.l10n.t('{0} has a file {1} already. Replace it?', folder.name, planFileName),
    {
      modal: true,
      detail: vscode.l10n.t('The plan in force is written in its place, as the engine prints it: comments are lost.'),
    },
    open,
    replace,
  );
  if (picked === open) return 'open';
  return picked === replace ? 'write' : 'cancel';
}
