/** What a view waits for: shown after a moment, and given up by the user after a while. */
import { element, setAttribute } from './dom';
import type { Words } from './words';

/** A wait is shown once it has lasted so long. Milliseconds. */
const patience = 250;
/** A wait can be given up once it has lasted so long. Milliseconds. */
const impatience = 2_000;

export class Waiting {
  /** Moves while something is waited for. */
  readonly bar = element('div', 'progress', { role: 'presentation', hidden: true });
  /** Gives up what is waited for. */
  readonly stop: HTMLButtonElement;
  private since = 0;

  /** @param busy what is marked as busy for a screen reader */
  constructor(
    words: Words,
    private readonly busy: HTMLElement,
    onStop: () => void,
  ) {
    this.stop = element('button', 'link', { type: 'button', hidden: true }, words.stop);
    this.stop.addEventListener('click', () => {
      this.stop.hidden = true;
      onStop();
    });
    window.setInterval(() => this.show(), 100);
  }

  begin(): void {
    this.since = performance.now();
  }

  /** A wait that began before goes on. */
  go(): void {
    this.since ||= performance.now();
  }

  end(): void {
    this.since = 0;
  }

  private show(): void {
    const waited = this.since > 0 ? performance.now() - this.since : 0;
    const waiting = waited > patience;
    this.stop.hidden = waited < impatience;
    this.bar.hidden = !waiting;
    setAttribute(this.busy, 'aria-busy', waiting);
  }
}
