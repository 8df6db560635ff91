/** The box that looks for a text in every shown column. */
import { element, iconButton, isForText } from './dom';
import { fill, type Words } from './words';

export interface FindListener {
  /** The text to look for changed: from where one is. */
  onText(text: string): void;
  onNext(backwards: boolean): void;
  onClose(): void;
}

const typingTime = 200;

export class FindBox {
  readonly element: HTMLElement;
  private readonly input: HTMLInputElement;
  private readonly count = element('span', 'count', { role: 'status' });

  constructor(
    private readonly words: Words,
    listener: FindListener,
  ) {
    this.input = element('input', '', {
      type: 'text',
      spellcheck: 'false',
      placeholder: words.findIn,
      'aria-label': words.findIn,
    });
    let timer = 0;
    this.input.addEventListener('input', () => {
      window.clearTimeout(timer);
      timer = window.setTimeout(() => listener.onText(this.input.value), typingTime);
    });
    this.element = element(
      'div',
      'find',
      { role: 'search', hidden: true },
      this.input,
      this.count,
      iconButton('up', words.previousMatch, () => listener.onNext(true)),
      iconButton('down', words.nextMatch, () => listener.onNext(false)),
      iconButton('close', words.close, () => listener.onClose()),
    );
    this.element.addEventListener('keydown', (event) => {
      if (event.key === 'Escape') listener.onClose();
      else if (event.key === 'Enter' && event.target === this.input) {
        window.clearTimeout(timer);
        listener.onNext(event.shiftKey);
      } else {
        if (isForText(event)) event.stopPropagation();
        return;
      }
      event.preventDefault();
      event.stopPropagation();
    });
  }

  get open(): boolean {
    return !this.element.hidden;
  }

  get text(): string {
    return this.input.value;
  }

  show(): void {
    this.element.hidden = false;
    this.input.focus();
    this.input.select();
  }

  hide(): void {
    this.element.hidden = true;
  }

  /** @param ordinal 0 where there is no match */
  showCount(ordinal: number, matches: number, complete: boolean): void {
    const total = matches.toLocaleString(document.documentElement.lang) + (complete ? '' : '…');
    if (matches === 0) this.count.textContent = complete ? this.words.noMatch : this.words.working;
    else this.count.textContent = fill(this.words.match, ordinal.toLocaleString(document.documentElement.lang), total);
    this.element.classList.toggle('failed', complete && matches === 0);
  }

  clearCount(): void {
    this.count.textContent = '';
    this.element.classList.remove('failed');
  }
}
