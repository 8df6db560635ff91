/** The rows of one relation: grid, header, find box, side panel and status line, and what they do to each other. */
import type { BrowseColumn, OpenedTable, RowFormat, TableQuery } from '../../core/browse/model';
import { visibleName } from '../../core/visible-text';
import { ColumnLooks } from './column-looks';
import { element, iconButton } from './dom';
import { parseFilter } from './filter-text';
import { Grid, type Place } from './grid';
import { GridHeader } from './grid-header';
import type { HostLink } from './host-link';
import { openMenu } from './menu';
import { OpenCell } from './open-cell';
import { RowQuery, type Direction } from './row-query';
import { RowSearch } from './row-search';
import { comparisonEntries } from './row-comparison';
import { RowSource } from './row-source';
import { RowTransfer } from './row-transfer';
import { countWords, formatNumber, stateWords, StatusLine } from './status-line';
import { cellMenu, columnMenu, columnsMenu, type CellActions } from './view-menus';
import { emptyPanel, type PanelState, type RowsState } from './view-state';
import { Waiting } from './waiting';
import { fill, type Words } from './words';

export interface RowsListener {
  /** What is to be remembered has changed. */
  onState(): void;
  onError(error: unknown): void;
  /** Other rows are about to be shown: what was told about the ones before no longer holds. */
  onQuery(): void;
  /** How many rows there are, in words. */
  describe(opened: OpenedTable, source: RowSource, counts: string): string;
}

export class RowsView {
  /** Grid and side panel. */
  readonly element: HTMLElement;
  /** Buttons for a toolbar. */
  readonly tools: HTMLElement;
  readonly status: StatusLine;
  private readonly grid: Grid;
  private readonly header: GridHeader;
  private readonly columns: ColumnLooks;
  private readonly rowQuery = new RowQuery();
  private readonly search: RowSearch;
  private readonly cell: OpenCell;
  private readonly transfer: RowTransfer;
  private readonly waiting: Waiting;
  private readonly clearing: HTMLButtonElement;
  private readonly emptiness = element('div', 'emptiness', { hidden: true });

  private shown: OpenedTable | null = null;
  private source: RowSource | null = null;
  /** A later state of the file, whose rows are not here yet. */
  private coming: { readonly source: RowSource; readonly opened: OpenedTable } | null = null;
  /** The rows that the widths of the columns have seen. */
  private fittedTo: RowSource | null = null;
  /** The rows whose place is about to be restored: until it is, the active cell is not the one that was. */
  private restoring: RowSource | null = null;
  /** The rows whose number was read aloud: the order they are in does not change it. */
  private toldFor = '';

  constructor(
    private readonly words: Words,
    private readonly link: HostLink,
    private readonly listener: RowsListener,
    panel: PanelState = emptyPanel,
  ) {
    this.grid = new Grid(words, {
      onOpen: (at) => this.openCell(at, true),
      onMenu: (at, x, y) => this.openCellMenu(at, x, y),
      onCopy: () => this.copySelection(),
      onMove: () => this.moved(),
      onScroll: () => listener.onState(),
      onLeaveUpwards: (column) => this.header.focusColumn(column),
    });
    this.columns = new ColumnLooks(words, () => this.columnsChanged());
    this.header = new GridHeader(this.grid.header, words, {
      onSort: (column, add) => this.sortBy(column, add),
      onFilter: (column, text) => this.filterBy(column, text),
      onResize: (column, width) => this.columns.change(column, { width, sized: true }),
      onFit: (column) => this.fit(column),
      onMove: (column, before) => this.columns.move(column, before),
      onMenu: (column, x, y) => this.openColumnMenu(column, x, y),
      onSelectAll: () => {
        this.grid.focus();
        this.grid.selectAll();
      },
      onLeave: (column) => {
        this.grid.focus();
        this.grid.moveTo({ row: this.grid.active.row, column: Math.max(0, column) }, false);
      },
    });
    this.search = new RowSearch(words, link, this.grid, this.columns, (error) => this.fail(error));
    this.cell = new OpenCell(words, link, this.grid, panel, {
      onCopy: () => this.copyActive(),
      onState: () => listener.onState(),
      onError: (error) => this.fail(error),
    });
    this.waiting = new Waiting(words, this.grid.element, () => this.stop());
    this.clearing = this.makeClear();
    this.status = new StatusLine(this.clearing, this.waiting.stop);
    this.transfer = new RowTransfer(words, link, this.waiting, this.status, (error) => this.fail(error));
    this.tools = element(
      'div',
      'tools',
      {},
      this.search.box.element,
      iconButton('search', `${words.find} (Ctrl+F)`, () => this.search.box.show()),
      iconButton('columns', words.columns, (event) => this.openColumnsMenu(event)),
      iconButton('export', words.export, () => this.exportRows()),
    );
    this.element = element(
      'div',
      'main',
      {},
      element('div', 'stage', {}, this.waiting.bar, this.grid.element, this.emptiness),
      this.cell.element,
    );
  }

  get opened(): OpenedTable | null {
    return this.shown;
  }

  /** What is to be remembered. */
  get state(): RowsState {
    const position = this.grid.firstRow;
    const { active } = this.grid;
    return {
      columns: this.columns.all,
      sort: this.rowQuery.sort,
      filters: [...this.rowQuery.filters],
      position,
      key: this.source?.get(position)?.key ?? null,
      active: { ...active, key: this.source?.get(active.row)?.key ?? null },
    };
  }

  get panelState(): PanelState {
    return this.cell.state;
  }

  /** Which rows are shown. */
  get query(): TableQuery {
    return this.rowQuery.query;
  }

  /** Only where the user is: a table that opens beside the tree does not take the keyboard away from it. */
  focus(): void {
    if (document.hasFocus()) this.grid.focus();
  }

  /** What is shown is about to be replaced: the rows of before no longer come. */
  expect(): void {
    this.drop();
    this.waiting.begin();
  }

  /** Something else is shown in the place of the rows. */
  leave(): void {
    this.drop();
    this.waiting.end();
  }

  /** No rows come any more. */
  private drop(): void {
    this.source?.close();
    this.coming?.source.close();
    this.coming = null;
  }

  /** There is nothing to be shown, and what was shown before is not it. */
  clear(): void {
    this.leave();
    this.shown = null;
    this.source = null;
    this.grid.element.hidden = true;
    this.emptiness.hidden = true;
    this.cell.suspend();
    this.status.show('', []);
  }

  async show(opened: OpenedTable, state: RowsState): Promise<void> {
    this.adopt(opened, state);
    this.startQuery();
    this.grid.moveTo(state.active, false);
    await this.restorePlace(state);
  }

  /**
   * The same table of a later state of the file. The rows of before are shown until the new ones are here, and the same
   * rows stay in view: a file that is written all the time neither flickers nor takes anybody away.
   */
  async showAgain(opened: OpenedTable): Promise<void> {
    const { source, shown } = this;
    if (source === null || JSON.stringify(shown?.columns) !== JSON.stringify(opened.columns)) {
      this.drop();
      await this.show(opened, this.state);
      return;
    }
    this.coming?.source.close();
    const next = this.makeSource(opened, source.query);
    this.coming = { source: next, opened };
    const isCurrent = (): boolean => this.coming?.source === next;
    this.waiting.go();
    await next.count();
    const { active, position, key } = this.state;
    const row = await this.placeOf({ position: active.row, key: active.key }, next);
    const first = await this.placeOf({ position, key }, next);
    next.want(first, first + this.grid.rowsInView);
    await next.arrival(first);
    // Another query, or a later state, has taken its place.
    if (!isCurrent()) return;
    source.close();
    this.coming = null;
    this.shown = opened;
    this.source = next;
    // Nobody asked for these rows: their number is not read aloud.
    this.toldFor = this.toldAs(next);
    this.grid.show(next, opened.columns, this.columns.shown, opened.table);
    if (position > 0) this.grid.scrollByRows(first - position);
    this.grid.follow(row - active.row);
    this.search.search(next, this.grid.active.row);
    this.rowsCame();
    this.listener.onState();
  }

  /** Replaces sort keys and filters. */
  showQuery(query: TableQuery): void {
    this.rowQuery.replace(query);
    this.restart();
  }

  /** The rows are in view again. */
  update(): void {
    this.grid.update();
  }

  /** Where it comes from the rows; the view tells it. */
  fail(error: unknown): void {
    this.waiting.end();
    this.showStatus();
    this.listener.onError(error);
  }

  /** @returns whether the key was one of the rows' own */
  key(event: KeyboardEvent): boolean {
    const control = event.ctrlKey || event.metaKey;
    const { box } = this.search;
    if (control && event.key === 'f' && !this.element.hidden) box.show();
    else if (event.key === 'F3' && box.text !== '') this.search.next(event.shiftKey);
    else if (event.key === 'Escape' && box.open) this.search.close();
    else if (event.key === 'Escape' && this.cell.isVisible) this.cell.close();
    else if (event.key === 'Escape' && event.target === this.grid.element) return this.grid.deselect();
    else return false;
    return true;
  }

  // --- the query

  private adopt(opened: OpenedTable, state: RowsState): void {
    const sameColumns = JSON.stringify(this.shown?.columns) === JSON.stringify(opened.columns);
    this.shown = opened;
    this.grid.element.hidden = false;
    this.rowQuery.adopt(state, new Set(opened.columns.map(({ name }) => name)));
    this.columns.adopt(opened.columns, state.columns);
    if (!sameColumns) this.header.forget();
  }

  /**
   * From the first row, with a new query.
   *
   * @param name the column that the user is at, which stays in view
   */
  private restart(name: string | null = null): void {
    this.startQuery();
    this.grid.scrollToRow(0);
    const at = this.columns.shown.findIndex((column) => column.name === name);
    this.grid.moveTo({ row: 0, column: at < 0 ? this.grid.active.column : at }, false);
  }

  private startQuery(): void {
    // A later state that is on its way is the one to ask.
    const shown = this.coming?.opened ?? this.shown;
    if (shown === null) return;
    this.shown = shown;
    this.expect();
    const source = this.makeSource(shown, this.rowQuery.query);
    this.source = source;
    this.listener.onQuery();
    this.layOut();
    this.grid.show(source, shown.columns, this.columns.shown, shown.table);
    source.count().catch((error: unknown) => {
      if (source === this.source) this.fail(error);
    });
    this.search.search(source);
    this.listener.onState();
  }

  private makeSource({ table }: OpenedTable, query: TableQuery): RowSource {
    const source = new RowSource(this.link, table, query, {
      onRows: () => {
        if (source === this.source) this.rowsCame();
      },
      onError: (error) => {
        if (source === this.source) this.fail(error);
      },
    });
    return source;
  }

  private rowsCame(): void {
    const { source } = this;
    if (source === null) return;
    const filtered = source.query.filters.length > 0;
    if (source.complete) this.waiting.end();
    if (this.fittedTo !== source && source.get(0) !== undefined) {
      this.fittedTo = source;
      this.columns.grow(source.loaded());
    }
    const nothing = source.complete && source.rows === 0;
    this.emptiness.hidden = !nothing;
    if (nothing)
      this.emptiness.replaceChildren(
        ...(filtered ? [this.words.noRowsFiltered, ' ', this.makeClear()] : [this.words.noRows]),
      );
    this.grid.update();
    this.showStatus();
    this.tellCount(source);
    if (nothing) this.cell.suspend();
    else this.followActive();
  }

  /** For who does not see the status line: once for each set of rows, when their number is known. */
  private tellCount(source: RowSource): void {
    const { shown } = this;
    if (shown === null || !source.complete) return;
    const told = this.toldAs(source);
    if (told === this.toldFor) return;
    this.toldFor = told;
    this.status.say(this.countsOf(shown, source));
  }

  private toldAs({ table, query, rows }: RowSource): string {
    return JSON.stringify([table, query.filters, rows]);
  }

  /** The active cell and the first row in view: by their keys, whatever was inserted or deleted before them. */
  private async restorePlace({ active, position, key }: RowsState): Promise<void> {
    const { source } = this;
    const before = this.grid.active;
    this.restoring = source;
    try {
      const row = active.row === 0 ? 0 : await this.placeOf({ position: active.row, key: active.key });
      const first = position === 0 ? 0 : await this.placeOf({ position, key });
      // Who has gone somewhere else in the meantime stays there.
      if (source === this.source && this.grid.active === before) {
        this.grid.moveTo({ row, column: active.column }, false);
        this.grid.scrollToRow(first);
      }
    } finally {
      if (this.restoring === source) this.restoring = null;
    }
    this.followActive();
  }

  /** Where a row stands now. */
  private async placeOf(state: Pick<RowsState, 'key' | 'position'>, source = this.source): Promise<number> {
    const row = state.key === null ? null : await this.locate(state.key, source);
    // Rows that nobody knows yet cannot be scrolled to.
    while (
      source !== null &&
      source === this.source &&
      !source.complete &&
      !source.failed &&
      source.rows <= (row ?? state.position)
    )
      await new Promise((resolve) => setTimeout(resolve, 50));
    return row ?? state.position;
  }

  private async locate(key: string, source: RowSource | null): Promise<number | null> {
    const { shown } = this;
    if (shown?.keyed !== true || source === null) return null;
    return (await this.link.ask('browse.locate', { table: shown.table, query: source.query, key })).position;
  }

  private sortBy(column: string, add: boolean, direction?: Direction): void {
    this.rowQuery.sortBy(column, add, direction);
    this.restart(column);
    const { sort } = this.rowQuery;
    if (sort.length === 0) return;
    const said = sort.map((one) =>
      fill(one.descending ? this.words.sortDescending : this.words.sortAscending, visibleName(one.column)),
    );
    this.status.say(said.join(', '));
  }

  private filterBy(column: string, text: string): void {
    if (!this.rowQuery.filterBy(column, text)) return;
    // A mistake filters nothing: where it takes the place of no filter, the rows stay as they are.
    if (JSON.stringify(this.rowQuery.query) !== JSON.stringify(this.source?.query)) this.restart(column);
    else {
      this.layOut();
      this.showStatus();
      this.listener.onState();
    }
  }

  private makeClear(): HTMLButtonElement {
    const button = element('button', 'link', { type: 'button' }, this.words.clearFilters);
    button.addEventListener('click', () => void this.clearFilters());
    return button;
  }

  /** The row that was found by them stays in view, among its neighbours. */
  private async clearFilters(): Promise<void> {
    const { row, column } = this.grid.active;
    const key = this.source?.get(row)?.key ?? null;
    const name = this.columns.at(column)?.name ?? null;
    this.rowQuery.clearFilters();
    this.restart(name);
    this.grid.focus();
    const { source } = this;
    if (key === null) return;
    try {
      const place = await this.placeOf({ key, position: 0 });
      if (source === this.source) this.grid.jumpTo({ row: place, column: this.grid.active.column });
    } catch (error) {
      this.fail(error);
    }
  }

  // --- columns

  private columnsChanged(): void {
    this.layOut();
    this.grid.layOut(this.columns.shown);
    this.listener.onState();
  }

  private layOut(): void {
    const { sort, filters, mistakes } = this.rowQuery;
    this.header.show(this.columns.shown, this.shown?.columns ?? [], sort, filters, mistakes);
  }

  private fit(column: string): void {
    if (this.source !== null) this.columns.fit(column, this.source.loaded());
  }

  // --- cells

  private moved(): void {
    this.followActive();
    this.showStatus();
    this.listener.onState();
  }

  /** What is open is the active cell, whatever made it that. */
  private followActive(): void {
    if (this.cell.isOpen && this.restoring !== this.source) this.openCell(this.grid.active, false);
  }

  private openCell(at: Place, focus: boolean): void {
    const { source, shown } = this;
    const column = this.columns.at(at.column);
    if (source === null || shown === null || column === undefined || source.rows === 0) return;
    this.cell.show({ opened: shown, query: source.query, row: at.row, column }, focus);
  }

  private copyActive(): void {
    const { row, column } = this.grid.active;
    this.copy('text', [row, row], [column, column]);
  }

  private copySelection(): void {
    const { rows, columns } = this.grid.selection;
    this.copy('text', rows, columns);
  }

  private copy(format: RowFormat, rows: readonly [number, number], columns: readonly [number, number]): void {
    const names = this.shownNames.slice(columns[0], columns[1] + 1);
    if (this.source !== null) this.transfer.copy(this.source, names, rows, format);
  }

  private exportRows(): void {
    if (this.source !== null) this.transfer.export(this.source, this.shownNames);
  }

  private get shownNames(): readonly string[] {
    return this.columns.shown.map(({ name }) => name);
  }

  private follow({ references }: BrowseColumn, value: string): void {
    if (references === null) return;
    const filter = references.column === null ? null : parseFilter(references.column, value);
    const query = filter === null ? null : { sort: [], filters: [filter] };
    this.request(this.link.ask('openTable', { table: references.table, query }));
  }

  private stop(): void {
    this.request(this.link.ask('stop', null));
    // The button is gone, and the focus with it.
    this.grid.focus();
  }

  private request(asked: Promise<unknown>): void {
    asked.catch((error: unknown) => this.fail(error));
  }

  // --- menus

  private openCellMenu(at: Place, x: number, y: number): void {
    const column = this.columns.at(at.column);
    const cell = this.source?.get(at.row)?.cells[this.columns.shown[at.column]?.index ?? -1];
    if (column === undefined || cell === undefined) return;
    const { rows } = this.grid.selection;
    const actions: CellActions = {
      open: () => this.openCell(at, true),
      copySelection: () => this.copySelection(),
      copyRows: (format) => this.copy(format, rows, [0, this.columns.shown.length - 1]),
      filter: (text) => {
        this.filterBy(column.name, text);
        this.layOut();
      },
      follow: (text) => this.follow(column, text),
    };
    const key = this.source?.get(at.row)?.key;
    const comparing = comparisonEntries(this.link, this.words, this.opened?.table, key, (error) => this.fail(error));
    const entries = cellMenu(column, cell, this.words, actions, comparing);
    openMenu(entries, x, y, this.words.details, () => this.grid.focus());
  }

  private openColumnMenu(name: string, x: number, y: number): void {
    const at = this.columns.shown.findIndex((column) => column.name === name);
    const entries = columnMenu(name, this.columns, this.rowQuery, this.words, {
      sort: (direction) => this.sortBy(name, false, direction),
      clearSort: () => {
        this.rowQuery.clearSort();
        this.restart();
      },
      focusFilter: () => this.header.focusFilter(name),
      clearFilters: () => void this.clearFilters(),
      fit: () => this.fit(name),
      copyName: () => this.request(this.link.ask('copyText', { text: name })),
    });
    if (entries.length === 0) return;
    openMenu(entries, x, y, name, () =>
      this.header.focusColumn(Math.max(0, Math.min(at, this.columns.shown.length - 1))),
    );
  }

  private openColumnsMenu(event: MouseEvent): void {
    const button = event.currentTarget instanceof HTMLElement ? event.currentTarget : this.tools;
    const box = button.getBoundingClientRect();
    openMenu(columnsMenu(this.columns, this.words), box.left, box.bottom + 2, this.words.columns, () => button.focus());
  }

  // --- what is told

  private showStatus(): void {
    const { source, shown, words } = this;
    if (source === null || shown === null) return;
    this.clearing.hidden = this.rowQuery.filters.size === 0;
    const place = source.rows > 0 ? [this.placeWords()] : [];
    this.status.show(this.countsOf(shown, source), [...place, ...stateWords(shown.state, words)]);
  }

  /** Where one is, or how much is selected. */
  private placeWords(): string {
    const { rows, columns } = this.grid.selection;
    const [height, width] = [rows[1] - rows[0] + 1, columns[1] - columns[0] + 1];
    return height * width > 1
      ? fill(this.words.selected, formatNumber(height), formatNumber(width))
      : fill(this.words.rowNumber, formatNumber(this.grid.active.row + 1));
  }

  private countsOf(shown: OpenedTable, source: RowSource): string {
    const { words } = this;
    const counts = this.listener.describe(shown, source, countWords(source, words));
    const wrong = [...this.rowQuery.mistakes.keys()].map(visibleName);
    return wrong.length === 0 ? counts : `${counts} · ${fill(words.notFiltered, wrong.join(', '))}`;
  }
}
