/** The rows of a query as a view waits for them. */
import assert from 'node:assert/strict';
import type { ViewAsker } from '../../../src/webview/table/messages';
import { RowSource } from '../../../src/webview/table/row-source';

describe('the rows of a query', () => {
  it('are not waited for once they could not be fetched, and can be asked for again', async () => {
    let isBroken = true;
    const link = {
      ask: async () =>
        isBroken ? Promise.reject(new Error('gone')) : Promise.resolve({ rows: [{ key: 'a', cells: [] }], shift: 0 }),
    } as unknown as ViewAsker;
    const told: unknown[] = [];
    const listener = { onRows: () => undefined, onError: (error: unknown) => void told.push(error) };
    const source = new RowSource(link, 't', { sort: [], filters: [] }, listener);
    source.want(0, 10);
    assert.equal(await source.arrival(0), undefined);
    assert.equal(told.length, 1);
    isBroken = false;
    source.want(0, 10);
    assert.equal((await source.arrival(0))?.key, 'a');
    source.close();
  });
});
