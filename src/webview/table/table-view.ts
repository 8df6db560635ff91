/** One table on the screen: its name, its rows, its schema, and what went wrong with it. */
import type { FileVersion, OpenedTable, RelationKind, TableQuery } from '../../core/browse/model';
import type { CoreErrorData } from '../../core/errors';
import { visibleName, visibleText } from '../../core/visible-text';
import { element, iconButton, setAttribute } from './dom';
import type { HostLink } from './host-link';
import type { RowSource } from './row-source';
import { RowsView } from './rows-view';
import { SchemaView } from './schema-view';
import { formatNumber, formatTime } from './status-line';
import { type PanelState, type TableState, type ViewTab } from './view-state';
import { fill, type Words } from './words';

export class TableView {
  readonly element: HTMLElement;
  private readonly title = element('h1', 'title');
  private readonly rows: RowsView;
  private readonly schema: SchemaView;
  private readonly banner = element('div', 'banner', { role: 'alert', hidden: true });
  private readonly tabs: Readonly<Record<ViewTab, HTMLButtonElement>>;
  private loads = 0;
  /** The table that was asked for last, whether it could be shown or not. */
  private asked = '';

  constructor(
    private readonly words: Words,
    private readonly link: HostLink,
    /** What the table is of, where nothing else on the page says so. */
    private readonly database: string | null,
    before: { readonly tab: ViewTab; readonly panel: PanelState },
    private readonly onState: () => void,
  ) {
    this.rows = new RowsView(
      words,
      link,
      {
        onState,
        onError: (error) => this.showProblem(error instanceof Error ? error.message : String(error)),
        onQuery: () => (this.banner.hidden = true),
        describe: (opened, source, counts) => this.describe(opened, source, counts),
      },
      before.panel,
    );
    setAttribute(this.rows.element, 'role', 'tabpanel');
    setAttribute(this.rows.element, 'aria-label', words.data);
    this.schema = new SchemaView(words, link, { onState, onError: (error) => this.rows.fail(error) });
    this.rows.tools.append(iconButton('query', words.newQuery, () => this.openQuery()));
    this.tabs = { data: this.makeTab('data'), schema: this.makeTab('schema') };
    this.element = element(
      'main',
      'table-view',
      {},
      element(
        'div',
        'toolbar',
        {},
        this.title,
        element('div', 'tabs', { role: 'tablist' }, this.tabs.data, this.tabs.schema),
        this.rows.tools,
      ),
      this.banner,
      this.rows.element,
      this.schema.element,
      this.rows.status.element,
      this.rows.status.spoken,
    );
    this.markTab(before.tab);
    this.element.addEventListener('keydown', (event) => {
      if (!this.rows.key(event)) return;
      event.preventDefault();
      event.stopPropagation();
    });
  }

  get table(): string | null {
    return this.rows.opened?.table ?? null;
  }

  /** What is to be remembered. */
  get state(): TableState {
    return { ...this.rows.state, profiles: this.schema.profiles };
  }

  /** What is to be remembered of the view, whichever table is in it. */
  get looks(): { readonly tab: ViewTab; readonly panel: PanelState } {
    return { tab: this.tab, panel: this.rows.panelState };
  }

  focus(): void {
    if (this.tab === 'data') this.rows.focus();
    else if (document.hasFocus()) this.schema.element.focus();
  }

  async open(table: string, state: TableState): Promise<void> {
    const load = ++this.loads;
    this.rows.expect();
    this.showName(table, 'table');
    this.banner.hidden = true;
    try {
      const opened = await this.link.ask('browse.open', { table });
      if (load !== this.loads) return;
      this.showName(opened.table, opened.kind);
      const shown = this.rows.show(opened, state);
      this.schema.begin(opened.table, state.profiles);
      if (this.tab === 'schema') this.showSchema();
      await shown;
    } catch (error) {
      if (load !== this.loads) return;
      // The rows of the table before would be taken for this one's.
      if (this.table !== table) {
        this.rows.clear();
        this.schema.clear();
      }
      this.rows.fail(error);
    }
  }

  /** Replaces sort keys and filters. */
  showQuery(query: TableQuery): void {
    this.rows.showQuery(query);
  }

  /** The file has changed: the same rows stay in view. */
  async refresh(state: FileVersion, problem: CoreErrorData | null): Promise<void> {
    if (problem !== null) {
      this.showProblem(fill(this.words.cannotRead, problem.message, formatTime(state.modified)));
      return;
    }
    this.banner.hidden = true;
    const { opened } = this.rows;
    if (opened === null || opened.state.version === state.version) return;
    const load = ++this.loads;
    try {
      const next = await this.link.ask('browse.open', { table: opened.table });
      if (load !== this.loads) return;
      this.showName(next.table, next.kind);
      const shown = this.rows.showAgain(next);
      if (this.tab === 'schema') this.showSchema();
      await shown;
    } catch (error) {
      if (load === this.loads) this.rows.fail(error);
    }
  }

  private openQuery(): void {
    this.link.ask('newQuery', { query: this.rows.query }).catch((error: unknown) => this.rows.fail(error));
  }

  private showName(table: string, kind: RelationKind): void {
    this.asked = table;
    const { database } = this;
    this.title.replaceChildren(
      element('span', 'name', { title: visibleName(table) }, visibleName(table)),
      ...(kind === 'table' ? [] : [element('span', 'kind', {}, this.words[kind])]),
      ...(database === null
        ? []
        : [element('span', 'kind where', { title: visibleText(database) }, visibleText(baseName(database)))]),
    );
  }

  private describe({ limit }: OpenedTable, source: RowSource, counts: string): string {
    return limit !== null && source.rows >= limit ? fill(this.words.firstRows, formatNumber(limit)) : counts;
  }

  // --- the schema

  private makeTab(name: ViewTab): HTMLButtonElement {
    const tab = element('button', 'tab', { type: 'button', role: 'tab' }, this.words[name]);
    tab.addEventListener('click', () => this.showTab(name));
    tab.addEventListener('keydown', (event) => {
      if (event.key !== 'ArrowLeft' && event.key !== 'ArrowRight') return;
      const other = name === 'data' ? 'schema' : 'data';
      this.showTab(other);
      this.tabs[other].focus();
      event.preventDefault();
      event.stopPropagation();
    });
    return tab;
  }

  private get tab(): ViewTab {
    return this.schema.element.hidden ? 'data' : 'schema';
  }

  private showTab(name: ViewTab): void {
    this.markTab(name);
    if (name === 'schema') this.showSchema();
    else this.rows.update();
    this.onState();
  }

  private markTab(name: ViewTab): void {
    for (const [tab, button] of Object.entries(this.tabs)) {
      setAttribute(button, 'aria-selected', tab === name);
      button.tabIndex = tab === name ? 0 : -1;
    }
    this.rows.element.hidden = name !== 'data';
    this.rows.tools.hidden = name !== 'data';
    this.schema.element.hidden = name !== 'schema';
  }

  private showSchema(): void {
    const { opened } = this.rows;
    if (opened === null) return;
    this.link
      .ask('browse.describe', { table: opened.table })
      .then((description) => {
        if (this.rows.opened === opened) this.schema.show(description);
      })
      .catch((error: unknown) => this.rows.fail(error));
  }

  // --- what is told

  private showProblem(message: string): void {
    const reload = element('button', 'button', { type: 'button' }, this.words.reload);
    reload.addEventListener('click', () => {
      this.banner.hidden = true;
      void this.open(this.table ?? this.asked, this.state).then(() => this.focus());
    });
    this.banner.replaceChildren(element('span', '', {}, message), reload);
    this.banner.hidden = false;
  }
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
