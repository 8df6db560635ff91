/** What can still be done with a report: told from the run's folder, whatever somebody wrote into it. */
import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ReportStanding } from '../../../../src/core/undo/report-standing';
import { edit } from '../../../support/sqlite';
import { handlers, pathsOf, run, silent, withMigrated } from '../../../support/workspace';

const standingOf = (workspace: string, id: string): Promise<ReportStanding | null> =>
  handlers['report.standing']({ workspace, dataFolder: 'data', run: id }, silent);

const latest = async (workspace: string): Promise<string> => {
  const report = await handlers['report.latest']({ workspace, dataFolder: 'data' }, silent);
  return report?.run ?? assert.fail('no report');
};

describe('the standing of a report', function () {
  this.timeout(30_000);

  it('can be rolled back until it was, and then no more', () =>
    withMigrated(async (workspace) => {
      const id = await latest(workspace);
      assert.deepEqual(await standingOf(workspace, id), {
        canRollBack: true,
        domains: ['analytics'],
        mismatches: [],
        rejects: null,
      });
      await handlers['undo.rollBack'](
        { workspace, dataFolder: 'data', dryRun: false, applicationStopped: true, run: id },
        silent,
      );
      assert.equal((await standingOf(workspace, id))?.canRollBack, false);
      // The rollback is a run itself, and none that can be taken back so.
      const undone = await latest(workspace);
      assert.notEqual(undone, id);
      assert.equal((await standingOf(workspace, undone))?.canRollBack, false);
    }));

  it('lists the cells of conflicts, and cannot roll back what published nothing', () =>
    withMigrated(async (workspace) => {
      await run(workspace, 'backupOnly');
      assert.equal((await standingOf(workspace, await latest(workspace)))?.canRollBack, false);
      const { llm } = pathsOf(workspace);
      await edit(llm, "UPDATE llm_usage SET model = 'changed' WHERE id = 2");
      const columns =
        'provider, model, input_tokens, output_tokens, cost_usd, timestamp, success, latency_ms, created_at';
      await edit(llm, `INSERT INTO llm_usage (${columns}) SELECT ${columns} FROM llm_usage LIMIT 1`);
      const { outcome } = await run(workspace);
      assert.equal(outcome, 'committed');
      const standing = await standingOf(workspace, await latest(workspace));
      assert.equal(standing?.canRollBack, true);
      assert.deepEqual(
        standing.mismatches.map(({ table, tier, column, legacy }) => [table, tier, column, legacy]),
        [['llm_usage', 'conflict', 'model', "'changed'"]],
      );
    }));

  it('X1: knows the runs of the backups, and no other folder', () =>
    withMigrated(async (workspace) => {
      for (const id of ['20010101_000000', '..', '../..', '.', ''])
        assert.equal(await standingOf(workspace, id), null, id);
    }));

  it('X2: takes nothing from a report that no run has written', () =>
    withMigrated(async (workspace) => {
      const id = await latest(workspace);
      const file = join(workspace, 'data', 'backups', id, 'report.json');
      const cell = { database: 'd', table: 't', tier: 'cells', key: '1', column: 'c', legacy: '1', consolidated: '2' };
      await writeFile(
        file,
        JSON.stringify({ steps: [{ domain: 'core' }, 'x'], mismatches: [cell, { key: {} }, null] }),
      );
      const standing = await standingOf(workspace, id);
      assert.deepEqual([standing?.domains, standing?.mismatches], [['core'], [cell]]);
      for (const text of ['{', 'null', '[]', '{"steps":1,"mismatches":"x"}', '']) {
        await writeFile(file, text);
        assert.deepEqual((await standingOf(workspace, id))?.mismatches, [], text);
      }
      await rm(file);
      assert.equal((await standingOf(workspace, id))?.canRollBack, true);
    }));
});
