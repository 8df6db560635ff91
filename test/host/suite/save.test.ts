/** Where what a user saves may go. The dialog is the system's own, so what it answers is given. */
import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { Engine } from '../../../src/engine/protocol';
import { exportRows } from '../../../src/shell/table/export-rows';
import { inWorkspace, withMessages } from './helpers';

describe('saving', () => {
  const { window } = vscode;
  const dialog = window.showSaveDialog;
  const asked: string[] = [];
  const engine = {
    request: (name: string) => {
      asked.push(name);
      return Promise.reject(new Error('reached the engine'));
    },
  } as unknown as Engine;
  const source = vscode.Uri.file(inWorkspace('data', 'llm_costs.db'));
  const database = { path: source.fsPath, database: 'data/llm_costs.db', viewer: 'test' };
  const rows = { table: 'llm_usage', query: { sort: [], filters: [] }, columns: ['id'] };
  const exportTo = (target: string): Promise<unknown> => {
    Object.assign(window, { showSaveDialog: () => Promise.resolve(vscode.Uri.file(target)) });
    return withMessages(
      () => undefined,
      () => exportRows(engine, database, rows, source),
      'CSV',
    );
  };

  afterEach(() => {
    Object.assign(window, { showSaveDialog: dialog });
    asked.length = 0;
  });

  for (const name of ['llm_costs.db', 'metrics.db', 'metrics.db-wal', 'new.sqlite3']) {
    it(`exports to no ${name}, whatever VS Code's own question was answered`, async () => {
      await assert.rejects(exportTo(inWorkspace('data', name)), { code: 'same-file' });
      assert.deepEqual(asked, []);
    });
  }

  it('exports to any other file', async () => {
    await assert.rejects(exportTo(inWorkspace('llm_usage.csv')), /reached the engine/);
    assert.deepEqual(asked, ['browse.export']);
  });
});
