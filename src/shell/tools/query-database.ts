/** `jarvis_query`: the rows of one statement that only reads. */
import * as vscode from 'vscode';
import { resolveFromFolder } from '../resolve-path';
import { pathOf } from '../resource-paths';
import { readText, requireText } from './input';
import { findDatabase, placesCalled } from './places';
import { queryRows } from './query-rows';
import { toolPlaces, type Tool } from './tool';

export const queryDatabase: Tool = {
  prepare: () => ({ invocationMessage: vscode.l10n.t('Querying a database') }),

  async invoke(services, input, signal) {
    const sql = requireText(input, 'sql');
    const places = placesCalled(await toolPlaces(services), readText(input, 'folder'));
    const { at, entry } = await findDatabase(services.engine, places, requireText(input, 'database'), signal);
    const { database } = entry;
    const path = pathOf(resolveFromFolder(at.folder.uri, database));
    // An engine of its own: a statement that never ends is ended without a run in it.
    return { database, ...(await queryRows(services.queries.engine, { path, database, sql }, signal)) };
  },
};
