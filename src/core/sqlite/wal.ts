/**
 * The write-ahead log of a database, https://www.sqlite.org/fileformat2.html#the_write_ahead_log.
 *
 * A log is a header of 32 bytes and frames of 24 bytes and a page each. A frame counts where its salts are those of the
 * header and its checksum continues that of the frame before; a transaction counts from its commit frame on. What SQLite
 * finds when it recovers a log is what is found here, bit by bit. All integers are big-endian but for the words of a
 * checksum.
 */
import { allocateImage } from './image-memory';

export const walHeaderSize = 32;
const frameHeaderSize = 24;
/** The lowest bit says whether the words of checksums are big-endian. */
const magic = 0x377f0682;
const knownVersion = 3007000;
const offsets = { version: 4, pageSize: 8, salts: 16, checksum: 24 };
const frameOffsets = { page: 0, pageCount: 4, salts: 8, checksum: 16 };

/** The lock bytes lie in this page; it is never written, https://www.sqlite.org/fileformat2.html#the_lock_byte_page. */
const lockByte = 0x40000000;

export interface WalHeader {
  readonly kind: 'header';
  readonly pageSize: number;
  readonly bigEndian: boolean;
  readonly checksum: Checksum;
}

export type Checksum = readonly [s0: number, s1: number];

/** SQLite takes the database for one without a log. The words complete the sentence "the log …". */
export interface IgnoredWal {
  readonly kind: 'ignored';
  readonly reason: string;
}

/** SQLite refuses to open the database. */
export interface UnknownWal {
  readonly kind: 'unknown';
  readonly version: number;
}

/**
 * Why no frame counts behind the last commit: there is none, but those of the log as it was before it began again
 * (`end`); they are a `transaction` without its commit; one is `cut`; or its salts, page number or checksum are wrong
 * (`damaged`), which is also what a transaction leaves that wrote a frame anew and did not commit.
 */
export type WalEnd = 'end' | 'transaction' | 'cut' | 'damaged';

export interface Wal {
  readonly kind: 'log';
  readonly pageSize: number;
  /** Frames up to the last commit. */
  readonly committed: number;
  /** Pages of the database after the last commit; 0 where there is none. */
  readonly pageCount: number;
  /** Frames of this log behind the last commit, a cut one included: nothing of theirs counts. */
  readonly unread: number;
  readonly end: WalEnd;
}

/** @param head the log's first 32 bytes, or the whole log */
export function parseWalHeader(head: Uint8Array): WalHeader | IgnoredWal | UnknownWal {
  if (head.length < walHeaderSize)
    return ignored(`has ${head.length} bytes, fewer than the ${walHeaderSize} of a header`);
  const view = viewOf(head);
  const found = view.getUint32(0);
  const bigEndian = found === magic + 1;
  if (found !== magic && !bigEndian) return ignored('does not begin with the magic bytes of a log');
  const pageSize = view.getUint32(offsets.pageSize);
  if (pageSize < 512 || pageSize > 65536 || (pageSize & (pageSize - 1)) !== 0)
    return ignored(`declares the impossible page size ${pageSize}`);
  const checksum = addChecksum([0, 0], view, 0, offsets.checksum, bigEndian);
  if (!isChecksumAt(view, offsets.checksum, checksum)) return ignored('has a header whose checksum is wrong');
  const version = view.getUint32(offsets.version);
  if (version !== knownVersion) return { kind: 'unknown', version };
  return { kind: 'header', pageSize, bigEndian, checksum };
}

/**
 * Frames that a log of so many bytes has room for. No more of them can count; fewer do where a log has begun again over
 * frames of before, or where a transaction was not committed.
 */
export function frameCapacity(size: number, pageSize: number): number {
  return Math.max(0, Math.floor((size - walHeaderSize) / (frameHeaderSize + pageSize)));
}

/** Finds out which frames count, in one pass over the bytes. */
export function readWal(bytes: Uint8Array): Wal | IgnoredWal | UnknownWal {
  // SQLite does not look at the header of a log without frames, so that nothing in it is a reason to refuse.
  if (bytes.length === walHeaderSize) return ignored('has no frames');
  const header = parseWalHeader(bytes);
  if (header.kind !== 'header') return header;
  const { pageSize, bigEndian } = header;
  const view = viewOf(bytes);
  const frameSize = frameHeaderSize + pageSize;
  const whole = frameCapacity(bytes.length, pageSize);
  let frames = Math.ceil((bytes.length - walHeaderSize) / frameSize);
  let committed = 0;
  let pageCount = 0;
  let { checksum } = header;
  let read = 0;
  let end: WalEnd = whole < frames ? 'cut' : 'end';
  for (; read < whole; read++) {
    const at = walHeaderSize + read * frameSize;
    const salts = compareSalts(view, at);
    if (salts === 'stale') {
      frames = read;
      end = 'end';
      break;
    }
    if (salts === 'damaged' || view.getUint32(at + frameOffsets.page) === 0) {
      end = 'damaged';
      break;
    }
    checksum = addChecksum(checksum, view, at, frameOffsets.salts, bigEndian);
    checksum = addChecksum(checksum, view, at + frameHeaderSize, pageSize, bigEndian);
    if (!isChecksumAt(view, at + frameOffsets.checksum, checksum)) {
      end = 'damaged';
      break;
    }
    const after = view.getUint32(at + frameOffsets.pageCount);
    if (after === 0) continue;
    committed = read + 1;
    pageCount = after;
  }
  if (end === 'end' && read > committed) end = 'transaction';
  return { kind: 'log', pageSize, committed, pageCount, unread: frames - committed, end };
}

/**
 * The database as it is after the last commit: the main file, cut or grown to the page count, with each page as its last
 * committed frame has it.
 *
 * @param main whole pages of the log's page size
 * @param log what {@link readWal} found in `bytes`, with at least one commit
 * @returns a new array; or the first page that is in neither file
 */
export function overlayWal(
  main: Uint8Array,
  { pageSize, committed, pageCount }: Wal,
  bytes: Uint8Array,
): Uint8Array | { readonly missingPage: number } {
  const view = viewOf(bytes);
  const mainPages = main.length / pageSize;
  const offsetOf = (frame: number): number => walHeaderSize + frame * (frameHeaderSize + pageSize);
  const lockPage = lockByte / pageSize + 1;
  // No frame can be missing from more pages than there are frames, so that the memory asked for is that of both files.
  const added = Math.max(0, Math.min(pageCount - mainPages, committed + 2));
  const isInLog = new Uint8Array(added);
  for (let frame = 0; frame < committed; frame++) {
    const index = view.getUint32(offsetOf(frame) + frameOffsets.page) - mainPages - 1;
    if (index >= 0 && index < added) isInLog[index] = 1;
  }
  const missing = isInLog.findIndex((found, index) => found === 0 && mainPages + index + 1 !== lockPage);
  if (missing >= 0) return { missingPage: mainPages + missing + 1 };
  const image = allocateImage(pageCount * pageSize);
  image.set(main.subarray(0, image.length));
  for (let frame = 0; frame < committed; frame++) {
    const at = offsetOf(frame);
    const page = view.getUint32(at + frameOffsets.page);
    if (page > pageCount) continue;
    image.set(bytes.subarray(at + frameHeaderSize, at + frameHeaderSize + pageSize), (page - 1) * pageSize);
  }
  return image;
}

function ignored(reason: string): IgnoredWal {
  return { kind: 'ignored', reason };
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/**
 * A log that begins again counts its first salt up and throws dice for its second: both differ in what it leaves over.
 * They are 0 where a transaction ended before it had come to checksums.
 */
function compareSalts(view: DataView, at: number): 'same' | 'stale' | 'damaged' {
  const differ = (word: number): boolean =>
    view.getUint32(at + frameOffsets.salts + word) !== view.getUint32(offsets.salts + word);
  const [first, second] = [differ(0), differ(4)];
  if (first && second) return 'stale';
  return first || second ? 'damaged' : 'same';
}

/** Adds bytes to a checksum, two words at a time. The length is a multiple of 8. */
function addChecksum([a, b]: Checksum, view: DataView, offset: number, length: number, bigEndian: boolean): Checksum {
  let s0 = a;
  let s1 = b;
  for (let at = offset; at < offset + length; at += 8) {
    s0 = (s0 + view.getInt32(at, !bigEndian) + s1) | 0;
    s1 = (s1 + view.getInt32(at + 4, !bigEndian) + s0) | 0;
  }
  return [s0, s1];
}

function isChecksumAt(view: DataView, offset: number, [s0, s1]: Checksum): boolean {
  return view.getInt32(offset) === s0 && view.getInt32(offset + 4) === s1;
}
