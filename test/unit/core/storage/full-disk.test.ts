/** P7 at what a run writes beside copies and stages: each file that fails has its code, and none is published without it. */
import assert from 'node:assert/strict';
import type { RunParams } from '../../../../src/engine/protocol';
import { createHandlers } from '../../../../src/engine/handlers';
import { machinePorts } from '../../../../src/engine/machine';
import { FaultyFileStore } from '../../../fixtures/faulty-file-store';
import { hashTree, pick } from '../../../support/folders';
import { edit } from '../../../support/sqlite';
import { pathsOf, silent, wasmPath, withSample } from '../../../support/workspace';

describe('a disk that is full at a file of the run', function () {
  this.timeout(60_000);

  for (const [name, mode] of [
    ['request.json', 'migrate'],
    ['rejects.db', 'migrate'],
    ['manifest.json.new', 'backupOnly'],
  ] as const) {
    for (const [fault, code] of [
      ['ENOSPC', 'no-space'],
      ['EIO', 'backup-failed'],
    ] as const) {
      it(`P7, P8: ${fault} at ${name}: ${code}, nothing published, no stage left`, () =>
        withSample(async (workspace) => {
          // A second row of the same key is one that the target refuses.
          await edit(pathsOf(workspace).target, 'CREATE UNIQUE INDEX one_per_model ON llm_costs (model)');
          const stood = await hashTree(workspace);
          const machine = machinePorts(wasmPath);
          const files = new FaultyFileStore(machine.files, ({ method, path }) =>
            method === 'writeNew' && path.endsWith(name) ? { kind: 'fail', code: fault } : undefined,
          );
          const { 'migration.run': run } = createHandlers({ ...machine, files });
          const params: RunParams = {
            workspace,
            dataFolder: 'data',
            domains: ['analytics'],
            applicationStopped: true,
            mode,
            rejects: 'collect',
          };
          const { report } = await run(params, silent);
          assert.deepEqual([report.outcome, report.error?.code], ['refused', code], report.error?.message);
          assert.match(
            report.error?.message ?? '',
            new RegExp(`^${name.replace('.new', '')} of run .* cannot be written`),
          );
          assert.match(report.error?.hint ?? '', fault === 'ENOSPC' ? /^Free some space/ : /^Check the disk/);
          const left = pick(await hashTree(workspace), (path) => !path.startsWith('data/backups/'));
          assert.deepEqual(left, stood);
        }));
    }
  }
});
