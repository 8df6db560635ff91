import { strict as assert } from 'node:assert';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'mocha';
import { makeSample } from '../../../scripts/sample/make-sample.js';
import { CONSOLIDATED } from '../../../scripts/sample/databases.js';
import { query, readTree, withImage, withTemporaryFolder } from './helpers.js';

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
  it('writes the five legacy databases of the first migration and the three consolidated ones when asked to', () =>
    withTemporaryFolder(async (folder) => {
      await makeSample(folder, { all: false });
      assert.deepEqual([...(await readTree(folder)).keys()], FIRST_MIGRATION);
    }));

  it('writes all 29 legacy databases', () =>
    withTemporaryFolder(async (folder) => {
      await makeSample(folder);
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
        await makeSample(first, { variant, fill: true });
        await makeSample(second, { variant, fill: true });
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

  it('writes so many times the rows, in every table that can hold more than one', () =>
    withTemporaryFolder(async (folder) => {
      const [once, thrice] = [join(folder, 'once'), join(folder, 'thrice')];
      await makeSample(once);
      await makeSample(thrice, { rows: 3 });
      const [before, after] = [await rowsOf(once), await rowsOf(thrice)];
      const alone = [
        'data/jarvis.db scorecard',
        'data/jarvis.db treasury_stats',
        'data/jarvis_memory.db schema_version',
        'data/raid_bot.db raid_config',
      ];
      for (const [table, rows] of before) {
        const fresh =
          table.startsWith('data/jarvis_memory.db ') || CONSOLIDATED.some(({ path }) => table.startsWith(path));
        assert.equal(after.get(table), fresh || alone.includes(table) ? rows : 3 * rows, table);
      }
    }));

  it('fills the tables that are empty in a real installation, and leaves the others as they are', () =>
    withTemporaryFolder(async (folder) => {
      const [bare, filled] = [join(folder, 'bare'), join(folder, 'filled')];
      await makeSample(bare);
      await makeSample(filled, { fill: true });
      const [before, after] = [await rowsOf(bare), await rowsOf(filled)];
      for (const [table, rows] of after) {
        const fresh = CONSOLIDATED.some(({ path }) => table.startsWith(path));
        const earlier = before.get(table) ?? 0;
        const isIndex = table.includes('_fts_');
        assert.ok(fresh || isIndex || earlier > 0 ? rows >= earlier : rows > 0, table);
        if (!isIndex && (fresh || earlier > 0)) assert.equal(rows, earlier, table);
      }
      for (const [path, image] of await readTree(filled)) {
        if (!path.endsWith('.db')) continue;
        await withImage(image, (database) => {
          assert.deepEqual(query(database, 'PRAGMA integrity_check'), [['ok']], path);
          assert.deepEqual(query(database, 'PRAGMA foreign_key_check'), [], path);
        });
      }
    }));

  it('refuses a number of rows that is not a whole one, before it writes anything', () =>
    withTemporaryFolder(async (folder) => {
      for (const rows of [0, -1, 1.5, NaN]) await assert.rejects(makeSample(folder, { rows }), RangeError);
      assert.equal((await readTree(folder)).size, 0);
    }));

  it('refuses a variant that is not a whole number, before it writes anything', () =>
    withTemporaryFolder(async (folder) => {
      for (const variant of [-1, 0.5, NaN]) await assert.rejects(makeSample(folder, { variant }), RangeError);
      assert.equal((await readTree(folder)).size, 0);
    }));

  it('starts over in a folder that it wrote itself', () =>
    withTemporaryFolder(async (folder) => {
      await makeSample(folder);
      await mkdir(join(folder, 'data/backups/20260126_130239'), { recursive: true });
      await writeFile(join(folder, 'data/backups/20260126_130239/manifest.json'), '{}');
      await writeFile(join(folder, 'data/llm_costs.db-wal'), 'left behind');
      await makeSample(folder, { all: false });
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

/** The number of rows of each ordinary table below a folder. */
async function rowsOf(folder: string): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  for (const [path, image] of await readTree(folder)) {
    if (!path.endsWith('.db')) continue;
    await withImage(image, (database) => {
      const tables =
        "SELECT name FROM sqlite_master WHERE type = 'table' AND rootpage > 0 AND name NOT GLOB 'sqlite_*'";
      for (const [table] of query(database, tables)) {
        counts.set(
          `${path} ${String(table)}`,
          Number(query(database, `SELECT count(*) FROM "${String(table)}"`)[0]?.[0]),
        );
      }
    });
  }
  return counts;
}
