/** What every view of rows may ask of its host, and nothing else. */
import * as vscode from 'vscode';
import { CoreError } from '../../core/errors';
import type { BrowseDatabase, BrowseRequests } from '../../engine/browse-protocol';
import type { Engine } from '../../engine/protocol';
import type { HostRequests, ViewRequestName } from '../../webview/table/messages';
import { withoutLastLineEnd } from '../format';
import { exportRows } from './export-rows';

export interface ViewHost {
  readonly engine: Engine;
  readonly database: BrowseDatabase;
  /** The database file: an export is saved beside it, unless the user chooses another place. */
  readonly source: vscode.Uri;
  /** Asks the engine about {@link database}. */
  ask<N extends keyof BrowseRequests>(name: N, params: unknown): Promise<BrowseRequests[N]['result']>;
}

/** The view may ask for these, and for nothing else that the engine can do. */
const viewRequests: Readonly<Record<ViewRequestName, true>> = {
  'browse.tables': true,
  'browse.open': true,
  'browse.rows': true,
  'browse.status': true,
  'browse.locate': true,
  'browse.find': true,
  'browse.cell': true,
  'browse.describe': true,
  'browse.profile': true,
};

/** @throws CoreError `internal` for a request that is not the view's to make */
export async function answerView(host: ViewHost, name: string, params: unknown): Promise<unknown> {
  if (Object.hasOwn(viewRequests, name)) return host.ask(name as ViewRequestName, params);
  switch (name) {
    case 'copyRows' satisfies keyof HostRequests: {
      const text = await host.ask('browse.copy', params);
      await vscode.env.clipboard.writeText(withoutLastLineEnd(text));
      return null;
    }
    case 'copyText' satisfies keyof HostRequests:
      await vscode.env.clipboard.writeText((params as HostRequests['copyText']['params']).text);
      return null;
    case 'exportRows' satisfies keyof HostRequests:
      await exportRows(host.engine, host.database, params as HostRequests['exportRows']['params'], host.source);
      return null;
    default:
      throw new CoreError('internal', `The view asked for ${name}, which it may not.`);
  }
}
