/** The cell that is open beside the grid: which one, what it holds, and when it is put away. */
import type { BrowseColumn, CellContent, OpenedTable, TableQuery } from '../../core/browse/model';
import type { Grid } from './grid';
import type { HostLink } from './host-link';
import { SidePanel } from './side-panel';
import type { PanelState } from './view-state';
import type { Words } from './words';

/** A cell of what is shown. */
export interface ShownCell {
  readonly opened: OpenedTable;
  readonly query: TableQuery;
  readonly row: number;
  readonly column: BrowseColumn;
}

export interface OpenCellListener {
  onCopy(): void;
  /** What is to be remembered has changed. */
  onState(): void;
  onError(error: unknown): void;
}

export class OpenCell {
  private readonly panel: SidePanel;
  /** The cell that the panel shows, or waits for. */
  private wanted = '';

  constructor(
    words: Words,
    private readonly link: HostLink,
    private readonly grid: Grid,
    before: PanelState,
    private readonly listener: OpenCellListener,
  ) {
    this.panel = new SidePanel(words, before, {
      onCopy: () => listener.onCopy(),
      onClose: () => this.close(),
      onState: () => listener.onState(),
    });
  }

  get element(): HTMLElement {
    return this.panel.element;
  }

  /** Whether a cell is to be shown, where there is one. */
  get isOpen(): boolean {
    return this.panel.open;
  }

  get isVisible(): boolean {
    return this.panel.visible;
  }

  /** What is to be remembered. */
  get state(): PanelState {
    return this.panel.state;
  }

  /** @param focus whether the user goes there */
  show({ opened, query, row, column }: ShownCell, focus: boolean): void {
    const wanted = JSON.stringify([opened.table, opened.state.version, row, column.name, query]);
    if (wanted === this.wanted) {
      if (focus) this.panel.focus();
      return;
    }
    this.wanted = wanted;
    this.link
      .ask('browse.cell', { table: opened.table, query, position: row, column: column.name })
      .then((content: CellContent | null) => {
        if (this.wanted !== wanted) return;
        const opens = !this.panel.visible;
        this.panel.show(column, row, content);
        // The grid has become narrower.
        if (opens) this.grid.reveal();
        if (focus) this.panel.focus();
      })
      .catch((error: unknown) => {
        if (this.wanted === wanted) this.wanted = '';
        this.listener.onError(error);
      });
  }

  close(): void {
    this.panel.close();
    this.wanted = '';
    this.grid.focus();
  }

  /** There is no cell: the next one is shown again. */
  suspend(): void {
    if (this.panel.element.contains(document.activeElement)) this.grid.focus();
    this.panel.suspend();
    this.wanted = '';
  }
}
