/** The sort keys and the texts of the filters that the user has set. */
import type { SortKey, TableQuery } from '../../core/browse/model';
import { filterText, parseFilter } from './filter-text';
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

  get query(): TableQuery {
    return {
      sort: this.keys,
      filters: [...this.texts].flatMap(([column, text]) => parseFilter(column, text) ?? []),
    };
  }

  /** The last filter that is a regular expression: what the engine may refuse. */
  get lastExpression(): string | null {
    const last = [...this.texts].findLast(([column, text]) => parseFilter(column, text)?.operator === 'matches');
    return last?.[0] ?? null;
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
