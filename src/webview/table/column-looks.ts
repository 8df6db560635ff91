/** How the columns of the shown table look now: which, in which order, how wide. */
import type { BrowseColumn, RowData } from '../../core/browse/model';
import { cellWords } from './cell-view';
import {
  changeColumn,
  fittingWidth,
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
  private fitted = false;

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
      schema.map(({ name, type }) => ({ name, width: fittingWidth(name, type, [], characterWidth) })),
    );
    this.fitted = remembered.length > 0;
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

  /** To the values of the first rows that are here. */
  fit(names: readonly string[], loaded: Iterable<RowData>): void {
    const rows = [...loaded].slice(0, measuredRows);
    let { looks } = this;
    for (const name of names) {
      const index = this.schema.findIndex((column) => column.name === name);
      const column = this.schema[index];
      if (column === undefined) continue;
      const values = rows.map(({ cells }) => cells[index]).filter((cell) => cell !== undefined);
      const texts = values.map((cell) => (cell.type === 'blob' ? 'x'.repeat(24) : cellWords(cell, this.words)));
      looks = changeColumn(looks, name, { width: fittingWidth(name, column.type, texts, characterWidth) });
    }
    this.replace(looks);
  }

  /** Once, as the first rows come, unless the user's own widths were remembered. */
  fitOnce(loaded: Iterable<RowData>): void {
    if (this.fitted) return;
    this.fitted = true;
    this.fit(
      this.looks.map(({ name }) => name),
      loaded,
    );
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
