/** How the columns of the shown table look now: which, in which order, how wide. */
import type { BrowseColumn, RowData } from '../../core/browse/model';
import { visibleName } from '../../core/visible-text';
import { cellWords } from './cell-view';
import {
  changeColumn,
  fittingWidth,
  growColumns,
  moveColumn,
  place,
  reconcile,
  type ColumnLook,
  type PlacedColumn,
} from './column-layout';
import type { Words } from './words';

/** Characters of the grid's font, on average. Pixels. */
const characterWidth = 7.4;
/** Rows that a width is fitted to. */
const measuredRows = 200;

export class ColumnLooks {
  private looks: readonly ColumnLook[] = [];
  private schema: readonly BrowseColumn[] = [];

  constructor(
    private readonly words: Words,
    private readonly onChange: () => void,
  ) {}

  get all(): readonly ColumnLook[] {
    return this.looks;
  }

  get shown(): readonly PlacedColumn[] {
    return place(
      this.looks,
      this.schema.map(({ name }) => name),
    );
  }

  /** @param remembered how columns looked before; columns that came since look as they fit */
  adopt(schema: readonly BrowseColumn[], remembered: readonly ColumnLook[]): void {
    this.schema = schema;
    this.looks = reconcile(
      remembered,
      schema.map(({ name }) => ({ name, width: this.fitting(name, []) })),
    );
  }

  change(name: string, change: Partial<Omit<ColumnLook, 'name'>>): void {
    this.replace(changeColumn(this.looks, name, change));
  }

  move(name: string, before: string | null): void {
    this.replace(moveColumn(this.looks, name, before));
  }

  showAll(): void {
    this.replace(this.looks.map((look) => ({ ...look, hidden: false })));
  }

  /** To the values of the first rows that are here; from now on the width follows them again. */
  fit(name: string, loaded: Iterable<RowData>): void {
    const width = this.fitting(name, [...loaded].slice(0, measuredRows));
    this.replace(changeColumn(this.looks, name, { width, sized: false }));
  }

  /** As the first rows of a query come: in another order, other rows are the first ones, and may need more room. */
  grow(loaded: Iterable<RowData>): void {
    const rows = [...loaded].slice(0, measuredRows);
    const grown = growColumns(this.looks, (name) => this.fitting(name, rows));
    if (grown !== this.looks) this.replace(grown);
  }

  private fitting(name: string, rows: readonly RowData[]): number {
    const index = this.schema.findIndex((column) => column.name === name);
    const values = rows.map(({ cells }) => cells[index]).filter((cell) => cell !== undefined);
    const texts = values.map((cell) => (cell.type === 'blob' ? 'x'.repeat(24) : cellWords(cell, this.words)));
    return fittingWidth(visibleName(name), this.schema[index]?.type ?? '', texts, characterWidth);
  }

  /** @param index among the shown columns */
  at(index: number): BrowseColumn | undefined {
    const column = this.shown[index];
    return column === undefined ? undefined : this.schema[column.index];
  }

  private replace(looks: readonly ColumnLook[]): void {
    this.looks = looks;
    this.onChange();
  }
}
