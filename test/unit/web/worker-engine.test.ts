/** The life of a worker, without a browser: what one leaves behind adds up, since an idle engine is ended every minute. */
import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import type { StartEngine } from '../../../src/engine/engine-child';

/** It knows types of a browser, which tests do not: so it is not imported by name. */
const source = '../../../src/web/host/worker-engine';
type InWorker = (load: () => Promise<{ script: string; wasm: Uint8Array }>, files: object) => StartEngine;

const functions = { progress: () => undefined, log: () => undefined, beginPublishing: () => true };
const unheard = (): void => undefined;

describe('the engine in a worker', () => {
  const known = [
    [globalThis, 'Worker'],
    [URL, 'createObjectURL'],
    [URL, 'revokeObjectURL'],
  ].map(([of, name]) => [of as object, name as string, Reflect.get(of as object, name as string)] as const);
  const scripts = new Set<string>();
  let running = 0;
  let inWorker: InWorker;

  before(async () => {
    ({ inWorker } = (await import(source)) as { inWorker: InWorker });
    Reflect.set(
      globalThis,
      'Worker',
      class {
        constructor() {
          running++;
        }
        postMessage = unheard;
        terminate = (): number => running--;
      },
    );
    URL.createObjectURL = () => {
      const address = `blob:${scripts.size}`;
      scripts.add(address);
      return address;
    };
    URL.revokeObjectURL = (address) => void scripts.delete(address);
  });

  after(() => {
    for (const [of, name, value] of known) Reflect.set(of, name, value);
  });

  it('keeps its script for as long as the worker lives, and no longer', async () => {
    const child = inWorker(() => Promise.resolve({ script: 'x', wasm: new Uint8Array() }), {})(functions, unheard);
    await turn();
    assert.deepEqual([running, scripts.size], [1, 1]);
    const asked = child.call(1, 'catalogue.inventory', {});
    child.kill();
    await assert.rejects(asked, { name: 'EngineEnded', message: 'it was stopped' });
    assert.deepEqual([running, scripts.size, child.usable], [0, 0, false]);
  });

  it('says why it cannot be started, and starts nothing that was given up', async () => {
    const failing = inWorker(() => Promise.reject(new Error('no such file')), {})(functions, unheard);
    await assert.rejects(failing.call(1, 'catalogue.inventory', {}), { message: /no such file/ });
    const child = inWorker(() => Promise.resolve({ script: 'x', wasm: new Uint8Array() }), {})(functions, unheard);
    child.release();
    await turn();
    assert.deepEqual([running, scripts.size], [0, 0]);
  });
});
