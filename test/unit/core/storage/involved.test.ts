/** E4 and links out of the workspace, where the databases of a run are gathered. */
import assert from 'node:assert/strict';
import { copyFile, mkdir, rename, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { readInvolved } from '../../../../src/core/migration/involved';
import type { Plan } from '../../../../src/core/plan/schema';
import { nodeFileStore } from '../../../../src/core/storage/node-file-store';
import { furnish } from '../../../fixtures/publication';
import { refusesUnchanged } from '../../../fixtures/refusals';
import { withTemporaryFolder } from '../../../fixtures/temporary-folder';

const planOf = (legacy: string, target: string): Plan => ({
  version: 1,
  criteria: [],
  steps: [
    { domain: 'analytics', strategy: 'adopt', legacy: { database: legacy, table: 't' }, target: { database: target } },
  ],
});

const gather = (workspace: string, plan: Plan) =>
  readInvolved(nodeFileStore, workspace, join(workspace, 'data'), plan, ['analytics'], () => Promise.resolve());

async function withWorkspace(body: (workspace: string) => Promise<void>): Promise<void> {
  await withTemporaryFolder(async (workspace) => {
    await furnish(nodeFileStore, workspace);
    await body(workspace);
  });
}

describe('involved databases', () => {
  it('each is read once, targets first', () =>
    withWorkspace(async (workspace) => {
      const { snapshots, targets } = await gather(workspace, planOf('data/legacy.db', 'data/a.db'));
      assert.deepEqual([...snapshots.keys()], ['data/a.db', 'data/legacy.db']);
      assert.deepEqual(
        targets.map(({ database }) => database),
        ['data/a.db'],
      );
    }));

  it('E4: a source that is a link to the target is refused', () =>
    withWorkspace(async (workspace) => {
      await symlink('a.db', join(workspace, 'data/other.db'));
      const error = await refusesUnchanged(workspace, 'same-file', () =>
        gather(workspace, planOf('data/other.db', 'data/a.db')),
      );
      assert.match(error.message, /data\/a\.db and data\/other\.db are the same file/);
    }));

  it('E4: a source whose folder is a link to that of the target is refused', () =>
    withWorkspace(async (workspace) => {
      await symlink('data', join(workspace, 'also'));
      await refusesUnchanged(workspace, 'same-file', () => gather(workspace, planOf('also/a.db', 'data/a.db')));
    }));

  it('E4: a source that is the target by another spelling is refused', () =>
    withWorkspace(async (workspace) => {
      await refusesUnchanged(workspace, 'same-file', () => gather(workspace, planOf('data/../data/a.db', 'data/a.db')));
    }));

  it('E4: a source that is the target by its own name is refused', () =>
    withWorkspace(async (workspace) => {
      const error = await refusesUnchanged(workspace, 'same-file', () =>
        gather(workspace, planOf('data/a.db', 'data/a.db')),
      );
      assert.match(error.message, /^data\/a\.db is legacy and consolidated in one plan/);
    }));

  it('X1: a link that leads out of the workspace is refused', () =>
    withTemporaryFolder(async (outside) => {
      await withWorkspace(async (workspace) => {
        await mkdir(join(outside, 'x'));
        await copyFile(join(workspace, 'data/a.db'), join(outside, 'x/away.db'));
        await symlink(join(outside, 'x/away.db'), join(workspace, 'data/away.db'));
        for (const plan of [planOf('data/away.db', 'data/a.db'), planOf('data/a.db', 'data/away.db')]) {
          const error = await refusesUnchanged(workspace, 'outside-workspace', () => gather(workspace, plan));
          assert.match(error.message, /^data\/away\.db is a link to/);
        }
      });
    }));

  it('a data folder that is itself a link counts as inside', () =>
    withTemporaryFolder(async (outside) => {
      await withWorkspace(async (workspace) => {
        await rename(join(workspace, 'data'), join(outside, 'data'));
        await symlink(join(outside, 'data'), join(workspace, 'data'));
        const { snapshots } = await gather(workspace, planOf('data/legacy.db', 'data/a.db'));
        assert.equal(snapshots.get('data/a.db')?.path, join(outside, 'data/a.db'));
      });
    }));

  it('a missing target is refused, a missing source is a warning', () =>
    withWorkspace(async (workspace) => {
      await refusesUnchanged(workspace, 'target-missing', () => gather(workspace, planOf('data/a.db', 'data/none.db')));
      const { snapshots, warnings } = await gather(workspace, planOf('data/none.db', 'data/a.db'));
      assert.deepEqual([...snapshots.keys()], ['data/a.db']);
      assert.deepEqual(
        warnings.map(({ code }) => code),
        ['legacy-missing'],
      );
    }));
});
