/** The earlier of several runs is rolled back first: once all of them are, nothing of any is left behind. */
import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Domain } from '../../../../src/core/report/model';
import type { UndoReport } from '../../../../src/core/undo/report';
import { listFiles } from '../../../support/folders';
import { allRows, cell, column, edit } from '../../../support/sqlite';
import { handlers, pathsOf, run, silent, withSample } from '../../../support/workspace';

async function rollBack(workspace: string, id: string): Promise<UndoReport> {
  const params = { workspace, dataFolder: 'data', run: id, dryRun: false, applicationStopped: true };
  const { report } = await handlers['undo.rollBack'](params, silent);
  assert.equal(report.error, null, report.error?.message);
  return report;
}

/** Every object and every row, the marks of AUTOINCREMENT too. */
async function contentOf(path: string): Promise<unknown> {
  const schema = await column(path, `SELECT type || name || coalesce(sql, '') FROM sqlite_schema ORDER BY 1`);
  return [schema, ...(await allRows(path, []))];
}

const moreUsage = `INSERT INTO llm_usage (provider, model, input_tokens, output_tokens, cost_usd, timestamp, success, latency_ms, created_at)
  SELECT provider, model, 1, 2, 0.25, timestamp, success, latency_ms, created_at FROM llm_usage LIMIT 2`;

const anotherLimit = `INSERT INTO rate_configs SELECT name || hex(randomblob(4)), requests_per_second, burst_size, strategy, scope,
  retry_after_seconds, enabled, priority, metadata FROM rate_configs LIMIT 1`;

/** Runs of which each brought rows into what the one before had made, and a configuration file. */
async function runThrice(workspace: string, domains: readonly Domain[]): Promise<readonly string[]> {
  const ids: string[] = [];
  for (let number = 0; number < 3; number++) {
    if (number > 0) {
      await edit(pathsOf(workspace).llm, moreUsage);
      await edit(join(workspace, 'data', 'rate_limiter.db'), anotherLimit);
    }
    const { run: id, outcome, error } = await run(workspace, 'migrate', domains);
    assert.equal(outcome, 'committed', error?.message);
    ids.push(id);
  }
  return ids;
}

describe('runs that are rolled back in another order', function () {
  this.timeout(60_000);

  for (const order of [
    [0, 1, 2],
    [0, 2, 1],
    [1, 0, 2],
    [1, 2, 0],
  ]) {
    it(`leave nothing behind: ${order.map((number) => number + 1).join(', ')}`, () =>
      withSample(async (workspace) => {
        const { target } = pathsOf(workspace);
        const before = await contentOf(target);
        const ids = await runThrice(workspace, ['analytics']);
        for (const number of order) {
          const { targets } = await rollBack(workspace, ids[number] ?? '');
          assert.deepEqual(targets[0]?.kept, []);
        }
        assert.deepEqual(await contentOf(target), before);
      }));
  }

  it('leave the rows, the table and the numbers of the application', () =>
    withSample(async (workspace) => {
      const { target } = pathsOf(workspace);
      const before = await cell(target, 'SELECT count(*) FROM llm_costs');
      const ids = await runThrice(workspace, ['analytics']);
      await edit(
        target,
        `CREATE TABLE of_the_application (x); INSERT INTO llm_costs (provider, model, cost_usd) VALUES ('app', 'since', 0.5)`,
      );
      const [id, seq] = [
        await cell(target, 'SELECT max(id) FROM llm_costs'),
        await cell(target, `SELECT seq FROM sqlite_sequence WHERE name = 'llm_costs'`),
      ];
      for (const run of ids) await rollBack(workspace, run);
      assert.equal(await cell(target, 'SELECT count(*) FROM of_the_application'), 0);
      assert.equal(await cell(target, 'SELECT count(*) FROM llm_costs'), Number(before) + 1);
      assert.equal(await cell(target, `SELECT id FROM llm_costs WHERE model = 'since'`), id);
      assert.equal(await cell(target, `SELECT seq FROM sqlite_sequence WHERE name = 'llm_costs'`), seq);
      assert.equal(
        await cell(
          target,
          `SELECT count(*) FROM sqlite_schema WHERE name IN ('legacy_llm_usage', 'jarvis_migration_rows')`,
        ),
        0,
      );
    }));

  it('say what an earlier one may have left where its backup cannot tell any more', () =>
    withSample(async (workspace) => {
      const { target } = pathsOf(workspace);
      const [first = '', second = '', third = ''] = await runThrice(workspace, ['analytics']);
      await rollBack(workspace, first);
      await rm(join(workspace, 'data', 'backups', first, 'request.json'));
      await rollBack(workspace, second);
      const { warnings } = await rollBack(workspace, third);
      const told = warnings.filter(({ code }) => code === 'left-behind').map(({ message }) => message);
      assert.equal(told.length, 1);
      assert.match(told[0] ?? '', new RegExp(`^What run ${first} had made in data/jarvis_analytics\\.db`));
      assert.equal(await cell(target, 'SELECT count(*) FROM legacy_llm_usage'), 0);
    }));

  it('take the configuration file away that the first had made', () =>
    withSample(async (workspace) => {
      const before = (await listFiles(workspace)).filter((path) => path.startsWith('config/'));
      const ids = await runThrice(workspace, ['cache']);
      assert.equal((await rollBack(workspace, ids[0] ?? '')).files[0]?.how, 'kept');
      assert.equal((await rollBack(workspace, ids[2] ?? '')).files[0]?.how, 'restored');
      assert.deepEqual((await rollBack(workspace, ids[1] ?? '')).files, [
        { file: 'config/rate_limits.yaml', how: 'removed', reason: null },
      ]);
      assert.deepEqual(
        (await listFiles(workspace)).filter((path) => path.startsWith('config/')),
        before,
      );
    }));
});
