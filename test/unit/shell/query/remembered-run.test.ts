import assert from 'node:assert/strict';
import { readRemembered } from '../../../../src/shell/query/remembered-run';
import type { RememberedRun } from '../../../../src/webview/query/messages';

describe('what the view of a result stored', () => {
  const run: RememberedRun = {
    document: 'untitled:Untitled-1',
    file: 'file:///w/data/some.db',
    database: 'data/some.db',
    sql: 'SELECT 1',
    explain: false,
    gave: { rows: 1, cut: false, milliseconds: 0.5, at: 1_700_000_000_000 },
  };
  const stored = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

  it('is read back as it was', () => {
    assert.deepEqual(readRemembered(stored({ run, look: {} })), run);
    assert.deepEqual(readRemembered(stored({ run: { ...run, gave: null } })), { ...run, gave: null });
  });

  it('is nothing to be run where something is missing, or is what nobody stored', () => {
    for (const name of ['document', 'file', 'database', 'sql'])
      for (const wrong of [undefined, null, 1, {}])
        assert.equal(readRemembered({ run: { ...run, [name]: wrong } }), null, name);
    for (const wrong of [undefined, null, 'run', [], { run: null }]) assert.equal(readRemembered(wrong), null);
    assert.equal(readRemembered({ run: { ...run, gave: { rows: '1', milliseconds: 1, at: 1 } } })?.gave, null);
  });
});
