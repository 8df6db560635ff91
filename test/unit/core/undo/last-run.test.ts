/** Where the backup of the last run was deleted by hand, the ledger still knows that it was the last. */
import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { UndoReport } from '../../../../src/core/undo/report';
import { hashTree, pick } from '../../../support/folders';
import { edit } from '../../../support/sqlite';
import { handlers, pathsOf, run, silent, withMigrated, withSample } from '../../../support/workspace';

async function rollBack(workspace: string, id: string | null = null, dryRun = false): Promise<UndoReport> {
  const params = { workspace, dataFolder: 'data', run: id, dryRun, applicationStopped: true };
  return (await handlers['undo.rollBack'](params, silent)).report;
}

const backupOf = (workspace: string, id: string): string => join(workspace, 'data', 'backups', id);

const isFile = (path: string): boolean => !path.endsWith('.lock');

describe('the last run', function () {
  this.timeout(60_000);

  it('P16: whose backup is gone is named, and the run before it is left alone unless it is named', () =>
    withSample(async (workspace) => {
      const first = await run(workspace, 'migrate', ['cache']);
      const second = await run(workspace);
      await rm(backupOf(workspace, second.run), { recursive: true });
      const before = await hashTree(workspace);
      for (const dryRun of [true, false]) {
        const { outcome, error, backup } = await rollBack(workspace, null, dryRun);
        assert.deepEqual([outcome, error?.code, backup], ['refused', 'backup-damaged', null]);
        assert.equal(error?.path, `data/backups/${second.run}`);
        assert.match(error.message, new RegExp(`run ${second.run}, which data/jarvis_analytics\\.db has rows of`));
        assert.match(error.hint ?? '', new RegExp(`jarvis-db rollback ${first.run}$`));
      }
      assert.deepEqual(pick(await hashTree(workspace), isFile), before);
      const named = await rollBack(workspace, first.run);
      assert.deepEqual([named.outcome, named.error], ['committed', null]);
    }));

  it('P16: is named where no backup is left at all, or the folder lost its manifest', () =>
    withMigrated(async (workspace) => {
      const id = (await rollBack(workspace, null, true)).rolledBack ?? '';
      await rm(join(backupOf(workspace, id), 'manifest.json'));
      const damaged = await rollBack(workspace);
      assert.match(damaged.error?.message ?? '', new RegExp(`${id} has no manifest\\.json\\.$`));
      await rm(join(workspace, 'data', 'backups'), { recursive: true });
      for (const named of [null, id]) {
        const { error, rolledBack } = await rollBack(workspace, named);
        assert.deepEqual([error?.code, rolledBack], ['backup-damaged', null]);
        assert.match(error?.message ?? '', new RegExp(`${id} is not there\\.$`));
      }
      assert.equal((await rollBack(workspace, '20000101_000000')).error?.code, 'run-unknown');
    }));

  it('is the one before where that one was rolled back, though rows of it stay and its backup is gone', () =>
    withSample(async (workspace) => {
      const { target } = pathsOf(workspace);
      const first = await run(workspace, 'migrate', ['cache']);
      const second = await run(workspace);
      await edit(target, `UPDATE llm_costs SET model = 'corrected' WHERE id = (SELECT max(id) FROM legacy_llm_usage)`);
      const rollback = await rollBack(workspace);
      assert.deepEqual([rollback.rolledBack, rollback.targets[0]?.keptCount], [second.run, 1]);
      await rm(backupOf(workspace, second.run), { recursive: true });
      assert.equal((await rollBack(workspace, null, true)).rolledBack, first.run);
    }));

  it('is rolled back though a database of another domain cannot be read, which is told', () =>
    withMigrated(async (workspace) => {
      await writeFile(join(workspace, 'data', 'jarvis_core.db'), 'no database');
      const { outcome, error, warnings } = await rollBack(workspace);
      assert.deepEqual([outcome, error], ['committed', null]);
      const told = warnings.filter(({ code }) => code === 'ledger-unread').map(({ message }) => message);
      assert.equal(told.length, 1);
      assert.match(told[0] ?? '', /^Which runs data\/jarvis_core\.db has rows of is not known: /);
    }));
});
