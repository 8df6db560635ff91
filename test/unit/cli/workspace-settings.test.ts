import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readWorkspaceSettings, type SettingsResult } from '../../../src/cli/workspace-settings';
import { nodeFileStore } from '../../../src/core/storage/node-file-store';
import { withFolder } from '../../support/folders';

const none = { dataFolder: null, planFile: null, rejects: null, rateLimits: null };

function read(text: string): Promise<SettingsResult> {
  return withFolder(async (workspace) => {
    await mkdir(join(workspace, '.vscode'));
    await writeFile(join(workspace, '.vscode', 'settings.json'), text);
    return readWorkspaceSettings(nodeFileStore, workspace);
  });
}

describe('readWorkspaceSettings', () => {
  it('has nothing to say where there is no file', () =>
    withFolder(async (workspace) =>
      assert.deepEqual(await readWorkspaceSettings(nodeFileStore, workspace), { settings: none, warning: null }),
    ));

  it('reads JSON with comments; what is not ours, empty or null is not made', async () => {
    const text = `{
      // ours
      "jarvis.dataFolder": "store", "jarvis.planFile": "my.json",
      "jarvis.rejects": "collect", "jarvis.rateLimits.strategy": "database",
      "editor.fontSize": 12,
    }`;
    assert.deepEqual(await read(text), {
      settings: { dataFolder: 'store', planFile: 'my.json', rejects: 'collect', rateLimits: 'database' },
      warning: null,
    });
    for (const empty of [
      '',
      '{}',
      '{"jarvis.dataFolder": "", "jarvis.rejects": null}',
      '{"__proto__": {"jarvis.rejects": "x"}}',
    ])
      assert.deepEqual(await read(empty), { settings: none, warning: null });
    const twice = await read('{"jarvis.planFile": "a", "jarvis.planFile": "b"}');
    assert.ok('settings' in twice && twice.settings.planFile === 'b');
  });

  for (const [what, text] of [
    ['broken', '{"jarvis.rejects": '],
    ['no object', '["jarvis.rejects"]'],
    ['X4: deep', '['.repeat(100_000)],
    ['X4: huge', ' '.repeat(1024 * 1024 + 1)],
  ] as const) {
    it(`leaves a file alone that is ${what}, and says so`, async () => {
      const result = await read(text);
      assert.ok('settings' in result);
      assert.deepEqual(result.settings, none);
      assert.match(result.warning ?? '', /^\.vscode\/settings\.json is not used: /);
    });
  }

  for (const text of [
    '{"jarvis.rejects": "ignore"}',
    '{"jarvis.rejects": true}',
    '{"jarvis.rateLimits.strategy": "yaml"}',
    '{"jarvis.dataFolder": 1}',
    '{"jarvis.planFile": ["a"]}',
  ])
    it(`does not guess at ${text}`, async () => assert.ok('fault' in (await read(text))));
});
