/** The schema of a table: its columns with a profile on demand, indexes, triggers, references both ways, definition. */
import type { TableDescription } from '../../core/browse/describe-table';
import { visibleLines, visibleName, visibleText } from '../../core/visible-text';
import { profileList } from './column-profile';
import { element, setAttribute } from './dom';
import type { HostLink } from './host-link';
import type { Words } from './words';

export interface SchemaListener {
  /** What is to be remembered has changed. */
  onState(): void;
  onError(error: unknown): void;
}

export class SchemaView {
  readonly element = element('div', 'schema', { tabindex: 0, hidden: true });
  private table = '';
  /** As it was described last. */
  private shown = '';
  private open = new Set<string>();
  /** Read the profiles again that are shown. */
  private readonly rereads = new Map<string, () => void>();

  constructor(
    private readonly words: Words,
    private readonly link: HostLink,
    private readonly listener: SchemaListener,
  ) {
    this.element.setAttribute('aria-label', words.schema);
    this.element.setAttribute('role', 'tabpanel');
  }

  /** The columns whose profile is shown. */
  get profiles(): readonly string[] {
    return [...this.open];
  }

  /** Another table is about to be described: what is shown of the one before would be taken for this one's. */
  begin(table: string, profiles: readonly string[]): void {
    if (this.table !== table) this.clear();
    this.table = table;
    this.open = new Set(profiles);
  }

  clear(): void {
    this.table = '';
    this.shown = '';
    this.open = new Set();
    this.rereads.clear();
    this.element.replaceChildren();
  }

  /** Where only the rows have changed, nothing but the profiles is drawn anew: who reads here keeps the place and the focus. */
  show(description: TableDescription): void {
    const shown = JSON.stringify(description);
    if (shown !== this.shown) this.draw(description);
    this.shown = shown;
    for (const column of this.open) this.rereads.get(column)?.();
  }

  private draw(description: TableDescription): void {
    const { words } = this;
    this.rereads.clear();
    this.element.replaceChildren(
      this.diagramLink(),
      this.section(words.columns, [this.columns(description)]),
      this.section(
        words.indexes,
        description.indexes.map(({ name, unique, partial, columns, sql }) =>
          this.item(
            name,
            [
              ...(unique ? [words.unique] : []),
              ...(partial ? [words.partial] : []),
              columns.map(visibleName).join(', '),
            ].join(' · '),
            sql,
          ),
        ),
      ),
      this.section(
        words.references,
        description.references.map((one) => this.reference(one)),
      ),
      this.section(
        words.referencedBy,
        description.referencedBy.map((one) => this.reference(one)),
      ),
      this.section(
        words.triggers,
        description.triggers.map(({ name, sql }) => this.item(name, '', sql)),
      ),
      this.section(
        words.definition,
        description.sql === null ? [] : [element('pre', 'sql', {}, visibleLines(description.sql))],
      ),
    );
  }

  private diagramLink(): HTMLElement {
    const button = element('button', 'link diagram-link', { type: 'button' }, this.words.showDiagram);
    button.addEventListener('click', () => {
      this.request(this.link.ask('showDiagram', null));
    });
    return button;
  }

  private request(asked: Promise<unknown>): void {
    asked.catch((error: unknown) => this.listener.onError(error));
  }

  private section(title: string, content: readonly HTMLElement[]): HTMLElement {
    return element(
      'section',
      '',
      {},
      element('h2', '', {}, title),
      ...(content.length === 0 ? [element('p', 'null', {}, this.words.none)] : content),
    );
  }

  private item(name: string, facts: string, sql: string | null): HTMLElement {
    const head = [element('strong', '', {}, visibleName(name)), element('span', 'facts', {}, facts)];
    if (sql === null) return element('div', 'item', {}, ...head);
    return element(
      'details',
      'item',
      {},
      element('summary', '', {}, ...head),
      element('pre', 'sql', {}, visibleLines(sql)),
    );
  }

  private reference({ table, columns }: TableDescription['references'][number]): HTMLElement {
    const button = element('button', 'link', { type: 'button' }, visibleName(table));
    button.addEventListener('click', () => {
      this.request(this.link.ask('openTable', { table, query: null }));
    });
    const pairs = columns
      .map(({ child, parent }) => [child, ...(parent === null ? [] : [parent])].map(visibleName).join(' → '))
      .join(', ');
    return element('div', 'item', {}, button, element('span', 'facts', {}, pairs));
  }

  /** A button that shows the profile of a column in a row below the column's own, and hides it again. */
  private profile(column: string, columns: number): { button: HTMLElement; below: HTMLElement } {
    const { words, table } = this;
    const target = element('td', '', { colspan: columns });
    const below = element('tr', 'profile', {}, target);
    const button = element(
      'button',
      'link',
      { type: 'button', 'aria-label': `${words.profile}: ${visibleName(column)}` },
      words.profile,
    );
    let reading = false;
    const showState = (): void => {
      const isOpen = this.open.has(column);
      setAttribute(button, 'aria-expanded', isOpen);
      below.hidden = !isOpen;
    };
    const close = (): void => {
      this.open.delete(column);
      target.replaceChildren();
      showState();
    };
    const read = (): void => {
      if (reading) return;
      reading = true;
      if (target.textContent === '') target.textContent = words.loading;
      this.link
        .ask('browse.profile', { table, column })
        .then((profile) => target.replaceChildren(profileList(profile, words)))
        .catch((error: unknown) => {
          close();
          this.listener.onError(error);
        })
        .finally(() => (reading = false));
    };
    button.addEventListener('click', () => {
      if (this.open.has(column)) close();
      else {
        this.open.add(column);
        showState();
        read();
      }
      this.listener.onState();
    });
    this.rereads.set(column, read);
    showState();
    return { button, below };
  }

  private columns({ columns }: TableDescription): HTMLElement {
    const { words } = this;
    const head = [words.column, words.type, words.key, words.default].map((text) =>
      element('th', '', { scope: 'col' }, text),
    );
    head.push(element('th', '', { scope: 'col' }, element('span', 'spoken', {}, words.profile)));
    const rows = columns.flatMap((column) => {
      const { button, below } = this.profile(column.name, head.length);
      const facts = [
        ...(column.primaryKey > 0 ? [words.primaryKey] : []),
        ...(column.notNull ? [words.notNull] : []),
        ...(column.generated ? [words.generated] : []),
      ];
      const row = element(
        'tr',
        '',
        {},
        element('th', 'column-name', { scope: 'row' }, visibleName(column.name)),
        element('td', 'mono', {}, visibleText(column.type)),
        element('td', '', {}, facts.join(', ')),
        element('td', 'mono', {}, visibleText(column.defaultValue ?? '')),
        element('td', '', {}, button),
      );
      return [row, below];
    });
    return element(
      'table',
      '',
      {},
      element('thead', '', {}, element('tr', '', {}, ...head)),
      element('tbody', '', {}, ...rows),
    );
  }
}
