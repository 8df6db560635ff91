import assert from 'node:assert/strict';
import { DisposableStore } from '../../../src/shell/disposable-store';

describe('the disposable store', () => {
  const recorder = () => {
    const order: string[] = [];
    return { order, item: (name: string) => ({ dispose: () => void order.push(name) }) };
  };

  it('disposes in reverse order, each once', () => {
    const { order, item } = recorder();
    const store = new DisposableStore();
    for (const name of ['a', 'b', 'c']) store.add(item(name));
    store.dispose();
    store.dispose();
    assert.deepEqual(order, ['c', 'b', 'a']);
  });

  it('disposes at once of what comes too late', () => {
    const { order, item } = recorder();
    const store = new DisposableStore();
    store.dispose();
    store.add(item('late'));
    assert.deepEqual(order, ['late']);
  });
});
