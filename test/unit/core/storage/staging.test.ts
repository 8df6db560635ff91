import assert from 'node:assert/strict';
import { stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { nodeFileStore } from '../../../../src/core/storage/node-file-store';
import { publish } from '../../../../src/core/storage/publish';
import { removeOrphanedStages } from '../../../../src/core/storage/recover';
import { stageName, Staging } from '../../../../src/core/storage/staging';
import { FaultyFileStore, type Script } from '../../../fixtures/faulty-file-store';
import { furnish, portsOf, prepare, stagesOf, statesOf, type Prepared } from '../../../fixtures/publication';
import { refusal } from '../../../fixtures/refusals';
import { hashTree, withTemporaryFolder } from '../../../fixtures/temporary-folder';

interface Scene {
  readonly workspace: string;
  readonly prepared: Prepared;
  readonly files: FaultyFileStore;
  readonly staging: Staging;
}

/** Two databases whose successors begin to be staged before the publication. */
async function withStaging(script: Script, body: (scene: Scene) => Promise<void>): Promise<void> {
  await withTemporaryFolder(async (workspace) => {
    await furnish(nodeFileStore, workspace);
    const prepared = await prepare(nodeFileStore, workspace);
    const files = new FaultyFileStore(nodeFileStore, script);
    await body({ workspace, prepared, files, staging: new Staging(files, prepared.run) });
  });
}

const proceed: Script = () => undefined;

describe('staging ahead of the publication', () => {
  it('writes each successor once, and the publication takes it', async () => {
    await withStaging(proceed, async ({ workspace, prepared: { request }, files, staging }) => {
      const [first] = request.successors;
      assert.ok(first !== undefined);
      staging.begin(first);
      assert.deepEqual(
        request.successors.map((successor) => staging.hasBegun(successor)),
        [true, false],
      );
      await publish(portsOf(files), { ...request, staging });
      const written = files.calls.filter(({ method, path }) => method === 'writeNew' && path.endsWith('.stage'));
      assert.equal(written.length, request.successors.length);
      assert.deepEqual(await statesOf(nodeFileStore, workspace), ['new', 'new']);
    });
  });

  it('leaves nothing where the successor turns out not to be published, even while it is being written', async () => {
    await withStaging(proceed, async ({ workspace, prepared: { request }, staging }) => {
      const before = await hashTree(workspace);
      for (const successor of request.successors) staging.begin(successor);
      await staging.discard();
      assert.deepEqual(await hashTree(workspace), before);
    });
  });

  it('P2: a full disk is told when the successor is needed, and no stage stays', async () => {
    const full: Script = ({ method, number }) =>
      method === 'writeNew' && number === 2 ? { kind: 'cut', code: 'ENOSPC' } : undefined;
    await withStaging(full, async ({ workspace, prepared: { request }, files, staging }) => {
      const before = await hashTree(workspace);
      for (const successor of request.successors) staging.begin(successor);
      const error = await refusal(() => publish(portsOf(files), { ...request, staging }), 'no-space');
      assert.match(error.message, /No database was changed/);
      assert.deepEqual(await hashTree(workspace), before);
    });
  });

  it('never removes a file that was there before', async () => {
    await withStaging(proceed, async ({ prepared: { request, run }, files, staging }) => {
      const [first] = request.successors;
      assert.ok(first !== undefined && 'snapshot' in first);
      const taken = join(dirname(first.snapshot.path), stageName(first.snapshot.path, run));
      await writeFile(taken, 'mine');
      staging.begin(first);
      await refusal(() => publish(portsOf(files), { ...request, staging }), 'publish-failed');
      assert.equal((await stat(taken)).size, 4);
    });
  });

  it('what a killed process had staged is an orphan that the next run removes', async () => {
    await withStaging(proceed, async ({ workspace, prepared: { request }, staging }) => {
      await staging.complete(request.successors);
      assert.equal((await stagesOf(nodeFileStore, workspace)).length, 2);
      const paths = request.read.map(({ path }) => path);
      assert.equal((await removeOrphanedStages(nodeFileStore, paths)).length, 2);
      assert.deepEqual(await stagesOf(nodeFileStore, workspace), []);
      assert.deepEqual(await statesOf(nodeFileStore, workspace), ['old', 'old']);
    });
  });
});
