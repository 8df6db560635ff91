/** The view of one database file: a table, beside the list of tables where the file itself was opened. */
import './table.css';
import type { RelationKind } from '../../core/browse/model';
import { visibleName } from '../../core/visible-text';
import { element, setAttribute } from './dom';
import { filterText } from './filter-text';
import { HostLink } from './host-link';
import type { Start } from './messages';
import { offerComparison } from './row-comparison';
import { TableSearch } from './table-search';
import { TableView } from './table-view';
import { asRecord, emptyState, readPanel, readState, type TableState } from './view-state';
import { fill } from './words';

/** Tables whose looks are remembered at most: one view may show many. */
const mostRemembered = 30;
/** State is remembered when nothing has changed for so long. Milliseconds. */
const settled = 150;

let view: View | null = null;
const link = new HostLink((message) => {
  switch (message.kind) {
    case 'start':
      view ??= new View(message.start);
      break;
    case 'comparable':
      offerComparison();
      break;
    case 'query':
      view?.table.showQuery(message.query);
      break;
    case 'changed':
      view?.changed();
      void view?.table.refresh(message.state, message.problem);
  }
});

class View {
  readonly table: TableView;
  private readonly remembered: Map<string, TableState>;
  private readonly list = element('nav', 'tables', {});
  private readonly search: TableSearch;
  private timer = 0;
  /** The tables as they are in the list. */
  private listed = '';

  constructor(private readonly start: Start) {
    document.documentElement.lang = start.language;
    document.title = start.table ?? start.database;
    const before = asRecord(link.state);
    const tables = asRecord(before['tables']);
    this.remembered = new Map(Object.entries(tables).map(([name, state]) => [name, readState(state)]));
    this.search = new TableSearch(start.words);
    const looks = { tab: before['tab'] === 'schema' ? 'schema' : 'data', panel: readPanel(before['panel']) } as const;
    this.table = new TableView(start.words, link, start.lists ? null : start.database, looks, () =>
      this.rememberSoon(),
    );
    document.body.append(...(start.lists ? [this.list] : []), this.table.element);
    const shown = start.table ?? (typeof before['table'] === 'string' ? before['table'] : null);
    if (start.lists) this.listTables(shown);
    else if (shown !== null) this.open(shown, start.query !== null);
    window.addEventListener('focus', (event) => {
      if (event.target === window && document.activeElement === document.body) this.table.focus();
    });
  }

  /** Tables may have come and gone. */
  changed(): void {
    if (this.start.lists) this.listTables(this.table.table);
  }

  private open(name: string, fresh = false): void {
    const { query } = this.start;
    const remembered = this.remembered.get(name) ?? emptyState;
    const state =
      fresh && query !== null
        ? {
            ...remembered,
            sort: query.sort,
            filters: query.filters.map((filter) => [filter.column, filterText(filter)] as const),
            position: 0,
            key: null,
          }
        : remembered;
    this.mark([...this.list.querySelectorAll('button')], name);
    void this.table.open(name, state).then(() => this.table.focus());
  }

  private listTables(shown: string | null): void {
    const { words } = this.start;
    this.list.setAttribute('aria-label', words.tables);
    link
      .ask('browse.tables', {})
      .then((tables) => {
        // A file that is written all the time mostly has the tables it had: who is in the list stays there.
        const listed = JSON.stringify(tables);
        if (listed === this.listed) return;
        this.listed = listed;
        const items = tables.map(({ name, kind }) => this.item(name, kind));
        const searching = document.activeElement === this.search.element;
        this.list.replaceChildren(
          element('h2', '', {}, this.start.database),
          this.search.element,
          items.length === 0 ? element('p', 'null', {}, words.none) : element('div', 'items', {}, ...items),
        );
        this.search.show(items);
        if (searching) this.search.element.focus();
        const first = shown ?? tables.find(({ kind }) => kind !== 'shadow')?.name ?? null;
        if (first !== null && this.table.table === null) this.open(first);
        else this.mark(items, first);
      })
      .catch((error: unknown) => {
        this.listed = '';
        const message = error instanceof Error ? error.message : String(error);
        this.list.replaceChildren(element('p', 'problem', { role: 'alert' }, fill(words.cannotShow, message)));
      });
  }

  /** The list is one stop of the Tab key: the arrow keys go through it. */
  private mark(items: readonly HTMLButtonElement[], shown: string | null): void {
    const at = items.findIndex((item) => item.dataset['table'] === shown);
    for (const [index, item] of items.entries()) {
      setAttribute(item, 'aria-current', index === at ? 'true' : null);
      item.tabIndex = index === Math.max(0, at) ? 0 : -1;
    }
  }

  private item(name: string, kind: RelationKind): HTMLButtonElement {
    const words = kind === 'table' ? [] : [element('span', 'kind', {}, this.start.words[kind])];
    const item = element(
      'button',
      'item',
      { type: 'button', 'data-table': name },
      element('span', 'name', {}, visibleName(name)),
      ...words,
    );
    item.addEventListener('click', () => {
      this.remember();
      this.open(name);
    });
    item.addEventListener('keydown', (event) => {
      const next = this.search.neighbour(item, event.key);
      if (next === undefined) return;
      next.focus();
      event.preventDefault();
    });
    return item;
  }

  private rememberSoon(): void {
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => this.remember(), settled);
  }

  private remember(): void {
    const { table } = this.table;
    if (table !== null) {
      this.remembered.delete(table);
      this.remembered.set(table, this.table.state);
    }
    for (const oldest of this.remembered.keys()) {
      if (this.remembered.size <= mostRemembered) break;
      this.remembered.delete(oldest);
    }
    link.remember({
      ...this.start.identity,
      table,
      tables: Object.fromEntries(this.remembered),
      ...this.table.looks,
    });
  }
}

link.ready();
