/** All domains of the built-in plan on a whole installation, every table filled: 29 legacy databases into three. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeSample } from '../../scripts/sample/make-sample';
import { hashTree } from '../fixtures/temporary-folder';
import { assertBuilt, jarvisDb, jarvisDbJson } from '../support/cli';
import { withFolder } from '../support/folders';
import { cell } from '../support/sqlite';

describe('jarvis-db migrate, all domains', function () {
  this.timeout(120_000);
  before(assertBuilt);

  it('finds a home for every row of every table, twice the same, and leaves the legacy databases alone', () =>
    withFolder(async (workspace) => {
      await makeSample(workspace, { fill: true });
      const stood = await hashTree(workspace);
      const dry = await jarvisDbJson(workspace, 'migrate', '--dry-run');
      assert.deepEqual([dry.code, dry.report.outcome], [0, 'committed']);
      assert.deepEqual(await hashTree(workspace), stood);

      const first = await jarvisDbJson(workspace, 'migrate');
      assert.deepEqual([first.code, first.report.outcome, first.report.error], [0, 'committed', null]);
      const { steps, targets, lost } = first.report;
      assert.equal(steps.length, 106);
      assert.deepEqual(
        steps.filter(({ legacy, inserted }) => inserted !== legacy.rows).map(({ legacy }) => legacy.table),
        [],
      );
      assert.deepEqual(
        steps.map(({ legacy, inserted }) => [legacy.table, inserted]),
        dry.report.steps.map(({ legacy, inserted }) => [legacy.table, inserted]),
      );
      assert.deepEqual(lost, { rows: 0, values: 0 });
      assert.deepEqual(
        targets.map(({ untouchedRows, integrity, foreignKeys }) => [untouchedRows, integrity, foreignKeys]),
        [
          ['passed', 'passed', 'passed'],
          ['passed', 'passed', 'passed'],
          ['passed', 'passed', 'passed'],
        ],
      );
      assert.match(await readFile(join(workspace, 'config', 'rate_limits.yaml'), 'utf8'), /^rate_configs:$/m);
      const published = new Set(targets.map(({ database }) => database));
      const now = await hashTree(workspace);
      for (const [path, hash] of Object.entries(stood)) if (!published.has(path)) assert.equal(now[path], hash, path);

      // The six triggers of the cache delete expired rows on every insert: they stand, and have deleted nothing.
      const cache = join(workspace, 'data', 'jarvis_cache.db');
      assert.equal(
        await cell(cache, "SELECT count(*) FROM sqlite_schema WHERE type = 'trigger' AND tbl_name NOT LIKE 'legacy%'"),
        6,
      );

      const second = await jarvisDbJson(workspace, 'migrate');
      assert.deepEqual([second.code, second.report.outcome], [0, 'nothingToDo']);
      assert.ok(second.report.steps.every(({ legacy, alreadyPresent }) => alreadyPresent === legacy.rows));
      assert.equal((await jarvisDb(['validate', '--workspace', workspace])).code, 0);
    }));
});
