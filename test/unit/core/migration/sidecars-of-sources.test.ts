/** Legacy databases whose newest rows are in a log, or whose last transaction was cut off: migrated whole, left alone. */
import assert from 'node:assert/strict';
import { appendFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { handlers, pathsOf, run, silent, stepOf, withSample } from '../../../support/workspace';
import { hashTree, pick } from '../../../support/folders';
import { hasPython } from '../../../support/python';
import { python } from '../../../support/sidecars';
import { cell, column } from '../../../support/sqlite';
import { formatInventory } from '../../../../src/cli/format-inventory';
import { collectInventory } from '../../../../src/cli/inventory';
import { nodeFileStore } from '../../../../src/core/storage/node-file-store';
import { readSnapshot } from '../../../../src/core/storage/snapshot';
import { confirmedBy } from '../../../../src/shell/run-summary';

const place = { dataFolder: 'data', domains: ['analytics'], applicationStopped: true } as const;
const isOfSource = (name: string): boolean => /^data\/(llm_costs|metrics)\.db/.test(name);

describe('legacy databases with sidecars', function () {
  this.timeout(60_000);
  before(function () {
    if (hasPython) return;
    console.log('      (skipped: there is no python3 with sqlite3 here)');
    this.skip();
  });

  /** Eight of the 25 rows of `llm_usage` are in the log only. */
  const withLog = (body: (workspace: string) => Promise<void>): Promise<void> =>
    withSample(async (workspace) => {
      await python(['move', pathsOf(workspace).llm, 'llm_usage', 'id > 17']);
      assert.equal(await cell(pathsOf(workspace).llm, 'SELECT count(*) FROM llm_usage'), 17);
      await body(workspace);
    });

  it('R1: 25 rows arrive where the main file alone holds 17; legacy files and their log stay as they are', () =>
    withLog(async (workspace) => {
      const stood = pick(await hashTree(workspace), isOfSource);
      const dry = await run(workspace, 'dryRun');
      assert.deepEqual(await hashTree(workspace).then((tree) => pick(tree, isOfSource)), stood);
      const real = await run(workspace);
      for (const report of [dry, real]) {
        assert.equal(report.outcome, 'committed', report.error?.message);
        const { legacy, inserted, validation } = stepOf(report, 'llm_usage');
        assert.deepEqual([legacy.rows, inserted, validation.cells], [25, 25, 'passed']);
        const told = report.warnings.filter(({ code }) => code === 'wal-read');
        assert.equal(told.length, 1);
        assert.match(told[0]?.message ?? '', /^data\/llm_costs\.db: \d+ committed frames? of its write-ahead log/);
      }
      assert.deepEqual(pick(await hashTree(workspace), isOfSource), stood);
      const { target } = pathsOf(workspace);
      assert.deepEqual(
        await column(target, 'SELECT id FROM llm_costs ORDER BY id'),
        Array.from({ length: 25 }, (_, index) => index + 1),
      );
      // The report says what is on disk: the main file, and beside it the log, both in the backup.
      const state = real.databases.find(({ database }) => database === 'data/llm_costs.db');
      assert.equal(state?.sha256, stood['data/llm_costs.db']);
      assert.equal(state?.size, (await readFile(pathsOf(workspace).llm)).length);
      assert.notEqual(state.fingerprint, state.sha256);
      const copies = await hashTree(join(workspace, real.backup ?? ''));
      for (const name of ['data/llm_costs.db', 'data/llm_costs.db-wal']) assert.equal(copies[name], stood[name]);
    }));

  it('R1: the tables that are shown have the rows of the log, and no file is touched', () =>
    withLog(async (workspace) => {
      const stood = await hashTree(workspace);
      const query = { workspace, dataFolder: 'data', database: 'data/llm_costs.db' };
      assert.equal(await handlers['catalogue.countRows']({ ...query, table: 'llm_usage' }, silent), 25);
      const { tables } = await handlers['catalogue.describe'](query, silent);
      assert.equal(tables.find(({ name }) => name === 'llm_usage')?.rows, 25);
      const { databases } = await handlers['catalogue.inventory'](query, silent);
      const entry = databases.find(({ database }) => database === query.database);
      assert.deepEqual([entry?.state, entry?.applies], ['ready', 'wal']);
      const { applied } = await readSnapshot(nodeFileStore, pathsOf(workspace).llm, query.database);
      assert.equal(applied?.kind === 'wal' && applied.frames, entry?.frames);
      const told = formatInventory(await collectInventory(handlers, query, silent));
      assert.match(
        told,
        /llm_costs\.db {2}.*, with its write-ahead log \(at most \d+ frames? not yet checkpointed\)\n/,
      );
      assert.deepEqual(await hashTree(workspace), stood);
    }));

  it('P5: a log that grew between the dry run and its confirmation stops the run', () =>
    withLog(async (workspace) => {
      const rehearsal = await handlers['migration.run']({ workspace, ...place, mode: 'dryRun' }, silent);
      const params = { workspace, ...place, mode: 'migrate', expected: confirmedBy(rehearsal) } as const;
      await appendFile(`${pathsOf(workspace).llm}-wal`, 'x');
      const { report: refused } = await handlers['migration.run'](params, silent);
      assert.deepEqual([refused.outcome, refused.error?.code], ['refused', 'changed-since']);
      assert.equal(refused.error?.path, 'data/llm_costs.db');
      const again = await handlers['migration.run']({ workspace, ...place, mode: 'dryRun' }, silent);
      assert.ok(again.report.warnings.some(({ code }) => code === 'wal-unread'));
      const { report: done } = await handlers['migration.run']({ ...params, expected: confirmedBy(again) }, silent);
      assert.equal(done.outcome, 'committed');
    }));

  it('R10: a transaction that was cut off is taken back in memory, never in the file', () =>
    withSample(async (workspace) => {
      const whole = pick(await hashTree(workspace), isOfSource);
      const before = await column(pathsOf(workspace).llm, 'SELECT model FROM llm_usage ORDER BY id');
      await python(['cut-off', pathsOf(workspace).llm, "UPDATE llm_usage SET model = printf('%09000d', id)"]);
      const stood = pick(await hashTree(workspace), isOfSource);
      assert.ok('data/llm_costs.db-journal' in stood);
      assert.notEqual(stood['data/llm_costs.db'], whole['data/llm_costs.db']);
      const report = await run(workspace);
      assert.equal(report.outcome, 'committed', report.error?.message);
      assert.ok(report.warnings.some(({ code }) => code === 'journal-rolled-back'));
      assert.deepEqual(await column(pathsOf(workspace).target, 'SELECT model FROM llm_costs ORDER BY id'), before);
      assert.deepEqual(pick(await hashTree(workspace), isOfSource), stood);
    }));
});
