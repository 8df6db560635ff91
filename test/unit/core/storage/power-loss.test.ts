/** P2 and P3 on a simulated disk. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { explore, type Play } from '../../../fixtures/power-loss';
import { allImages, furnish, prepareAndPublish, statesOf, targetNames } from '../../../fixtures/publication';
import type { SimulatedDisk } from '../../../fixtures/simulated-disk';

/** A target may only differ from what was read if the copy of what was read is safe. */
async function missingCopies(disk: SimulatedDisk, workspace: string): Promise<readonly string[]> {
  const all = await allImages();
  const states = await statesOf(disk, workspace);
  const bad: string[] = [];
  for (const [index, name] of targetNames.entries()) {
    if (states[index] === 'old') continue;
    try {
      const copy = await disk.read(join(workspace, 'data/backups/20260126_130239', name));
      if (Buffer.from(copy).equals(all[name].before)) continue;
      bad.push(`the copy of ${name} is torn`);
    } catch {
      bad.push(`the copy of ${name} is gone, the file is ${states[index]}`);
    }
  }
  return bad;
}

const play: Play = { furnish, run: prepareAndPublish, statesOf, missingCopies };

describe('power loss', function () {
  this.timeout(120_000);

  it('P2, P3: whatever subset of unsynced writes is lost, and however often, all targets are old or all are new', async () => {
    const { bad, ended, starts } = await explore(play, {});
    assert.deepEqual([...new Set(bad)], []);
    assert.ok((ended['old'] ?? 0) > 10 && (ended['new'] ?? 0) > 5, JSON.stringify({ ended, starts }));
  });

  for (const [what, folder] of [
    ["a target's folder", /twitter$/],
    ["the run's folder", /_130239$/],
    ['the folder of all runs', /backups$/],
    ['a folder on the way to a copy', /_130239\/bots$/],
  ] as const) {
    it(`P2: the simulation notices a disk that does not force ${what}`, async () => {
      assert.notEqual((await explore(play, { folderSync: folder })).bad.length, 0);
    });
  }

  it('P2: the simulation notices a disk that does not force files', async () => {
    assert.notEqual((await explore(play, { fileSync: true })).bad.length, 0);
  });
});
