/** Which columns are shown, in which order and how wide; pinned ones stand before the others and do not scroll. */

export interface ColumnLook {
  readonly name: string;
  readonly width: number;
  /** Whether the user chose the width: then it does not follow the values. */
  readonly sized: boolean;
  readonly hidden: boolean;
  readonly pinned: boolean;
}

export interface PlacedColumn {
  readonly name: string;
  /** Index among the columns of the table. */
  readonly index: number;
  readonly width: number;
  readonly pinned: boolean;
  /** Distance from the left edge of the first column, in pixels. */
  readonly left: number;
}

export const narrowest = 48;
export const widest = 1200;

/** What was remembered, for the columns that there are now: new ones come last, and those that are gone go. */
export function reconcile(
  remembered: readonly ColumnLook[],
  present: readonly { readonly name: string; readonly width: number }[],
): readonly ColumnLook[] {
  const widths = new Map(present.map(({ name, width }) => [name, width]));
  const kept = remembered.filter(({ name }) => widths.has(name));
  const known = new Set(kept.map(({ name }) => name));
  const added = present.filter(({ name }) => !known.has(name));
  return [...kept, ...added.map(({ name, width }) => ({ name, width, sized: false, hidden: false, pinned: false }))];
}

/** The shown columns from left to right. */
export function place(looks: readonly ColumnLook[], names: readonly string[]): readonly PlacedColumn[] {
  const shown = looks.filter(({ hidden }) => !hidden);
  let left = 0;
  return [...shown.filter(({ pinned }) => pinned), ...shown.filter(({ pinned }) => !pinned)].map((look) => {
    const column = { name: look.name, index: names.indexOf(look.name), width: look.width, pinned: look.pinned, left };
    left += look.width;
    return column;
  });
}

export function totalWidth(columns: readonly PlacedColumn[]): number {
  const last = columns[columns.length - 1];
  return last === undefined ? 0 : last.left + last.width;
}

/** The columns to draw: the pinned ones, and those of the others that are in view: `[first, end)` in placed order. */
export function columnsInView(
  columns: readonly PlacedColumn[],
  scrollLeft: number,
  width: number,
): { readonly pinned: number; readonly first: number; readonly end: number } {
  const pinned = columns.filter((column) => column.pinned).length;
  let first = pinned;
  while (first < columns.length - 1 && rightOf(columns[first]) <= scrollLeft) first++;
  let end = first;
  while (end < columns.length && (columns[end]?.left ?? 0) < scrollLeft + width) end++;
  return { pinned, first, end };
}

/** The column moved to where another stands; both keep whether they are pinned. */
export function moveColumn(looks: readonly ColumnLook[], name: string, before: string | null): readonly ColumnLook[] {
  const moved = looks.find((look) => look.name === name);
  if (moved === undefined || name === before) return looks;
  const rest = looks.filter((look) => look.name !== name);
  const at = before === null ? rest.length : rest.findIndex((look) => look.name === before);
  return at < 0 ? looks : [...rest.slice(0, at), moved, ...rest.slice(at)];
}

export function changeColumn(
  looks: readonly ColumnLook[],
  name: string,
  change: Partial<Omit<ColumnLook, 'name'>>,
): readonly ColumnLook[] {
  return looks.map((look) => (look.name === name ? { ...look, ...change } : look));
}

/**
 * As wide as their values need; what the user has sized stays, and nothing becomes narrower under who is reading.
 *
 * @returns the same ones where nothing changes
 */
export function growColumns(looks: readonly ColumnLook[], fitting: (name: string) => number): readonly ColumnLook[] {
  const grown = looks.map((look) => (look.sized ? look : { ...look, width: Math.max(look.width, fitting(look.name)) }));
  return grown.some(({ width }, index) => width !== looks[index]?.width) ? grown : looks;
}

export function clampWidth(width: number): number {
  return Math.round(Math.min(Math.max(narrowest, width), widest));
}

/** A width at which the name and the values seen so far have room, in pixels. */
export function fittingWidth(name: string, type: string, values: readonly string[], characterWidth: number): number {
  const header = name.length + type.length + 4;
  const longest = values.reduce((most, value) => Math.max(most, Math.min(value.length, 48)), 3);
  return Math.min(clampWidth(Math.max(header, longest + 1) * characterWidth + 20), 380);
}

function rightOf(column: PlacedColumn | undefined): number {
  return column === undefined ? 0 : column.left + column.width;
}
