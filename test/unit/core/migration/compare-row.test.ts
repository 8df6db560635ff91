/** One legacy row beside its consolidated row: what it became, cell by cell, or in a word why it is not there. */
import assert from 'node:assert/strict';
import type { RowComparison } from '../../../../src/core/migration/compare-row';
import { photograph } from '../../../support/folders';
import { edit } from '../../../support/sqlite';
import { handlers, pathsOf, silent, withMigrated, withSample } from '../../../support/workspace';

async function compare(workspace: string, database: string, table: string, key: string): Promise<RowComparison> {
  const before = await photograph(workspace);
  const params = { workspace, dataFolder: 'data', database, table, key };
  const comparison = await handlers['compare.row'](params, silent);
  assert.deepEqual(await photograph(workspace), before);
  return comparison;
}

const usage = (workspace: string, key = '1'): Promise<RowComparison> =>
  compare(workspace, 'data/llm_costs.db', 'llm_usage', key);

function differing({ cells }: RowComparison): readonly (readonly string[])[] {
  return cells
    .filter((cell) => cell.legacy !== cell.consolidated)
    .map((cell) => [cell.column, cell.legacy, cell.consolidated]);
}

describe('comparing one row with its consolidated row', function () {
  this.timeout(60_000);

  it('shows every cell of a migrated row, those of the sidecar too, by the name in the plan or the path', () =>
    withMigrated(async (workspace) => {
      const found = await usage(workspace);
      assert.equal(found.outcome, 'present');
      assert.deepEqual(found.target, { database: 'data/jarvis_analytics.db', table: 'llm_costs' });
      const columns = found.cells.map(({ column }) => column);
      for (const column of ['id', 'prompt_tokens', 'total_tokens', 'feature', 'latency_ms', 'success', 'created_at'])
        assert.ok(columns.includes(column), column);
      assert.deepEqual(differing(found), []);
      assert.deepEqual(found.cells.find(({ column }) => column === 'feature')?.legacy, "'legacy_import'");
      assert.deepEqual(await compare(workspace, pathsOf(workspace).llm, 'LLM_USAGE', '1'), found);
      const adopted = await compare(workspace, 'data/llm_costs.db', 'llm_daily_stats', '1');
      assert.equal(adopted.outcome, 'present');
      assert.deepEqual(adopted.target, { database: 'data/jarvis_analytics.db', table: 'llm_daily_stats' });
    }));

  it('V1: shows the cells in which the two differ now, as exact literals', () =>
    withMigrated(async (workspace) => {
      const { llm, target } = pathsOf(workspace);
      await edit(target, "UPDATE llm_costs SET prompt_tokens = 9007199254740993, model = 'a' || char(10) WHERE id = 1");
      await edit(llm, 'UPDATE llm_usage SET latency_ms = NULL WHERE id = 2');
      const first = await usage(workspace, '1');
      assert.equal(first.outcome, 'changed');
      assert.deepEqual(
        differing(first).map(([column, , consolidated]) => [column, consolidated]),
        [
          ['model', "unistr('a\\u000a')"],
          ['prompt_tokens', '9007199254740993'],
        ],
      );
      const second = await usage(workspace, '2');
      assert.equal(second.outcome, 'changed');
      assert.deepEqual(
        differing(second).map(([column, legacy]) => [column, legacy]),
        [['latency_ms', 'NULL']],
      );
    }));

  it('says of a row that came later, or was deleted since on either side, what has become of it', () =>
    withMigrated(async (workspace) => {
      const { llm, target } = pathsOf(workspace);
      await edit(target, 'DELETE FROM llm_costs WHERE id = 3');
      await edit(
        llm,
        'CREATE TEMP TABLE copy AS SELECT * FROM llm_usage WHERE id = 1; UPDATE copy SET id = 4000;' +
          ' INSERT INTO llm_usage SELECT * FROM copy; DROP TABLE copy',
      );
      assert.equal((await usage(workspace, '3')).outcome, 'gone');
      assert.equal((await usage(workspace, '4000')).outcome, 'notMigrated');
      assert.equal((await usage(workspace, '99999')).outcome, 'missing');
    }));

  it('says before any migration that a row has not been migrated, or that the target has another one under its key', () =>
    withSample(async (workspace) => {
      assert.equal((await usage(workspace)).outcome, 'notMigrated');
      const { target } = pathsOf(workspace);
      await edit(target, "INSERT INTO llm_costs (id, provider, model) VALUES (1, 'own', 'row')");
      const taken = await usage(workspace);
      assert.equal(taken.outcome, 'taken');
      assert.ok(differing(taken).some(([column, , consolidated]) => column === 'provider' && consolidated === "'own'"));
    }));

  it('says that the plan leaves a table behind, or names it nowhere, or puts it into a file', () =>
    withSample(async (workspace) => {
      assert.equal((await compare(workspace, 'data/llm_costs.db', 'nowhere', '1')).outcome, 'unplanned');
      const file = await compare(workspace, 'data/rate_limiter.db', 'rate_configs', '1');
      assert.deepEqual([file.outcome, file.target], ['inFile', { file: 'config/rate_limits.yaml' }]);
    }));
});
