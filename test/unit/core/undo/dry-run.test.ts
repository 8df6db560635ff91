import assert from 'node:assert/strict';
import { run, withSample } from '../../../support/workspace';

describe('the way back of a run', function () {
  this.timeout(60_000);

  it('is tried by a dry run, on every target that would change, and by no other run', () =>
    withSample(async (workspace) => {
      const undone = async (mode: 'dryRun' | 'migrate'): Promise<readonly (readonly [string, string])[]> => {
        const { targets } = await run(workspace, mode, ['core', 'analytics', 'cache']);
        return targets.map((target) => [target.database, target.undone]);
      };
      const databases = ['data/jarvis_analytics.db', 'data/jarvis_core.db', 'data/jarvis_cache.db'];
      assert.deepEqual(
        await undone('dryRun'),
        databases.map((database) => [database, 'passed']),
      );
      assert.deepEqual(
        await undone('migrate'),
        databases.map((database) => [database, 'notRun']),
      );
    }));
});
