/** A modal dialog drawn by VS Code itself (`showWarningMessage(..., { modal: true })`). */
import type { Locator, Page } from 'playwright-core';
import { toPattern, type TextMatch } from './match-text';

export class Dialog {
  readonly box: Locator;

  constructor(page: Page) {
    this.box = page.locator('.monaco-dialog-box');
  }

  /** Message and detail, one per line, without the buttons. */
  async text(): Promise<string> {
    return (await this.box.locator('.dialog-message-container').innerText()).trim();
  }

  async buttons(): Promise<string[]> {
    const labels = await this.box.locator('.dialog-buttons .monaco-button').allInnerTexts();
    return labels.map((label) => label.trim()).filter((label) => label !== '');
  }

  /** Clicks a button and waits until the dialog is gone. */
  async clickButton(label: TextMatch): Promise<void> {
    await this.box.locator('.dialog-buttons .monaco-button', { hasText: toPattern(label) }).click();
    await this.box.waitFor({ state: 'detached' });
  }
}
