/** The texts of the diagram in the user's language. */
import * as vscode from 'vscode';
import type { DiagramWords } from '../../webview/diagram/words';

export function diagramWords(): DiagramWords {
  return {
    diagram: vscode.l10n.t('Diagram of {0}', '{0}'),
    loading: vscode.l10n.t('Reading…'),
    cannotShow: vscode.l10n.t('This database cannot be shown: {0}', '{0}'),
    noTables: vscode.l10n.t('This database has no tables.'),
    facts: vscode.l10n.t('Tables: {0} · References: {1}', '{0}', '{1}'),
    find: vscode.l10n.t('Find tables and columns'),
    noMatch: vscode.l10n.t('No results'),
    matches: vscode.l10n.t('{0} of {1}', '{0}', '{1}'),
    zoomIn: vscode.l10n.t('Zoom In (+)'),
    zoomOut: vscode.l10n.t('Zoom Out (-)'),
    fit: vscode.l10n.t('Show All (0)'),
    allColumns: vscode.l10n.t('All Columns'),
    keysOnly: vscode.l10n.t('Keys Only'),
    more: vscode.l10n.t('{0} more', '{0}'),
    noReferences: vscode.l10n.t('Tables without references: {0}', '{0}'),
    missing: vscode.l10n.t('missing'),
    virtual: vscode.l10n.t('virtual'),
    copyMermaid: vscode.l10n.t('Copy as Mermaid'),
    copied: vscode.l10n.t('Copied'),
    exportSvg: vscode.l10n.t('Export SVG…'),
    describeTable: vscode.l10n.t('{0}, columns: {1}', '{0}', '{1}'),
    refersTo: vscode.l10n.t('refers to {0}', '{0}'),
    referredBy: vscode.l10n.t('referred to by {0}', '{0}'),
    help: vscode.l10n.t(
      'Drag or scroll to move · Ctrl+scroll to zoom · arrow keys from table to table · Enter opens one · Space shows all its columns',
    ),
  };
}
