/** P1 and P3 on real files: a kill before, during and after every call that changes something. */
import assert from 'node:assert/strict';
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { nodeFileStore } from '../../../../src/core/storage/node-file-store';
import { publish } from '../../../../src/core/storage/publish';
import { findPendingPublications } from '../../../../src/core/storage/recover';
import { Crash, FaultyFileStore, killAt } from '../../../fixtures/faulty-file-store';
import { furnish, portsOf, prepare, recover, stagesOf, statesOf } from '../../../fixtures/publication';
import { withTemporaryFolder } from '../../../fixtures/temporary-folder';

type Moment = 'before' | 'during' | 'after';
const moments: readonly Moment[] = ['before', 'during', 'after'];

/** Publishes in a fresh workspace and is killed there. False where the publication ended before that call. */
async function publishKilled(workspace: string, mutation: number, when: Moment): Promise<boolean> {
  await furnish(nodeFileStore, workspace);
  const { request } = await prepare(nodeFileStore, workspace);
  return endsKilled(() => publish(portsOf(new FaultyFileStore(nodeFileStore, killAt(mutation, when))), request));
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
async function assertWhole(workspace: string): Promise<boolean> {
  const states = await statesOf(nodeFileStore, workspace);
  assert.ok(['old,old', 'new,new'].includes(states.join()), states.join());
  assert.deepEqual(await stagesOf(nodeFileStore, workspace), []);
  assert.deepEqual(await findPendingPublications(nodeFileStore, join(workspace, 'data')), []);
  return states[0] === 'new';
}

describe('a killed publication', function () {
  this.timeout(120_000);

  for (const when of moments) {
    it(`P1: killed ${when} any call, all targets are old or all are new after the next start`, async () => {
      const ends: boolean[] = [];
      for (let mutation = 1; ; mutation++) {
        const wasKilled = await withTemporaryFolder(async (workspace) => {
          const killed = await publishKilled(workspace, mutation, when);
          assert.ok(!(await statesOf(nodeFileStore, workspace)).includes('torn'));
          await recover(nodeFileStore, workspace);
          ends.push(await assertWhole(workspace));
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
      const wasKilled = await withTemporaryFolder(async (folder) => {
        const crashed = join(folder, 'crashed');
        const killed = await publishKilled(crashed, first, 'after');
        for (const when of moments) {
          const workspace = join(folder, when);
          // Links and identities do not matter here: the next start reads everything anew.
          await cp(crashed, workspace, { recursive: true });
          // Each start gets one call further than the one before.
          for (let mutation = 1; ; mutation++) {
            const files = new FaultyFileStore(nodeFileStore, killAt(mutation, when));
            const again = await endsKilled(() => recover(files, workspace));
            assert.ok(!(await statesOf(nodeFileStore, workspace)).includes('torn'));
            if (!again) break;
            recoveriesKilled++;
          }
          await assertWhole(workspace);
        }
        return killed;
      });
      if (!wasKilled) break;
    }
    assert.ok(recoveriesKilled > 50, String(recoveriesKilled));
  });
});
