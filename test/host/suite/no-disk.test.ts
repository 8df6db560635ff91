import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { withMessages } from './helpers';

const elsewhere = vscode.Uri.parse('vscode-vfs://github/owner/repo/data/x.db');

describe('a file of another file system', () => {
  it('is refused in words, and not looked for on the disk', async () => {
    const { showOpenDialog } = vscode.window;
    try {
      const messages = await withMessages(
        () => undefined,
        () => {
          Object.assign(vscode.window, {
            // "Another File…" is the last.
            showQuickPick: async (items: PromiseLike<readonly vscode.QuickPickItem[]>) => (await items).at(-1),
            showOpenDialog: () => Promise.resolve([elsewhere]),
          });
          return vscode.commands.executeCommand('jarvis.showDiagram');
        },
      );
      assert.deepEqual(
        messages.map(({ severity, text }) => ({ severity, text })),
        [
          {
            severity: 'warning',
            text: 'x.db is on no disk of this computer. Open a copy that is on a disk, or view it in VS Code for the Web (vscode.dev, github.dev).',
          },
        ],
      );
    } finally {
      Object.assign(vscode.window, { showOpenDialog });
    }
  });
});
