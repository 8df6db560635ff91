/** What stands in for Node in a browser gives what Node gives. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import * as nodeText from '../../../src/core/browse/byte-text';
import * as webText from '../../../src/core/browse/byte-text.web';
import * as nodeMemory from '../../../src/core/sqlite/image-memory';
import * as webMemory from '../../../src/core/sqlite/image-memory.web';
import * as nodeHash from '../../../src/core/storage/hash';
import * as webHash from '../../../src/core/storage/hash.web';
import { breathe } from '../../../src/engine/breathe.web';

describe('without Node', () => {
  it('bytes of any length are the same text and have the same hash', async () => {
    for (const length of [0, 1, 2, 3, 255, 12_287, 12_288, 12_289, 100_000]) {
      const bytes = new Uint8Array(randomBytes(length + 7)).subarray(7);
      assert.equal(webText.toHex(bytes), nodeText.toHex(bytes));
      assert.equal(webText.toBase64(bytes), nodeText.toBase64(bytes));
      assert.equal(await webHash.sha256(bytes), await nodeHash.sha256(bytes));
    }
  });

  it('bytes are the same where every one of them is', () => {
    const bytes = Uint8Array.of(1, 2, 3);
    for (const other of [Uint8Array.of(1, 2, 3), Uint8Array.of(1, 2, 4), Uint8Array.of(1, 2), new Uint8Array()])
      assert.equal(webHash.sameBytes(bytes, other), nodeHash.sameBytes(bytes, other));
  });

  it('memory for an image is no shared one, which WebCrypto and TextDecoder refuse', () => {
    const length = 2 * 1024 ** 2;
    assert.ok(nodeMemory.allocateImage(length).buffer instanceof SharedArrayBuffer);
    const image = webMemory.allocateImage(length);
    assert.ok(image.buffer instanceof ArrayBuffer);
    assert.equal(image.length, length);
  });

  it('work lets others be heard', async () => {
    const heard: unknown[] = [];
    const { port1, port2 } = new MessageChannel();
    port1.on('message', (message) => heard.push(message));
    port2.postMessage('hello');
    for (let breaths = 0; breaths < 100 && heard.length === 0; breaths++) await breathe();
    port1.close();
    assert.deepEqual(heard, ['hello']);
  });
});
