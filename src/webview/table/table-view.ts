/** One table on the screen: toolbar, grid, side panel, schema and status line, and what they do to each other. */
import type {
  BrowseColumn,
  CellContent,
  FileVersion,
  FindResult,
  OpenedTable,
  RowFormat,
  SortKey,
  TableQuery,
} from '../../core/browse/model';
import type { CoreErrorData } from '../../core/errors';
import { cellWords, foldAscii } from './cell-view';
import {
  changeColumn,
  fittingWidth,
  moveColumn,
  place,
  reconcile,
  type ColumnLook,
  type PlacedColumn,
} from './column-layout';
import { element, iconButton, setAttribute } from './dom';
import { filterText, parseFilter } from './filter-text';
import { FindBox } from './find-box';
import { Grid, type Place } from './grid';
import { GridHeader } from './grid-header';
import { RequestFailed, type HostLink } from './host-link';
import { openMenu, type MenuEntry } from './menu';
import { comparisonEntries } from './row-comparison';
import { RowSource } from './row-source';
import { SchemaView } from './schema-view';
import { SidePanel } from './side-panel';
import type { TableState } from './view-state';
import { fill, type Words } from './words';

/** Characters of the grid's font, on average. Pixels. */
const characterWidth = 7.4;
/** A wait is shown once it has lasted so long. Milliseconds. */
const patience = 250;
/** A wait can be given up once it has lasted so long. Milliseconds. */
const impatience = 2_000;

export class TableView {
  readonly element: HTMLElement;
  private readonly title = element('h1', 'title');
  private readonly grid: Grid;
  private readonly header: GridHeader;
  private readonly find: FindBox;
  private readonly panel: SidePanel;
  private readonly schema: SchemaView;
  private readonly banner = element('div', 'banner', { role: 'alert', hidden: true });
  private readonly emptiness = element('div', 'emptiness', { hidden: true });
  private readonly status = element('div', 'status');
  private readonly counts = element('span', 'counts');
  private readonly facts = element('span', 'facts');
  private readonly stop: HTMLButtonElement;
  private readonly spoken = element('div', 'spoken', { role: 'status', 'aria-live': 'polite' });
  private readonly progress = element('div', 'progress', { role: 'presentation', hidden: true });
  private readonly tabs: Readonly<Record<'data' | 'schema', HTMLButtonElement>>;
  private readonly tools: HTMLElement;
  private readonly main: HTMLElement;

  private opened: OpenedTable | null = null;
  private source: RowSource | null = null;
  private looks: readonly ColumnLook[] = [];
  private sort: readonly SortKey[] = [];
  private filters = new Map<string, string>();
  /** The rows that there are without a filter, once they were counted. */
  private unfiltered: number | null = null;
  private fitted = false;
  private waitingSince = 0;
  private searching = 0;
  private steps: Promise<void> = Promise.resolve();
  private panelFor = '';
  private loads = 0;

  constructor(
    private readonly words: Words,
    private readonly link: HostLink,
    private readonly onState: () => void,
  ) {
    this.grid = new Grid(words, {
      onOpen: (at) => this.openCell(at, true),
      onMenu: (at, x, y) => this.openCellMenu(at, x, y),
      onCopy: () => this.copySelection(),
      onMove: () => this.moved(),
      onScroll: () => onState(),
      onLeaveUpwards: (column) => this.header.focusColumn(column),
    });
    this.header = new GridHeader(this.grid.header, words, {
      onSort: (column, add) => this.sortBy(column, add),
      onFilter: (column, text) => this.filterColumn(column, text),
      onResize: (column, width) => this.changeLooks(changeColumn(this.looks, column, { width })),
      onFit: (column) => this.fit([column]),
      onMove: (column, before) => this.changeLooks(moveColumn(this.looks, column, before)),
      onMenu: (column, x, y) => this.openColumnMenu(column, x, y),
      onLeave: (column) => {
        this.grid.focus();
        this.grid.moveTo({ row: this.grid.active.row, column: Math.max(0, column) }, false);
      },
    });
    this.find = new FindBox(words, {
      onText: (text) => void this.look(text, this.grid.active.row, false),
      onNext: (backwards) => this.findNext(backwards),
      onClose: () => this.closeFind(),
    });
    this.panel = new SidePanel(
      words,
      () => this.copyActive(),
      () => this.closePanel(),
    );
    this.schema = new SchemaView(words, link, (error) => this.showError(error));
    this.stop = element('button', 'link', { type: 'button', hidden: true }, words.stop);
    this.tabs = {
      data: this.makeTab('data'),
      schema: this.makeTab('schema'),
    };
    this.tools = element(
      'div',
      'tools',
      {},
      iconButton('search', `${words.find} (Ctrl+F)`, () => this.find.show()),
      iconButton('columns', words.columns, (event) => this.openColumnsMenu(event)),
      iconButton('export', words.export, () => this.exportRows()),
    );
    this.main = element(
      'div',
      'main',
      { role: 'tabpanel', 'aria-label': words.data },
      element('div', 'stage', {}, this.progress, this.grid.element, this.emptiness, this.find.element),
      this.panel.element,
    );
    this.stop.addEventListener('click', () => {
      this.stop.hidden = true;
      this.link.ask('stop', null).catch((error: unknown) => this.showError(error));
    });
    this.status.append(this.counts, this.stop, this.facts);
    this.element = element(
      'div',
      'table-view',
      {},
      element(
        'div',
        'toolbar',
        {},
        this.title,
        element('div', 'tabs', { role: 'tablist' }, this.tabs.data, this.tabs.schema),
        this.tools,
      ),
      this.banner,
      this.main,
      this.schema.element,
      this.status,
      this.spoken,
    );
    this.element.addEventListener('keydown', (event) => this.key(event));
    window.setInterval(() => this.showProgress(), 100);
  }

  get table(): string | null {
    return this.opened?.table ?? null;
  }

  /** What is to be remembered. */
  get state(): TableState {
    const position = this.grid.firstRow;
    return {
      columns: this.looks,
      sort: this.sort,
      filters: [...this.filters],
      position,
      key: this.source?.get(position)?.key ?? null,
      active: this.grid.active,
    };
  }

  /** Only where the user is: a table that opens beside the tree does not take the keyboard away from it. */
  focus(): void {
    if (document.hasFocus()) this.grid.focus();
  }

  async open(table: string, state: TableState): Promise<void> {
    const load = ++this.loads;
    this.source?.close();
    this.waitingSince = performance.now();
    this.title.textContent = table;
    this.banner.hidden = true;
    try {
      const opened = await this.link.ask('browse.open', { table });
      if (load !== this.loads) return;
      this.adopt(opened, state);
      this.startQuery();
      this.grid.moveTo(state.active, false);
      await this.restorePlace(state);
    } catch (error) {
      if (load === this.loads) this.showError(error);
    }
  }

  /** Replaces sort keys and filters. */
  showQuery(query: TableQuery): void {
    this.sort = query.sort;
    this.filters = new Map(query.filters.map((filter) => [filter.column, filterText(filter)]));
    this.restart();
  }

  /** The file has changed: the same rows stay in view. */
  async refresh(state: FileVersion, problem: CoreErrorData | null): Promise<void> {
    if (problem !== null) {
      this.showProblem(fill(this.words.cannotRead, problem.message, this.time(state.modified)));
      return;
    }
    this.banner.hidden = true;
    const { opened } = this;
    if (opened === null || opened.state.version === state.version) return;
    const before = this.state;
    const selected = this.source?.get(before.active.row)?.key ?? null;
    const load = ++this.loads;
    try {
      const next = await this.link.ask('browse.open', { table: opened.table });
      if (load !== this.loads) return;
      this.unfiltered = null;
      this.adopt(next, before);
      this.startQuery();
      await this.restorePlace(before);
      if (selected !== null) {
        const row = await this.locate(selected);
        if (row !== null && load === this.loads) this.grid.moveTo({ row, column: before.active.column }, false);
        this.grid.scrollToRow(await this.placeOf(before));
      }
      this.panelFor = '';
      if (this.panel.open) this.openCell(this.grid.active, false);
      if (!this.schema.element.hidden) this.showSchema();
    } catch (error) {
      if (load === this.loads) this.showError(error);
    }
  }

  // --- the query

  private get query(): TableQuery {
    const filters = [...this.filters].flatMap(([column, text]) => parseFilter(column, text) ?? []);
    return { sort: this.sort, filters };
  }

  private adopt(opened: OpenedTable, state: TableState): void {
    const sameColumns = JSON.stringify(this.opened?.columns) === JSON.stringify(opened.columns);
    this.opened = opened;
    const names = new Set(opened.columns.map(({ name }) => name));
    this.sort = state.sort.filter(({ column }) => names.has(column));
    this.filters = new Map(state.filters.filter(([column]) => names.has(column)));
    this.looks = reconcile(
      state.columns,
      opened.columns.map(({ name, type }) => ({ name, width: fittingWidth(name, type, [], characterWidth) })),
    );
    this.fitted = state.columns.length > 0;
    if (!sameColumns) this.header.forget();
    const kind = opened.kind === 'table' ? [] : [element('span', 'kind', {}, this.words[opened.kind])];
    this.title.replaceChildren(opened.table, ...kind);
  }

  /** From the first row, with a new query. */
  private restart(): void {
    this.startQuery();
    this.grid.scrollToRow(0);
    this.grid.moveTo({ row: 0, column: this.grid.active.column }, false);
  }

  private startQuery(): void {
    const { opened } = this;
    if (opened === null) return;
    this.source?.close();
    this.searching++;
    this.waitingSince = performance.now();
    const source = new RowSource(this.link, opened.table, this.query, {
      onRows: () => this.rowsCame(),
      onError: (error) => this.showError(error),
    });
    this.source = source;
    this.header.setProblem(null, '');
    this.banner.hidden = true;
    this.layOut();
    this.grid.show(source, opened.columns, this.columns, opened.table);
    source.count().catch((error: unknown) => {
      if (source === this.source) this.showError(error);
    });
    if (this.find.open && this.find.text !== '') void this.look(this.find.text, 0, false, false);
    this.onState();
  }

  private rowsCame(): void {
    const { source } = this;
    if (source === null) return;
    if (source.complete && source.query.filters.length === 0) this.unfiltered = source.rows;
    if (source.get(0) !== undefined || source.complete) this.waitingSince = source.complete ? 0 : this.waitingSince;
    if (!this.fitted && source.get(0) !== undefined) {
      this.fitted = true;
      this.fit(this.looks.map(({ name }) => name));
    }
    const nothing = source.complete && source.rows === 0;
    this.emptiness.hidden = !nothing;
    if (nothing)
      this.emptiness.textContent = source.query.filters.length > 0 ? this.words.noRowsFiltered : this.words.noRows;
    this.grid.update();
    this.showStatus();
  }

  private async restorePlace(state: TableState): Promise<void> {
    if (state.position === 0) return;
    this.grid.scrollToRow(await this.placeOf(state));
  }

  /** Where the row that was first in view stands now. */
  private async placeOf(state: TableState): Promise<number> {
    const row = state.key === null ? null : await this.locate(state.key);
    const { source } = this;
    // Rows that nobody knows yet cannot be scrolled to.
    while (source !== null && source === this.source && !source.complete && source.rows <= (row ?? state.position))
      await new Promise((resolve) => setTimeout(resolve, 50));
    return row ?? state.position;
  }

  private async locate(key: string): Promise<number | null> {
    const { opened, source } = this;
    if (opened?.keyed !== true || source === null) return null;
    return (await this.link.ask('browse.locate', { table: opened.table, query: source.query, key })).position;
  }

  private sortBy(column: string, add: boolean, direction?: 'ascending' | 'descending' | 'none'): void {
    const present = this.sort.find((key) => key.column === column);
    // Ascending, descending, not at all.
    const next = direction ?? (present === undefined ? 'ascending' : present.descending ? 'none' : 'descending');
    const others = add ? this.sort.filter((key) => key.column !== column) : [];
    const key = { column, descending: next === 'descending' };
    if (next === 'none') this.sort = others;
    else if (add && present !== undefined) this.sort = this.sort.map((one) => (one.column === column ? key : one));
    else this.sort = [...others, key];
    this.restart();
    if (this.sort.length > 0) {
      const said = this.sort.map((one) =>
        fill(one.descending ? this.words.sortDescending : this.words.sortAscending, one.column),
      );
      this.say(said.join(', '));
    }
  }

  private filterColumn(column: string, text: string): void {
    if ((this.filters.get(column) ?? '') === text) return;
    if (text === '') this.filters.delete(column);
    else this.filters.set(column, text);
    this.restart();
  }

  // --- columns

  private get columns(): readonly PlacedColumn[] {
    return place(this.looks, this.opened?.columns.map(({ name }) => name) ?? []);
  }

  private changeLooks(looks: readonly ColumnLook[]): void {
    this.looks = looks;
    this.layOut();
    this.grid.layOut(this.columns);
    this.onState();
  }

  private layOut(): void {
    this.header.show(this.columns, this.opened?.columns ?? [], this.sort, this.filters);
  }

  private fit(names: readonly string[]): void {
    const { opened, source } = this;
    if (opened === null || source === null) return;
    const rows = [...source.loaded()].slice(0, 200);
    let looks = this.looks;
    for (const name of names) {
      const index = opened.columns.findIndex((column) => column.name === name);
      const column = opened.columns[index];
      if (column === undefined) continue;
      const values = rows.map(({ cells }) => cells[index]).filter((cell) => cell !== undefined);
      const texts = values.map((cell) => (cell.type === 'blob' ? 'x'.repeat(24) : cellWords(cell, this.words)));
      looks = changeColumn(looks, name, { width: fittingWidth(name, column.type, texts, characterWidth) });
    }
    this.changeLooks(looks);
  }

  private columnAt(at: Place): BrowseColumn | undefined {
    const column = this.columns[at.column];
    return column === undefined ? undefined : this.opened?.columns[column.index];
  }

  // --- cells

  private moved(): void {
    if (this.panel.open) this.openCell(this.grid.active, false);
    this.showStatus();
    this.onState();
  }

  private openCell(at: Place, focus: boolean): void {
    const { source, opened } = this;
    const column = this.columnAt(at);
    if (source === null || opened === null || column === undefined || source.rows === 0) return;
    const wanted = `${opened.state.version} ${at.row} ${column.name} ${JSON.stringify(source.query)}`;
    if (wanted === this.panelFor && this.panel.open) {
      if (focus) this.panel.focus();
      return;
    }
    this.panelFor = wanted;
    this.link
      .ask('browse.cell', { table: opened.table, query: source.query, position: at.row, column: column.name })
      .then((content: CellContent | null) => {
        if (this.panelFor !== wanted) return;
        const opens = !this.panel.open;
        this.panel.show(column, at.row, content);
        // The grid has become narrower.
        if (opens) this.grid.reveal();
        if (focus) this.panel.focus();
      })
      .catch((error: unknown) => this.showError(error));
  }

  private closePanel(): void {
    this.panel.hide();
    this.panelFor = '';
    this.grid.focus();
  }

  private copyActive(): void {
    const { active } = this.grid;
    this.copy('text', [active.row, active.row], [active.column, active.column]);
  }

  private copySelection(): void {
    const { rows, columns } = this.grid.selection;
    this.copy('text', rows, columns);
  }

  private copy(format: RowFormat, rows: readonly [number, number], columns: readonly [number, number]): void {
    const { source, opened } = this;
    if (source === null || opened === null || source.rows === 0) return;
    const names = this.columns.slice(columns[0], columns[1] + 1).map(({ name }) => name);
    this.waitingSince ||= performance.now();
    this.link
      .ask('copyRows', {
        table: opened.table,
        query: source.query,
        columns: names,
        from: rows[0],
        to: rows[1] + 1,
        format,
      })
      .then(() => this.say(this.words.copied))
      .catch((error: unknown) => this.showError(error))
      .finally(() => {
        if (source.complete) this.waitingSince = 0;
      });
  }

  private exportRows(): void {
    const { source, opened } = this;
    if (source === null || opened === null) return;
    const columns = this.columns.map(({ name }) => name);
    this.link
      .ask('exportRows', { table: opened.table, query: source.query, columns })
      .catch((error: unknown) => this.showError(error));
  }

  // --- menus

  private openCellMenu(at: Place, x: number, y: number): void {
    const column = this.columnAt(at);
    const cell = this.source?.get(at.row)?.cells[this.columns[at.column]?.index ?? -1];
    if (column === undefined || cell === undefined) return;
    const { words } = this;
    const { rows } = this.grid.selection;
    const copyRows = (format: RowFormat) => () => this.copy(format, rows, [0, this.columns.length - 1]);
    const value = cell.type === 'null' ? 'null' : `=${cell.type === 'blob' ? `x'${cell.text}'` : cell.text}`;
    const opposite = cell.type === 'null' ? '!null' : `!${value}`;
    const whole =
      cell.type !== 'text' && cell.type !== 'blob'
        ? true
        : cell.type === 'text'
          ? cell.size === undefined
          : (cell.size ?? 0) * 2 === cell.text.length;
    const entries: MenuEntry[] = [
      { label: words.openCell, shortcut: 'Enter', run: () => this.openCell(at, true) },
      ...(column.references !== null && cell.type !== 'null'
        ? [{ label: fill(words.goToReferenced, column.references.table), run: () => this.follow(column, value) }]
        : []),
      ...comparisonEntries(this.link, words, this.opened?.table, this.source?.get(at.row)?.key, (e) =>
        this.showError(e),
      ),
      'separator',
      { label: words.copyCell, shortcut: 'Ctrl+C', run: () => this.copySelection() },
      { label: words.copyRowsCsv, run: copyRows('csv') },
      { label: words.copyRowsJson, run: copyRows('json') },
      { label: words.copyRowsMarkdown, run: copyRows('markdown') },
      { label: words.copyRowsSql, run: copyRows('sql') },
      ...(whole
        ? [
            'separator' as const,
            {
              label: fill(words.filterBy, shorten(cellWords(cell, words))),
              run: () => this.setFilter(column.name, value),
            },
            {
              label: fill(words.filterOut, shorten(cellWords(cell, words))),
              run: () => this.setFilter(column.name, opposite),
            },
          ]
        : []),
    ];
    openMenu(entries, x, y, words.details, () => this.grid.focus());
  }

  private setFilter(column: string, text: string): void {
    this.filterColumn(column, text);
    this.layOut();
  }

  private follow({ references }: BrowseColumn, value: string): void {
    if (references === null) return;
    const filter = references.column === null ? null : parseFilter(references.column, value);
    const query = filter === null ? null : { sort: [], filters: [filter] };
    this.link.ask('openTable', { table: references.table, query }).catch((error: unknown) => this.showError(error));
  }

  private openColumnMenu(name: string, x: number, y: number): void {
    const { words } = this;
    const look = this.looks.find((one) => one.name === name);
    const shown = this.columns;
    const at = shown.findIndex((column) => column.name === name);
    if (look === undefined) return;
    const moveTo = (before: string | null): void => this.changeLooks(moveColumn(this.looks, name, before));
    const [left, behind] = [shown[at - 1], shown[at + 2]];
    openMenu(
      [
        { label: fill(words.sortAscending, name), run: () => this.sortBy(name, false, 'ascending') },
        { label: fill(words.sortDescending, name), run: () => this.sortBy(name, false, 'descending') },
        ...(this.sort.length > 0 ? [{ label: words.clearSort, run: () => this.clearSort() }] : []),
        'separator',
        { label: fill(words.filterBy, name), run: () => this.header.focusFilter(name) },
        ...(this.filters.size > 0 ? [{ label: words.clearFilters, run: () => this.clearFilters() }] : []),
        'separator',
        {
          label: look.pinned ? words.unpin : words.pin,
          run: () => this.changeLooks(changeColumn(this.looks, name, { pinned: !look.pinned })),
        },
        ...(left === undefined ? [] : [{ label: words.moveLeft, run: () => moveTo(left.name) }]),
        ...(at >= shown.length - 1 ? [] : [{ label: words.moveRight, run: () => moveTo(behind?.name ?? null) }]),
        { label: words.fit, run: () => this.fit([name]) },
        ...(shown.length > 1
          ? [{ label: words.hide, run: () => this.changeLooks(changeColumn(this.looks, name, { hidden: true })) }]
          : []),
        'separator',
        {
          label: words.copyColumnName,
          run: () => {
            this.link.ask('copyText', { text: name }).catch((error: unknown) => this.showError(error));
          },
        },
      ],
      x,
      y,
      name,
      () => this.header.focusColumn(Math.max(0, Math.min(at, this.columns.length - 1))),
    );
  }

  private openColumnsMenu(event: MouseEvent): void {
    const button = event.currentTarget instanceof HTMLElement ? event.currentTarget : this.tools;
    const box = button.getBoundingClientRect();
    const shown = this.looks.filter(({ hidden }) => !hidden).length;
    openMenu(
      [
        {
          label: this.words.showAll,
          run: () => this.changeLooks(this.looks.map((look) => ({ ...look, hidden: false }))),
        },
        'separator',
        ...this.looks.map(({ name, hidden }) => ({
          label: name,
          checked: !hidden,
          run: () => {
            if (hidden || shown > 1) this.changeLooks(changeColumn(this.looks, name, { hidden: !hidden }));
          },
        })),
      ],
      box.left,
      box.bottom + 2,
      this.words.columns,
      () => button.focus(),
    );
  }

  private clearSort(): void {
    this.sort = [];
    this.restart();
  }

  private clearFilters(): void {
    this.filters.clear();
    this.restart();
  }

  // --- finding

  private key(event: KeyboardEvent): void {
    const control = event.ctrlKey || event.metaKey;
    if (control && event.key === 'f' && this.schema.element.hidden) this.find.show();
    else if (event.key === 'F3' && this.find.text !== '') this.findNext(event.shiftKey);
    else if (event.key === 'Escape' && this.find.open) this.closeFind();
    else if (event.key === 'Escape' && this.panel.open) this.closePanel();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** One step after the other: each begins where the one before has arrived. */
  private findNext(backwards: boolean): void {
    this.steps = this.steps.then(() => {
      const { row } = this.grid.active;
      return this.look(this.find.text, row + (backwards ? -1 : 1), backwards);
    });
  }

  /**
   * Goes to a match, and counts the others after that.
   *
   * @param jump whether to go there, or only to count
   */
  private async look(text: string, from: number, backwards: boolean, jump = true): Promise<void> {
    const search = ++this.searching;
    this.grid.setSearch(foldAscii(text));
    this.find.clearCount();
    if (text === '') return;
    try {
      const found = await this.ask(search, text, from, backwards);
      if (found?.complete === false)
        void this.countMatches(search, text, from, backwards, jump && found.position === null);
      const position = found?.position ?? null;
      if (position !== null && jump) await this.goToMatch(position, foldAscii(text), search);
    } catch (error) {
      this.showError(error);
    }
  }

  private async countMatches(
    search: number,
    text: string,
    from: number,
    backwards: boolean,
    jump: boolean,
  ): Promise<void> {
    try {
      for (let arrived = !jump; ;) {
        const found = await this.ask(search, text, from, backwards);
        if (found === null) return;
        if (found.position !== null && !arrived) {
          arrived = true;
          await this.goToMatch(found.position, foldAscii(text), search);
        }
        if (found.complete) return;
      }
    } catch (error) {
      this.showError(error);
    }
  }

  /** One answer, shown; null where the search was replaced meanwhile. */
  private async ask(search: number, text: string, from: number, backwards: boolean): Promise<FindResult | null> {
    const { source, opened } = this;
    if (source === null || opened === null) return null;
    const found = await this.link.ask('browse.find', {
      table: opened.table,
      query: source.query,
      text,
      columns: this.columns.map(({ name }) => name),
      from,
      backwards,
    });
    if (search !== this.searching || source !== this.source) return null;
    this.find.showCount(found.ordinal, found.matches, found.complete);
    return found;
  }

  private async goToMatch(row: number, folded: string, search: number): Promise<void> {
    const { source } = this;
    this.grid.jumpTo({ row, column: this.grid.active.column });
    const cells = (await source?.arrival(row))?.cells;
    if (search !== this.searching) return;
    const at = this.columns.findIndex(({ index }) => {
      const cell = cells?.[index];
      return cell !== undefined && cell.type !== 'blob' && foldAscii(cell.text).includes(folded);
    });
    if (at >= 0) this.grid.moveTo({ row, column: at }, false);
  }

  private closeFind(): void {
    this.searching++;
    this.find.hide();
    this.grid.setSearch('');
    this.grid.focus();
  }

  // --- the schema

  private makeTab(name: 'data' | 'schema'): HTMLButtonElement {
    const tab = element(
      'button',
      'tab',
      { type: 'button', role: 'tab', 'aria-selected': name === 'data' },
      this.words[name],
    );
    tab.addEventListener('click', () => this.showTab(name));
    tab.addEventListener('keydown', (event) => {
      if (event.key !== 'ArrowLeft' && event.key !== 'ArrowRight') return;
      const other = name === 'data' ? 'schema' : 'data';
      this.showTab(other);
      this.tabs[other].focus();
      event.preventDefault();
      event.stopPropagation();
    });
    return tab;
  }

  private showTab(name: 'data' | 'schema'): void {
    for (const [tab, button] of Object.entries(this.tabs)) {
      setAttribute(button, 'aria-selected', tab === name);
      button.tabIndex = tab === name ? 0 : -1;
    }
    this.main.hidden = name !== 'data';
    this.tools.hidden = name !== 'data';
    this.schema.element.hidden = name !== 'schema';
    if (name === 'schema') this.showSchema();
    else this.grid.update();
  }

  private showSchema(): void {
    const { opened } = this;
    if (opened === null) return;
    this.link
      .ask('browse.describe', { table: opened.table })
      .then((description) => this.schema.show(opened.table, description))
      .catch((error: unknown) => this.showError(error));
  }

  // --- what is told

  private showStatus(): void {
    const { source, opened, words } = this;
    if (source === null || opened === null) return;
    const count = (value: number): string => value.toLocaleString(document.documentElement.lang);
    const rows = source.rows === 1 ? words.oneRow : fill(words.rows, count(source.rows));
    const filtered = source.query.filters.length > 0;
    let text = rows;
    if (!source.complete)
      text =
        filtered || source.rows === 0
          ? `${rows} · ${source.query.sort.length > 0 && !filtered ? words.sorting : words.counting}`
          : rows;
    else if (filtered && this.unfiltered !== null)
      text = fill(words.rowsOf, count(source.rows), count(this.unfiltered));
    if (opened.limit !== null && source.rows >= opened.limit) text = fill(words.firstRows, count(opened.limit));
    if (this.counts.textContent !== text) this.counts.textContent = text;
    const { frames } = opened.state;
    const facts = [
      ...(source.rows > 0 ? [fill(words.rowNumber, count(this.grid.active.row + 1))] : []),
      ...(frames === null || frames === 0 ? [] : [frames === 1 ? words.oneFrame : fill(words.frames, count(frames))]),
      fill(words.asOf, this.time(opened.state.modified)),
    ].join(' · ');
    if (this.facts.textContent !== facts) this.facts.textContent = facts;
  }

  private time(milliseconds: number): string {
    return new Date(milliseconds).toLocaleString(document.documentElement.lang);
  }

  private showProgress(): void {
    const waited = this.waitingSince > 0 ? performance.now() - this.waitingSince : 0;
    const waiting = waited > patience;
    this.stop.hidden = waited < impatience;
    this.progress.hidden = !waiting;
    setAttribute(this.grid.element, 'aria-busy', waiting);
  }

  private say(text: string): void {
    // The same words twice in a row would be said once.
    this.spoken.textContent = this.spoken.textContent === text ? `${text} ` : text;
  }

  private showError(error: unknown): void {
    this.waitingSince = 0;
    if (error instanceof RequestFailed && error.data.code === 'query-invalid' && this.filters.size > 0) {
      const wrong = [...this.filters].findLast(([column, text]) => parseFilter(column, text)?.operator === 'matches');
      this.header.setProblem(wrong?.[0] ?? null, error.message);
    }
    this.showProblem(error instanceof Error ? error.message : String(error));
  }

  private showProblem(message: string): void {
    const reload = element('button', 'button', { type: 'button' }, this.words.reload);
    reload.addEventListener('click', () => {
      const { opened } = this;
      const table = opened?.table ?? this.title.textContent;
      this.banner.hidden = true;
      void this.open(table, this.state);
    });
    this.banner.replaceChildren(element('span', '', {}, message), reload);
    this.banner.hidden = false;
  }
}

function shorten(text: string): string {
  return text.length > 30 ? `${text.slice(0, 30)}…` : text;
}
