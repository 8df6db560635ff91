/** Phrases that several places need, in the user's language. */
import * as vscode from 'vscode';
import type { DatabaseEntry, FileState } from '../core/catalogue/model';
import { formatBytes } from './format';

export function countedRows(rows: number): string {
  return rows === 1 ? vscode.l10n.t('1 row') : vscode.l10n.t('{0} rows', formatCount(rows));
}

export function formatCount(count: number | bigint): string {
  return count.toLocaleString(vscode.env.language);
}

export function countedBytes(bytes: number): string {
  return formatBytes(bytes, vscode.env.language);
}

/** The state of a file in two or three words, for the tree. */
export function stateWords(state: FileState): string {
  switch (state) {
    case 'ready':
      return vscode.l10n.t('ready');
    case 'missing':
      return vscode.l10n.t('missing');
    case 'empty':
      return vscode.l10n.t('empty file');
    case 'notSqlite':
      return vscode.l10n.t('not a SQLite database');
    case 'damaged':
      return vscode.l10n.t('damaged');
    case 'tooLarge':
      return vscode.l10n.t('too large');
    case 'unreadable':
      return vscode.l10n.t('unreadable');
  }
}

/** What lies beside a database and is applied where it is read, in two words; empty where the main file is all of it. */
export function sidecarWords(applies: DatabaseEntry['applies']): string {
  switch (applies) {
    case null:
      return '';
    case 'wal':
      return vscode.l10n.t('with write-ahead log');
    case 'journal':
      return vscode.l10n.t('unfinished transaction');
  }
}
