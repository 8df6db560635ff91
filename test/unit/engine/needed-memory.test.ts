/** B7, B8: whoever loads whole databases knows before the first read whether they fit the memory together. */
import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { CoreError, type CoreErrorData } from '../../../src/core/errors';
import { createHandlers } from '../../../src/engine/handlers';
import { machinePorts } from '../../../src/engine/machine';
import type { EngineHandlers } from '../../../src/engine/server';
import { FaultyFileStore } from '../../fixtures/faulty-file-store';
import { hashTree } from '../../support/folders';
import { edit } from '../../support/sqlite';
import { pathsOf, silent, wasmPath, withMigrated } from '../../support/workspace';

interface Asked {
  readonly handlers: EngineHandlers;
  readonly workspace: string;
  readonly openAnyway: boolean;
}

/** Each request that loads whole files, and which of them its refusal speaks of. */
const requests: readonly (readonly [string, (asked: Asked) => Promise<unknown>, RegExp])[] = [
  [
    'archiving, looking first',
    ({ handlers, workspace, openAnyway }) =>
      handlers['archive.plan']({ workspace, dataFolder: 'data', openAnyway }, silent),
    /^The \d databases of this run have /,
  ],
  [
    'archiving',
    ({ handlers, workspace, openAnyway }) =>
      handlers['archive.run']({ workspace, dataFolder: 'data', applicationStopped: true, openAnyway }, silent),
    /^The \d databases of this run have /,
  ],
  [
    'comparing two databases',
    ({ handlers, workspace, openAnyway }) => {
      const [left, right] = [pathsOf(workspace).llm, pathsOf(workspace).metrics];
      const files = { left: { path: left, database: 'left' }, right: { path: right, database: 'right' } };
      return handlers['compare.databases']({ ...files, openAnyway }, silent);
    },
    /^The 2 databases that are compared have /,
  ],
  [
    'comparing a row',
    ({ handlers, workspace, openAnyway }) => {
      const row = { database: pathsOf(workspace).llm, table: 'llm_usage', key: '1' };
      return handlers['compare.row']({ workspace, dataFolder: 'data', ...row, openAnyway }, silent);
    },
    /^The \d databases of this run have /,
  ],
  [
    'a viewer',
    ({ handlers, workspace, openAnyway }) => {
      const database = { path: pathsOf(workspace).llm, database: 'llm_costs.db', viewer: 'v' };
      return handlers['browse.tables']({ ...database, openAnyway }, silent);
    },
    /^llm_costs\.db has .* MB: about .* MB of memory are needed, and 0 MB are free\.$/,
  ],
  [
    'a query',
    ({ handlers, workspace, openAnyway }) => {
      const database = { path: pathsOf(workspace).llm, database: 'llm_costs.db', viewer: 'v' };
      return handlers['query.run']({ ...database, sql: 'SELECT 1', explain: false, openAnyway }, silent);
    },
    /^llm_costs\.db has /,
  ],
  [
    'rolling back',
    async ({ handlers, workspace, openAnyway }) => {
      const params = { workspace, dataFolder: 'data', run: null, dryRun: true, applicationStopped: true, openAnyway };
      const { report } = await handlers['undo.rollBack'](params, silent);
      if (report.error !== null) throw CoreError.fromData(report.error);
    },
    /^The 2 databases of this run, with their copies, have .* The largest: (the copy of )?data\/jarvis_analytics\.db/,
  ],
  [
    'restoring a backup',
    async ({ handlers, workspace, openAnyway }) => {
      const { backups } = await handlers['backups.list']({ workspace, dataFolder: 'data', verify: false }, silent);
      const params = { workspace, dataFolder: 'data', file: null, dryRun: true, applicationStopped: true, openAnyway };
      const { report } = await handlers['backups.restore']({ ...params, run: backups[0]?.run ?? '' }, silent);
      if (report.error !== null) throw CoreError.fromData(report.error);
    },
    /^The \d databases of this run, with their copies, have /,
  ],
];

const isDatabase = (path: string): boolean => /\.db(-wal|-journal)?$/.test(path);

describe('the memory that a request needs', function () {
  this.timeout(60_000);

  for (const [what, ask, message] of requests) {
    it(`B7: ${what}: refused before a database is read; opened anyway, it goes on`, () =>
      withMigrated(async (workspace) => {
        const stood = await hashTree(workspace);
        const machine = machinePorts(wasmPath);
        const files = new FaultyFileStore(machine.files);
        const handlers = createHandlers({ ...machine, files, availableMemory: () => 0 });
        const error = await ask({ handlers, workspace, openAnyway: false }).then(
          () => null,
          (thrown: unknown) => thrown,
        );
        assert.ok(error instanceof CoreError && error.code === 'needs-memory', String(error));
        assert.match(error.message, message);
        assert.match(error.hint ?? '', /^Close other programs, or open (it|them) anyway .*--open-anyway/);
        const read = files.calls.filter(({ method, path }) => /^read|^hash/.test(method) && isDatabase(path));
        assert.deepEqual(read, []);
        assert.deepEqual(await hashTree(workspace), stood);
        await ask({ handlers, workspace, openAnyway: true });
      }));
  }

  it('B7: the tree shows a database that does not fit as what it is', () =>
    withMigrated(async (workspace) => {
      const handlers = createHandlers({ ...machinePorts(wasmPath), availableMemory: () => 0 });
      const error = (await handlers['catalogue.describe'](
        { workspace, dataFolder: join(workspace, 'data'), database: 'data/llm_costs.db' },
        silent,
      ).catch((thrown: unknown) => thrown)) as CoreErrorData;
      assert.equal(error.code, 'needs-memory');
    }));

  it('B7: what a rollback has to compute once more is weighed before it is read', () =>
    withMigrated(async (workspace) => {
      const machine = machinePorts(wasmPath);
      let looks = 0;
      const handlers = createHandlers({ ...machine, availableMemory: () => (looks++ === 0 ? Infinity : 0) });
      const { target } = pathsOf(workspace);
      await edit(target, `INSERT INTO llm_costs (provider, model) VALUES ('since', 'since')`);
      const [run = null] = await readdir(join(workspace, 'data', 'backups'));
      // By its name: without one, the ledgers are asked first, and weighed as well.
      const params = { workspace, dataFolder: 'data', run, dryRun: true, applicationStopped: true };
      const refused = await handlers['undo.rollBack'](params, silent);
      assert.equal(refused.report.error?.code, 'needs-memory');
      assert.match(refused.report.error.message, /^The \d databases in the backup of run \d{8}_\d{6} have /);
    }));
});
