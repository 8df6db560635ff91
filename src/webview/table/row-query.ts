/** The sort keys and the texts of the filters that the user has set. */
import type { SortKey, TableQuery } from '../../core/browse/model';
import { filterText, mistakeIn, parseFilter } from './filter-text';
import type { TableState } from './view-state';

export type Direction = 'ascending' | 'descending' | 'none';

export class RowQuery {
  private keys: readonly SortKey[] = [];
  private texts = new Map<string, string>();

  get sort(): readonly SortKey[] {
    return this.keys;
  }

  /** By column. */
  get filters(): ReadonlyMap<string, string> {
    return this.texts;
  }

  /** Filters that are none, by column, with what is wrong with them: whoever is still writing one sees the rows without it. */
  get mistakes(): ReadonlyMap<string, string> {
    const found = [...this.texts].map(([column, text]) => [column, mistakeIn(text)] as const);
    return new Map(found.filter((one): one is [string, string] => one[1] !== null));
  }

  get query(): TableQuery {
    const { mistakes } = this;
    const filters = [...this.texts].filter(([column]) => !mistakes.has(column));
    return { sort: this.keys, filters: filters.flatMap(([column, text]) => parseFilter(column, text) ?? []) };
  }

  replace({ sort, filters }: TableQuery): void {
    this.keys = sort;
    this.texts = new Map(filters.map((filter) => [filter.column, filterText(filter)]));
  }

  /** What was remembered, as far as the columns are still there. */
  adopt({ sort, filters }: Pick<TableState, 'sort' | 'filters'>, names: ReadonlySet<string>): void {
    this.keys = sort.filter(({ column }) => names.has(column));
    this.texts = new Map(filters.filter(([column]) => names.has(column)));
  }

  /**
   * @param add whether the other sort keys stay
   * @param direction the next one after the present one unless given: ascending, descending, not at all
   */
  sortBy(column: string, add: boolean, direction?: Direction): void {
    const present = this.keys.find((key) => key.column === column);
    const next = direction ?? (present === undefined ? 'ascending' : present.descending ? 'none' : 'descending');
    const others = add ? this.keys.filter((key) => key.column !== column) : [];
    const key = { column, descending: next === 'descending' };
    if (next === 'none') this.keys = others;
    else if (add && present !== undefined) this.keys = this.keys.map((one) => (one.column === column ? key : one));
    else this.keys = [...others, key];
  }

  /** @returns whether that changes anything */
  filterBy(column: string, text: string): boolean {
    if ((this.texts.get(column) ?? '') === text) return false;
    if (text === '') this.texts.delete(column);
    else this.texts.set(column, text);
    return true;
  }

  clearSort(): void {
    this.keys = [];
  }

  clearFilters(): void {
    this.texts.clear();
  }
}
