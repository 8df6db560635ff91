import assert from 'node:assert/strict';
import type { TableStatus } from '../../../src/core/catalogue/table-status';
import { KnownStatus, type StatusByTable } from '../../../src/shell/tree/known-status';

const here = { workspace: '/here', dataFolder: 'data' };
const there = { workspace: '/there', dataFolder: 'data' };

function tables(...names: readonly string[]): StatusByTable {
  const status = (table: string): TableStatus => ({
    database: 'data/a.db',
    table,
    state: 'pending',
    pending: 1,
    conflicts: 0,
    target: null,
    reason: null,
  });
  return new Map(names.map((name) => [name, status(name)]));
}

describe('what is known of legacy tables', () => {
  const namesIn = (known: KnownStatus): readonly string[] => known.all.map(({ table }) => table);

  it('is of one state of the databases', async () => {
    const known = new KnownStatus();
    await known.learn(here, 'one', () => Promise.resolve(tables('a')));
    assert.deepEqual(
      [known.isOf(here, 'one'), known.isOf(here, 'two'), known.isOf(there, 'one')],
      [true, false, false],
    );
    assert.deepEqual([known.tablesOf(here)?.size, known.tablesOf(there)], [1, null]);
  });

  it('is not what was found with the settings of before', async () => {
    const known = new KnownStatus();
    await known.learn(here, 'one', () => {
      known.forget();
      return Promise.resolve(tables('a'));
    });
    assert.equal(known.isOf(here, 'one'), false);
    assert.deepEqual(namesIn(known), []);
  });

  it('does not count the tables of a folder that has left the workspace', async () => {
    const known = new KnownStatus();
    await known.learn(here, 'one', () => Promise.resolve(tables('a', 'b')));
    await known.learn(there, 'one', () => Promise.resolve(tables('c')));
    assert.equal(known.keepOnly([here, there]), false);
    assert.equal(known.keepOnly([there]), true);
    assert.deepEqual(namesIn(known), ['c']);
  });
});
