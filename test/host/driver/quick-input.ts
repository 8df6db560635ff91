/** The box at the top of the window: command palette, quick picks and input boxes. */
import type { Locator, Page } from 'playwright-core';
import { setTimeout as sleep } from 'node:timers/promises';
import { toPattern, type TextMatch } from './match-text';

export class QuickInput {
  readonly widget: Locator;
  readonly input: Locator;
  /** The rows in view: the list is virtual, filter it by typing to reach the others. */
  readonly rows: Locator;

  constructor(private readonly page: Page) {
    this.widget = page.locator('.quick-input-widget:visible');
    this.input = this.widget.locator('.quick-input-box input');
    this.rows = this.widget.locator('.quick-input-list .monaco-list-row');
  }

  row(label: TextMatch): Locator {
    return this.rows.filter({ has: this.page.locator('.label-name', { hasText: toPattern(label) }) }).first();
  }

  /**
   * Runs a command by its full title, such as `Markdown: Open Preview`.
   *
   * The palette lists what is registered when it opens, so it is opened again until the extension has brought the command.
   */
  async runCommand(title: string, timeoutMs = 20_000): Promise<void> {
    const deadline = Date.now() + timeoutMs;
    for (;;) {
      await this.openPalette(deadline);
      if (await this.chooseFromPalette(title)) break;
      await this.page.keyboard.press('Escape');
      if (Date.now() > deadline) throw new Error(`the palette has no command "${title}"`);
    }
    // What the command asks comes in the same box: nobody may read or answer the palette instead.
    await this.row(title).waitFor({ state: 'hidden' });
  }

  /** @returns whether there was such a command: the palette closes where something else takes the focus, as an editor does */
  private async chooseFromPalette(title: string): Promise<boolean> {
    try {
      await this.input.fill(`>${title}`, { timeout: 2_000 });
      if (!(await appears(this.row(title), 1_000))) return false;
      await this.waitUntilSettled();
      await this.row(title).click({ timeout: 2_000 });
      return true;
    } catch {
      return false;
    }
  }

  /** A webview that is still loading may have the focus, and swallows the key: take it away and press again. */
  private async openPalette(deadline: number): Promise<void> {
    for (;;) {
      await this.page.keyboard.press('F1');
      if (await appears(this.input, 2_000)) return;
      if (Date.now() > deadline) throw new Error('the palette does not open');
      await this.page.evaluate('document.activeElement instanceof HTMLElement && document.activeElement.blur()');
    }
  }

  /** Waits for a quick pick that has the row, and chooses it. */
  async pick(label: TextMatch): Promise<void> {
    await this.row(label).waitFor();
    await this.waitUntilSettled();
    await this.row(label).click();
  }

  /** Ticks rows of a quick pick that takes several, and accepts it. */
  async pickMany(labels: readonly TextMatch[]): Promise<void> {
    await this.waitUntilSettled();
    for (const label of labels) await this.row(label).locator('input[type=checkbox], .monaco-checkbox').first().click();
    await this.widget.locator('.quick-input-action .monaco-button', { hasText: /^OK$/ }).click();
  }

  /** The labels in view, once there is at least one. */
  async listRows(): Promise<string[]> {
    await this.rows.first().waitFor();
    const labels = await this.rows.locator('.label-name').allInnerTexts();
    return labels.map((label) => label.trim());
  }

  /** The commands that the palette finds for a text and shows without scrolling, sorted. */
  async findCommands(text: string): Promise<string[]> {
    await this.page.keyboard.press('F1');
    await this.input.waitFor();
    await this.input.fill(`>${text}`);
    await this.waitUntilSettled();
    const titles = await this.listRows();
    // A dialog that opened meanwhile has closed the palette, and Escape would be its answer.
    if (await this.input.isVisible()) await this.cancel();
    return titles
      .map((title) => title.trim())
      .filter((title) => title.startsWith(text))
      .sort();
  }

  /** Answers VS Code's own folder dialog with an absolute path. */
  async chooseFolder(path: string): Promise<void> {
    await this.input.waitFor();
    await this.waitUntilSettled();
    await this.input.fill(`${path}/`);
    await this.waitUntilSettled();
    await this.page.keyboard.press('Enter');
    await this.widget.waitFor({ state: 'hidden' });
  }

  /** Waits for an input box (for the one with `prompt`, if given), replaces its text and accepts it. */
  async enter(text: string, prompt?: TextMatch): Promise<void> {
    await this.waitForPrompt(prompt);
    await this.input.fill(text);
    await this.page.keyboard.press('Enter');
  }

  /** The text below the input: the prompt, or what the validation says about the value. */
  async message(): Promise<string> {
    return (await this.widget.locator('.quick-input-message').innerText()).trim();
  }

  /** Closes the box as Escape does. */
  async cancel(): Promise<void> {
    await this.input.waitFor();
    await this.page.keyboard.press('Escape');
    await this.widget.waitFor({ state: 'hidden' });
  }

  /** Results arrive one provider after another and push each other down: a click too early hits another row. */
  private async waitUntilSettled(): Promise<void> {
    for (let before: string | undefined; ;) {
      const shown = (await this.rows.allInnerTexts()).join('\n');
      if (shown === before && shown !== '') return;
      if (shown === '' && !(await this.widget.isVisible())) throw new Error('the box has closed: nothing is chosen');
      before = shown;
      await sleep(200);
    }
  }

  private async waitForPrompt(prompt: TextMatch | undefined): Promise<void> {
    await this.input.waitFor();
    if (prompt === undefined) return;
    // A prompt is a substring of the message: VS Code appends how to confirm and cancel.
    await this.widget.filter({ hasText: prompt }).waitFor();
  }
}

export async function appears(locator: Locator, timeoutMs: number): Promise<boolean> {
  return locator.waitFor({ timeout: timeoutMs }).then(
    () => true,
    () => false,
  );
}
