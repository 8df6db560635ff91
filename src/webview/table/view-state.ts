/** What a view remembers over a reload of the window, and how it is read back: nothing in it is trusted. */
import type { SortKey } from '../../core/browse/model';
import { clampWidth, type ColumnLook } from './column-layout';

export interface TableState {
  readonly columns: readonly ColumnLook[];
  readonly sort: readonly SortKey[];
  /** The texts of the filters, by column. */
  readonly filters: readonly (readonly [column: string, text: string])[];
  /** The first row in view, and its key. */
  readonly position: number;
  readonly key: string | null;
  readonly active: { readonly row: number; readonly column: number };
}

export const emptyState: TableState = {
  columns: [],
  sort: [],
  filters: [],
  position: 0,
  key: null,
  active: { row: 0, column: 0 },
};

export function readState(value: unknown): TableState {
  const state = asRecord(value);
  const active = asRecord(state['active']);
  return {
    columns: asList(state['columns']).flatMap((item): ColumnLook[] => {
      const { name, width, sized, hidden, pinned } = asRecord(item);
      if (typeof name !== 'string') return [];
      return [
        {
          name,
          width: clampWidth(asNumber(width) || 120),
          sized: sized === true,
          hidden: hidden === true,
          pinned: pinned === true,
        },
      ];
    }),
    sort: asList(state['sort']).flatMap((item): SortKey[] => {
      const { column, descending } = asRecord(item);
      return typeof column === 'string' ? [{ column, descending: descending === true }] : [];
    }),
    filters: asList(state['filters']).flatMap((item): [string, string][] => {
      const [column, text] = asList(item);
      return typeof column === 'string' && typeof text === 'string' ? [[column, text]] : [];
    }),
    position: asNumber(state['position']),
    key: typeof state['key'] === 'string' && /^-?\d+$/.test(state['key']) ? state['key'] : null,
    active: { row: asNumber(active['row']), column: asNumber(active['column']) },
  };
}

export function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function asNumber(value: unknown): number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : 0;
}
