import assert from 'node:assert/strict';
import { CoreError } from '../../../../src/core/errors';
import type { RunReport } from '../../../../src/core/report/model';
import { readDomains, requireText } from '../../../../src/shell/tools/input';
import { accountOf, hindranceOf } from '../../../../src/shell/tools/run-account';
import { run, withSample } from '../../../support/workspace';

describe('what a model hears of a run', function () {
  this.timeout(30_000);

  it('is its numbers, bounded, and no value of a cell', () =>
    withSample(async (workspace) => {
      const report = await run(workspace, 'dryRun');
      const account = accountOf(report) as { readonly rows: object; readonly steps: readonly object[] };
      assert.deepEqual(account.rows, {
        inserted: 30,
        alreadyPresent: 0,
        conflicts: 0,
        rejected: 0,
        leftBehind: 0,
        parentRows: 0,
      });
      assert.deepEqual(account.steps[0], {
        domain: 'analytics',
        strategy: 'map',
        from: { database: 'data/llm_costs.db', table: 'llm_usage', rows: 25 },
        to: { database: 'data/jarvis_analytics.db', table: 'llm_costs' },
        inserted: 25,
        alreadyPresent: 0,
        conflicts: 0,
        rejected: 0,
        leftBehind: 0,
      });
      const reject = { database: 'd', table: 't', rowid: '1', key: "'secret'", reason: 'NOT NULL' };
      const many = accountOf({ ...report, rejects: Array.from({ length: 500 }, () => reject) });
      assert.doesNotMatch(JSON.stringify(many), /secret/);
      assert.ok(JSON.stringify(many).length < 30_000);
      assert.equal(hindranceOf(report), null);
    }));

  it('is no token where there is nothing to do, where it is refused, or where a database is in use', () =>
    withSample(async (workspace) => {
      const report = await run(workspace, 'dryRun');
      const changed = (change: Partial<RunReport>): string | null => hindranceOf({ ...report, ...change });
      assert.equal(changed({ outcome: 'nothingToDo' }), 'nothing to do');
      const error = new CoreError('plan-invalid', 'The plan is wrong.', { hint: 'Repair it.' }).toData();
      assert.equal(changed({ outcome: 'refused', error }), 'The plan is wrong. Repair it.');
      assert.equal(
        changed({ warnings: [{ code: 'in-use', message: 'a.db is open in vim.' }] }),
        'a.db is open in vim.',
      );
      assert.equal(changed({ warnings: [{ code: 'other', message: 'something' }] }), null);
    }));
});

describe('the input of a tool', () => {
  it('names domains that there are, or means all of them', () => {
    const all = ['core', 'analytics', 'cache'] as const;
    assert.deepEqual(readDomains({}, all), all);
    assert.deepEqual(readDomains({ domains: ['cache', 'core'] }, all), ['core', 'cache']);
    for (const domains of [[], ['core', 'everything'], 'core', [1]])
      assert.throws(() => readDomains({ domains }, all), { code: 'query-invalid' });
  });

  it('has what a tool cannot do without', () => {
    assert.equal(requireText({ sql: 'SELECT 1' }, 'sql'), 'SELECT 1');
    for (const input of [{}, { sql: '' }, { sql: 1 }, null])
      assert.throws(() => requireText(input, 'sql'), { code: 'query-invalid' });
  });
});
