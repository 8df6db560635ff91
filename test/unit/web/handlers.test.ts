/** What the engine of a browser does otherwise than that of a disk. */
import assert from 'node:assert/strict';
import { createWebHandlers } from '../../../src/web/engine/handlers';
import type { HostFiles } from '../../../src/web/engine/host-files';

const workspace = '/vscode-vfs:github/owner/repo';

/** Folders, and nothing in them. */
function hostWith(...folders: readonly string[]): HostFiles {
  const gone = { ok: false, code: 'ENOENT', message: 'gone' } as const;
  const refused = { ok: false, code: 'EIO', message: 'ENOPRO: No file system provider found' } as const;
  const folder = { kind: 'folder', isLink: false, size: 0, modified: 0 } as const;
  return {
    stat: (path) => {
      if (folders.includes(path)) return Promise.resolve({ ok: true, value: folder });
      return Promise.resolve(path.startsWith('/vscode-vfs:') ? gone : refused);
    },
    read: () => Promise.resolve(gone),
    list: () => Promise.resolve({ ok: true, value: [] }),
    write: () => Promise.resolve(gone),
  };
}

describe('the engine of a browser', () => {
  const find = async (setting: string) => {
    const host = hostWith(workspace, `${workspace}/data`, '/vscode-vfs:github/owner/data');
    const handlers = createWebHandlers(host, () => Promise.reject(new Error('there is nothing to open')));
    const events = { progress: () => undefined, log: () => undefined, beginPublishing: () => Promise.resolve() };
    return handlers['catalogue.findDataFolder']?.({ workspace, setting }, events);
  };

  for (const setting of ['/home/me/jarvis/data', 'C:\\jarvis\\data', 'D:/data', '\\\\server\\share', '~/jarvis/data'])
    it(`says that a data folder ${setting} is on a disk, and what to do`, async () => {
      const found = await find(setting);
      assert.ok(found?.kind === 'none');
      const { code, path, message, hint } = found.problem;
      assert.deepEqual({ code, path }, { code: 'data-folder-missing', path: setting });
      assert.ok(message.startsWith(`The data folder ${setting} is a path on a computer's disk`), message);
      assert.match(hint ?? '', /from the workspace folder on/);
    });

  it('finds one that is named from the workspace folder on, or was picked elsewhere', async () => {
    for (const [setting, dataFolder] of [
      ['data', 'data'],
      ['../data', '/vscode-vfs:github/owner/data'],
      ['/vscode-vfs:github/owner/data', '/vscode-vfs:github/owner/data'],
    ] as const)
      assert.deepEqual(await find(setting), { kind: 'found', dataFolder, by: 'setting' });
  });
});
