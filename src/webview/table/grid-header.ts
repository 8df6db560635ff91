/** The header of the grid: names that sort, filters below them, edges that resize, and columns that can be dragged. */
import type { BrowseColumn, SortKey } from '../../core/browse/model';
import { visibleName, visibleText } from '../../core/visible-text';
import { clampWidth, type PlacedColumn } from './column-layout';
import { element, icon, isForText, setAttribute } from './dom';
import { fill, type Words } from './words';

export interface HeaderListener {
  /** @param add to the present sort keys instead of in their place */
  onSort(column: string, add: boolean): void;
  onFilter(column: string, text: string): void;
  onResize(column: string, width: number): void;
  /** The width that fits what is in the column. */
  onFit(column: string): void;
  onMove(column: string, before: string | null): void;
  onMenu(column: string, x: number, y: number): void;
  /** A click where the row numbers and the names of the columns meet. */
  onSelectAll(): void;
  /** The arrow key downwards. */
  onLeave(column: number): void;
}

interface HeaderCell {
  readonly element: HTMLElement;
  readonly sort: HTMLButtonElement;
  readonly filter: HTMLInputElement;
  /** What is wrong with the filter: shown below it while somebody is there. */
  readonly mistake: HTMLElement;
}

/** Typing is over when nothing came for so long. Milliseconds. */
const typingTime = 250;
/** A press that moves so far is a drag. Pixels. */
const dragDistance = 5;
/** What Shift and an arrow key add to a column, or take from it. Pixels. */
const resizeStep = 16;

export class GridHeader {
  private readonly cells = new Map<string, HeaderCell>();
  private columns: readonly PlacedColumn[] = [];
  private readonly corner: HTMLElement;
  private made = 0;

  constructor(
    private readonly target: HTMLElement,
    private readonly words: Words,
    private readonly listener: HeaderListener,
  ) {
    this.corner = element(
      'div',
      'corner',
      { role: 'columnheader', 'aria-colindex': 1 },
      element('span', 'spoken', {}, words.row),
    );
    this.corner.addEventListener('click', () => listener.onSelectAll());
    document.addEventListener('scroll', () => this.placeMistake(), { capture: true, passive: true });
  }

  show(
    columns: readonly PlacedColumn[],
    schema: readonly BrowseColumn[],
    sort: readonly SortKey[],
    filters: ReadonlyMap<string, string>,
    mistakes: ReadonlyMap<string, string>,
  ): void {
    this.columns = columns;
    const focused = document.activeElement;
    for (const name of [...this.cells.keys()])
      if (!columns.some((column) => column.name === name)) this.cells.delete(name);
    const elements = columns.map((column, at) => {
      const described = schema[column.index];
      let cell = this.cells.get(column.name);
      if (cell === undefined && described !== undefined) {
        cell = this.makeCell(described);
        this.cells.set(column.name, cell);
      }
      if (cell === undefined) return element('div');
      this.place(cell, column, at, sort);
      const text = filters.get(column.name) ?? '';
      if (document.activeElement !== cell.filter && cell.filter.value !== text) cell.filter.value = text;
      cell.element.classList.toggle('filtered', text !== '');
      this.showMistake(cell, mistakes.get(column.name) ?? null);
      return cell.element;
    });
    const present = [...this.target.children];
    const wanted = [this.corner, ...elements];
    if (present.length !== wanted.length || wanted.some((one, index) => one !== present[index])) {
      this.target.replaceChildren(...wanted);
      if (focused instanceof HTMLElement && this.target.contains(focused)) focused.focus({ preventScroll: true });
    }
  }

  /** The schema changed: every cell is made anew. */
  forget(): void {
    this.cells.clear();
  }

  focusColumn(at: number): void {
    const column = this.columns[at];
    if (column !== undefined) this.cells.get(column.name)?.sort.focus();
  }

  focusFilter(name: string): void {
    this.cells.get(name)?.filter.focus();
  }

  private showMistake({ filter, mistake }: HeaderCell, message: string | null): void {
    setAttribute(filter, 'aria-invalid', message !== null);
    filter.title = message ?? this.words.filterHint;
    mistake.textContent = message ?? '';
    mistake.hidden = message === null;
    this.placeMistake();
  }

  /** Below the filter that has the focus, inside of the window. */
  private placeMistake(): void {
    const focused = [...this.cells.values()].find(({ filter }) => filter === document.activeElement);
    if (focused === undefined || focused.mistake.hidden) return;
    const { left, bottom } = focused.filter.getBoundingClientRect();
    const { style, offsetWidth } = focused.mistake;
    style.left = `${Math.max(4, Math.min(left, window.innerWidth - offsetWidth - 4))}px`;
    style.top = `${bottom + 3}px`;
  }

  private place(
    { element: cell, sort: button }: HeaderCell,
    column: PlacedColumn,
    at: number,
    sort: readonly SortKey[],
  ): void {
    cell.style.width = `${column.width}px`;
    cell.style.left = column.pinned ? `calc(var(--gutter) + ${column.left}px)` : '';
    cell.classList.toggle('pinned', column.pinned);
    setAttribute(cell, 'aria-colindex', at + 2);
    const rank = sort.findIndex((key) => key.column === column.name);
    const key = sort[rank];
    setAttribute(cell, 'aria-sort', key === undefined ? 'none' : key.descending ? 'descending' : 'ascending');
    const mark = button.querySelector('.order');
    if (mark === null) return;
    mark.replaceChildren();
    if (key === undefined) return;
    mark.append(icon(key.descending ? 'down' : 'up'));
    if (sort.length > 1) mark.append(String(rank + 1));
  }

  private makeCell(column: BrowseColumn): HeaderCell {
    const { name, type, primaryKey, references } = column;
    const sort = element(
      'button',
      'name',
      { type: 'button', tabindex: -1, title: describe(column, this.words) },
      ...(primaryKey > 0 ? [icon('key')] : references !== null ? [icon('link')] : []),
      element('span', 'label', {}, visibleName(name)),
      element('span', 'type', {}, visibleText(type.toLowerCase())),
      element('span', 'order', { 'aria-hidden': 'true' }),
    );
    const filter = element('input', 'filter', {
      type: 'text',
      spellcheck: 'false',
      placeholder: this.words.filter,
      'aria-label': fill(this.words.filterBy, visibleName(name)),
      title: this.words.filterHint,
    });
    const mistake = element('div', 'mistake', { id: `mistake-${++this.made}`, 'aria-live': 'polite', hidden: true });
    filter.setAttribute('aria-describedby', mistake.id);
    const edge = element('div', 'edge', { 'aria-hidden': 'true', title: this.words.resize });
    const cell = element('div', 'column', { role: 'columnheader' }, sort, filter, mistake, edge);
    cell.classList.toggle('numeric', column.numeric);
    sort.addEventListener('click', (event) =>
      this.listener.onSort(name, event.shiftKey || event.ctrlKey || event.metaKey),
    );
    sort.addEventListener('keydown', (event) => this.key(event, name));
    this.listenToFilter(filter, name);
    this.listenToEdge(edge, cell, name);
    this.listenToDrag(sort, cell, name);
    cell.addEventListener('contextmenu', (event) => {
      if (event.target === filter) return;
      event.preventDefault();
      this.listener.onMenu(name, event.clientX, event.clientY);
    });
    return { element: cell, sort, filter, mistake };
  }

  private key(event: KeyboardEvent, name: string): void {
    const at = this.columns.findIndex((column) => column.name === name);
    const box = this.cells.get(name)?.element.getBoundingClientRect();
    if (event.shiftKey && (event.key === 'ArrowLeft' || event.key === 'ArrowRight'))
      this.listener.onResize(
        name,
        clampWidth((box?.width ?? 0) + (event.key === 'ArrowLeft' ? -resizeStep : resizeStep)),
      );
    else if (event.key === 'ArrowLeft') this.focusColumn(Math.max(0, at - 1));
    else if (event.key === 'ArrowRight') this.focusColumn(Math.min(this.columns.length - 1, at + 1));
    else if (event.key === 'ArrowDown') this.listener.onLeave(at);
    else if (event.key === 'Enter' || event.key === ' ') this.listener.onSort(name, event.shiftKey);
    else if (event.key === 'ContextMenu' || (event.key === 'F10' && event.shiftKey))
      this.listener.onMenu(name, box?.left ?? 0, box?.bottom ?? 0);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  private listenToFilter(filter: HTMLInputElement, name: string): void {
    let timer = 0;
    filter.addEventListener('focus', () => this.placeMistake());
    const apply = (): void => {
      window.clearTimeout(timer);
      this.listener.onFilter(name, filter.value);
    };
    filter.addEventListener('input', () => {
      window.clearTimeout(timer);
      timer = window.setTimeout(apply, typingTime);
    });
    filter.addEventListener('keydown', (event) => {
      if (event.key === 'Enter' || event.key === 'ArrowDown') {
        apply();
        this.listener.onLeave(this.columns.findIndex((column) => column.name === name));
      } else if (event.key === 'Escape' && filter.value !== '') {
        filter.value = '';
        apply();
      } else {
        if (isForText(event)) event.stopPropagation();
        return;
      }
      event.preventDefault();
      event.stopPropagation();
    });
  }

  private listenToEdge(edge: HTMLElement, cell: HTMLElement, name: string): void {
    edge.addEventListener('dblclick', () => this.listener.onFit(name));
    edge.addEventListener('pointerdown', (event) => {
      event.preventDefault();
      edge.setPointerCapture(event.pointerId);
      const [start, width] = [event.clientX, cell.offsetWidth];
      const move = ({ clientX }: PointerEvent): void =>
        this.listener.onResize(name, clampWidth(width + clientX - start));
      edge.addEventListener('pointermove', move);
      edge.addEventListener('lostpointercapture', () => edge.removeEventListener('pointermove', move), { once: true });
    });
  }

  private listenToDrag(handle: HTMLElement, cell: HTMLElement, name: string): void {
    handle.addEventListener('pointerdown', (event) => {
      if (event.button !== 0) return;
      const start = event.clientX;
      let before: string | null | undefined;
      const move = ({ clientX }: PointerEvent): void => {
        if (before === undefined && Math.abs(clientX - start) < dragDistance) return;
        if (before === undefined) handle.setPointerCapture(event.pointerId);
        cell.classList.add('dragged');
        before = this.columnBehind(clientX);
        for (const [other, one] of this.cells) one.element.classList.toggle('drop', other === before);
      };
      const end = (): void => {
        handle.removeEventListener('pointermove', move);
        cell.classList.remove('dragged');
        for (const one of this.cells.values()) one.element.classList.remove('drop');
        if (before === undefined) return;
        // The click that follows would sort.
        handle.addEventListener('click', (click) => click.stopImmediatePropagation(), { once: true, capture: true });
        this.listener.onMove(name, before);
      };
      handle.addEventListener('pointermove', move);
      handle.addEventListener('pointerup', end, { once: true });
    });
  }

  /** The column whose left half, or the right half of the one before it, is there; null behind the last. */
  private columnBehind(x: number): string | null {
    for (const { name } of this.columns) {
      const box = this.cells.get(name)?.element.getBoundingClientRect();
      if (box !== undefined && x < box.left + box.width / 2) return name;
    }
    return null;
  }
}

function describe(column: BrowseColumn, words: Words): string {
  return [
    `${visibleName(column.name)} ${visibleText(column.type)}`.trim(),
    ...(column.primaryKey > 0 ? [words.primaryKey] : []),
    ...(column.notNull ? [words.notNull] : []),
    ...(column.generated ? [words.generated] : []),
    ...(column.references === null
      ? []
      : [
          `→ ${visibleName(column.references.table)}${column.references.column === null ? '' : `(${visibleName(column.references.column)})`}`,
        ]),
    ...(column.problem === null ? [] : [column.problem]),
  ].join('\n');
}
