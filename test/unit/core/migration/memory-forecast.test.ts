/** B7, B8: what a run needs is known before a file is read, by the sizes of all of them together. */
import assert from 'node:assert/strict';
import { truncate, writeFile } from 'node:fs/promises';
import { availableMemory } from '../../../../src/core/storage/node-memory';
import { createHandlers } from '../../../../src/engine/handlers';
import { machinePorts } from '../../../../src/engine/machine';
import type { RunParams } from '../../../../src/engine/protocol';
import type { RunReport } from '../../../../src/core/report/model';
import { FaultyFileStore } from '../../../fixtures/faulty-file-store';
import { hashTree } from '../../../support/folders';
import { pathsOf, silent, wasmPath, withSample } from '../../../support/workspace';

const megabyte = 1e6;

describe('the memory that a run needs', function () {
  this.timeout(60_000);

  const ask = async (
    workspace: string,
    available: number,
    params: Partial<RunParams> = {},
  ): Promise<{ readonly report: RunReport; readonly files: FaultyFileStore }> => {
    const machine = machinePorts(wasmPath);
    const files = new FaultyFileStore(machine.files);
    const { 'migration.run': run } = createHandlers({ ...machine, files, availableMemory: () => available });
    const place = { workspace, dataFolder: 'data', domains: ['analytics'], applicationStopped: true } as const;
    const { report } = await run({ ...place, mode: 'dryRun', ...params }, silent);
    return { report, files };
  };
  /** 5 MB of databases, of which a log that nobody can apply is the largest part. */
  const grown = (body: (workspace: string) => Promise<void>): Promise<void> =>
    withSample(async (workspace) => {
      const { llm, metrics } = pathsOf(workspace);
      await writeFile(`${metrics}-wal`, '');
      await truncate(`${metrics}-wal`, 4 * megabyte);
      await writeFile(`${llm}-journal`, '');
      await truncate(`${llm}-journal`, megabyte);
      await body(workspace);
    });

  it('B7: more than there is: refused by the sizes of all files and their sidecars, before one is read', () =>
    grown(async (workspace) => {
      const stood = await hashTree(workspace);
      const { report, files } = await ask(workspace, 15 * megabyte);
      assert.deepEqual([report.outcome, report.error?.code], ['refused', 'needs-memory']);
      assert.equal(report.error?.path, 'data/metrics.db');
      assert.match(
        report.error.message,
        /^The 4 databases of this run have 5\.\d MB: about 18 MB of memory are needed, and 15 MB are free\./,
      );
      assert.match(report.error.message, /The largest: data\/metrics\.db \(4(\.\d)? MB\), data\/llm_costs\.db \(1/);
      assert.match(report.error.hint ?? '', /^Close other programs, or open them anyway .*--open-anyway/);
      assert.ok(!files.calls.some(({ method }) => /^(read|readImage|readHead|hash)$/.test(method)));
      assert.deepEqual(await hashTree(workspace), stood);
    }));

  it('B7: as much as there is, or opened anyway: the run goes on', () =>
    grown(async (workspace) => {
      for (const { report } of [
        await ask(workspace, 20 * megabyte),
        await ask(workspace, 15 * megabyte, { openAnyway: true }),
        await ask(workspace, 12 * megabyte, { mode: 'validate' }),
      ])
        assert.notEqual(report.error?.code, 'needs-memory');
    }));

  it('B7: several domains need not go in one run', () =>
    grown(async (workspace) => {
      const { report } = await ask(workspace, 0, { domains: ['analytics', 'cache'] });
      assert.match(report.error?.hint ?? '', /^Take one domain at a time, close other programs/);
    }));

  it('this machine tells what it has left', () => {
    assert.ok(availableMemory() > 0);
  });
});
