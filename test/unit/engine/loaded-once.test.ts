import assert from 'node:assert/strict';
import { loadedOnce } from '../../../src/engine/loaded-once';

describe('what is loaded once', () => {
  it('is shared by all callers, and loaded with the first of them', async () => {
    let loads = 0;
    const get = loadedOnce(() => Promise.resolve(++loads));
    assert.equal(loads, 0);
    assert.deepEqual(await Promise.all([get(), get()]), [1, 1]);
    assert.equal(await get(), 1);
  });

  it('is loaded again by the next caller after it could not be', async () => {
    let mayOpen = false;
    const get = loadedOnce(() => (mayOpen ? Promise.resolve('engine') : Promise.reject(new Error('EMFILE'))));
    const settled = await Promise.allSettled([get(), get()]);
    assert.deepEqual(
      settled.map(({ status }) => status),
      ['rejected', 'rejected'],
    );
    mayOpen = true;
    assert.equal(await get(), 'engine');
  });
});
