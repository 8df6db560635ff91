/** Which domains a command is about. */
import * as vscode from 'vscode';
import type { Domain } from '../../core/report/model';
import { asNode } from '../tree/nodes';

export const allDomains: readonly Domain[] = ['core', 'analytics', 'cache'];

export function domainName(domain: Domain): string {
  switch (domain) {
    case 'core':
      return vscode.l10n.t('Core');
    case 'analytics':
      return vscode.l10n.t('Analytics');
    case 'cache':
      return vscode.l10n.t('Cache');
  }
}

/**
 * That of the database whose menu it is; all of them for any other node; else the user's pick, with all of them first.
 * Undefined where the user picks nothing.
 */
export async function pickDomains(argument: unknown, title: string): Promise<readonly Domain[] | undefined> {
  const node = asNode(argument);
  if (node?.kind === 'database' && node.entry.domain !== null) return [node.entry.domain];
  if (node !== undefined) return allDomains;
  const items = [
    {
      label: vscode.l10n.t('All Domains'),
      description: allDomains.map(domainName).join(', '),
      domains: allDomains,
    },
    ...allDomains.map((domain) => ({ label: domainName(domain), description: '', domains: [domain] })),
  ];
  const placeHolder = vscode.l10n.t('Which domains?');
  const picked = await vscode.window.showQuickPick(items, { title, placeHolder });
  return picked?.domains;
}
