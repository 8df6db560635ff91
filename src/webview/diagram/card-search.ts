/** The search box of a diagram: which cards are looked for, and which of them one is at. */
import type { DatabaseDiagram } from '../../core/browse/diagram';
import { element, icon, isForText } from '../table/dom';
import { fill } from '../table/words';
import type { Card } from './graph';
import { nextOf } from './navigate';
import type { DiagramWords } from './words';

export interface SearchListener {
  /** Something else is looked for, or nothing any more. */
  onChange(): void;
  /** One is at this card now. */
  onMatch(id: string): void;
  /** The keyboard leaves the box for this card. */
  onLeave(id: string): void;
}

export class CardSearch {
  readonly element: HTMLElement;
  private readonly input: HTMLInputElement;
  private readonly found = element('span', 'found', { 'aria-live': 'polite' });
  private matches: readonly string[] = [];
  /** The match that one is at; −1 for none. */
  private at = -1;

  constructor(
    private readonly words: DiagramWords,
    private readonly listener: SearchListener,
  ) {
    this.input = element('input', '', {
      type: 'text',
      placeholder: words.find,
      'aria-label': words.find,
      spellcheck: 'false',
    });
    this.element = element('div', 'search', {}, icon('search'), this.input, this.found);
    this.input.addEventListener('input', () => this.change());
    this.input.addEventListener('keydown', (event) => this.key(event));
  }

  /** Whether anything is looked for. */
  get active(): boolean {
    return this.wanted !== '';
  }

  /** The keyboard comes to the box, and types over what is in it. */
  select(): void {
    this.input.select();
  }

  /** Looks through the cards that are shown, and tells how many match. @returns their ids */
  look(diagram: DatabaseDiagram, cards: Iterable<Card>): ReadonlySet<string> {
    this.matches = this.active ? matching(diagram, cards, this.wanted) : [];
    this.tell();
    return new Set(this.matches);
  }

  private get wanted(): string {
    return this.input.value.trim().toLowerCase();
  }

  private tell(): void {
    const { words, matches, at } = this;
    if (!this.active) this.found.textContent = '';
    else if (matches.length === 0) this.found.textContent = words.noMatch;
    else this.found.textContent = fill(words.matches, at < 0 ? '–' : at + 1, matches.length);
  }

  private change(): void {
    this.at = -1;
    this.listener.onChange();
  }

  private key(event: KeyboardEvent): void {
    if (isForText(event)) event.stopPropagation();
    if (event.key === 'Enter') this.step(event.shiftKey ? -1 : 1);
    else if (event.key === 'Escape') {
      this.input.value = '';
      this.change();
    } else if (event.key === 'ArrowDown') {
      const id = this.matches[Math.max(0, this.at)];
      if (id !== undefined) this.listener.onLeave(id);
    }
  }

  private step(step: 1 | -1): void {
    const at = nextOf(this.matches.length, this.at, step);
    const id = this.matches[at];
    if (id === undefined) return;
    this.at = at;
    this.tell();
    this.listener.onMatch(id);
  }
}

/** A table is found by its name and by those of its columns, shown or not. */
function matching({ tables }: DatabaseDiagram, cards: Iterable<Card>, wanted: string): readonly string[] {
  const found = new Set(
    tables
      .filter(({ name, columns }) =>
        [name, ...columns.map((column) => column.name)].some((text) => text.toLowerCase().includes(wanted)),
      )
      .map(({ name }) => name),
  );
  return [...cards].filter(({ table, missing }) => !missing && found.has(table)).map(({ id }) => id);
}
