import { strict as assert } from 'node:assert';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'mocha';
import { makeSample } from '../../../scripts/sample/make-sample.js';
import { readTree, withTemporaryFolder } from './helpers.js';

const FIRST_MIGRATION = [
  '.jarvis-sample',
  'README.md',
  'data/jarvis.db',
  'data/jarvis_analytics.db',
  'data/jarvis_cache.db',
  'data/jarvis_core.db',
  'data/llm_costs.db',
  'data/metrics.db',
  'data/rate_limiter.db',
  'data/telegram_memory.db',
];

describe('makeSample', () => {
  it('writes the five legacy databases of the first migration and the three consolidated ones', () =>
    withTemporaryFolder(async (folder) => {
      await makeSample(folder);
      assert.deepEqual([...(await readTree(folder)).keys()], FIRST_MIGRATION);
    }));

  it('writes all 29 legacy databases when asked to', () =>
    withTemporaryFolder(async (folder) => {
      await makeSample(folder, { all: true });
      const databases = [...(await readTree(folder)).keys()].filter((path) => path.endsWith('.db'));
      assert.equal(databases.length, 29 + 3);
      for (const path of ['data/cache/file_cache.db', 'bots/twitter/engagement.db', 'database.db']) {
        assert.ok(databases.includes(path), path);
      }
    }));

  for (const variant of [0, 1, 7]) {
    it(`writes the same bytes each time, in variant ${variant}`, () =>
      withTemporaryFolder(async (folder) => {
        const [first, second] = [join(folder, 'first'), join(folder, 'second')];
        await makeSample(first, { all: true, variant });
        await makeSample(second, { all: true, variant });
        assert.deepEqual(await readTree(first), await readTree(second));
      }));
  }

  it('writes other rows in another variant', () =>
    withTemporaryFolder(async (folder) => {
      const [documented, other] = [join(folder, 'documented'), join(folder, 'other')];
      await makeSample(documented);
      await makeSample(other, { variant: 1 });
      const [before, after] = [await readTree(documented), await readTree(other)];
      for (const path of FIRST_MIGRATION.filter((name) => name.endsWith('.db'))) {
        assert.notDeepEqual(after.get(path), before.get(path), path);
      }
    }));

  it('refuses a variant that is not a whole number, before it writes anything', () =>
    withTemporaryFolder(async (folder) => {
      for (const variant of [-1, 0.5, NaN]) await assert.rejects(makeSample(folder, { variant }), RangeError);
      assert.equal((await readTree(folder)).size, 0);
    }));

  it('starts over in a folder that it wrote itself', () =>
    withTemporaryFolder(async (folder) => {
      await makeSample(folder, { all: true });
      await mkdir(join(folder, 'data/backups/20260126_130239'), { recursive: true });
      await writeFile(join(folder, 'data/backups/20260126_130239/manifest.json'), '{}');
      await writeFile(join(folder, 'data/llm_costs.db-wal'), 'left behind');
      await makeSample(folder);
      assert.deepEqual([...(await readTree(folder)).keys()], FIRST_MIGRATION);
    }));

  it('leaves a folder that holds something else as it was', () =>
    withTemporaryFolder(async (folder) => {
      await mkdir(join(folder, 'data'));
      await writeFile(join(folder, 'data/jarvis.db'), 'a real one');
      const before = await readTree(folder);
      await assert.rejects(makeSample(folder), /is not empty and holds no \.jarvis-sample file/);
      assert.deepEqual(await readTree(folder), before);
    }));

  it('does not take a file of the same name for its marker', () =>
    withTemporaryFolder(async (folder) => {
      await writeFile(join(folder, '.jarvis-sample'), 'something else\n');
      const before = await readTree(folder);
      await assert.rejects(makeSample(folder), /is not a sample workspace/);
      assert.deepEqual(await readTree(folder), before);
    }));
});
