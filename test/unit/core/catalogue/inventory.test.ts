import assert from 'node:assert/strict';
import { mkdir, readFile, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { takeInventory } from '../../../../src/core/catalogue/inventory';
import { nodeFileStore } from '../../../../src/core/storage/node-file-store';
import { photograph, withFolder } from '../../../support/folders';
import { create } from '../../../support/sqlite';
import { handlers, silent, withSample } from '../../../support/workspace';

describe('takeInventory', function () {
  this.timeout(15_000);

  it('lists consolidated, legacy and other databases with the state of each; a broken one never hides the others', () =>
    withSample(async (workspace) => {
      const data = (name: string): string => join(workspace, 'data', name);
      await rm(data('jarvis_cache.db'));
      await truncate(data('metrics.db'));
      await writeFile(
        data('notes.sqlite'),
        'just text, but long enough to be a header of a hundred bytes, were it one: '.repeat(3),
      );
      await writeFile(data('short.db'), 'x');
      await truncate(data('telegram_memory.db'), 4096 + 100);
      await writeFile(`${data('rate_limiter.db')}-wal`, 'w'.repeat(4152));
      await writeFile(`${data('jarvis.db')}-journal`, Buffer.from('d9d505f920a163d7', 'hex'));
      await writeFile(data('._llm_costs.db'), 'AppleDouble');
      await writeFile(data('llm_costs.db-shm'), 's');
      await mkdir(data('folder.db'));
      await mkdir(data('deep/er'), { recursive: true });
      await create(data('deep/er/other.SQLITE3'), 'CREATE TABLE t (a)');
      await mkdir(data('backups/x'), { recursive: true });
      await create(data('backups/x/llm_costs.db'), 'CREATE TABLE t (a)');
      await symlink(data('llm_costs.db'), data('link.db'));
      await symlink(data('nowhere.db'), data('dangling.db'));
      const stood = await photograph(workspace);

      const { databases, dataFolder } = await takeInventory(nodeFileStore, workspace, 'data');
      assert.equal(dataFolder, 'data');
      assert.deepEqual(
        databases.map(({ database, role, state }) => [database, role, state]),
        [
          ['data/jarvis_analytics.db', 'consolidated', 'ready'],
          ['data/jarvis_cache.db', 'consolidated', 'missing'],
          ['data/jarvis_core.db', 'consolidated', 'ready'],
          ['data/jarvis.db', 'legacy', 'ready'],
          ['data/llm_costs.db', 'legacy', 'ready'],
          ['data/metrics.db', 'legacy', 'empty'],
          ['data/rate_limiter.db', 'legacy', 'ready'],
          ['data/telegram_memory.db', 'legacy', 'damaged'],
          ['data/dangling.db', 'other', 'missing'],
          ['data/deep/er/other.SQLITE3', 'other', 'ready'],
          ['data/link.db', 'other', 'ready'],
          ['data/notes.sqlite', 'other', 'notSqlite'],
          ['data/short.db', 'other', 'notSqlite'],
        ],
      );
      for (const { state, problem, database } of databases) {
        assert.equal(problem === null, state === 'ready', database);
        if (problem !== null) assert.ok(problem.message.includes(database) && problem.hint !== null, problem.message);
      }
      const entry = (name: string) => databases.find(({ database }) => database === name);
      // No log to SQLite, and yet not nothing.
      assert.deepEqual([entry('data/rate_limiter.db')?.applies, entry('data/rate_limiter.db')?.walSize], [null, 4152]);
      assert.equal(entry('data/jarvis.db')?.applies, 'journal');
      assert.deepEqual(await photograph(workspace), stood);

      // And what is damaged inside says so when it is opened, again without a word about the others.
      const image = await readFile(data('jarvis_core.db'));
      await writeFile(data('jarvis_core.db'), image.fill(0x5a, 100, 4096));
      await assert.rejects(
        async () =>
          handlers['catalogue.describe']({ workspace, dataFolder: 'data', database: 'data/jarvis_core.db' }, silent),
        { code: 'damaged' },
      );
      const fine = await handlers['catalogue.describe'](
        { workspace, dataFolder: 'data', database: 'data/llm_costs.db' },
        silent,
      );
      assert.equal(fine.tables.length, 3);
    }));

  it('lists databases that the plan names outside the data folder', () =>
    withSample(async (workspace) => {
      await mkdir(join(workspace, 'bots', 'twitter'), { recursive: true });
      await create(join(workspace, 'bots', 'twitter', 'engagement.db'), 'CREATE TABLE t (a)');
      const { databases } = await takeInventory(nodeFileStore, workspace, 'data');
      const entry = databases.find(({ database }) => database === 'bots/twitter/engagement.db');
      assert.deepEqual([entry?.role, entry?.domain, entry?.state], ['legacy', 'analytics', 'ready']);
    }));

  it('P10: a known database in a folder that may not be entered is listed with the reason', () =>
    withFolder(async (workspace) => {
      await mkdir(join(workspace, 'data'));
      // A circle of links: nobody gets past it, root neither.
      await symlink('bots', join(workspace, 'bots'));
      const { databases } = await takeInventory(nodeFileStore, workspace, 'data');
      const entry = databases.find(({ database }) => database === 'bots/twitter/engagement.db');
      assert.equal(entry?.state, 'unreadable');
      assert.match(entry.problem?.message ?? '', /ELOOP/);
    }));

  it('P10: a data folder that may not be listed is no empty one', () =>
    withFolder(async (workspace) => {
      await symlink('data', join(workspace, 'data'));
      await assert.rejects(takeInventory(nodeFileStore, workspace, 'data'), { code: 'ELOOP' });
    }));
});
