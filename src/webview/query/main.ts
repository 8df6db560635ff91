/** The view of a result: the statement, and below it its rows, its query plan, or what went wrong. */
import '../table/table.css';
import './query.css';
import type { OpenedTable } from '../../core/browse/model';
import { resultTable, type QueryResult } from '../../core/query/model';
import { element, icon } from '../table/dom';
import { HostLink } from '../table/host-link';
import type { RowSource } from '../table/row-source';
import { RowsView } from '../table/rows-view';
import { formatNumber, formatTime, stateWords } from '../table/status-line';
import { asRecord, emptyState, readPanel, readState, type RowsState } from '../table/view-state';
import { visibleText } from '../../core/visible-text';
import { fill } from '../table/words';
import type { Outcome, QueryStart, RememberedRun, ToQueryView } from './messages';
import { drawPlan } from './plan-view';

/** State is remembered when nothing has changed for so long. Milliseconds. */
const settled = 150;

type Ran = Pick<NonNullable<RememberedRun['gave']>, 'rows' | 'cut' | 'milliseconds'>;

let view: ResultView | null = null;
const link = new HostLink<ToQueryView>((message) => {
  switch (message.kind) {
    case 'start':
      view ??= new ResultView(message.start);
      break;
    case 'outcome':
      view?.show(message.outcome);
      break;
    case 'changed':
      view?.tellChanged();
  }
});

class ResultView {
  private readonly rows: RowsView;
  private readonly database = element('span', 'database');
  private readonly statement = element('code', 'statement');
  private readonly banner = element('div', 'banner', { role: 'alert', hidden: true });
  /** What is shown in the place of rows. */
  private readonly page = element('div', 'page', { tabindex: 0 });
  private run: RememberedRun | null = null;
  private result: QueryResult | null = null;
  /** How the rows of the statement are looked at: kept when it is run again. */
  private look: RowsState = emptyState;
  private shows = 0;
  private timer = 0;

  constructor(private readonly start: QueryStart) {
    document.documentElement.lang = start.language;
    this.rows = new RowsView(
      start.words,
      link,
      {
        onState: () => this.rememberSoon(),
        onError: (error) => this.showProblem(error),
        onQuery: () => (this.banner.hidden = true),
        describe: (_opened, source, counts) => this.describe(source, counts),
      },
      readPanel(asRecord(link.state)['panel']),
    );
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

  show({ run, database, state }: Outcome): void {
    this.shows++;
    this.adopt(run);
    this.database.textContent = database;
    this.statement.textContent = visibleText(run.sql.replace(/\s+/g, ' '));
    this.statement.title = run.sql;
    this.banner.hidden = true;
    this.rows.status.aside.replaceChildren();
    this.result = null;
    const { queryWords } = this.start;
    switch (state.kind) {
      case 'restored':
        this.showRestored(run);
        return;
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
        if (state.result.kind === 'rows') void this.showRows();
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

  /** Below the rows, which stay what they are: they belong to the state of the database that they were read from. */
  tellChanged(): void {
    const { changed } = this.start.queryWords;
    const again = element('button', 'link', { type: 'button' }, this.start.queryWords.runAgain);
    again.addEventListener('click', () => this.request(link.ask('runAgain', null)));
    this.rows.status.aside.replaceChildren(changed, ' · ', again);
    this.rows.status.say(changed);
  }

  /** The statement that is shown from now on; what was set for another one's rows is none of its business. */
  private adopt(run: RememberedRun): void {
    if (this.timer !== 0) this.remember();
    const stored = asRecord(link.state);
    const before = this.run ?? asRecord(stored['run']);
    if (before.sql !== run.sql || before.file !== run.file) this.look = emptyState;
    else if (this.run === null) this.look = readState(stored['look']);
    this.run = run;
    link.remember({ run, look: this.look, panel: this.rows.panelState });
  }

  private async showRows(): Promise<void> {
    const show = this.shows;
    try {
      const opened: OpenedTable = await link.ask('browse.open', { table: resultTable });
      if (show !== this.shows) return;
      const hadFocus = this.page.contains(document.activeElement);
      this.page.hidden = true;
      this.rows.element.hidden = false;
      this.rows.tools.hidden = false;
      if (hadFocus) this.rows.focus();
      await this.rows.show(opened, this.look);
    } catch (error) {
      if (show === this.shows) this.showProblem(error);
    }
  }

  private showRestored({ gave }: RememberedRun): void {
    const { restored } = this.start.queryWords;
    this.showPage(
      element(
        'div',
        'notice restored',
        {},
        element('p', '', {}, restored),
        ...(gave === null ? [] : [element('p', 'last', {}, this.lastTime(gave))]),
        this.runAgain(),
      ),
    );
    this.tell('', []);
  }

  private showPage(...content: readonly Node[]): void {
    const hadFocus = this.page.contains(document.activeElement);
    this.rows.leave();
    this.rows.element.hidden = true;
    this.rows.tools.hidden = true;
    this.page.replaceChildren(...content);
    this.page.hidden = false;
    if (hadFocus) this.page.focus();
  }

  private describe(source: RowSource, counts: string): string {
    const { result } = this;
    if (result?.kind !== 'rows' || !source.complete || source.query.filters.length > 0) return counts;
    return this.ran(result, counts);
  }

  private ran({ rows, cut, milliseconds }: Ran, counts: string): string {
    const { queryWords } = this.start;
    const time = this.time(milliseconds);
    return cut ? fill(queryWords.firstOf, formatNumber(rows), time) : fill(queryWords.counted, counts, time);
  }

  private lastTime(gave: NonNullable<RememberedRun['gave']>): string {
    const { words, queryWords } = this.start;
    const counts = gave.rows === 1 ? words.oneRow : fill(words.rows, formatNumber(gave.rows));
    return fill(queryWords.lastTime, this.ran(gave, counts), formatTime(gave.at));
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
    this.timer = window.setTimeout(() => this.remember(), settled);
  }

  private remember(): void {
    window.clearTimeout(this.timer);
    this.timer = 0;
    // Before its rows are here, there is nothing to be seen of how they are looked at.
    if (this.result?.kind !== 'rows' || this.rows.element.hidden) return;
    this.look = this.rows.state;
    link.remember({ run: this.run, look: this.look, panel: this.rows.panelState });
  }
}

link.ready();
