/** P1 and P3: a kill before, during and after every call that changes something; the first one on real files. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { FileStore } from '../../../../src/core/storage/file-store';
import { nodeFileStore } from '../../../../src/core/storage/node-file-store';
import { publish } from '../../../../src/core/storage/publish';
import { findPendingPublications } from '../../../../src/core/storage/recover';
import { Crash, FaultyFileStore, killAt } from '../../../fixtures/faulty-file-store';
import { furnish, portsOf, prepare, recover, stagesOf, statesOf } from '../../../fixtures/publication';
import { SimulatedDisk } from '../../../fixtures/simulated-disk';
import { withTemporaryFolder } from '../../../fixtures/temporary-folder';

type Moment = 'before' | 'during' | 'after';
const moments: readonly Moment[] = ['before', 'during', 'after'];

/** Publishes in a fresh workspace and is killed there. False where the publication ended before that call. */
async function publishKilled(store: FileStore, workspace: string, mutation: number, when: Moment): Promise<boolean> {
  await furnish(store, workspace);
  const { request } = await prepare(store, workspace);
  return endsKilled(() => publish(portsOf(new FaultyFileStore(store, killAt(mutation, when))), request));
}

async function endsKilled(action: () => Promise<void>): Promise<boolean> {
  try {
    await action();
    return false;
  } catch (error) {
    const cause = error instanceof Error ? error.cause : null;
    if (error instanceof Crash || cause instanceof Crash) return true;
    throw error;
  }
}

/** The end that every crash must come to. @returns whether all targets are new */
async function assertWhole(store: FileStore, workspace: string): Promise<boolean> {
  const states = await statesOf(store, workspace);
  assert.ok(['old,old', 'new,new'].includes(states.join()), states.join());
  assert.deepEqual(await stagesOf(store, workspace), []);
  assert.deepEqual(await findPendingPublications(store, join(workspace, 'data')), []);
  return states[0] === 'new';
}

describe('a killed publication', function () {
  this.timeout(120_000);

  for (const when of moments) {
    it(`P1: killed ${when} any call, all targets are old or all are new after the next start`, async () => {
      const ends: boolean[] = [];
      for (let mutation = 1; ; mutation++) {
        const wasKilled = await withTemporaryFolder(async (workspace) => {
          const killed = await publishKilled(nodeFileStore, workspace, mutation, when);
          assert.ok(!(await statesOf(nodeFileStore, workspace)).includes('torn'));
          await recover(nodeFileStore, workspace);
          ends.push(await assertWhole(nodeFileStore, workspace));
          // P4: a further start finds nothing to do.
          const files = new FaultyFileStore(nodeFileStore);
          await recover(files, workspace);
          assert.deepEqual(
            files.calls.filter((call) => call.mutation > 0),
            [],
          );
          return killed;
        });
        if (!wasKilled) break;
      }
      // There is one commit point: before it all is old, after it all is new.
      const commit = ends.indexOf(true);
      assert.ok(commit > 5 && commit < ends.length - 5, ends.join());
      assert.deepEqual(
        ends,
        ends.map((_, index) => index >= commit),
      );
    });
  }

  it('P3: killed again and again during recovery, all targets are old or all are new in the end', async () => {
    let recoveriesKilled = 0;
    for (let first = 1; ; first++) {
      const crashed = new SimulatedDisk();
      const wasKilled = await publishKilled(crashed, '/workspace', first, 'after');
      for (const when of moments) {
        const disk = crashed.clone();
        // Each start gets one call further than the one before.
        for (let mutation = 1; ; mutation++) {
          const files = new FaultyFileStore(disk, killAt(mutation, when));
          const again = await endsKilled(() => recover(files, '/workspace'));
          assert.ok(!(await statesOf(disk, '/workspace')).includes('torn'));
          if (!again) break;
          recoveriesKilled++;
        }
        await assertWhole(disk, '/workspace');
      }
      if (!wasKilled) break;
    }
    assert.ok(recoveriesKilled > 50, String(recoveriesKilled));
  });
});
