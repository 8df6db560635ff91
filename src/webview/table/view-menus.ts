/** What the menus of cells and columns offer; what it does is the view's. */
import type { BrowseColumn, Cell, RowFormat } from '../../core/browse/model';
import { visibleName } from '../../core/visible-text';
import { cellWords } from './cell-view';
import type { ColumnLooks } from './column-looks';
import type { MenuEntry } from './menu';
import type { Direction, RowQuery } from './row-query';
import { fill, type Words } from './words';

export interface CellActions {
  open(): void;
  copySelection(): void;
  copyRows(format: RowFormat): void;
  /** @param text in the language of the filters */
  filter(text: string): void;
  /** To the row of the parent table whose key is the cell's. */
  follow(text: string): void;
}

/** @param comparing what can be done with the row beside copying it */
export function cellMenu(
  column: BrowseColumn,
  cell: Cell,
  words: Words,
  actions: CellActions,
  comparing: readonly MenuEntry[],
): MenuEntry[] {
  const value = cell.type === 'null' ? 'null' : `=${cell.type === 'blob' ? `x'${cell.text}'` : cell.text}`;
  const opposite = cell.type === 'null' ? '!null' : `!${value}`;
  const name = shorten(cellWords(cell, words));
  const copyRows = (format: RowFormat) => () => actions.copyRows(format);
  return [
    { label: words.openCell, shortcut: 'Enter', run: () => actions.open() },
    ...(column.references !== null && cell.type !== 'null'
      ? [{ label: fill(words.goToReferenced, visibleName(column.references.table)), run: () => actions.follow(value) }]
      : []),
    ...comparing,
    'separator',
    { label: words.copyCell, shortcut: 'Ctrl+C', run: () => actions.copySelection() },
    { label: words.copyRowsCsv, run: copyRows('csv') },
    { label: words.copyRowsJson, run: copyRows('json') },
    { label: words.copyRowsMarkdown, run: copyRows('markdown') },
    { label: words.copyRowsSql, run: copyRows('sql') },
    ...(isWhole(cell)
      ? [
          'separator' as const,
          { label: fill(words.filterBy, name), run: () => actions.filter(value) },
          { label: fill(words.filterOut, name), run: () => actions.filter(opposite) },
        ]
      : []),
  ];
}

export interface ColumnActions {
  sort(direction: Direction): void;
  clearSort(): void;
  focusFilter(): void;
  clearFilters(): void;
  fit(): void;
  copyName(): void;
}

/** Empty where there is no such column. */
export function columnMenu(
  name: string,
  columns: ColumnLooks,
  query: RowQuery,
  words: Words,
  actions: ColumnActions,
): MenuEntry[] {
  const look = columns.all.find((one) => one.name === name);
  if (look === undefined) return [];
  const { shown } = columns;
  const label = visibleName(name);
  const at = shown.findIndex((column) => column.name === name);
  const [left, behind] = [shown[at - 1], shown[at + 2]];
  return [
    { label: fill(words.sortAscending, label), run: () => actions.sort('ascending') },
    { label: fill(words.sortDescending, label), run: () => actions.sort('descending') },
    ...(query.sort.length > 0 ? [{ label: words.clearSort, run: () => actions.clearSort() }] : []),
    'separator',
    { label: fill(words.filterBy, label), run: () => actions.focusFilter() },
    ...(query.filters.size > 0 ? [{ label: words.clearFilters, run: () => actions.clearFilters() }] : []),
    'separator',
    { label: look.pinned ? words.unpin : words.pin, run: () => columns.change(name, { pinned: !look.pinned }) },
    ...(left === undefined ? [] : [{ label: words.moveLeft, run: () => columns.move(name, left.name) }]),
    ...(at >= shown.length - 1
      ? []
      : [{ label: words.moveRight, run: () => columns.move(name, behind?.name ?? null) }]),
    { label: words.fit, run: () => actions.fit() },
    ...(shown.length > 1 ? [{ label: words.hide, run: () => columns.change(name, { hidden: true }) }] : []),
    'separator',
    { label: words.copyColumnName, run: () => actions.copyName() },
  ];
}

/** Which columns are shown: the last one stays. */
export function columnsMenu(columns: ColumnLooks, words: Words): MenuEntry[] {
  const isHidden = (name: string): boolean => columns.all.find((look) => look.name === name)?.hidden === true;
  return [
    { label: words.showAll, run: () => columns.showAll() },
    'separator',
    ...columns.all.map(({ name }) => ({
      label: visibleName(name),
      checked: () => !isHidden(name),
      run: () => {
        if (isHidden(name) || columns.shown.length > 1) columns.change(name, { hidden: !isHidden(name) });
      },
    })),
  ];
}

/** Whether the row carries all of the value: a beginning is nothing to filter by. */
function isWhole({ type, text, size }: Cell): boolean {
  switch (type) {
    case 'text':
      return size === undefined;
    case 'blob':
      return (size ?? 0) * 2 === text.length;
    case 'null':
    case 'integer':
    case 'real':
      return true;
  }
}

function shorten(text: string): string {
  return text.length > 30 ? `${text.slice(0, 30)}…` : text;
}
