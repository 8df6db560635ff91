import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { findDataFolder } from '../../../../src/core/catalogue/find-data-folder';
import type { FileStore } from '../../../../src/core/storage/file-store';
import { nodeFileStore } from '../../../../src/core/storage/node-file-store';
import { FaultyFileStore } from '../../../fixtures/faulty-file-store';
import { withFolder } from '../../../support/folders';

/** Finds the data folder of a workspace that holds these (empty) files. */
function find(files: readonly string[], setting: string | null = null): Promise<unknown> {
  return withFolder(async (workspace) => {
    for (const name of files) {
      await mkdir(dirname(join(workspace, name)), { recursive: true });
      if (name.endsWith('/')) await mkdir(join(workspace, name), { recursive: true });
      else await writeFile(join(workspace, name), '');
    }
    const result = await findDataFolder(nodeFileStore, workspace, setting?.replace('$W', workspace) ?? null);
    switch (result.kind) {
      case 'found':
        return [result.by, result.dataFolder];
      case 'ambiguous':
        return result.candidates.map(({ folder }) => folder);
      case 'none':
        return result.problem.code;
    }
  });
}

describe('findDataFolder', function () {
  this.timeout(15_000);

  const cases: readonly (readonly [
    what: string,
    files: readonly string[],
    setting: string | null,
    expected: unknown,
  ])[] = [
    [
      'takes data/ where it holds a known database',
      ['data/llm_costs.db', 'other/metrics.db'],
      null,
      ['default', 'data'],
    ],
    ['passes over a data/ without a known database', ['data/notes.db', 'x/metrics.db'], null, ['search', 'x']],
    ['takes the workspace folder itself', ['llm_costs.db'], null, ['search', '.']],
    ['searches three folders deep', ['a/b/c/jarvis_core.db'], null, ['search', 'a/b/c']],
    ['searches no deeper', ['a/b/c/d/jarvis_core.db'], null, 'data-folder-missing'],
    ['never looks into node_modules', ['node_modules/p/llm_costs.db'], null, 'data-folder-missing'],
    ['never looks into backups', ['x/backups/llm_costs.db'], null, 'data-folder-missing'],
    ['never looks into archive', ['archive/2026/llm_costs.db'], null, 'data-folder-missing'],
    ['never looks into .git', ['.git/llm_costs.db', '.cache/llm_costs.db'], null, 'data-folder-missing'],
    ['lists every candidate', ['a/llm_costs.db', 'b/metrics.db', 'c/notes.db'], null, ['a', 'b']],
    ['looks no deeper in a candidate', ['a/llm_costs.db', 'a/copy/llm_costs.db'], null, ['search', 'a']],
    ["does not take a folder of a database's name for one", ['a/llm_costs.db/'], null, 'data-folder-missing'],
    ['finds nothing in an empty workspace', [], null, 'data-folder-missing'],
    ['takes the setting before data/', ['data/llm_costs.db', 'x/metrics.db'], 'x', ['setting', 'x']],
    ['takes a setting without a known database', ['x/notes.txt'], 'x', ['setting', 'x']],
    ['takes an absolute setting', ['x/y/notes.txt'], '$W/x/y', ['setting', 'x/y']],
    ['does not look elsewhere where the setting leads nowhere', ['data/llm_costs.db'], 'dta', 'data-folder-missing'],
    ['does not take a file for a folder', ['data/llm_costs.db'], 'data/llm_costs.db', 'data-folder-missing'],
    ['takes an empty setting for none', ['data/llm_costs.db'], '', ['default', 'data']],
  ];
  for (const [what, files, setting, expected] of cases)
    it(what, async () => assert.deepEqual(await find(files, setting), expected));

  it('shows a data folder outside the workspace by its absolute path', () =>
    withFolder(async (folder) => {
      await mkdir(join(folder, 'workspace'));
      await mkdir(join(folder, 'data'));
      assert.deepEqual(await findDataFolder(nodeFileStore, join(folder, 'workspace'), '../data'), {
        kind: 'found',
        dataFolder: join(folder, 'data'),
        by: 'setting',
      });
    }));

  it('says that the workspace folder is missing', async () => {
    const result = await findDataFolder(nodeFileStore, '/nowhere/at/all', null);
    assert.equal(result.kind === 'none' && result.problem.code, 'workspace-missing');
  });

  it('P10: passes over a folder that may not be listed', () =>
    withFolder(async (workspace) => {
      await mkdir(join(workspace, 'theirs'));
      await mkdir(join(workspace, 'x'));
      await writeFile(join(workspace, 'x', 'metrics.db'), '');
      const found = await findDataFolder(without(join(workspace, 'theirs')), workspace, null);
      assert.equal(found.kind === 'found' && found.dataFolder, 'x');
    }));

  it('P10: takes no other folder where data/ may not be listed', () =>
    withFolder(async (workspace) => {
      for (const name of ['data', 'x']) {
        await mkdir(join(workspace, name));
        await writeFile(join(workspace, name, 'metrics.db'), '');
      }
      await assert.rejects(findDataFolder(without(join(workspace, 'data')), workspace, null), { code: 'EACCES' });
    }));
});

/** Real files, of which the system does not let us list one folder; its mode would not keep root from it. */
function without(folder: string): FileStore {
  return new FaultyFileStore(nodeFileStore, ({ method, path }) =>
    method === 'list' && path === folder ? { kind: 'fail', code: 'EACCES' } : undefined,
  );
}
