import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { edit } from '../../../support/sqlite';
import { handlers, pathsOf, run, silent, withSample } from '../../../support/workspace';
import type { TableStatus } from '../../../../src/core/catalogue/table-status';

describe('the status of legacy tables', function () {
  this.timeout(60_000);

  const ask = async (
    workspace: string,
  ): Promise<(table: string) => Pick<TableStatus, 'state' | 'pending' | 'conflicts'>> => {
    const statuses = await handlers['catalogue.status']({ workspace, dataFolder: 'data' }, silent);
    assert.ok(statuses !== null);
    return (table) => {
      const status = statuses.find((one) => one.table === table);
      assert.ok(status !== undefined, `${table} has no status`);
      const { state, pending, conflicts } = status;
      return { state, pending, conflicts };
    };
  };

  it('says what is pending, what is there and where, and what is empty', () =>
    withSample(async (workspace) => {
      const before = await ask(workspace);
      assert.deepEqual(before('llm_usage'), { state: 'pending', pending: 25, conflicts: 0 });
      assert.deepEqual(before('budget_alerts'), { state: 'empty', pending: 0, conflicts: 0 });
      await run(workspace);
      const after = await ask(workspace);
      assert.deepEqual(after('llm_usage'), { state: 'migrated', pending: 0, conflicts: 0 });
      assert.deepEqual(after('llm_daily_stats'), { state: 'migrated', pending: 0, conflicts: 0 });
      assert.equal(after('rate_configs').state, 'pending');
    }));

  for (const [what, bytes] of [
    ['empty', Buffer.alloc(0)],
    ['damaged', Buffer.from('SQLite format 3\0 and no more')],
    ['no database at all', Buffer.alloc(8192, 'x')],
  ] as const) {
    it(`says how the others stand where one legacy database is ${what}`, () =>
      withSample(async (workspace) => {
        await writeFile(join(workspace, 'data', 'metrics.db'), bytes);
        const status = await ask(workspace);
        assert.equal(status('llm_usage').state, 'pending');
        assert.throws(() => status('metrics_1h'), /has no status/);
      }));
  }

  it('tells a changed row from one that is new since', () =>
    withSample(async (workspace) => {
      await run(workspace);
      const { llm } = pathsOf(workspace);
      await edit(llm, "UPDATE llm_usage SET model = 'another' WHERE id = 2");
      assert.deepEqual((await ask(workspace))('llm_usage'), { state: 'conflicts', pending: 0, conflicts: 1 });
      await edit(llm, 'UPDATE llm_usage SET model = model; DELETE FROM llm_usage WHERE id = 2');
      await edit(
        llm,
        'INSERT INTO llm_usage (timestamp, provider, model, input_tokens, output_tokens, cost_usd, success)' +
          " VALUES ('2026-02-01T00:00:00', 'groq', 'llama', 1, 2, 0.5, 1)",
      );
      assert.deepEqual((await ask(workspace))('llm_usage'), { state: 'pending', pending: 1, conflicts: 0 });
    }));
});
