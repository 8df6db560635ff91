/**
 * The bytes of one database as sql.js's file system (Emscripten's MEMFS) sees them.
 *
 * Given an array, sql.js keeps what the array's `slice()` returns as the content of the file: a copy, or, of a Node
 * Buffer, the very bytes. That call is answered here, so that an image is copied once or not at all:
 *
 * - a shared image is read in place. Writes are refused; where its header says WAL mode, which SQLite cannot open
 *   without a -wal file, page 1 is patched as it is read, never in the image.
 * - a private image lies in a buffer with room to grow, and that buffer is the exported file. Whoever grows it beyond
 *   its room, or cuts it, moves the file elsewhere: {@link ImageFile.isCurrent} tells, by whether reads still come here.
 *
 * Where there are threads, large buffers are shared memory: another one can check them without a copy.
 */
import { formatVersions, headerSize } from './header';
import { allocateImage } from './image-memory';

export interface ImageFile {
  /** What to give to sql.js in the place of the image. */
  readonly bytes: Uint8Array;
  /** Whether the file system still reads from these bytes, after an action that makes SQLite read the file. */
  isCurrent(action: () => void): boolean;
  /** The first bytes of the buffer; null where there are not as many. */
  take(length: number): Uint8Array | null;
}

function allocateUpTo(most: number, least: number): Uint8Array {
  try {
    return allocateImage(most);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return allocateImage(least);
  }
}

/** @param room bytes to grow to, as far as there are so many: a file that outgrows them moves */
export function privateImage(image: Uint8Array, room: number): ImageFile {
  const content = allocateUpTo(Math.max(image.length, room), image.length);
  content.set(image);
  formatVersions.set(content, 1);
  let reads = 0;
  override(content, 'subarray', (from, to) => {
    reads++;
    return Uint8Array.prototype.subarray.call(content, from, to);
  });
  return {
    bytes: asFile(content, image.length),
    isCurrent(action) {
      const before = reads;
      action();
      return reads > before;
    },
    take: (length) => (length > content.length ? null : new Uint8Array(content.buffer, content.byteOffset, length)),
  };
}

export function sharedImage(image: Uint8Array): ImageFile {
  const content = new Uint8Array(image.buffer, image.byteOffset, image.length);
  const head = content.slice(0, headerSize);
  formatVersions.set(head, 1);
  if (head.some((byte, index) => content[index] !== byte)) {
    override(content, 'subarray', (from = 0, to = content.length) => {
      const part: Uint8Array = Uint8Array.prototype.subarray.call(content, from, to);
      if (from >= head.length || part.length === 0) return part;
      const patched = part.slice();
      patched.set(head.subarray(from, Math.min(to, head.length)));
      return patched;
    });
  }
  // A defect of ours, never a case of the user's: loud, and nothing has been written.
  override(content, 'set', () => {
    throw new TypeError('A shared image is for reading only.');
  });
  return { bytes: asFile(content, content.length), isCurrent: () => false, take: () => null };
}

/** The file's present content, whose `slice()` is the whole buffer that the file lies in. */
function asFile(content: Uint8Array, length: number): Uint8Array {
  const file = new Uint8Array(content.buffer, content.byteOffset, length);
  override(file, 'slice', () => content);
  return file;
}

function override(
  bytes: Uint8Array,
  method: 'slice' | 'subarray' | 'set',
  replacement: (from?: number, to?: number) => Uint8Array,
): void {
  Object.defineProperty(bytes, method, { value: replacement });
}
