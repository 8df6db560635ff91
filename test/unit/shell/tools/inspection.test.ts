import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inspect } from '../../../../src/shell/tools/inspection';
import type { NamedPlace } from '../../../../src/shell/tools/places';
import { create } from '../../../support/sqlite';
import { withSample } from '../../../support/workspace';
import { engine, goOn } from './engine-on-files';

interface Tables {
  readonly tables: readonly { readonly table: string; readonly rows: number | null; readonly columns?: unknown[] }[];
  readonly tablesNotShown: number;
}

interface Everything {
  readonly folders: readonly {
    readonly folder: string;
    readonly databases: readonly (Tables & {
      readonly database: string;
      readonly role: string;
      readonly state: string;
      readonly problem: string | null;
    })[];
  }[];
}

const placeOf = (workspace: string, name = 'work'): NamedPlace => ({ name, place: { workspace, dataFolder: 'data' } });
const nothing = { folder: null, database: null, table: null };

describe('what a model sees of the workspace', function () {
  this.timeout(30_000);

  it('every database with its role, state and tables, a broken one beside the others', () =>
    withSample(async (workspace) => {
      await writeFile(join(workspace, 'data', 'broken.db'), 'this is no database at all, whatever its name says');
      const { folders } = (await inspect(engine, [placeOf(workspace)], nothing, goOn)) as Everything;
      const [{ folder, databases } = assert.fail()] = folders;
      assert.equal(folder, 'work');
      const usage = databases.find(({ database }) => database === 'data/llm_costs.db');
      assert.equal(usage?.role, 'legacy');
      assert.deepEqual(
        usage.tables.find(({ table }) => table === 'llm_usage'),
        { table: 'llm_usage', kind: 'table', rows: 25 },
      );
      const broken = databases.find(({ database }) => database === 'data/broken.db');
      assert.equal(broken?.state, 'notSqlite');
      assert.match(broken.problem ?? '', /broken\.db/);
    }));

  it('one table with its columns and keys, and nothing for what is not there', () =>
    withSample(async (workspace) => {
      const ask = (database: string | null, table: string | null): Promise<unknown> =>
        inspect(engine, [placeOf(workspace)], { folder: null, database, table }, goOn);
      const { tables } = (await ask('llm_costs.db', 'LLM_usage')) as Tables;
      assert.equal(tables.length, 1);
      assert.deepEqual(tables[0]?.columns?.[0], { column: 'id', type: 'INTEGER', notNull: false, primaryKey: 1 });
      await assert.rejects(ask('llm_costs.db', 'nowhere'), { code: 'table-missing' });
      await assert.rejects(ask('data/nowhere.db', null), { code: 'file-missing' });
      await assert.rejects(ask(null, 'llm_usage'), { code: 'query-invalid' });
      // X1: only what the inventory lists can be named.
      for (const path of ['../x.db', join(workspace, 'data', 'llm_costs.db'), '/etc/passwd'])
        await assert.rejects(ask(path, null), { code: 'file-missing' });
    }));

  it('does not guess between two databases of one name', () =>
    withSample(async (workspace) => {
      const both = [placeOf(workspace), placeOf(workspace, 'copy')];
      await assert.rejects(inspect(engine, both, { ...nothing, database: 'data/llm_costs.db' }, goOn), {
        code: 'data-folder-ambiguous',
      });
      const one = await inspect(engine, both, { ...nothing, folder: 'copy', database: 'data/llm_costs.db' }, goOn);
      assert.equal((one as { readonly folder: string }).folder, 'copy');
      await assert.rejects(inspect(engine, both, { ...nothing, folder: 'third' }, goOn), { code: 'workspace-missing' });
    }));

  it('is bounded, however wide a table is and however long its names are', () =>
    withSample(async (workspace) => {
      const columns = Array.from({ length: 1500 }, (_, index) => `"${'n'.repeat(900)}${index}"`);
      await create(join(workspace, 'data', 'wide.db'), `CREATE TABLE wide (${columns.join(', ')})`);
      const asked = { ...nothing, database: 'data/wide.db' };
      const answer = await inspect(engine, [placeOf(workspace)], asked, goOn);
      assert.ok(JSON.stringify(answer).length < 30_000);
      const [wide] = (answer as Tables).tables as readonly { readonly columnsNotShown?: number }[];
      assert.ok((wide?.columnsNotShown ?? 0) > 1000);
    }));
});
