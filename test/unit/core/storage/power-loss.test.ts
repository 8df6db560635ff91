/**
 * P2 and P3 on a simulated disk: the run is ended before each of its steps, by a kill or by a power failure with every
 * subset of what was not forced to disk; then the next start is ended before each of its steps, and so on until no new
 * state of the disk turns up.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { findPendingPublications } from '../../../../src/core/storage/recover';
import { Crash } from '../../../fixtures/faulty-file-store';
import {
  allImages,
  furnish,
  prepareAndPublish,
  recover,
  stagesOf,
  statesOf,
  targetNames,
} from '../../../fixtures/publication';
import { SimulatedDisk, type Lies } from '../../../fixtures/simulated-disk';

const workspace = '/workspace';

interface Findings {
  /** Different states of the disk from which a start was tried. */
  starts: number;
  /** In how many of them all targets ended old, or new. */
  readonly ended: Record<string, number>;
  readonly bad: string[];
}

/** Explores until all is seen or, where the disk lies, until the first bad end. */
async function explore(lies: Lies): Promise<Findings> {
  const initial = new SimulatedDisk(lies);
  await furnish(initial, workspace);
  initial.settle();
  const findings: Findings = { starts: 0, ended: {}, bad: [] };
  const seen = new Set<string>();
  const queue: SimulatedDisk[] = [];

  /** Runs the action on copies of a disk that end before step 1, 2, … and queues what is left each time. */
  const endEverywhere = async (from: SimulatedDisk, action: (disk: SimulatedDisk) => Promise<void>): Promise<void> => {
    for (let step = 1; ; step++) {
      const disk = from.clone();
      disk.endBeforeStep(step);
      let finished = false;
      try {
        await action(disk);
        finished = true;
      } catch (error) {
        // The code under test may wrap the end in an error of its own; what counts is the disk.
        if (!(error instanceof Crash) && !(error instanceof Error && error.cause instanceof Crash)) {
          findings.bad.push(`step ${step}: ${String(error)}`);
          return;
        }
      }
      for (const left of [disk.clone(), ...disk.survivors()]) {
        const fingerprint = left.fingerprint();
        if (seen.has(fingerprint)) continue;
        seen.add(fingerprint);
        queue.push(left);
      }
      if (finished) return;
    }
  };

  await endEverywhere(initial, (disk) => prepareAndPublish(disk, workspace));
  const isHonest = Object.keys(lies).length === 0;
  for (let disk = queue.pop(); disk !== undefined; disk = queue.pop()) {
    // Bad ends multiply; a few say enough.
    if (findings.bad.length > (isHonest ? 20 : 0)) break;
    findings.starts++;
    findings.bad.push(...(await missingCopies(disk)));
    await endEverywhere(disk, (copy) => recover(copy, workspace));
    const recovered = disk.clone();
    try {
      await recover(recovered, workspace);
    } catch (error) {
      findings.bad.push(String(error));
      continue;
    }
    const states = await statesOf(recovered, workspace);
    const end = [...new Set(states)].join(' and ');
    findings.ended[end] = (findings.ended[end] ?? 0) + 1;
    if (end !== 'old' && end !== 'new') findings.bad.push(`targets are ${states.join(', ')}`);
    const stages = await stagesOf(recovered, workspace);
    if (stages.length > 0) findings.bad.push(`stages stay: ${stages.join(', ')}`);
    const pending = await findPendingPublications(recovered, join(workspace, 'data'));
    if (pending.length > 0) findings.bad.push('a publication is still pending');
  }
  return findings;
}

/** A target may only differ from what was read if the copy of what was read is safe. */
async function missingCopies(disk: SimulatedDisk): Promise<readonly string[]> {
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

describe('power loss', function () {
  this.timeout(120_000);

  it('P2, P3: whatever subset of unsynced writes is lost, and however often, all targets are old or all are new', async () => {
    const { bad, ended, starts } = await explore({});
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
      assert.notEqual((await explore({ folderSync: folder })).bad.length, 0);
    });
  }

  it('P2: the simulation notices a disk that does not force files', async () => {
    assert.notEqual((await explore({ fileSync: true })).bad.length, 0);
  });
});
