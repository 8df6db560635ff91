/** A menu of the view: like VS Code's own to the eye, the keyboard and a screen reader. One at a time. */
import { element, setAttribute } from './dom';

export interface MenuItem {
  readonly label: string;
  readonly run: () => void;
  /** Whether it is switched on now: the menu of a switch stays open for the next one. */
  readonly checked?: () => boolean;
  /** Shown on the right. */
  readonly shortcut?: string;
}

export type MenuEntry = MenuItem | 'separator';

/** Letters that come within so long are one word. Milliseconds. */
const typingTime = 800;

let closeOpen: (() => void) | null = null;

/** @param returnFocus gets the focus back when the menu closes */
export function openMenu(
  entries: readonly MenuEntry[],
  x: number,
  y: number,
  label: string,
  returnFocus: () => void,
): void {
  closeOpen?.();
  const menu = element('div', 'menu', { role: 'menu', 'aria-label': label, tabindex: -1 });
  const buttons: HTMLButtonElement[] = [];
  const close = (refocus: boolean): void => {
    if (closeOpen === null) return;
    closeOpen = null;
    menu.remove();
    document.removeEventListener('mousedown', outside, true);
    window.removeEventListener('blur', away);
    if (refocus) returnFocus();
  };
  const outside = (event: MouseEvent): void => {
    if (event.target instanceof Node && menu.contains(event.target)) return;
    close(false);
  };
  const away = (): void => close(false);
  for (const entry of entries) {
    if (entry === 'separator') {
      menu.append(element('div', 'separator', { role: 'separator' }));
      continue;
    }
    const { checked } = entry;
    const check = element('span', 'check', { 'aria-hidden': 'true' });
    const button = element(
      'button',
      'item',
      { type: 'button', role: checked === undefined ? 'menuitem' : 'menuitemcheckbox', tabindex: -1 },
      check,
      element('span', 'label', {}, entry.label),
      element('span', 'shortcut', { 'aria-hidden': 'true' }, entry.shortcut ?? ''),
    );
    const showCheck = (): void => {
      if (checked === undefined) return;
      setAttribute(button, 'aria-checked', checked());
      check.textContent = checked() ? '✓' : '';
    };
    showCheck();
    button.addEventListener('click', () => {
      if (checked === undefined) close(true);
      entry.run();
      showCheck();
    });
    button.addEventListener('mouseenter', () => button.focus());
    buttons.push(button);
    menu.append(button);
  }
  let typed = { text: '', at: 0 };
  /** What begins with the letters that were typed, from the item where one is; that item where there is none. */
  const find = (letter: string, at: number): number => {
    const isNew = performance.now() - typed.at > typingTime;
    typed = { text: (isNew ? '' : typed.text) + letter.toLowerCase(), at: performance.now() };
    const labels = buttons.map((button) => button.querySelector('.label')?.textContent.toLowerCase() ?? '');
    const from = at + (isNew ? 1 : 0);
    const order = [...labels.keys()].map((index) => (from + index) % labels.length);
    return order.find((index) => labels[index]?.startsWith(typed.text) === true) ?? at;
  };
  menu.addEventListener('keydown', (event) => {
    const at = buttons.indexOf(document.activeElement as HTMLButtonElement);
    const focus = (index: number): void => buttons[(index + buttons.length) % buttons.length]?.focus();
    if (event.key === 'ArrowDown') focus(at + 1);
    else if (event.key === 'ArrowUp') focus(at < 0 ? -1 : at - 1);
    else if (event.key === 'Home') focus(0);
    else if (event.key === 'End') focus(-1);
    else if (event.key === 'Escape' || event.key === 'Tab') close(true);
    else if (event.key === 'Enter' || event.key === ' ') buttons[at]?.click();
    else if (/^\S$/.test(event.key) && !event.ctrlKey && !event.metaKey && !event.altKey) focus(find(event.key, at));
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  // What is outside of the landmarks is skipped by who goes from one to the next.
  (document.querySelector('main') ?? document.body).append(menu);
  closeOpen = () => close(false);
  const box = menu.getBoundingClientRect();
  menu.style.left = `${Math.max(4, Math.min(x, window.innerWidth - box.width - 4))}px`;
  menu.style.top = `${Math.max(4, Math.min(y, window.innerHeight - box.height - 4))}px`;
  document.addEventListener('mousedown', outside, true);
  window.addEventListener('blur', away);
  buttons[0]?.focus();
}
