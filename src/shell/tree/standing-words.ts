/** How a legacy table stands, in words, and as the mark that the tree puts beside it. */
import * as vscode from 'vscode';
import { countedRows, formatCount } from '../words';
import type { Standing } from './status-store';

/** In two words, for the tree and for screen readers; empty where there is nothing to say. */
export function standingWords({ state, pending, conflicts }: Standing): string {
  switch (state) {
    case 'migrated':
      return vscode.l10n.t('migrated');
    case 'pending':
      return vscode.l10n.t('{0} pending', formatCount(pending));
    case 'conflicts':
      return conflicts === 1 ? vscode.l10n.t('1 conflict') : vscode.l10n.t('{0} conflicts', formatCount(conflicts));
    case 'leftBehind':
      return vscode.l10n.t('left behind');
    case 'unplanned':
      return vscode.l10n.t('unplanned');
    case 'empty':
      return '';
  }
}

/** The same with where the rows are or would go, for the tooltip. */
export function standingFacts(standing: Standing): readonly (readonly [string, string])[] {
  const { target } = standing;
  const words = standingWords(standing);
  return [
    ...(words === '' ? [] : [[vscode.l10n.t('Migration'), words] as const]),
    ...(target === null
      ? []
      : [
          [
            vscode.l10n.t('Consolidated'),
            'file' in target ? target.file : `${target.database} ${target.table}`,
          ] as const,
        ]),
  ];
}

/** Of a whole database: what needs attention, or that all is where it belongs. */
export function databaseWords(standings: readonly Standing[]): string {
  const sum = (state: Standing['state'], rows: (standing: Standing) => number): number =>
    standings.filter((standing) => standing.state === state).reduce((total, standing) => total + rows(standing), 0);
  const [first] = standings;
  if (first === undefined) return '';
  const conflicts = sum('conflicts', (standing) => standing.conflicts);
  if (conflicts > 0) return standingWords({ ...first, state: 'conflicts', conflicts });
  const pending = sum('pending', (standing) => standing.pending);
  // Beside a table its count of rows says what is counted; here there is none.
  if (pending > 0) return vscode.l10n.t('{0} pending', countedRows(pending));
  return standings.some(({ state }) => state === 'migrated') ? standingWords({ ...first, state: 'migrated' }) : '';
}

/** The mark at the end of the row, and the colour of the row's name; null for what is as it should be. */
export function standingMark(state: string): { readonly badge: string; readonly color: string | null } | null {
  switch (state) {
    case 'migrated':
      return { badge: '✓', color: null };
    case 'pending':
      return { badge: '•', color: 'gitDecoration.modifiedResourceForeground' };
    case 'conflicts':
      return { badge: '!', color: 'gitDecoration.conflictingResourceForeground' };
    case 'unplanned':
      return { badge: '?', color: 'gitDecoration.untrackedResourceForeground' };
    case 'leftBehind':
      return { badge: '–', color: 'gitDecoration.ignoredResourceForeground' };
    default:
      return null;
  }
}
