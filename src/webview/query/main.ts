/** The view of a result: the statement, and below it its rows, its query plan, or what went wrong. */
import '../table/table.css';
import './query.css';
import type { OpenedTable } from '../../core/browse/model';
import { resultTable, type QueryResult } from '../../core/query/model';
import { element, icon } from '../table/dom';
import { HostLink } from '../table/host-link';
import type { RowSource } from '../table/row-source';
import { RowsView } from '../table/rows-view';
import { formatNumber, stateWords } from '../table/status-line';
import { asRecord, emptyState, readState } from '../table/view-state';
import { visibleText } from '../table/visible-text';
import { fill } from '../table/words';
import type { Outcome, QueryStart, ToQueryView } from './messages';
import { drawPlan } from './plan-view';

/** State is remembered when nothing has changed for so long. Milliseconds. */
const settled = 150;

let view: ResultView | null = null;
const link = new HostLink<ToQueryView>((message) => {
  if (message.kind === 'start') view ??= new ResultView(message.start);
  else view?.show(message.outcome);
});

class ResultView {
  private readonly rows: RowsView;
  private readonly database = element('span', 'database');
  private readonly statement = element('code', 'statement');
  private readonly banner = element('div', 'banner', { role: 'alert', hidden: true });
  /** What is shown in the place of rows. */
  private readonly page = element('div', 'page', { tabindex: 0 });
  private result: QueryResult | null = null;
  private shows = 0;
  private timer = 0;

  constructor(private readonly start: QueryStart) {
    document.documentElement.lang = start.language;
    this.rows = new RowsView(start.words, link, {
      onState: () => this.rememberSoon(),
      onError: (error) => this.showProblem(error),
      onQuery: () => (this.banner.hidden = true),
      describe: (_opened, source, counts) => this.describe(source, counts),
    });
    const root = element(
      'div',
      'table-view query',
      {},
      element('div', 'toolbar', {}, this.database, this.statement, this.rows.tools),
      this.banner,
      this.rows.element,
      this.page,
      this.rows.status.element,
      this.rows.status.spoken,
    );
    root.addEventListener('keydown', (event) => {
      if (!this.rows.key(event)) return;
      event.preventDefault();
      event.stopPropagation();
    });
    document.body.append(root);
    window.addEventListener('focus', (event) => {
      if (event.target !== window || document.activeElement !== document.body) return;
      if (this.page.hidden) this.rows.focus();
      else this.page.focus();
    });
  }

  show({ statement, database, state }: Outcome): void {
    this.shows++;
    const oneLine = visibleText(statement.replace(/\s+/g, ' '));
    this.database.textContent = database;
    this.statement.textContent = oneLine;
    this.statement.title = statement;
    this.banner.hidden = true;
    const { queryWords } = this.start;
    switch (state.kind) {
      case 'running': {
        const cancel = element('button', 'link', { type: 'button' }, queryWords.cancel);
        cancel.addEventListener('click', () => this.request(link.ask('stop', null)));
        this.showPage(
          element('div', 'progress', { role: 'presentation' }),
          element('p', 'notice', {}, queryWords.running, ' ', cancel),
        );
        this.tell('', []);
        return;
      }
      case 'cancelled':
        this.showPage(element('p', 'notice', {}, queryWords.cancelled, ' ', this.runAgain()));
        this.tell(queryWords.cancelled, []);
        return;
      case 'failed': {
        const { message, hint } = state.error;
        this.showPage(
          element(
            'div',
            'failure',
            { role: 'alert' },
            icon('warning'),
            element('div', '', {}, element('p', 'message', {}, message), element('p', 'hint', {}, hint ?? '')),
          ),
        );
        this.tell(queryWords.failed, []);
        return;
      }
      case 'done':
        this.result = state.result;
        if (state.result.kind === 'rows') void this.showRows(state.result);
        else {
          this.showPage();
          drawPlan(this.page, state.result.steps, queryWords);
          this.tell(
            fill(queryWords.planIn, this.time(state.result.milliseconds)),
            stateWords(state.result.state, this.start.words),
          );
        }
    }
  }

  private async showRows({ state }: QueryResult): Promise<void> {
    const show = this.shows;
    try {
      const opened: OpenedTable = await link.ask('browse.open', { table: resultTable });
      if (show !== this.shows) return;
      this.page.hidden = true;
      this.rows.element.hidden = false;
      this.rows.tools.hidden = false;
      const remembered = asRecord(link.state);
      await this.rows.show(
        opened,
        remembered['version'] === state.version ? readState(remembered['state']) : emptyState,
      );
    } catch (error) {
      if (show === this.shows) this.showProblem(error);
    }
  }

  private showPage(...content: readonly Node[]): void {
    this.rows.expect();
    this.rows.element.hidden = true;
    this.rows.tools.hidden = true;
    this.page.replaceChildren(...content);
    this.page.hidden = false;
  }

  private describe(source: RowSource, counts: string): string {
    const { result, start } = this;
    if (result?.kind !== 'rows' || !source.complete || source.query.filters.length > 0) return counts;
    const time = this.time(result.milliseconds);
    return result.cut
      ? fill(start.queryWords.firstOf, formatNumber(result.rows), time)
      : fill(start.queryWords.counted, counts, time);
  }

  private time(milliseconds: number): string {
    const { queryWords } = this.start;
    return milliseconds < 1000
      ? fill(queryWords.milliseconds, formatNumber(Math.max(1, Math.round(milliseconds))))
      : fill(queryWords.seconds, formatNumber(Math.round(milliseconds / 100) / 10));
  }

  private tell(counts: string, facts: readonly string[]): void {
    this.rows.status.show(counts, facts);
    this.rows.status.say(counts);
  }

  private showProblem(error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    this.banner.replaceChildren(element('span', '', {}, message), this.runAgain());
    this.banner.hidden = false;
  }

  private runAgain(): HTMLButtonElement {
    const button = element('button', 'button', { type: 'button' }, this.start.queryWords.runAgain);
    button.addEventListener('click', () => this.request(link.ask('runAgain', null)));
    return button;
  }

  private request(asked: Promise<unknown>): void {
    asked.catch((error: unknown) => this.showProblem(error));
  }

  private rememberSoon(): void {
    window.clearTimeout(this.timer);
    this.timer = window.setTimeout(() => {
      if (this.result?.kind === 'rows') link.remember({ version: this.result.state.version, state: this.rows.state });
    }, settled);
  }
}

link.ready();
