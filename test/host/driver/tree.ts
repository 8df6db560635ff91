/** The tree views an extension brings, in whichever side bar or panel they are. */
import type { Locator, Page } from 'playwright-core';
import { setTimeout as sleep } from 'node:timers/promises';
import { toPattern, type TextMatch } from './match-text';
import type { PageElement } from './page-element';
import { appears } from './quick-input';

/** Less than a view's height in pixels, so that no row is passed unseen. */
const scrollStep = 250;

export class Tree {
  constructor(private readonly page: Page) {}

  /** The row with that label. Rows out of view do not exist in the page: `reveal` scrolls to them. */
  row(label: TextMatch): Locator {
    return this.rows.filter({ has: this.page.locator('.label-name', { hasText: toPattern(label) }) }).first();
  }

  /** The rows in view, each as its label and description, such as `people 3 rows`. */
  async listRows(): Promise<string[]> {
    return this.rows.evaluateAll(readRows);
  }

  /** The label of the row that the keyboard is on; empty where it is on none. */
  async focusedLabel(): Promise<string> {
    const label = this.rows.and(this.page.locator('.monaco-list-row.focused')).locator('.label-name');
    return (await label.count()) === 0 ? '' : (await label.innerText()).trim();
  }

  /** Scrolls until the row is in view. */
  async reveal(label: TextMatch): Promise<Locator> {
    const row = this.row(label);
    if (await appears(row, 1_000)) return row;
    await this.page.locator('.monaco-list', { has: this.rows }).first().hover();
    if ((await this.scrollTo(row, -scrollStep)) || (await this.scrollTo(row, scrollStep))) return row;
    throw new Error(`no tree row ${String(label)}; the last ones are:\n${(await this.listRows()).join('\n')}`);
  }

  /** Scrolls one way as far as it goes; whether the row came into view. */
  private async scrollTo(row: Locator, step: number): Promise<boolean> {
    for (let before: string | undefined; ;) {
      const shown = (await this.listRows()).join('\n');
      if (shown === before) return false;
      before = shown;
      await this.page.mouse.wheel(0, step);
      if (await appears(row, 100)) return true;
    }
  }

  async expand(label: TextMatch): Promise<void> {
    await this.toggle(label, 'true');
  }

  async collapse(label: TextMatch): Promise<void> {
    await this.toggle(label, 'false');
  }

  /** Clicks an icon at the end of a row; icons show when the mouse is over the row. */
  async clickAction(label: TextMatch, action: string): Promise<void> {
    const row = await this.reveal(label);
    await row.hover();
    await row.locator(`.actions a[aria-label^="${action}"]`).click();
  }

  /** Opens the context menu of a row and chooses from it. */
  async chooseFromMenu(label: TextMatch, item: TextMatch): Promise<void> {
    const row = await this.reveal(label);
    await row.click({ button: 'right' });
    const menu = this.page.locator('.monaco-menu');
    const chosen = menu.locator('.action-label', { hasText: toPattern(item) });
    await chosen.waitFor();
    // A menu takes no click for a moment after it opened, so that the click which opened it chooses nothing.
    await sleep(250);
    await chosen.click();
    await menu.waitFor({ state: 'detached' });
  }

  private async toggle(label: TextMatch, expanded: 'true' | 'false'): Promise<void> {
    const row = await this.reveal(label);
    if ((await row.getAttribute('aria-expanded')) !== expanded) await row.locator('.monaco-tl-twistie').click();
    await this.page.locator(`.monaco-list-row[aria-expanded="${expanded}"]`).and(row).waitFor();
  }

  private get rows(): Locator {
    return this.page.locator('.monaco-list-row[role="treeitem"]', {
      has: this.page.locator('.custom-view-tree-node-item'),
    });
  }
}

/** Runs in the page. Rows are placed by their index, not by their order in the page. */
function readRows(elements: readonly PageElement[]): string[] {
  return [...elements]
    .sort((a, b) => Number(a.getAttribute('data-index')) - Number(b.getAttribute('data-index')))
    .map((element) => {
      const label = element.querySelector('.label-name')?.textContent?.trim() ?? '';
      return `${label} ${element.querySelector('.label-description')?.textContent?.trim() ?? ''}`.trim();
    });
}
