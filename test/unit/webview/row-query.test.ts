import assert from 'node:assert/strict';
import { RowQuery } from '../../../src/webview/table/row-query';
import { emptyState } from '../../../src/webview/table/view-state';

describe('the filters of a view', () => {
  it('X4: one with a mistake filters nothing, and says at its column what is wrong', () => {
    const query = new RowQuery();
    const filters = [
      ['name', '/a(b/'],
      ['team', '=1'],
      ['note', '/^x+$/'],
    ] as const;
    query.adopt({ ...emptyState, filters }, new Set(['name', 'team', 'note']));
    assert.deepEqual(
      query.query.filters.map(({ column }) => column),
      ['team', 'note'],
    );
    assert.deepEqual([...query.mistakes.keys()], ['name']);
    assert.match(
      query.mistakes.get('name') ?? '',
      /^The regular expression a\(b has a group that is not closed\.\nSupported are /,
    );
    // What is written stays for its writer to mend.
    assert.equal(query.filters.get('name'), '/a(b/');
    query.filterBy('name', '/a(b)/');
    assert.equal(query.mistakes.size, 0);
    assert.equal(query.query.filters.length, 3);
  });
});
