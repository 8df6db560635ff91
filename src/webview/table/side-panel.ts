/** One cell in full beside the grid: text, JSON that folds, bytes in hexadecimal, an image. */
import type { BrowseColumn, CellContent } from '../../core/browse/model';
import { visibleLines, visibleName } from '../../core/visible-text';
import { formatSize } from './cell-view';
import { element, iconButton, setAttribute } from './dom';
import { hexDump } from './hex-dump';
import { jsonTree } from './json-tree';
import { PanelEdge } from './panel-edge';
import type { PanelPart, PanelState } from './view-state';
import { fill, type Words } from './words';

/** Characters of a text that is shown as a tree of JSON at most. */
const mostJson = 500_000;

export interface PanelListener {
  onCopy(): void;
  onClose(): void;
  /** What is to be remembered has changed. */
  onState(): void;
}

export class SidePanel {
  readonly element: HTMLElement;
  private readonly edge: PanelEdge;
  private readonly title = element('h2', 'title');
  private readonly facts = element('p', 'facts');
  private readonly tabs = element('div', 'tabs', { role: 'tablist' });
  private readonly content = element('div', 'content', { tabindex: 0, role: 'tabpanel' });
  /** What is drawn, of which column. */
  private drawn = '';
  private isOpen: boolean;
  private part: PanelPart | null;
  private wraps: boolean;

  constructor(
    private readonly words: Words,
    before: PanelState,
    private readonly listener: PanelListener,
  ) {
    this.isOpen = before.open;
    this.part = before.part;
    this.wraps = before.wraps;
    const showWrap = (): void => {
      setAttribute(wrap, 'aria-pressed', this.wraps);
      this.content.classList.toggle('wraps', this.wraps);
    };
    const wrap = iconButton('wrap', words.wrap, () => {
      this.wraps = !this.wraps;
      showWrap();
      listener.onState();
    });
    showWrap();
    this.element = element('section', 'panel', { id: 'panel', 'aria-label': words.details, hidden: true });
    this.edge = new PanelEdge(this.element, words, before.size, () => listener.onState());
    this.element.append(
      this.edge.element,
      element(
        'header',
        '',
        {},
        this.title,
        wrap,
        iconButton('copy', words.copyCell, () => listener.onCopy()),
        iconButton('close', words.close, () => listener.onClose()),
      ),
      this.facts,
      this.tabs,
      this.content,
    );
    this.element.addEventListener('keydown', (event) => {
      if (event.key === 'Escape') listener.onClose();
      else if (event.key === 'c' && (event.ctrlKey || event.metaKey) && String(document.getSelection()) === '')
        listener.onCopy();
      else return;
      event.preventDefault();
      event.stopPropagation();
    });
  }

  /** Whether a cell is to be shown, where there is one. */
  get open(): boolean {
    return this.isOpen;
  }

  get visible(): boolean {
    return !this.element.hidden;
  }

  /** What is to be remembered. */
  get state(): PanelState {
    return { open: this.isOpen, size: this.edge.size, part: this.part, wraps: this.wraps };
  }

  close(): void {
    this.isOpen = false;
    this.element.hidden = true;
    this.listener.onState();
  }

  /** There is no cell: the next one is shown again. */
  suspend(): void {
    this.element.hidden = true;
  }

  focus(): void {
    this.content.focus();
  }

  /** @param content null where the row is gone */
  show(column: BrowseColumn, row: number, content: CellContent | null): void {
    this.element.hidden = false;
    if (!this.isOpen) {
      this.isOpen = true;
      this.listener.onState();
    }
    this.title.replaceChildren(
      element('span', 'name', {}, visibleName(column.name)),
      element('span', 'where', {}, fill(this.words.rowNumber, (row + 1).toLocaleString(document.documentElement.lang))),
    );
    // A file that changes does not take the place away where somebody reads a value that has not.
    const drawn = JSON.stringify([column.name, content]);
    if (drawn === this.drawn) return;
    this.drawn = drawn;
    if (content === null) {
      this.facts.textContent = this.words.rowGone;
      this.tabs.replaceChildren();
      this.content.replaceChildren();
      return;
    }
    this.facts.textContent = this.describe(content);
    const json = parseJson(content);
    const tabs: PanelPart[] =
      content.type === 'blob'
        ? content.image === null
          ? ['hex']
          : ['image', 'hex']
        : json === undefined
          ? ['text']
          : ['json', 'text'];
    const buttons = tabs.map((tab) =>
      element('button', 'tab', { type: 'button', role: 'tab', 'data-tab': tab, tabindex: -1 }, this.words[tab]),
    );
    const select = (tab: PanelPart): void => {
      for (const button of buttons) {
        const selected = button.dataset['tab'] === tab;
        setAttribute(button, 'aria-selected', selected);
        button.tabIndex = selected ? 0 : -1;
      }
      this.content.setAttribute('aria-label', this.words[tab]);
      this.content.replaceChildren(this.render(tab, content, json));
      this.content.scrollTop = 0;
    };
    buttons.forEach((button, index) => {
      button.addEventListener('click', () => {
        this.part = tabs[index] ?? 'text';
        select(this.part);
        this.listener.onState();
      });
      button.addEventListener('keydown', (event) => {
        if (event.key !== 'ArrowLeft' && event.key !== 'ArrowRight') return;
        const next = buttons[(index + (event.key === 'ArrowLeft' ? buttons.length - 1 : 1)) % buttons.length];
        next?.click();
        next?.focus();
        event.preventDefault();
        event.stopPropagation();
      });
    });
    this.tabs.hidden = tabs.length < 2;
    this.tabs.replaceChildren(...buttons);
    select(tabs.find((tab) => tab === this.part) ?? tabs[0] ?? 'text');
  }

  private describe({ type, size, cut, valid }: CellContent): string {
    const facts = [type === 'null' ? this.words.null : type.toUpperCase()];
    if (type === 'text' || type === 'blob')
      facts.push(
        `${formatSize(size)}${size < 1024 ? '' : ` (${fill(this.words.bytes, size.toLocaleString(document.documentElement.lang))})`}`,
      );
    if (cut) facts.push(this.words.cut);
    if (!valid) facts.push(this.words.invalidText);
    return facts.join(' · ');
  }

  private render(tab: PanelPart, content: CellContent, json: unknown): Node {
    switch (tab) {
      case 'json':
        return jsonTree(json);
      case 'image':
        return element('img', '', {
          alt: this.words.image,
          src: `data:${content.image?.type ?? ''};base64,${content.image?.base64 ?? ''}`,
        });
      case 'hex':
        return content.size === 0
          ? element('p', 'null', {}, this.words.empty)
          : element('pre', 'dump', {}, hexDump(content.hex));
      case 'text':
        if (content.type === 'null') return element('p', 'null', {}, this.words.null);
        if (content.type === 'text' && content.text === '') return element('p', 'null', {}, this.words.empty);
        return element('pre', '', {}, visibleLines(content.text));
    }
  }
}

/** Objects and lists only: `12` and `"a"` are JSON too, and nothing to fold. */
function parseJson({ type, text, cut }: CellContent): unknown {
  if (type !== 'text' || cut || text.length > mostJson || !/^\s*[[{]/.test(text)) return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
