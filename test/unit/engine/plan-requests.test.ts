import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { edit } from '../../support/sqlite';
import { handlers, silent, withSample } from '../../support/workspace';

describe('requests about plan files', function () {
  this.timeout(30_000);

  it('plan.describe lists the columns of a database, as they are now', () =>
    withSample(async (workspace) => {
      const describe = (database: string): ReturnType<(typeof handlers)['plan.describe']> =>
        handlers['plan.describe']({ workspace, dataFolder: 'data', database }, silent);
      const { tables } = await describe('data/llm_costs.db');
      const usage = tables.find(({ name }) => name === 'llm_usage');
      assert.deepEqual(usage?.columns[0], {
        name: 'id',
        type: 'INTEGER',
        notNull: false,
        primaryKey: 1,
        generated: false,
      });
      await edit(
        join(workspace, 'data', 'llm_costs.db'),
        'CREATE TABLE brand_new (a); INSERT INTO brand_new VALUES (1)',
      );
      assert.ok((await describe('data/llm_costs.db')).tables.some(({ name }) => name === 'brand_new'));
      await rm(join(workspace, 'data', 'llm_costs.db'));
      await assert.rejects(describe('data/llm_costs.db'), { code: 'file-missing' });
      for (const path of ['../x.db', join(workspace, 'data', 'metrics.db'), 'data/backups/x.db'])
        await assert.rejects(describe(path), { code: 'outside-workspace' }); // X1
    }));

  it('plan.print gives the built-in plan and where it is from', () =>
    withSample(async (workspace) => {
      const { text, source } = await handlers['plan.print'](
        { workspace, dataFolder: 'data', planFile: null, rateLimits: 'file' },
        silent,
      );
      assert.equal(source, null);
      assert.match(text, /"llm_usage"/);
      const { problems } = await handlers['plan.check']({ workspace, dataFolder: 'data', text }, silent);
      assert.deepEqual([...new Set(problems.map(({ severity }) => severity))].sort(), ['note', 'warning']);
    }));
});
