/** Finding a text in the rows of the shown query: going from match to match, and counting them meanwhile. */
import type { FindResult } from '../../core/browse/model';
import { foldAscii } from './cell-view';
import type { ColumnLooks } from './column-looks';
import { FindBox } from './find-box';
import type { Grid } from './grid';
import type { HostLink } from './host-link';
import type { RowSource } from './row-source';
import type { Words } from './words';

export class RowSearch {
  readonly box: FindBox;
  private searching = 0;
  private steps: Promise<void> = Promise.resolve();
  private source: RowSource | null = null;

  constructor(
    words: Words,
    private readonly link: HostLink,
    private readonly grid: Grid,
    private readonly columns: ColumnLooks,
    private readonly onError: (error: unknown) => void,
  ) {
    this.box = new FindBox(words, {
      onText: (text) => void this.look(text, this.grid.active.row, false),
      onNext: (backwards) => this.next(backwards),
      onClose: () => this.close(),
    });
  }

  /** Other rows: what is looked for is counted anew, from a row on, and nobody is taken anywhere. */
  search(source: RowSource, from = 0): void {
    this.source = source;
    this.searching++;
    if (this.box.open && this.box.text !== '') void this.look(this.box.text, from, false, false);
  }

  /** One step after the other: each begins where the one before has arrived. */
  next(backwards: boolean): void {
    this.steps = this.steps.then(() => {
      const { row } = this.grid.active;
      return this.look(this.box.text, row + (backwards ? -1 : 1), backwards);
    });
  }

  close(): void {
    this.searching++;
    this.box.hide();
    this.grid.setSearch('');
    this.grid.focus();
  }

  /**
   * Goes to a match, and counts the others after that.
   *
   * @param jump whether to go there, or only to count
   */
  private async look(text: string, from: number, backwards: boolean, jump = true): Promise<void> {
    const search = ++this.searching;
    this.grid.setSearch(foldAscii(text));
    this.box.clearCount();
    if (text === '') return;
    try {
      const found = await this.ask(search, text, from, backwards);
      if (found?.complete === false) void this.count(search, text, from, backwards, jump && found.position === null);
      const position = found?.position ?? null;
      if (position !== null && jump) await this.goTo(position, foldAscii(text), search);
    } catch (error) {
      this.onError(error);
    }
  }

  private async count(search: number, text: string, from: number, backwards: boolean, jump: boolean): Promise<void> {
    try {
      for (let arrived = !jump; ;) {
        const found = await this.ask(search, text, from, backwards);
        if (found === null) return;
        if (found.position !== null && !arrived) {
          arrived = true;
          await this.goTo(found.position, foldAscii(text), search);
        }
        if (found.complete) return;
      }
    } catch (error) {
      this.onError(error);
    }
  }

  /** One answer, shown; null where the search was replaced meanwhile. */
  private async ask(search: number, text: string, from: number, backwards: boolean): Promise<FindResult | null> {
    const { source } = this;
    if (source === null) return null;
    const found = await this.link.ask('browse.find', {
      table: source.table,
      query: source.query,
      text,
      columns: this.columns.shown.map(({ name }) => name),
      from,
      backwards,
    });
    if (search !== this.searching || source !== this.source) return null;
    this.box.showCount(found.ordinal, found.matches, found.complete);
    return found;
  }

  private async goTo(row: number, folded: string, search: number): Promise<void> {
    const { source } = this;
    this.grid.jumpTo({ row, column: this.grid.active.column });
    const cells = (await source?.arrival(row))?.cells;
    if (search !== this.searching) return;
    const at = this.columns.shown.findIndex(({ index }) => {
      const cell = cells?.[index];
      return cell !== undefined && cell.type !== 'blob' && foldAscii(cell.text).includes(folded);
    });
    if (at >= 0) this.grid.moveTo({ row, column: at }, false);
  }
}
