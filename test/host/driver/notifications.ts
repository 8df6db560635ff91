/**
 * The notification centre. Under the smoke-test driver VS Code shows no toasts, but the centre has every notification,
 * and a person reads the same text there.
 */
import type { Locator, Page } from 'playwright-core';
import { setTimeout as sleep } from 'node:timers/promises';
import { toPattern, type TextMatch } from './match-text';
import type { PageElement } from './page-element';
import { appears } from './quick-input';

const waitMs = 60_000;

export interface Notification {
  readonly severity: 'info' | 'warning' | 'error';
  readonly message: string;
  readonly buttons: readonly string[];
}

export class Notifications {
  private readonly centre: Locator;
  private readonly items: Locator;
  private hasOld = false;

  constructor(private readonly page: Page) {
    this.centre = page.locator('.notifications-center.visible');
    this.items = this.centre.locator('.notification-list-item');
  }

  /** What is there now, newest first; the centre is closed again. */
  async read(): Promise<Notification[]> {
    if (!(await this.tryOpen())) return [];
    const notifications = await this.readItems(this.items);
    await this.close();
    return notifications;
  }

  /** Waits for a notification whose message has `text` in it. */
  async waitFor(text: string | RegExp): Promise<Notification> {
    const deadline = Date.now() + waitMs;
    for (;;) {
      const item = await this.openFor(text, deadline);
      const [notification] = await this.readItems(item);
      await this.close();
      // It may have been progress, which goes by itself: what comes in its place may have the text too.
      if (notification !== undefined) return notification;
      this.assertInTime(text, deadline);
    }
  }

  /** Clicks a button of the notification whose message has `text` in it. */
  async clickButton(text: string | RegExp, label: TextMatch): Promise<void> {
    const item = await this.openFor(text, Date.now() + waitMs);
    await item
      .locator('.notification-list-item-buttons-container .monaco-button', { hasText: toPattern(label) })
      .click();
    await this.close();
  }

  /** Forgets all notifications, so that the next reading shows only new ones. */
  async clear(): Promise<void> {
    if (!(await this.tryOpen())) return;
    await this.centre.locator('a[aria-label^="Clear All Notifications"]').click();
    await this.centre.waitFor({ state: 'hidden' });
    this.hasOld = false;
  }

  /** Opens the centre as often as it takes: it closes itself when the last thing in it has gone, as progress does. */
  private async openFor(text: string | RegExp, deadline: number): Promise<Locator> {
    const item = this.items.filter({ hasText: text }).first();
    for (;;) {
      if (!(await this.centre.isVisible())) await this.tryOpen();
      if (await appears(item, 250)) return item;
      this.assertInTime(text, deadline);
    }
  }

  private assertInTime(text: string | RegExp, deadline: number): void {
    if (Date.now() > deadline) throw new Error(`no notification with ${String(text)} came within ${waitMs / 1000} s`);
  }

  /**
   * Opens the centre if it has something to show, and says whether it has.
   *
   * It must not be open and empty when a notification comes: VS Code 1.139 then loses count of what the centre shows,
   * and opened the next time it shows every notification twice. The bell has a dot for new notifications only; whether
   * there are old ones is remembered here.
   */
  private async tryOpen(): Promise<boolean> {
    if (!this.hasOld && !(await this.newsBell.isVisible())) return false;
    await this.bell.click();
    // It may have closed itself again already.
    this.hasOld = (await appears(this.centre, 2_000)) && (await appears(this.items.first(), 500));
    if (!this.hasOld) await this.close(); // the old ones have gone by themselves, as progress does
    return this.hasOld;
  }

  /** The centre has closed itself if its last notification has gone; a click on the bell would open it again. */
  private async close(): Promise<void> {
    if (!(await this.centre.isVisible())) return;
    // What comes at that moment opens the centre again, or takes the place of the button that is clicked.
    for (let tries = 0; tries < 5 && (await this.centre.isVisible()); tries++) {
      await this.page
        .locator('[aria-label^="Hide Notifications"]:visible')
        .first()
        .click({ timeout: 2_000 })
        .catch(() => undefined);
      await this.centre.waitFor({ state: 'hidden', timeout: 2_000 }).catch(() => undefined);
    }
    await this.centre.waitFor({ state: 'hidden' });
    // The focus goes to the editor, in a moment where that is a webview; a palette that is open by then would close.
    await sleep(150);
  }

  /** Reads until two readings agree: VS Code draws the list again after it opened. */
  private async readItems(items: Locator): Promise<Notification[]> {
    for (let before = ''; ;) {
      const notifications = await items.evaluateAll(readElements);
      const now = JSON.stringify(notifications);
      if (now === before) return dropRepeated(notifications);
      before = now;
      await sleep(150);
    }
  }

  private get bell(): Locator {
    return this.page.locator('[id="status.notifications"]');
  }

  private get newsBell(): Locator {
    return this.bell.locator('.codicon-bell-dot');
  }
}

/**
 * VS Code never keeps two equal notifications (the later one replaces the earlier), so an equal row is the same one
 * drawn twice: see `tryOpen`.
 */
function dropRepeated(notifications: readonly Notification[]): Notification[] {
  return [...new Map(notifications.map((notification) => [JSON.stringify(notification), notification])).values()];
}

/** Runs in the page, all at once, so that no element can go while it is read; it must not use anything outside itself. */
function readElements(elements: readonly PageElement[]): Notification[] {
  return elements.map((element) => {
    const icon = element.querySelector('.notification-list-item-icon')?.className ?? '';
    const buttons = [...element.querySelectorAll('.notification-list-item-buttons-container .monaco-button')];
    return {
      severity: icon.includes('codicon-error') ? 'error' : icon.includes('codicon-warning') ? 'warning' : 'info',
      message: element.querySelector('.notification-list-item-message')?.textContent?.trim() ?? '',
      buttons: buttons.map((button) => button.textContent?.trim() ?? '').filter((label) => label !== ''),
    };
  });
}
