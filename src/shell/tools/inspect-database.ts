/** `jarvis_inspect_database`: which databases there are, and what is in one. */
import * as vscode from 'vscode';
import { inspect } from './inspection';
import { readText } from './input';
import { toolPlaces, type Tool } from './tool';

export const inspectDatabase: Tool = {
  prepare: () => ({ invocationMessage: vscode.l10n.t('Looking at the databases') }),

  async invoke(services, input, signal) {
    const asked = {
      folder: readText(input, 'folder'),
      database: readText(input, 'database'),
      table: readText(input, 'table'),
    };
    return inspect(services.engine, await toolPlaces(services), asked, signal);
  },
};
