/** The schema of a table: its columns with a profile on demand, indexes, triggers, references both ways, definition. */
import type { TableDescription } from '../../core/browse/describe-table';
import { visibleName } from '../../core/visible-text';
import { profileList } from './column-profile';
import { element } from './dom';
import type { HostLink } from './host-link';
import type { Words } from './words';

export class SchemaView {
  readonly element = element('div', 'schema', { tabindex: 0, hidden: true });

  constructor(
    private readonly words: Words,
    private readonly link: HostLink,
    private readonly onError: (error: unknown) => void,
  ) {
    this.element.setAttribute('aria-label', words.schema);
    this.element.setAttribute('role', 'tabpanel');
  }

  show(table: string, description: TableDescription): void {
    const { words } = this;
    this.element.replaceChildren(
      this.diagramLink(),
      this.section(words.columns, [this.columns(table, description)]),
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
      this.section(words.definition, description.sql === null ? [] : [element('pre', 'sql', {}, description.sql)]),
    );
  }

  private diagramLink(): HTMLElement {
    const button = element('button', 'link diagram-link', { type: 'button' }, this.words.showDiagram);
    button.addEventListener('click', () => {
      this.link.ask('showDiagram', null).catch(this.onError);
    });
    return button;
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
    return element('details', 'item', {}, element('summary', '', {}, ...head), element('pre', 'sql', {}, sql));
  }

  private reference({ table, columns }: TableDescription['references'][number]): HTMLElement {
    const button = element('button', 'link', { type: 'button' }, visibleName(table));
    button.addEventListener('click', () => {
      this.link.ask('openTable', { table, query: null }).catch(this.onError);
    });
    const pairs = columns
      .map(({ child, parent }) => [child, ...(parent === null ? [] : [parent])].map(visibleName).join(' → '))
      .join(', ');
    return element('div', 'item', {}, button, element('span', 'facts', {}, pairs));
  }

  private columns(table: string, { columns }: TableDescription): HTMLElement {
    const { words } = this;
    const head = [words.column, words.type, words.key, words.default].map((text) =>
      element('th', '', { scope: 'col' }, text),
    );
    head.push(element('th', '', { scope: 'col' }, element('span', 'spoken', {}, words.profile)));
    const rows = columns.flatMap((column) => {
      const target = element('td', '', { colspan: head.length });
      const below = element('tr', 'profile', { hidden: true }, target);
      const button = element(
        'button',
        'link',
        { type: 'button', 'aria-label': `${words.profile}: ${visibleName(column.name)}` },
        words.profile,
      );
      button.addEventListener('click', () => {
        button.disabled = true;
        below.hidden = false;
        target.textContent = words.loading;
        this.link
          .ask('browse.profile', { table, column: column.name })
          .then((profile) => target.replaceChildren(profileList(profile, words)))
          .catch((error: unknown) => {
            below.hidden = true;
            this.onError(error);
          })
          .finally(() => (button.disabled = false));
      });
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
        element('td', 'mono', {}, column.type),
        element('td', '', {}, facts.join(', ')),
        element('td', 'mono', {}, column.defaultValue ?? ''),
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
