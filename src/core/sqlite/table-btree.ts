/**
 * The rows of one rowid table by position, read from the b-tree's pages and not through SQL: a leaf says in its header
 * how many rows it holds, so that a million rows are counted, and any of them is found, without reading a single record.
 *
 * https://www.sqlite.org/fileformat2.html#b_tree_pages. All integers are big-endian.
 */
import { headerSize, parseHeader } from './header';

export interface TableRows {
  readonly count: number;
  /** The rowid at a position from 0, in the order of rowids. */
  keyAt(position: number): bigint;
  /** The position of the first row whose rowid is not below the key: that of the row itself, where there is one. */
  positionOf(key: bigint): number;
}

/** The words complete the sentence "the table …". */
export interface BtreeFault {
  readonly fault: string;
}

const pageKinds = { interior: 0x05, leaf: 0x0d } as const;
/** Of the page header: the number of cells, and on interior pages the right-most child. */
const offsets = { cells: 3, rightmost: 8 } as const;
const headerSizes = { interior: 12, leaf: 8 } as const;
/** SQLite goes no deeper: BTCURSOR_MAX_DEPTH. */
const mostLevels = 20;

/**
 * @param image the whole database, which must stay as it is
 * @param root page number from 1, as `sqlite_schema.rootpage` says
 */
export function readTableRows(image: Uint8Array, root: number): TableRows | BtreeFault {
  const header = parseHeader(image.subarray(0, headerSize));
  if ('fault' in header) return header;
  return new TableBtree(image, header.pageSize).read(root);
}

class TableBtree implements TableRows {
  private readonly view: DataView;
  private readonly pages: number;
  /** Page numbers, in the order of the rowids; leaves without a row are left out. */
  private readonly leaves: number[] = [];
  /** The position of each leaf's first row. */
  private readonly starts: number[] = [];
  private looked = 0;
  count = 0;

  constructor(
    image: Uint8Array,
    private readonly pageSize: number,
  ) {
    this.view = new DataView(image.buffer, image.byteOffset, image.byteLength);
    this.pages = Math.floor(image.length / pageSize);
  }

  read(root: number): TableRows | BtreeFault {
    const fault = this.walk(root, 1);
    return fault === null ? this : { fault };
  }

  keyAt(position: number): bigint {
    if (position < 0 || position >= this.count) throw new RangeError(`There is no row at ${position}.`);
    const index = lastUpTo(this.starts.length, (at) => (this.starts[at] ?? 0) <= position);
    return this.keyOf(index, position - (this.starts[index] ?? 0));
  }

  positionOf(key: bigint): number {
    // The leaf whose first row is not above the key holds what is before it.
    const index = lastUpTo(this.leaves.length, (at) => this.keyOf(at, 0) <= key);
    if (index < 0) return 0;
    const start = this.starts[index] ?? 0;
    const rows = (this.starts[index + 1] ?? this.count) - start;
    const last = lastUpTo(rows, (at) => this.keyOf(index, at) <= key);
    return start + last + (this.keyOf(index, last) === key ? 0 : 1);
  }

  /** @returns what is wrong with the pages below this one, or null */
  private walk(page: number, level: number): string | null {
    if (page < 1 || page > this.pages) return `has a page ${page} in a file of ${this.pages}`;
    if (level > mostLevels || ++this.looked > this.pages) return 'goes round in a circle of pages';
    const at = this.headerOf(page);
    const kind = this.view.getUint8(at);
    const cells = this.view.getUint16(at + offsets.cells);
    const isLeaf = kind === pageKinds.leaf;
    if (!isLeaf && kind !== pageKinds.interior) return `leads to page ${page}, which holds no rows of a table`;
    const pointers = at + (isLeaf ? headerSizes.leaf : headerSizes.interior);
    if (pointers + 2 * cells > page * this.pageSize) return `has more rows on page ${page} than fit`;
    if (isLeaf) {
      if (cells === 0) return null;
      this.leaves.push(page);
      this.starts.push(this.count);
      this.count += cells;
      return null;
    }
    for (let cell = 0; cell < cells; cell++) {
      const child = this.cellAt(page, pointers, cell);
      if (child + 4 > page * this.pageSize) return `has a broken page ${page}`;
      const fault = this.walk(this.view.getUint32(child), level + 1);
      if (fault !== null) return fault;
    }
    return this.walk(this.view.getUint32(at + offsets.rightmost), level + 1);
  }

  /** The rowid of one row of a leaf: behind the size of its record. */
  private keyOf(leaf: number, cell: number): bigint {
    const page = this.leaves[leaf] ?? 0;
    let at = this.cellAt(page, this.headerOf(page) + headerSizes.leaf, cell);
    for (let read = 1; this.byte(at++) >= 0x80 && read < 9; read++);
    let key = 0n;
    for (let read = 1; ; read++) {
      const byte = this.byte(at++);
      // A ninth byte counts whole.
      if (read === 9) return BigInt.asIntN(64, (key << 8n) | BigInt(byte));
      key = (key << 7n) | BigInt(byte & 0x7f);
      if (byte < 0x80) return key;
    }
  }

  private cellAt(page: number, pointers: number, cell: number): number {
    return (page - 1) * this.pageSize + this.view.getUint16(pointers + 2 * cell);
  }

  /** Page 1 begins with the header of the file. */
  private headerOf(page: number): number {
    return (page - 1) * this.pageSize + (page === 1 ? headerSize : 0);
  }

  /** Of a damaged cell, what lies behind the file is 0. */
  private byte(at: number): number {
    return at < this.view.byteLength ? this.view.getUint8(at) : 0;
  }
}

/** The last index for which a condition holds that holds up to somewhere; -1 where it never does. */
function lastUpTo(length: number, holds: (index: number) => boolean): number {
  let [low, high] = [0, length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(middle)) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
