/** The box above the list of tables that leaves those whose name contains a text, and the keys that go through the list. */
import { element, isForText } from './dom';
import type { Words } from './words';

/** A list that fits into a small window needs no search. */
const fewTables = 12;

export class TableSearch {
  readonly element: HTMLInputElement;
  private items: readonly HTMLButtonElement[] = [];

  constructor(words: Words) {
    this.element = element('input', 'search', {
      type: 'text',
      spellcheck: 'false',
      placeholder: words.findTable,
      'aria-label': words.findTable,
      hidden: true,
    });
    this.element.addEventListener('input', () => this.filter());
    this.element.addEventListener('keydown', (event) => {
      const [first] = this.shown;
      if (event.key === 'Escape' && this.element.value !== '') {
        this.element.value = '';
        this.filter();
      } else if (event.key === 'ArrowDown') first?.focus();
      else if (event.key === 'Enter') first?.click();
      else {
        if (isForText(event)) event.stopPropagation();
        return;
      }
      event.preventDefault();
      event.stopPropagation();
    });
  }

  show(items: readonly HTMLButtonElement[]): void {
    this.items = items;
    this.element.hidden = items.length <= fewTables;
    if (this.element.hidden) this.element.value = '';
    this.filter();
  }

  /** Where a key leads from an item; undefined where it leads nowhere. */
  neighbour(item: HTMLButtonElement, key: string): HTMLElement | undefined {
    const { shown } = this;
    const at = shown.indexOf(item);
    switch (key) {
      case 'ArrowDown':
        return shown[at + 1];
      case 'ArrowUp':
        return shown[at - 1] ?? (this.element.hidden ? undefined : this.element);
      case 'Home':
        return shown[0];
      case 'End':
        return shown.at(-1);
      default:
        return undefined;
    }
  }

  private get shown(): readonly HTMLButtonElement[] {
    return this.items.filter(({ hidden }) => !hidden);
  }

  private filter(): void {
    const text = this.element.value.trim().toLowerCase();
    for (const item of this.items) item.hidden = !(item.dataset['table'] ?? '').toLowerCase().includes(text);
  }
}
