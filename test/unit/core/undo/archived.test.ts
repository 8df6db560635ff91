/** Rolling back a run whose legacy databases were archived since: the report says where they are, and the way back. */
import assert from 'node:assert/strict';
import { copyFile, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { UndoReport } from '../../../../src/core/undo/report';
import { cell, edit } from '../../../support/sqlite';
import { handlers, pathsOf, run, silent, withMigrated } from '../../../support/workspace';

async function rollBack(workspace: string, dryRun = false): Promise<UndoReport> {
  const params = { workspace, dataFolder: 'data', run: null, dryRun, applicationStopped: true };
  return (await handlers['undo.rollBack'](params, silent)).report;
}

/** A migrated workspace whose analytics databases are archived, and the name of the archive. */
function withArchived(body: (workspace: string, archive: string) => Promise<void>): Promise<void> {
  return withMigrated(async (workspace) => {
    const params = { workspace, dataFolder: 'data', applicationStopped: true };
    const { archive } = await handlers['archive.run'](params, silent);
    await body(workspace, basename(archive ?? ''));
  });
}

describe('rolling back what was archived', function () {
  this.timeout(60_000);

  for (const [how, change] of [
    ['restored', null],
    ['rowsRemoved', `INSERT INTO llm_costs (provider, model, cost_usd) VALUES ('app', 'since', 0.5)`],
  ] as const) {
    it(`names the archive and how it is restored where the target is ${how}, and a migration brings all of it again`, () =>
      withArchived(async (workspace, archive) => {
        const { target } = pathsOf(workspace);
        if (change !== null) await edit(target, change);
        const rows = await cell(target, 'SELECT count(*) FROM legacy_llm_usage');
        for (const dryRun of [true, false]) {
          const { error, targets, warnings } = await rollBack(workspace, dryRun);
          assert.deepEqual([error, targets[0]?.how], [null, how]);
          const told = warnings.filter(({ code }) => code === 'legacy-archived').map(({ message }) => message);
          assert.equal(told.length, 1);
          assert.match(told[0] ?? '', /data\/llm_costs\.db, data\/metrics\.db/);
          assert.ok(told[0]?.endsWith(`: jarvis-db restore ${archive}`));
        }
        await handlers['archive.restore']({ workspace, dataFolder: 'data', archive }, silent);
        assert.equal((await run(workspace)).outcome, 'committed');
        assert.equal(await cell(target, 'SELECT count(*) FROM legacy_llm_usage'), rows);
        const again = await rollBack(workspace);
        assert.deepEqual(
          again.warnings.filter(({ code }) => code === 'legacy-archived'),
          [],
        );
      }));
  }

  it('P16: names the archived file that holds what a copy has lost, and the rollback succeeds with it', () =>
    withArchived(async (workspace, archive) => {
      const id = (await rollBack(workspace, true)).rolledBack ?? '';
      const copy = join(workspace, 'data', 'backups', id, 'data', 'llm_costs.db');
      const archived = join(workspace, 'data', 'archive', archive, 'data', 'llm_costs.db');
      for (const spoil of [() => writeFile(copy, 'altered'), () => rm(copy)]) {
        await spoil();
        const { error } = await rollBack(workspace);
        assert.equal(error?.code, 'backup-damaged');
        assert.ok(error.hint?.includes(`The archive ${archive} holds the same bytes: copy ${archived} to ${copy}`));
      }
      await copyFile(archived, copy);
      assert.deepEqual((await rollBack(workspace)).error, null);
    }));

  it('P16: names no archived file that is not what the copy was', () =>
    withArchived(async (workspace, archive) => {
      const id = (await rollBack(workspace, true)).rolledBack ?? '';
      await rm(join(workspace, 'data', 'backups', id, 'data', 'llm_costs.db'));
      await writeFile(join(workspace, 'data', 'archive', archive, 'data', 'llm_costs.db'), 'altered');
      const { error } = await rollBack(workspace);
      assert.match(error?.hint ?? '', /Look for an intact copy/);
    }));
});
