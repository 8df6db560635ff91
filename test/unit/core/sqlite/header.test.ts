import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  formatVersions,
  hasMagic,
  headerSize,
  parseHeader,
  succeedHeader,
  type DatabaseHeader,
} from '../../../../src/core/sqlite/header';
import { loadEngine, makeImage } from '../../../fixtures/publication';

async function image(): Promise<Uint8Array> {
  return makeImage('PRAGMA page_size = 1024; CREATE TABLE t (a); INSERT INTO t VALUES (1), (2);');
}

function parsed(bytes: Uint8Array): DatabaseHeader {
  const header = parseHeader(bytes);
  if ('fault' in header) throw new Error(header.fault);
  return header;
}

function faultOf(bytes: Uint8Array): string {
  const header = parseHeader(bytes);
  return 'fault' in header ? header.fault : 'none';
}

describe('database header', () => {
  it('reads what SQLite wrote', async () => {
    const bytes = await image();
    const header = parsed(bytes);
    assert.equal(header.pageSize, 1024);
    assert.equal(header.pageCount * 1024, bytes.length);
    assert.equal(header.pageCountIsValid, true);
    assert.equal(header.encoding, 1);
  });

  it('B4: reads 1 as a page size of 65536', async () => {
    const bytes = await image();
    new DataView(bytes.buffer).setUint16(16, 1);
    assert.equal(parsed(bytes).pageSize, 65536);
  });

  for (const pageSize of [0, 2, 256, 511, 513, 1000, 65535]) {
    it(`B4: the page size ${pageSize} is a fault`, async () => {
      const bytes = await image();
      new DataView(bytes.buffer, bytes.byteOffset).setUint16(16, pageSize);
      assert.match(faultOf(bytes), /impossible page size/);
    });
  }

  it('B4: an unknown text encoding is a fault', async () => {
    const bytes = await image();
    new DataView(bytes.buffer, bytes.byteOffset).setUint32(56, 4);
    assert.match(faultOf(bytes), /unknown text encoding 4/);
  });

  it('B1: fewer bytes than a header are a fault', async () => {
    assert.match(faultOf((await image()).subarray(0, headerSize - 1)), /has 99 bytes/);
    assert.match(faultOf(new Uint8Array()), /has 0 bytes/);
  });

  it('does not believe a page count whose "version valid for" is old', async () => {
    const bytes = await image();
    new DataView(bytes.buffer, bytes.byteOffset).setUint32(92, 77);
    assert.equal(parsed(bytes).pageCountIsValid, false);
  });

  it('B6: never throws, whatever the bytes', () => {
    const magic = new TextEncoder().encode('SQLite format 3\0');
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.boolean(), (bytes, withMagic) => {
        if (withMagic && bytes.length >= magic.length) bytes.set(magic);
        const header = parseHeader(bytes);
        if ('fault' in header) return header.fault.length > 0;
        return hasMagic(bytes) && header.pageSize >= 512 && header.pageSize <= 65536;
      }),
    );
  });

  it('a successor keeps the journal mode of the file it replaces, WAL included, and counts on', () => {
    fc.assert(
      fc.property(
        fc.record({
          version: fc.constantFrom(1, 2),
          changeCounter: fc.nat(0xffffffff),
          schemaCookie: fc.nat(0xffffffff),
        }),
        ({ version, changeCounter, schemaCookie }) => {
          const bytes = new Uint8Array(512);
          bytes.set(new TextEncoder().encode('SQLite format 3\0'));
          bytes[16] = 2;
          const previous = {
            ...parsed(bytes),
            writeVersion: version,
            readVersion: version,
            changeCounter,
            schemaCookie,
          };
          succeedHeader(bytes, previous);
          const next = parsed(bytes);
          assert.deepEqual([next.writeVersion, next.readVersion], [version, version]);
          assert.equal(next.changeCounter, (changeCounter + 1) % 2 ** 32);
          assert.equal(next.schemaCookie, (schemaCookie + 1) % 2 ** 32);
          // "Version valid for" follows, or SQLite would not believe the page count.
          assert.equal(new DataView(bytes.buffer).getUint32(92), next.changeCounter);
        },
      ),
    );
  });

  it('touches only its own bytes, also in an image that is a view on a larger buffer', async () => {
    const original = await image();
    const larger = new Uint8Array(original.length + 32).fill(0xab);
    larger.set(original, 16);
    const view = larger.subarray(16, 16 + original.length);
    succeedHeader(view, parsed(view));
    assert.ok(larger.subarray(0, 16).every((byte) => byte === 0xab));
    assert.ok(larger.subarray(16 + original.length).every((byte) => byte === 0xab));
    const changed = [...view.keys()].filter((offset) => view[offset] !== original[offset]);
    assert.ok(
      changed.every((offset) => (offset >= 24 && offset < 28) || (offset >= 40 && offset < 44) || offset >= 92),
    );
    assert.ok(changed.every((offset) => offset < headerSize));
  });

  it('R9: the engine opens a WAL-mode image and leaves the bytes it was given', async () => {
    const bytes = await image();
    formatVersions.set(bytes, 2);
    const kept = Buffer.from(bytes);
    const connection = (await loadEngine()).open(bytes, 'wal.db');
    connection.execute('INSERT INTO t VALUES (3)');
    connection.close();
    assert.ok(kept.equals(bytes));
  });

  it('formatVersions leaves an image alone that has no header', () => {
    const bytes = new Uint8Array(20);
    formatVersions.set(bytes, 2);
    assert.ok(bytes.every((byte) => byte === 0));
  });
});
