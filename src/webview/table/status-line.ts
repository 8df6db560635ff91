/** The line below the grid, in words: how many rows, which one, as of when. */
import type { FileVersion } from '../../core/browse/model';
import { element } from './dom';
import type { RowSource } from './row-source';
import { fill, type Words } from './words';

export class StatusLine {
  readonly element: HTMLElement;
  private readonly counts = element('span', 'counts');
  /** What a view has to say besides. */
  readonly aside = element('span', 'aside');
  private readonly facts = element('span', 'facts');
  /** What only a screen reader tells. */
  readonly spoken = element('div', 'spoken', { role: 'status', 'aria-live': 'polite' });

  /** @param buttons what can be done about what is shown: each where it applies */
  constructor(...buttons: readonly HTMLElement[]) {
    this.element = element('div', 'status', {}, this.counts, ...buttons, this.aside, this.facts);
  }

  show(counts: string, facts: readonly string[]): void {
    if (this.counts.textContent !== counts) this.counts.textContent = counts;
    const joined = facts.join(' · ');
    if (this.facts.textContent !== joined) this.facts.textContent = joined;
  }

  say(text: string): void {
    // The same words twice in a row would be said once.
    this.spoken.textContent = this.spoken.textContent === text ? `${text} ` : text;
  }
}

export function formatNumber(value: number): string {
  return value.toLocaleString(document.documentElement.lang);
}

export function formatTime(milliseconds: number): string {
  return new Date(milliseconds).toLocaleString(document.documentElement.lang);
}

export function countWords(
  source: Pick<RowSource, 'rows' | 'complete' | 'failed' | 'query' | 'total'>,
  words: Words,
): string {
  const rows = source.rows === 1 ? words.oneRow : fill(words.rows, formatNumber(source.rows));
  const filtered = source.query.filters.length > 0;
  if (!source.complete) {
    // The banner says why.
    if (source.failed) return source.rows > 0 ? rows : '';
    if (!filtered && source.rows > 0) return rows;
    // While rows are sorted, none has a position yet: none would be taken for the result.
    if (!filtered && source.query.sort.length > 0) return words.sorting;
    return `${rows} · ${words.counting}`;
  }
  return filtered && source.total !== null
    ? fill(words.rowsOf, formatNumber(source.rows), formatNumber(source.total))
    : rows;
}

/** Which state of the file is shown. */
export function stateWords({ frames, modified }: FileVersion, words: Words): string[] {
  return [
    ...(frames === null || frames === 0
      ? []
      : [frames === 1 ? words.oneFrame : fill(words.frames, formatNumber(frames))]),
    fill(words.asOf, formatTime(modified)),
  ];
}
