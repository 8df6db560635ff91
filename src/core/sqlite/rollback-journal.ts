/**
 * The rollback journal of a database, https://www.sqlite.org/fileformat2.html#the_rollback_journal.
 *
 * A journal is hot where its first byte is not 0: the transaction that wrote it is under way or was cut off, and the
 * pages it holds are those that the main file had before. Segments of a header, padded to a sector, and records of a
 * page number, the page and a checksum follow each other, each at a sector boundary. All integers are big-endian.
 */
import { allocateImage } from './image-memory';

const magic = Uint8Array.of(0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7);
const offsets = { records: 8, nonce: 12, pageCount: 16, sectorSize: 20, pageSize: 24 };
/** Bytes that a segment header takes at least: the smallest sector that SQLite assumes of a disk. */
const smallestHeader = 512;
/** A number of records that was never written: they go to the end of the file. */
const unknownCount = 0xffffffff;
const largestPage = 65536;
const lockByte = 0x40000000;

/** SQLite takes the database for one without a journal. The words complete the sentence "the journal …". */
export interface IgnoredJournal {
  readonly kind: 'ignored';
  readonly reason: string;
}

/** The transaction can not be taken back as a whole. The words complete the sentence "the journal …". */
export interface BrokenJournal {
  readonly kind: 'broken';
  readonly reason: string;
}

export interface Journal {
  readonly kind: 'journal';
  readonly pageSize: number;
  /** Pages of the database before the transaction. */
  readonly pageCount: number;
  /** The offset in the journal of each page as it was, by page number. */
  readonly pages: ReadonlyMap<number, number>;
}

/** Whether SQLite would roll a journal back; a PERSIST journal at rest begins with zeros. */
export function isHot(journal: Uint8Array): boolean {
  return journal[0] !== undefined && journal[0] !== 0;
}

/**
 * Finds the pages that a hot journal gives back, in one pass over the bytes.
 *
 * SQLite gives back what it can and goes on with half a transaction where a record that was forced to disk is damaged;
 * that is refused here.
 *
 * @param mainPageSize for journals of SQLite before 3.5.8, which do not say it
 */
export function readJournal(journal: Uint8Array, mainPageSize: number): Journal | IgnoredJournal | BrokenJournal {
  if (journal.length < smallestHeader)
    return { kind: 'ignored', reason: `has ${journal.length} bytes, fewer than the ${smallestHeader} of a header` };
  const view = new DataView(journal.buffer, journal.byteOffset, journal.byteLength);
  const isHeaderAt = (at: number): boolean => magic.every((byte, index) => journal[at + index] === byte);
  if (!isHeaderAt(0)) return unreadableHeader(journal, 'does not begin with the magic bytes of a journal');
  const sectorSize = view.getUint32(offsets.sectorSize);
  const pageSize = view.getUint32(offsets.pageSize) || mainPageSize;
  if (!isPowerOfTwo(sectorSize, 32) || !isPowerOfTwo(pageSize, 512))
    return unreadableHeader(journal, 'declares an impossible page or sector size');
  const superJournal = findSuperJournal(journal, view);
  if (superJournal !== null)
    return { kind: 'broken', reason: `belongs to a transaction over several databases, led by ${superJournal}` };
  const pageCount = view.getUint32(offsets.pageCount);
  const recordSize = 4 + pageSize + 4;
  const lockPage = lockByte / pageSize + 1;
  const pages = new Map<number, number>();
  for (let segment = 0; segment === 0 || (segment + sectorSize <= journal.length && isHeaderAt(segment));) {
    const declared = view.getUint32(segment + offsets.records);
    const nonce = view.getUint32(segment + offsets.nonce);
    const first = segment + sectorSize;
    // With an unknown count, records are written before they are forced to disk: the last ones may be anything.
    const isCounted = declared !== unknownCount;
    const room = Math.max(0, Math.floor((journal.length - first) / recordSize));
    const records = isCounted ? Math.min(declared, room) : room;
    for (let record = 0; record < records; record++) {
      const at = first + record * recordSize;
      const page = view.getUint32(at);
      const isStop = page === 0 || page === lockPage;
      if (!isStop && page > pageCount) continue;
      if (isStop || checksumOf(journal, at + 4, pageSize, nonce) !== view.getUint32(at + 4 + pageSize)) {
        if (!isCounted) return { kind: 'journal', pageSize, pageCount, pages };
        return { kind: 'broken', reason: `is damaged: record ${record + 1} of ${declared} is not what was written` };
      }
      if (pages.has(page)) return { kind: 'broken', reason: `is damaged: it holds page ${page} twice` };
      pages.set(page, at + 4);
    }
    if (isCounted && records < declared)
      return { kind: 'broken', reason: `is cut off: it promises ${declared} records and holds ${records}` };
    segment = Math.ceil((first + records * recordSize) / sectorSize) * sectorSize;
  }
  return { kind: 'journal', pageSize, pageCount, pages };
}

/**
 * The database as it was before the transaction: the main file at its size of then, with every page that the journal
 * holds.
 *
 * @returns a new array; or the first page that is in neither file
 */
export function rollBack(
  main: Uint8Array,
  { pageSize, pageCount, pages }: Journal,
  journal: Uint8Array,
): Uint8Array | { readonly missingPage: number } {
  const lockPage = lockByte / pageSize + 1;
  // A transaction that makes the file shorter does so after its journal is gone.
  for (let page = Math.floor(main.length / pageSize) + 1; page <= pageCount; page++)
    if (!pages.has(page) && page !== lockPage) return { missingPage: page };
  const image = allocateImage(pageCount * pageSize);
  image.set(main.subarray(0, image.length));
  for (const [page, at] of pages) image.set(journal.subarray(at, at + pageSize), (page - 1) * pageSize);
  return image;
}

/** Before the header is on disk the main file is not touched; with records behind it, it may have been. */
function unreadableHeader(journal: Uint8Array, reason: string): IgnoredJournal | BrokenJournal {
  return { kind: journal.length > smallestHeader ? 'broken' : 'ignored', reason };
}

function isPowerOfTwo(size: number, smallest: number): boolean {
  return size >= smallest && size <= largestPage && (size & (size - 1)) === 0;
}

/** The nonce and every 200th byte of the page, counted from its end. */
function checksumOf(journal: Uint8Array, page: number, pageSize: number, nonce: number): number {
  let sum = nonce;
  for (let at = pageSize - 200; at > 0; at -= 200) sum += journal[page + at] ?? 0;
  return sum >>> 0;
}

/**
 * The name of the super-journal at the journal's end: name, its length, the sum of its bytes, the magic bytes. Null where
 * there is none, or where the sum is another: SQLite rolls such a journal back.
 */
function findSuperJournal(journal: Uint8Array, view: DataView): string | null {
  const end = journal.length - 16;
  if (!magic.every((byte, index) => journal[end + 8 + index] === byte)) return null;
  const length = view.getUint32(end);
  if (length === 0 || length > end) return null;
  const name = journal.subarray(end - length, end);
  const sum = view.getUint32(end + 4);
  const add = (signed: boolean): number =>
    name.reduce((total, byte) => total + (signed && byte > 127 ? byte - 256 : byte), 0) >>> 0;
  // C leaves open whether a char has a sign, and processors differ.
  return sum === add(true) || sum === add(false) ? new TextDecoder().decode(name) : null;
}
