/** Elements without markup: what comes from a database is only ever text. */

type Attributes = Readonly<Record<string, string | number | boolean>>;

export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  className = '',
  attributes: Attributes = {},
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[K] {
  const result = document.createElement(tag);
  if (className !== '') result.className = className;
  for (const [name, value] of Object.entries(attributes)) setAttribute(result, name, value);
  result.append(...children);
  return result;
}

/** `true` and `false` of an ARIA attribute are words; of any other, whether it is there. */
export function setAttribute(target: Element, name: string, value: string | number | boolean | null): void {
  if (value === null || (typeof value === 'boolean' && !value && !name.startsWith('aria-')))
    target.removeAttribute(name);
  else if (value === true && !name.startsWith('aria-')) target.setAttribute(name, '');
  else if (target.getAttribute(name) !== String(value)) target.setAttribute(name, String(value));
}

/** Whether a key is for the text in an input: then no key binding of VS Code may take it. */
export function isForText({ key, ctrlKey, metaKey, altKey }: KeyboardEvent): boolean {
  if (ctrlKey || metaKey) return /^[acvxyz]$/i.test(key) || /^(Arrow|Home|End|Backspace|Delete)/.test(key);
  return !altKey && !/^F\d+$/.test(key);
}

/** Paths on a grid of 16, drawn with the color of the text. */
const icons = {
  search: 'M7 2.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9ZM10.3 10.3 14 14',
  columns: 'M2.5 3h11v10h-11ZM6.2 3v10M9.8 3v10',
  export: 'M8 2v7.5M5 6.8 8 9.8l3-3M2.8 10.5v3h10.4v-3',
  close: 'M4 4l8 8M12 4l-8 8',
  up: 'M4 10l4-4 4 4',
  down: 'M4 6l4 4 4-4',
  pin: 'M5.5 2.5h5M6.2 2.5v4L4.5 9h7L9.8 6.5v-4M8 9v4.5',
  filter: 'M2.5 3.5h11L9.3 8.6v4.2l-2.6-1.3V8.6Z',
  key: 'M5.5 8.2a2.6 2.6 0 1 1 1.8-1.8L13.5 12.6v1h-2v-1.4h-1.4v-1.4H8.7Z',
  link: 'M9 3h4v4M13 3 7.5 8.5M11.5 9.5v3.5h-8.5V4.5h3.5',
  wrap: 'M2.5 4h11M2.5 8h8.7a2 2 0 0 1 0 4.2H8.5M10 10.4l-1.8 1.8L10 14M2.5 12h3',
  copy: 'M5.5 5.5h8v8h-8ZM10.5 5.5v-3h-8v8h3',
  plus: 'M8 3v10M3 8h10',
  minus: 'M3 8h10',
  fit: 'M2.5 6v-3.5H6M10 2.5h3.5V6M13.5 10v3.5H10M6 13.5H2.5V10',
  query: 'M2.5 3h11v10h-11ZM5 6l2 2-2 2M8.5 10H11',
  warning: 'M8 2.5 14.2 13.3H1.8ZM8 6.5v3.2M8 11.2v.6',
} as const;

export type IconName = keyof typeof icons;

export function icon(name: IconName): SVGSVGElement {
  const space = 'http://www.w3.org/2000/svg';
  const svg = document.createElementNS(space, 'svg');
  for (const [attribute, value] of Object.entries({ viewBox: '0 0 16 16', 'aria-hidden': 'true', class: 'icon' }))
    svg.setAttribute(attribute, value);
  const path = document.createElementNS(space, 'path');
  path.setAttribute('d', icons[name]);
  svg.append(path);
  return svg;
}

export function iconButton(
  name: IconName,
  label: string,
  onClick: (event: MouseEvent) => void,
  text = '',
): HTMLButtonElement {
  const button = element(
    'button',
    text === '' ? 'button bare' : 'button',
    { type: 'button', title: label },
    icon(name),
  );
  if (text === '') button.setAttribute('aria-label', label);
  else button.append(element('span', '', {}, text));
  button.addEventListener('click', onClick);
  return button;
}
