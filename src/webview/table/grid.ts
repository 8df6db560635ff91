/**
 * The grid: as many rows and columns in the page as are in view, whatever the table's size, with the keyboard, the
 * selection and the roles of an ARIA grid.
 */
import type { BrowseColumn } from '../../core/browse/model';
import { drawCell } from './cell-view';
import { columnsInView, totalWidth, type PlacedColumn } from './column-layout';
import { element, setAttribute } from './dom';
import { followDrag } from './drag-selection';
import type { RowSource } from './row-source';
import {
  clampOffset,
  isScaled,
  offsetAt,
  offsetToCenter,
  offsetToReveal,
  pageRows,
  rowsInView,
  scrolledHeight,
  scrollTopFor,
  type RowsWindow,
} from './virtual-window';
import { fill, type Words } from './words';

export interface Place {
  readonly row: number;
  /** Among the shown columns. */
  readonly column: number;
}

export interface GridListener {
  /** Enter, or a double click. */
  onOpen(place: Place): void;
  onMenu(place: Place, x: number, y: number): void;
  onCopy(): void;
  /** The active cell or the selection changed. */
  onMove(): void;
  /** Which rows are in view changed. */
  onScroll(): void;
  /** The arrow key upwards from the first row. */
  onLeaveUpwards(column: number): void;
}

interface DrawnRow {
  readonly element: HTMLElement;
  /** What it shows: it is drawn again only if this changes. */
  drawn: string;
}

export class Grid {
  /** The scroller, which has the role and the focus. */
  readonly element: HTMLElement;
  readonly header = element('div', 'header', { role: 'row', 'aria-rowindex': 1 });
  private readonly sizer = element('div', 'sizer', { role: 'presentation' });
  private readonly body = element('div', 'body', { role: 'rowgroup' });
  private readonly drawn = new Map<number, DrawnRow>();
  private source: RowSource | null = null;
  private columns: readonly PlacedColumn[] = [];
  private schema: readonly BrowseColumn[] = [];
  private offset = 0;
  /** The scroll position that we set ourselves: its event is no news. */
  private ownScrollTop = -1;
  private generation = 0;
  private frame = 0;
  private current: Place = { row: 0, column: 0 };
  private anchor: Place = { row: 0, column: 0 };
  /** Whether the selection is of whole rows, whole columns, or both. */
  private whole = { rows: false, columns: false };
  private search = '';
  private drawnHeight = -1;
  /** Whether the active column was to be scrolled to while there was nothing to scroll. */
  private unrevealed = false;
  private measured = { rowHeight: 24, gutter: 56 };

  constructor(
    private readonly words: Words,
    private readonly listener: GridListener,
  ) {
    this.element = element(
      'div',
      'grid',
      { role: 'grid', tabindex: 0, 'aria-multiselectable': true, 'aria-readonly': true },
      this.sizer,
    );
    this.sizer.append(element('div', 'head', { role: 'rowgroup' }, this.header), this.body);
    this.element.addEventListener('scroll', () => this.scrolled(), { passive: true });
    this.element.addEventListener('wheel', (event) => this.wheel(event), { passive: false });
    this.element.addEventListener('keydown', (event) => this.key(event));
    this.body.addEventListener('mousedown', (event) => this.pressed(event));
    this.body.addEventListener('mouseover', (event) => this.tellClipped(event));
    this.body.addEventListener('dblclick', (event) => this.withPlace(event, (place) => this.listener.onOpen(place)));
    this.body.addEventListener('contextmenu', (event) => {
      event.preventDefault();
      this.withPlace(event, (place) => {
        if (!this.isSelected(place)) this.moveTo(place, false);
        this.listener.onMenu(this.current, event.clientX, event.clientY);
      });
    });
    new ResizeObserver(() => this.redraw()).observe(this.element);
  }

  get active(): Place {
    return this.current;
  }

  /** The first row in view. */
  get firstRow(): number {
    return Math.floor(this.offset / this.measured.rowHeight);
  }

  get shownColumns(): readonly PlacedColumn[] {
    return this.columns;
  }

  /** The selected cells, as ranges that include both ends. */
  get selection(): { readonly rows: readonly [number, number]; readonly columns: readonly [number, number] } {
    const sort = (a: number, b: number): readonly [number, number] => (a < b ? [a, b] : [b, a]);
    const { whole } = this;
    return {
      rows: whole.columns ? [0, Math.max(0, (this.source?.rows ?? 0) - 1)] : sort(this.anchor.row, this.current.row),
      columns: whole.rows ? [0, Math.max(0, this.columns.length - 1)] : sort(this.anchor.column, this.current.column),
    };
  }

  show(source: RowSource, schema: readonly BrowseColumn[], columns: readonly PlacedColumn[], label: string): void {
    this.source = source;
    this.schema = schema;
    this.columns = columns;
    this.generation++;
    this.element.setAttribute('aria-label', label);
    this.redraw();
  }

  layOut(columns: readonly PlacedColumn[]): void {
    this.columns = columns;
    this.generation++;
    this.redraw();
  }

  setSearch(folded: string): void {
    this.search = folded;
    this.generation++;
    this.redraw();
  }

  /** Rows came, or their number changed. */
  update(): void {
    this.generation++;
    this.redraw();
  }

  scrollToRow(row: number): void {
    this.setOffset(row * this.measured.rowHeight);
  }

  /** As far as the rows in view have gone, so that they stay where they are on the screen. */
  scrollByRows(rows: number): void {
    this.setOffset(this.offset + rows * this.measured.rowHeight);
  }

  /** How many rows are in view, those that are cut off included. */
  get rowsInView(): number {
    const { first, end } = rowsInView(this.window(), this.offset);
    return end - first;
  }

  /** To a row that the user did not choose by moving there: where it was out of view, it comes to stand in the middle. */
  jumpTo(place: Place): void {
    this.setOffset(offsetToCenter(this.window(), this.offset, place.row));
    this.moveTo(place, false);
  }

  moveTo(place: Place, extend: boolean): void {
    const rows = this.source?.rows ?? 0;
    this.current = {
      row: Math.max(0, Math.min(place.row, rows - 1)),
      column: Math.max(0, Math.min(place.column, this.columns.length - 1)),
    };
    if (!extend) {
      this.whole = { rows: false, columns: false };
      this.anchor = this.current;
    }
    this.selected();
  }

  /** Whole rows. The column that one is at stays, so that nothing scrolls sideways. */
  selectRows(first: number, last: number): void {
    const rows = this.source?.rows ?? 0;
    this.whole = { rows: true, columns: false };
    this.anchor = { row: first, column: this.current.column };
    this.current = { row: Math.max(0, Math.min(last, rows - 1)), column: this.current.column };
    this.selected();
  }

  private selectColumns(first: number, last: number): void {
    this.whole = { rows: false, columns: true };
    this.anchor = { row: this.current.row, column: first };
    this.current = { row: this.current.row, column: Math.max(0, Math.min(last, this.columns.length - 1)) };
    this.selected();
  }

  /** The rows stand elsewhere now, further down by so many: what was selected of them stays selected. */
  follow(by: number): void {
    const last = Math.max(0, (this.source?.rows ?? 0) - 1);
    const shift = (place: Place): Place => ({ ...place, row: Math.max(0, Math.min(place.row + by, last)) });
    this.anchor = shift(this.anchor);
    this.current = shift(this.current);
    this.generation++;
    this.redraw();
    this.listener.onMove();
  }

  selectAll(): void {
    this.whole = { rows: true, columns: true };
    this.selected();
  }

  /** @returns whether more than the active cell was selected: now it is not */
  deselect(): boolean {
    const { rows, columns } = this.selection;
    if (rows[0] === rows[1] && columns[0] === columns[1]) return false;
    this.moveTo(this.current, false);
    return true;
  }

  private selected(): void {
    this.reveal();
    this.generation++;
    this.redraw();
    this.listener.onMove();
  }

  focus(): void {
    this.element.focus({ preventScroll: true });
  }

  /** Where the active cell is on the screen, for a menu that the keyboard opens. */
  activeBox(): DOMRect {
    return (document.getElementById(cellId(this.current)) ?? this.element).getBoundingClientRect();
  }

  private window(): RowsWindow {
    return {
      rows: this.source?.rows ?? 0,
      rowHeight: this.measured.rowHeight,
      viewport: Math.max(0, this.element.clientHeight - this.header.offsetHeight),
    };
  }

  /** At the next frame, however many reasons there are. */
  private redraw(): void {
    if (this.frame !== 0) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = 0;
      this.draw();
    });
  }

  private draw(): void {
    const { source } = this;
    if (source === null) return;
    this.measure();
    const window_ = this.window();
    this.offset = clampOffset(window_, this.offset);
    const gutter = this.measured.gutter;
    const width = gutter + totalWidth(this.columns);
    this.sizer.style.width = `${width}px`;
    if (this.unrevealed) this.revealColumn();
    const height = scrolledHeight(window_) + this.header.offsetHeight;
    if (height !== this.drawnHeight) {
      this.drawnHeight = height;
      this.sizer.style.height = `${height}px`;
      this.syncScroll();
    }
    this.element.style.setProperty('--gutter', `${gutter}px`);
    setAttribute(this.element, 'aria-rowcount', source.complete ? source.rows + 1 : -1);
    setAttribute(this.element, 'aria-colcount', this.columns.length + 1);
    const { first, end } = rowsInView(window_, this.offset);
    source.want(first, end);
    this.drawRows(first, end, window_);
    // What is scrolled out of view is not in the page, and nothing that a screen reader could be sent to.
    const active = cellId(this.current);
    setAttribute(this.element, 'aria-activedescendant', document.getElementById(active) === null ? null : active);
    this.listener.onScroll();
  }

  private measure(): void {
    const style = getComputedStyle(this.element);
    const rowHeight = Number.parseFloat(style.getPropertyValue('--row-height')) || 24;
    const digits = String(this.source?.rows ?? 0).length;
    const gutter = Math.max(40, digits * 8 + 20);
    if (rowHeight === this.measured.rowHeight && gutter === this.measured.gutter) return;
    this.measured = { rowHeight, gutter };
    this.generation++;
  }

  private drawRows(first: number, end: number, window_: RowsWindow): void {
    const view = columnsInView(
      this.columns,
      this.element.scrollLeft + this.pinnedWidth(),
      this.element.clientWidth - this.measured.gutter - this.pinnedWidth(),
    );
    const shown = [...this.columns.keys()].filter(
      (index) => index < view.pinned || (index >= view.first && index < view.end),
    );
    const free: DrawnRow[] = [];
    for (const [index, row] of this.drawn) {
      if (index >= first && index < end) continue;
      this.drawn.delete(index);
      free.push(row);
    }
    const top = this.element.scrollTop - this.offset + this.header.offsetHeight;
    for (let index = first; index < end; index++) {
      let row = this.drawn.get(index);
      if (row === undefined) {
        row = free.pop() ?? { element: this.body.appendChild(element('div', 'row', { role: 'row' })), drawn: '' };
        this.drawn.set(index, row);
      }
      row.element.style.transform = `translateY(${index * window_.rowHeight + top}px)`;
      const state = `${index} ${this.generation} ${shown[view.pinned] ?? ''} ${shown.length}`;
      if (row.drawn !== state) this.drawRow(row.element, index, shown);
      row.drawn = state;
    }
    for (const row of free) row.element.remove();
  }

  private drawRow(row: HTMLElement, index: number, shown: readonly number[]): void {
    const data = this.source?.get(index);
    setAttribute(row, 'aria-rowindex', index + 2);
    row.classList.toggle('odd', index % 2 === 1);
    const { rows, columns } = this.selection;
    const inRows = index >= rows[0] && index <= rows[1];
    const cells: HTMLElement[] = [
      element(
        'div',
        'number-cell',
        {
          role: 'rowheader',
          'aria-colindex': 1,
          'data-row': index,
          'aria-label': fill(this.words.rowNumber, index + 1),
        },
        (index + 1).toLocaleString(document.documentElement.lang || undefined),
      ),
    ];
    if (inRows) cells[0]?.classList.add('selected');
    let right = 0;
    for (const at of shown) {
      const column = this.columns[at];
      if (column === undefined) continue;
      const cell = element('div', 'cell', {
        role: 'gridcell',
        id: cellId({ row: index, column: at }),
        'aria-colindex': at + 2,
        'data-row': index,
        'data-column': at,
      });
      cell.style.width = `${column.width}px`;
      if (column.pinned) {
        cell.classList.add('pinned');
        cell.style.left = `${column.left + this.measured.gutter}px`;
      } else if (column.left > right) cell.style.marginLeft = `${column.left - right}px`;
      right = column.left + column.width;
      const selected = inRows && at >= columns[0] && at <= columns[1];
      if (selected) cell.classList.add('selected');
      setAttribute(cell, 'aria-selected', selected);
      if (this.current.row === index && this.current.column === at) cell.classList.add('active');
      const value = data?.cells[column.index];
      const problem = this.schema[column.index]?.problem ?? null;
      drawCell(cell, value, this.words, this.search);
      if (problem !== null) cell.title = problem;
      cells.push(cell);
    }
    row.replaceChildren(...cells);
  }

  private pinnedWidth(): number {
    return this.columns.reduce((width, column) => (column.pinned ? width + column.width : width), 0);
  }

  /** Scrolls until the active cell is in view: sideways once there is a side, where the grid itself is not in view. */
  reveal(): void {
    this.setOffset(offsetToReveal(this.window(), this.offset, this.current.row));
    this.revealColumn();
  }

  private revealColumn(): void {
    this.unrevealed = this.element.clientWidth === 0;
    if (this.unrevealed) return;
    const column = this.columns[this.current.column];
    if (column === undefined || column.pinned) return;
    const left = column.left - this.pinnedWidth();
    const room = this.element.clientWidth - this.measured.gutter - this.pinnedWidth();
    if (left < this.element.scrollLeft) this.element.scrollLeft = left;
    else if (left + column.width > this.element.scrollLeft + room)
      this.element.scrollLeft = Math.min(left, left + column.width - room);
  }

  private setOffset(offset: number): void {
    this.offset = clampOffset(this.window(), offset);
    this.syncScroll();
    this.redraw();
  }

  private syncScroll(): void {
    this.element.scrollTop = scrollTopFor(this.window(), this.offset);
    this.ownScrollTop = this.element.scrollTop;
  }

  private scrolled(): void {
    const { scrollTop } = this.element;
    if (Math.abs(scrollTop - this.ownScrollTop) > 0.5) {
      this.offset = offsetAt(this.window(), scrollTop);
      this.ownScrollTop = scrollTop;
    }
    this.redraw();
  }

  /** Where the bar stands for more rows than it is pixels high, a notch of the wheel still moves three rows. */
  private wheel(event: WheelEvent): void {
    if (event.ctrlKey || event.deltaY === 0 || !isScaled(this.window())) return;
    event.preventDefault();
    const unit = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? this.measured.rowHeight : 1;
    this.element.scrollLeft += event.deltaX;
    this.setOffset(this.offset + event.deltaY * unit);
  }

  private pressed(event: MouseEvent): void {
    if (event.button !== 0) return;
    const target = event.target instanceof Element ? event.target.closest<HTMLElement>('[data-row]') : null;
    if (target === null) return;
    event.preventDefault();
    this.focus();
    const row = Number(target.dataset['row']);
    if (target.dataset['column'] === undefined) {
      const from = event.shiftKey ? this.anchor.row : row;
      this.selectRows(from, row);
      this.drag((to) => this.selectRows(from, to.row));
      return;
    }
    this.moveTo({ row, column: Number(target.dataset['column']) }, event.shiftKey);
    this.drag((to) => this.moveTo(to, true));
  }

  /** While the button is down: from where it was pressed to where the pointer is. */
  private drag(extendTo: (place: Place) => void): void {
    followDrag(() => this.rowsBox(), {
      onCell: (target) => {
        const { row, column } = target.closest<HTMLElement>('[data-row]')?.dataset ?? {};
        if (row !== undefined) extendTo({ row: Number(row), column: Number(column ?? this.current.column) });
      },
      onStep: (rows, columns) => extendTo({ row: this.current.row + rows, column: this.current.column + columns }),
    });
  }

  /** Where rows and columns scroll. */
  private rowsBox(): DOMRect {
    const { left, top, width, height } = this.element.getBoundingClientRect();
    const beside = this.measured.gutter + this.pinnedWidth();
    const head = this.header.offsetHeight;
    return new DOMRect(left + beside, top + head, width - beside, height - head);
  }

  private withPlace(event: MouseEvent, body: (place: Place) => void): void {
    const target = event.target instanceof Element ? event.target.closest<HTMLElement>('[data-column]') : null;
    const { row, column } = target?.dataset ?? {};
    if (row !== undefined && column !== undefined) body({ row: Number(row), column: Number(column) });
  }

  /** What a cell is too narrow for is told by a tooltip; a column with a problem has that for one already. */
  private tellClipped({ target }: MouseEvent): void {
    const cell = target instanceof Element ? target.closest<HTMLElement>('[data-column]') : null;
    if (cell !== null && cell.title === '' && cell.scrollWidth > cell.clientWidth) cell.title = cell.textContent;
  }

  private isSelected({ row, column }: Place): boolean {
    const { rows, columns } = this.selection;
    return row >= rows[0] && row <= rows[1] && column >= columns[0] && column <= columns[1];
  }

  private key(event: KeyboardEvent): void {
    if (event.target !== this.element || event.altKey) return;
    if (!this.handle(event)) return;
    // Neither the browser nor a key binding of VS Code is to do something else with it.
    event.preventDefault();
    event.stopPropagation();
  }

  private handle(event: KeyboardEvent): boolean {
    const { row, column } = this.current;
    const control = event.ctrlKey || event.metaKey;
    const last = { row: (this.source?.rows ?? 1) - 1, column: this.columns.length - 1 };
    const move = (to: Place): true => {
      this.moveTo(to, event.shiftKey);
      return true;
    };
    const page = pageRows(this.window());
    switch (event.key) {
      case 'ArrowUp':
        if (row === 0 && !control && !event.shiftKey) {
          this.listener.onLeaveUpwards(column);
          return true;
        }
        return move({ row: control ? 0 : row - 1, column });
      case 'ArrowDown':
        return move({ row: control ? last.row : row + 1, column });
      case 'ArrowLeft':
        return move({ row, column: control ? 0 : column - 1 });
      case 'ArrowRight':
        return move({ row, column: control ? last.column : column + 1 });
      case 'Home':
        return move({ row: control ? 0 : row, column: 0 });
      case 'End':
        return move({ row: control ? last.row : row, column: last.column });
      case 'PageUp':
        return !control && move({ row: row - page, column });
      case 'PageDown':
        return !control && move({ row: row + page, column });
      case 'Enter':
        this.listener.onOpen(this.current);
        return true;
      case 'c':
        if (control) this.listener.onCopy();
        return control;
      case 'a':
        if (control) this.selectAll();
        return control;
      case ' ':
        if (event.shiftKey) this.selectRows(this.anchor.row, row);
        else if (control) this.selectColumns(this.anchor.column, column);
        else this.listener.onOpen(this.current);
        return true;
      case 'F10':
        if (event.shiftKey) this.openMenu();
        return event.shiftKey;
      case 'ContextMenu':
        this.openMenu();
        return true;
      default:
        return false;
    }
  }

  private openMenu(): void {
    const box = this.activeBox();
    this.listener.onMenu(this.current, box.left + 8, box.bottom);
  }
}

function cellId({ row, column }: Place): string {
  return `cell-${row}-${column}`;
}
