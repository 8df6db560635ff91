/** The rows of one query, fetched in blocks as they come into view; a bounded number of blocks is kept. */
import type { QueryStatus, RowData, TableQuery } from '../../core/browse/model';
import type { ViewAsker } from './messages';

const blockRows = 50;
/** However many rows there are, no more than this many blocks are in memory. */
const mostBlocks = 80;
/** Requests at the same time: what has scrolled past is not worth waiting for. */
const mostRequests = 2;

export interface SourceListener {
  /** Rows came, or more of them are known. */
  onRows(): void;
  onError(error: unknown): void;
}

export class RowSource {
  private readonly blocks = new Map<number, readonly RowData[]>();
  private readonly asked = new Set<number>();
  /** Blocks that could not be fetched when they were last asked for. */
  private readonly lost = new Set<number>();
  private requests = 0;
  private wanted: readonly number[] = [];
  private known = 0;
  private all: number | null = null;
  private done = false;
  private broken = false;
  private closed = false;

  constructor(
    private readonly link: ViewAsker,
    readonly table: string,
    readonly query: TableQuery,
    private readonly listener: SourceListener,
  ) {}

  /** Rows known so far. */
  get rows(): number {
    return this.known;
  }

  /** Rows that there are without a filter; null while that is not known. */
  get total(): number | null {
    return this.all;
  }

  get complete(): boolean {
    return this.done;
  }

  /** Whether it was given up to find out how many rows there are. */
  get failed(): boolean {
    return this.broken;
  }

  get(position: number): RowData | undefined {
    return this.blocks.get(Math.floor(position / blockRows))?.[position % blockRows];
  }

  /** The row, once it is here; undefined where it never comes. It must be in view, or about to be. */
  async arrival(position: number): Promise<RowData | undefined> {
    const block = Math.floor(position / blockRows);
    const mayCome = (): boolean =>
      !this.closed && !this.lost.has(block) && (this.done || this.broken ? position < this.known : true);
    while (this.get(position) === undefined && mayCome()) await new Promise((resolve) => setTimeout(resolve, 15));
    return this.get(position);
  }

  /** Rows that are here, for measuring. */
  *loaded(): Generator<RowData> {
    for (const rows of this.blocks.values()) yield* rows;
  }

  /** Fetches what is in view, and nothing that no longer is. */
  want(first: number, end: number): void {
    const blocks: number[] = [];
    for (let block = Math.floor(first / blockRows); block * blockRows < Math.max(end, first + 1); block++) {
      const known = this.blocks.get(block);
      if (known === undefined) blocks.push(block);
      else {
        // The most recently used stay.
        this.blocks.delete(block);
        this.blocks.set(block, known);
      }
    }
    this.wanted = blocks;
    this.fetch();
  }

  /** Asks how many rows there are until that is known. */
  async count(): Promise<void> {
    while (!this.closed && !this.done) {
      const { rows, complete, total } = await this.askStatus();
      if (this.isClosed()) return;
      const more = rows !== this.known || complete;
      this.known = complete ? rows : Math.max(rows, this.known);
      this.done = complete;
      this.all = total;
      if (more) this.listener.onRows();
    }
  }

  private async askStatus(): Promise<QueryStatus> {
    try {
      return await this.link.ask('browse.status', { table: this.table, query: this.query });
    } catch (error) {
      this.broken = true;
      throw error;
    }
  }

  /** Answers that come later are dropped. */
  close(): void {
    this.closed = true;
  }

  private isClosed(): boolean {
    return this.closed;
  }

  /** Blocks that follow one another are one request: each takes its time, however few rows it brings. */
  private fetch(): void {
    const missing = this.wanted.filter((block) => !this.asked.has(block) && !this.blocks.has(block));
    for (const run of runsOf(missing)) {
      if (this.requests >= mostRequests) return;
      this.fetchBlocks(run).catch((error: unknown) => {
        if (!this.closed) this.listener.onError(error);
      });
    }
  }

  private async fetchBlocks(run: readonly number[]): Promise<void> {
    this.requests++;
    for (const block of run) {
      this.asked.add(block);
      this.lost.delete(block);
    }
    try {
      const { table, query } = this;
      const from = (run[0] ?? 0) * blockRows;
      const { rows } = await this.link.ask('browse.rows', { table, query, from, count: run.length * blockRows });
      if (this.closed) return;
      run.forEach((block, index) => this.blocks.set(block, rows.slice(index * blockRows, (index + 1) * blockRows)));
      for (const oldest of this.blocks.keys()) {
        if (this.blocks.size <= mostBlocks) break;
        this.blocks.delete(oldest);
      }
      this.known = Math.max(this.known, rows.length === 0 ? 0 : from + rows.length);
    } catch (error) {
      for (const block of run) this.lost.add(block);
      throw error;
    } finally {
      this.requests--;
      for (const block of run) this.asked.delete(block);
    }
    this.listener.onRows();
    this.fetch();
  }
}

/** Ascending numbers, in pieces without a gap. */
function runsOf(numbers: readonly number[]): readonly (readonly number[])[] {
  const runs: number[][] = [];
  for (const number of numbers) {
    const last = runs[runs.length - 1];
    if (last?.[last.length - 1] === number - 1) last.push(number);
    else runs.push([number]);
  }
  return runs;
}
