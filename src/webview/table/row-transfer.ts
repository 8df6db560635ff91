/** Rows on their way out of the view: to the clipboard, or to a file. */
import type { RowFormat } from '../../core/browse/model';
import type { HostLink } from './host-link';
import type { RowSource } from './row-source';
import type { StatusLine } from './status-line';
import type { Waiting } from './waiting';
import type { Words } from './words';

export class RowTransfer {
  constructor(
    private readonly words: Words,
    private readonly link: HostLink,
    private readonly waiting: Waiting,
    private readonly status: StatusLine,
    private readonly onError: (error: unknown) => void,
  ) {}

  /** @param rows the first and the last one */
  copy(source: RowSource, columns: readonly string[], rows: readonly [number, number], format: RowFormat): void {
    if (source.rows === 0) return;
    const { table, query } = source;
    this.waiting.go();
    this.link
      .ask('copyRows', { table, query, columns, from: rows[0], to: rows[1] + 1, format })
      .then(() => this.status.say(this.words.copied))
      .catch(this.onError)
      .finally(() => {
        if (source.complete) this.waiting.end();
      });
  }

  /** All rows of the query; the user says where to. */
  export({ table, query }: RowSource, columns: readonly string[]): void {
    this.link.ask('exportRows', { table, query, columns }).catch(this.onError);
  }
}
