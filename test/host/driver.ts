/** Drives a VS Code window as a person would: one object per window, one method per thing a person does or reads. */
import { mkdir } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { findColorTheme } from './driver/color-theme';
import { Dialog } from './driver/dialog';
import type { TextMatch } from './driver/match-text';
import { Notifications, type Notification } from './driver/notifications';
import { readOutputChannel } from './driver/output';
import { QuickInput } from './driver/quick-input';
import { Tree } from './driver/tree';
import type { Server } from './server';
import {
  openWindow,
  type Browser,
  type FrameLocator,
  type Locator,
  type Page,
  type TestWindow,
  type WindowOptions,
} from './window';

export { colorThemes } from './driver/color-theme';
export type { Dialog, Locator, Notification, TextMatch };

const waitMs = 30_000;

export class Driver {
  readonly page: Page;
  readonly quickInput: QuickInput;
  readonly notificationCentre: Notifications;
  readonly tree: Tree;

  private constructor(
    private readonly server: Server,
    readonly window: TestWindow,
  ) {
    this.page = window.page;
    this.quickInput = new QuickInput(this.page);
    this.notificationCentre = new Notifications(this.page);
    this.tree = new Tree(this.page);
  }

  /** Opens a window and waits until it can be used. Extensions may still be starting; the methods wait for them. */
  static async open(server: Server, browser: Browser, options: WindowOptions = {}): Promise<Driver> {
    const window = await openWindow(server, browser, options);
    window.page.setDefaultTimeout(waitMs);
    await window.page.locator('.monaco-workbench .activitybar').waitFor({ timeout: 60_000 });
    return new Driver(server, window);
  }

  async close(): Promise<void> {
    await this.window.close();
  }

  /** Reloads the window, with what it has stored. */
  async reload(): Promise<void> {
    await this.page.reload();
    await this.page.locator('.monaco-workbench .activitybar').waitFor({ timeout: 60_000 });
  }

  // --- commands and questions

  /** Runs a command from the palette by its full title, such as `Markdown: Open Preview`. */
  async runCommand(title: string): Promise<void> {
    await this.quickInput.runCommand(title, waitMs);
  }

  /** Chooses from the quick pick that is open, or about to be. */
  async quickPick(...labels: readonly TextMatch[]): Promise<void> {
    const [only, ...others] = labels;
    if (only !== undefined && others.length === 0) await this.quickInput.pick(only);
    else await this.quickInput.pickMany(labels);
  }

  /** Answers the input box that is open, or about to be. */
  async inputBox(text: string, prompt?: TextMatch): Promise<void> {
    await this.quickInput.enter(text, prompt);
  }

  /** Waits for a modal dialog. */
  async dialog(): Promise<Dialog> {
    const dialog = new Dialog(this.page);
    await dialog.box.waitFor();
    return dialog;
  }

  /** The notifications so far, newest first. */
  async notifications(): Promise<Notification[]> {
    return this.notificationCentre.read();
  }

  async waitForNotification(text: string | RegExp): Promise<Notification> {
    return this.notificationCentre.waitFor(text);
  }

  /** Trusts the folder of a window of a server with `workspaceTrust`; its restricted mode ends with this. */
  async trustFolder(): Promise<void> {
    // A test that is tried again may have done so already.
    if ((await this.statusBar('Restricted Mode').count()) === 0) return;
    await this.runCommand('Workspaces: Manage Workspace Trust');
    const editor = this.page.locator('.workspace-trust-editor');
    await editor
      .locator('.monaco-button', { hasText: /^Trust$/ })
      .first()
      .click();
    await this.statusBar('Restricted Mode').waitFor({ state: 'detached' });
    // VS Code shows this editor above the others, where it would take every click.
    await this.page.locator('a[aria-label^="Close Modal Editor"]').click();
    await editor.waitFor({ state: 'hidden' });
  }

  // --- views and editors

  /** Shows a view container of the activity bar; does nothing if it is shown already. */
  async openView(container: string): Promise<void> {
    // VS Code appends a key binding or what a badge says.
    const label = [`="${container}"`, `^="${container} ("`, `^="${container} - "`].map(
      (test) => `a[aria-label${test}]`,
    );
    const item = this.page.locator('.activitybar .action-item', { has: this.page.locator(label.join(', ')) });
    await item.waitFor();
    const isShown = async (): Promise<boolean> =>
      ((await item.getAttribute('class')) ?? '').split(' ').includes('checked') &&
      (await this.page.locator('.part.sidebar:visible').count()) > 0;
    // A click on the container that a reloaded window is just about to restore hides it again: look, then look again.
    for (let tries = 0; tries < 5; tries++) {
      if (await isShown()) return;
      await item.click();
      for (let waits = 0; waits < 10 && !(await isShown()); waits++) await this.page.waitForTimeout(200);
    }
    await this.page.locator('.part.sidebar:visible').waitFor();
  }

  /** What a view shows instead of an empty tree. */
  get welcome(): Locator {
    return this.page.locator('.welcome-view-content:visible').first();
  }

  treeRow(label: TextMatch): Locator {
    return this.tree.row(label);
  }

  async expandTreeRow(label: TextMatch): Promise<void> {
    await this.tree.expand(label);
  }

  /** Opens a file of the folder by (part of) its path. */
  async openFile(path: string): Promise<void> {
    const name = basename(path);
    await this.page.keyboard.press('ControlOrMeta+P');
    await this.quickInput.input.fill(path);
    await this.quickInput.pick(name);
    await this.editorTab(name).waitFor();
  }

  /** The tab of an editor, in whichever group. VS Code appends the state and the group to its label. */
  editorTab(title: string): Locator {
    return this.page.locator(`.tab[aria-label="${title}"], .tab[aria-label^="${title}, "]`).first();
  }

  /** A button in the title of the active editor's group. */
  titleAction(title: string): Locator {
    return this.page.locator(`.editor-group-container.active .editor-actions a[aria-label^="${title}"]`);
  }

  /** The tabs of Markdown previews, in whichever group. */
  previewTabs(): Locator {
    return this.page.locator('.tab[aria-label^="[Preview] "], .tab[aria-label^="Preview "]');
  }

  /** The body of the Markdown preview in view; wait on what should be in it. */
  previewBody(): Locator {
    return this.webview('vscode.markdown-language-features').locator('body');
  }

  /** The document of the webview in view that belongs to an extension. */
  webview(extensionId: string): FrameLocator {
    const outer = this.page
      .locator(`iframe.webview.ready[src*="extensionId=${extensionId}"]`)
      .filter({ visible: true });
    return outer.last().contentFrame().frameLocator('#active-frame');
  }

  /** The status bar item whose text has `text` in it. */
  statusBar(text: string | RegExp): Locator {
    return this.page.locator('.statusbar-item', { hasText: text }).first();
  }

  async readClipboard(): Promise<string> {
    // As a string: the types of the tests are Node's, where there is no such clipboard.
    return this.page.evaluate<string>('navigator.clipboard.readText()');
  }

  // --- output, looks

  /** The whole text of an output channel, shown or not. */
  async outputText(channel: string): Promise<string> {
    return readOutputChannel(this.server.folder, channel);
  }

  /** Shows an output channel in the panel. */
  async showOutput(channel: string): Promise<void> {
    await this.runCommand('Output: Show Output Channels...');
    await this.quickPick(channel);
    await this.page.locator('.part.panel .output-view, .output-view').first().waitFor();
  }

  /** Changes the theme in the picker, and waits until the window wears it; `id` as in the settings, see `colorThemes`. */
  async setColorTheme(id: string): Promise<void> {
    const { label, className } = await findColorTheme(id);
    await this.runCommand('Preferences: Color Theme');
    await this.quickInput.input.fill(label);
    await this.quickPick(label);
    await this.page.locator(`.monaco-workbench.${className}`).waitFor();
    await this.quickInput.widget.waitFor({ state: 'hidden' });
  }

  /** Drags the edge of the side bar. */
  async setSideBarWidth(width: number): Promise<void> {
    const bar = await this.page.locator('.part.sidebar').boundingBox();
    if (bar === null) throw new Error('there is no side bar to make wider');
    const [edge, height] = [bar.x + bar.width, bar.y + bar.height / 2];
    await this.page.mouse.move(edge, height);
    await this.page.mouse.down();
    await this.page.mouse.move(edge + 5, height);
    await this.page.mouse.move(bar.x + width, height);
    await this.page.mouse.up();
  }

  async screenshot(path: string): Promise<void> {
    await mkdir(dirname(path), { recursive: true });
    await this.page.screenshot({ path });
  }
}
