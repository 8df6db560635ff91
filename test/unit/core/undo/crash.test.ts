/** A rollback that is killed at each call of the file store: after the next start, every file is old or every file is new. */
import assert from 'node:assert/strict';
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import type { FileStore } from '../../../../src/core/storage/file-store';
import { nodeFileStore } from '../../../../src/core/storage/node-file-store';
import { readPastRuns } from '../../../../src/core/undo/past-runs';
import { createHandlers } from '../../../../src/engine/handlers';
import { machinePorts } from '../../../../src/engine/machine';
import { hashTree, pick, withFolder } from '../../../support/folders';
import { run, silent, wasmPath, withSample } from '../../../support/workspace';

const changing = ['makeFolder', 'makeNewFolder', 'writeNew', 'rename', 'remove', 'syncFolder'] as const;

/** A store that dies right before one of its changing calls, and does nothing from then on. */
function dying(at: number): { readonly files: FileStore; readonly calls: () => number } {
  let calls = 0;
  const files = Object.create(nodeFileStore) as FileStore;
  for (const name of changing) {
    const original = nodeFileStore[name].bind(nodeFileStore) as (...args: readonly unknown[]) => Promise<unknown>;
    Object.defineProperty(files, name, {
      value: async (...args: readonly unknown[]) => {
        if (calls++ >= at) throw new Error('killed');
        return original(...args);
      },
    });
  }
  return { files, calls: () => calls };
}

const isFile = (path: string): boolean => !path.startsWith('data/backups/') && !path.endsWith('.lock');

const machine = machinePorts(wasmPath);

async function rollBackWith(files: FileStore, workspace: string, pid: number): Promise<void> {
  const self = { ...machine.self, pid, nonce: String(pid), isAlive: () => false };
  const { 'undo.rollBack': rollBack } = createHandlers({ ...machine, files, self, sleep: () => Promise.resolve() });
  await rollBack({ workspace, dataFolder: 'data', run: null, dryRun: false, applicationStopped: true }, silent);
}

/** Killed behind its last step, it was done: rolling back again would be about the run before. */
async function isClosed(workspace: string): Promise<boolean> {
  const runs = await readPastRuns(nodeFileStore, join(workspace, 'data'));
  return runs.some(({ manifest: { act, publication } }) => act !== undefined && publication === 'done');
}

describe('roll back, killed', () => {
  it('P1, P3: after the next start, all files are as they were before the run, and the run before it stands', function () {
    this.timeout(300_000);
    return withSample(async (workspace) => {
      await run(workspace, 'migrate', ['analytics']);
      const old = await hashTree(workspace);
      await run(workspace, 'migrate', ['cache']);
      const left = pick(await hashTree(workspace), isFile);
      let count = 0;
      for (; ; count++) {
        const ended = await withFolder(async (copy) => {
          await cp(workspace, copy, { recursive: true });
          const { files, calls } = dying(count);
          await rollBackWith(files, copy, 1).catch(() => undefined);
          // The next start: whatever it does, it first finishes what was begun.
          if (!(await isClosed(copy))) await rollBackWith(nodeFileStore, copy, 2);
          const after = pick(await hashTree(copy), isFile);
          assert.deepEqual(after, pick(old, isFile), `killed before call ${count}`);
          return calls() <= count;
        });
        if (ended) break;
      }
      assert.ok(count > 15);
      assert.notDeepEqual(left, pick(old, isFile));
      assert.ok('config/rate_limits.yaml' in left);
    });
  });
});
