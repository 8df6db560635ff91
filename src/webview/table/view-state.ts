/** What a view remembers over a reload of the window, and how it is read back: nothing in it is trusted. */
import type { SortKey } from '../../core/browse/model';
import { clampWidth, type ColumnLook } from './column-layout';
import type { PanelSize } from './panel-size';

export type ViewTab = 'data' | 'schema';

/** How a cell is shown in full. */
export const panelParts = ['text', 'json', 'image', 'hex'] as const;
export type PanelPart = (typeof panelParts)[number];

/** The side panel: of the whole view, whichever table is in it. */
export interface PanelState {
  readonly open: boolean;
  readonly size: PanelSize;
  /** What the user chose last; a value that has no such part is shown by its first. */
  readonly part: PanelPart | null;
  readonly wraps: boolean;
}

export const emptyPanel: PanelState = { open: false, size: { width: null, height: null }, part: null, wraps: true };

/** The rows of one table, or of a result. */
export interface RowsState {
  readonly columns: readonly ColumnLook[];
  readonly sort: readonly SortKey[];
  /** The texts of the filters, by column. */
  readonly filters: readonly (readonly [column: string, text: string])[];
  /** The first row in view, and its key. */
  readonly position: number;
  readonly key: string | null;
  /** The active cell, and the key of its row. */
  readonly active: { readonly row: number; readonly column: number; readonly key: string | null };
}

export interface TableState extends RowsState {
  /** The columns whose profile is shown with the schema. */
  readonly profiles: readonly string[];
}

export const emptyState: TableState = {
  columns: [],
  sort: [],
  filters: [],
  position: 0,
  key: null,
  active: { row: 0, column: 0, key: null },
  profiles: [],
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
    key: asKey(state['key']),
    active: { row: asNumber(active['row']), column: asNumber(active['column']), key: asKey(active['key']) },
    profiles: asList(state['profiles']).filter((column) => typeof column === 'string'),
  };
}

export function readPanel(value: unknown): PanelState {
  const { open, size, part, wraps } = asRecord(value);
  const { width, height } = asRecord(size);
  return {
    open: open === true,
    size: { width: asPercent(width), height: asPercent(height) },
    part: panelParts.find((one) => one === part) ?? null,
    wraps: wraps !== false,
  };
}

export function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function asKey(value: unknown): string | null {
  return typeof value === 'string' && /^-?\d+$/.test(value) ? value : null;
}

function asPercent(value: unknown): number | null {
  return typeof value === 'number' && value > 0 && value < 100 ? value : null;
}

function asNumber(value: unknown): number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : 0;
}
