/** A rollback that was itself taken back, by restoring its backup or that of anything later, can be made again. */
import assert from 'node:assert/strict';
import type { BackupState } from '../../../../src/core/undo/backup-list';
import type { UndoReport } from '../../../../src/core/undo/report';
import { hashTree, pick } from '../../../support/folders';
import { cell, edit } from '../../../support/sqlite';
import { handlers, pathsOf, run, silent, withSample } from '../../../support/workspace';

async function rollBack(workspace: string, id: string | null = null, dryRun = false): Promise<UndoReport> {
  const params = { workspace, dataFolder: 'data', run: id, dryRun, applicationStopped: true };
  return (await handlers['undo.rollBack'](params, silent)).report;
}

async function restore(workspace: string, id: string, file: string | null = null): Promise<UndoReport> {
  const params = { workspace, dataFolder: 'data', run: id, file, dryRun: false, applicationStopped: true };
  const { report } = await handlers['backups.restore'](params, silent);
  assert.deepEqual([report.outcome, report.error], ['committed', null]);
  return report;
}

async function stateOf(workspace: string, id: string): Promise<BackupState | undefined> {
  const params = { workspace, dataFolder: 'data', verify: false };
  const { backups } = await handlers['backups.list'](params, silent);
  return backups.find((backup) => backup.run === id)?.state;
}

async function standing(workspace: string, id: string): Promise<boolean | undefined> {
  const params = { workspace, dataFolder: 'data', run: id };
  return (await handlers['report.standing'](params, silent))?.canRollBack;
}

const outsideBackups = (path: string): boolean => !path.startsWith('data/backups/');

async function filesOf(workspace: string): Promise<Readonly<Record<string, string>>> {
  return pick(await hashTree(workspace), outsideBackups);
}

describe('a rollback that was taken back', function () {
  this.timeout(60_000);

  it('is made again, by name or without one, and so often as it is taken back', () =>
    withSample(async (workspace) => {
      const before = await filesOf(workspace);
      const { run: id } = await run(workspace, 'migrate', ['analytics', 'cache']);
      const migrated = await filesOf(workspace);
      for (const named of [null, id]) {
        const rollback = await rollBack(workspace, named);
        assert.deepEqual([rollback.outcome, rollback.rolledBack], ['committed', id]);
        assert.deepEqual(await filesOf(workspace), before);
        assert.deepEqual([await stateOf(workspace, id), await standing(workspace, id)], ['rolledBack', false]);
        await restore(workspace, rollback.run);
        assert.deepEqual(await filesOf(workspace), migrated);
        assert.deepEqual([await stateOf(workspace, id), await standing(workspace, id)], ['published', true]);
      }
      assert.equal((await rollBack(workspace)).rolledBack, id);
      assert.deepEqual(await filesOf(workspace), before);
    }));

  it('is made again where the backup of something later brought the run back', () =>
    withSample(async (workspace) => {
      const { target, llm } = pathsOf(workspace);
      const first = await run(workspace);
      await edit(
        llm,
        `INSERT INTO llm_usage (provider, model, input_tokens, output_tokens, cost_usd, timestamp, success, latency_ms, created_at) SELECT provider, model, 1, 2, 0.25, timestamp, success, latency_ms, created_at FROM llm_usage LIMIT 2`,
      );
      const second = await run(workspace);
      await rollBack(workspace, first.run);
      assert.equal(await stateOf(workspace, first.run), 'rolledBack');
      // What was there before the second run had the first in it.
      await restore(workspace, second.run, 'data/jarvis_analytics.db');
      assert.equal(await stateOf(workspace, first.run), 'published');
      const again = await rollBack(workspace, first.run);
      assert.deepEqual([again.outcome, again.error], ['committed', null]);
      assert.equal(
        await cell(target, "SELECT count(*) FROM sqlite_schema WHERE name IN ('legacy_llm_usage', 'budget_alerts')"),
        0,
      );
    }));

  it('is no more to be made where that restore was taken back in turn', () =>
    withSample(async (workspace) => {
      const { run: id } = await run(workspace);
      const rollback = await rollBack(workspace);
      const restored = await restore(workspace, rollback.run);
      await restore(workspace, restored.run);
      assert.deepEqual([await stateOf(workspace, id), await standing(workspace, id)], ['rolledBack', false]);
      const named = await rollBack(workspace, id);
      assert.equal(named.error?.code, 'not-reversible');
      assert.match(named.error.message, new RegExp(`by run ${rollback.run}`));
      assert.equal((await rollBack(workspace)).rolledBack, null);
    }));

  it('stays made where the restored backup is that of the run, or of one before it', () =>
    withSample(async (workspace) => {
      const { target } = pathsOf(workspace);
      const first = await run(workspace, 'migrate', ['cache']);
      const { run: id } = await run(workspace);
      await rollBack(workspace);
      await edit(target, 'CREATE TABLE later (x)');
      await restore(workspace, id, 'data/jarvis_analytics.db');
      assert.equal(await stateOf(workspace, id), 'rolledBack');
      assert.equal((await rollBack(workspace, null, true)).rolledBack, first.run);
    }));
});
