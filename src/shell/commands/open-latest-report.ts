import * as vscode from 'vscode';
import { CoreError } from '../../core/errors';
import type { ViewServices } from '../services';
import { pickPlace } from './pick-place';

/** "Open Latest Report". */
export async function openLatestReport(services: ViewServices, argument: unknown): Promise<void> {
  const picked = await pickPlace(services, argument);
  if (picked === undefined) return;
  const latest = await services.engine.request('report.latest', picked.place);
  if (latest === null) {
    throw new CoreError('report-missing', vscode.l10n.t('There is no report yet.'), {
      hint: vscode.l10n.t('A migration writes one. A dry run shows what it would say.'),
    });
  }
  await services.preview.showFile(latest.path);
}
