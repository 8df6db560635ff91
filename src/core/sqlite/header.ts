/**
 * The 100-byte header of a SQLite main file, https://www.sqlite.org/fileformat2.html#the_database_header.
 * All integers are big-endian.
 */
export interface DatabaseHeader {
  /** Bytes: a power of two from 512 to 65536. */
  readonly pageSize: number;
  /** 1 rollback journal, 2 write-ahead log. */
  readonly writeVersion: number;
  readonly readVersion: number;
  readonly changeCounter: number;
  /** Pages; valid only where {@link DatabaseHeader.pageCountIsValid}. */
  readonly pageCount: number;
  /** Old writers leave the page count stale; it counts only if "version valid for" equals the change counter. */
  readonly pageCountIsValid: boolean;
  readonly schemaCookie: number;
  /** 1 UTF-8, 2 UTF-16le, 3 UTF-16be; 0 in a database that never had a table. */
  readonly encoding: number;
}

export const headerSize = 100;
const magic = new TextEncoder().encode('SQLite format 3\0');
const offsets = {
  pageSize: 16,
  writeVersion: 18,
  readVersion: 19,
  changeCounter: 24,
  pageCount: 28,
  schemaCookie: 40,
  encoding: 56,
  validFor: 92,
};

export function hasMagic(head: Uint8Array): boolean {
  return head.length >= magic.length && magic.every((byte, index) => head[index] === byte);
}

/** The header, or why there is none: the words complete the sentence "the file …". */
export function parseHeader(head: Uint8Array): DatabaseHeader | { readonly fault: string } {
  if (head.length < headerSize) return { fault: `has ${head.length} bytes, fewer than the ${headerSize} of a header` };
  if (!hasMagic(head)) return { fault: 'does not begin with the SQLite magic bytes' };
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  const storedPageSize = view.getUint16(offsets.pageSize);
  const pageSize = storedPageSize === 1 ? 65536 : storedPageSize;
  if (pageSize < 512 || (pageSize & (pageSize - 1)) !== 0)
    return { fault: `declares the impossible page size ${pageSize}` };
  const encoding = view.getUint32(offsets.encoding);
  if (encoding > 3) return { fault: `declares the unknown text encoding ${encoding}` };
  const changeCounter = view.getUint32(offsets.changeCounter);
  const pageCount = view.getUint32(offsets.pageCount);
  return {
    pageSize,
    writeVersion: view.getUint8(offsets.writeVersion),
    readVersion: view.getUint8(offsets.readVersion),
    changeCounter,
    pageCount,
    pageCountIsValid: pageCount > 0 && view.getUint32(offsets.validFor) === changeCounter,
    schemaCookie: view.getUint32(offsets.schemaCookie),
    encoding,
  };
}

/** Bytes 18 and 19, which say whether the file is in WAL mode. */
export const formatVersions = {
  set(image: Uint8Array, version: number): void {
    if (image.length < headerSize) return;
    image[offsets.writeVersion] = version;
    image[offsets.readVersion] = version;
  },
};

/**
 * Makes an exported image the successor of the file it replaces, in place.
 *
 * The export restarts the change counter and the schema cookie; a connection that caches pages or schemas of the old
 * file by those numbers would not notice the new one. The journal mode is the old file's.
 */
export function succeedHeader(image: Uint8Array, previous: DatabaseHeader): void {
  const view = new DataView(image.buffer, image.byteOffset, image.byteLength);
  view.setUint8(offsets.writeVersion, previous.writeVersion);
  view.setUint8(offsets.readVersion, previous.readVersion);
  const counter = (previous.changeCounter + 1) >>> 0;
  view.setUint32(offsets.changeCounter, counter);
  view.setUint32(offsets.validFor, counter);
  view.setUint32(offsets.schemaCookie, (previous.schemaCookie + 1) >>> 0);
}
