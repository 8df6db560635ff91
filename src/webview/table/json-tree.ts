/** JSON as a tree whose branches fold; deep and long ones are built when they are opened. */
import { visibleLines, visibleName } from '../../core/visible-text';
import { element } from './dom';

/** Members that are shown of one object or list at a time. */
const mostMembers = 500;
const openDepth = 2;

export function jsonTree(value: unknown): HTMLElement {
  return element('div', 'json', {}, node(null, value, 0));
}

function node(name: string | null, value: unknown, depth: number): HTMLElement {
  const label = name === null ? [] : [element('span', 'json-key', {}, visibleName(name)), ': '];
  if (typeof value !== 'object' || value === null) return element('div', 'json-leaf', {}, ...label, leaf(value));
  const members = Object.entries(value);
  const isList = Array.isArray(value);
  const summary = `${isList ? '[' : '{'}${members.length}${isList ? ']' : '}'}`;
  if (members.length === 0) return element('div', 'json-leaf', {}, ...label, isList ? '[]' : '{}');
  const details = element(
    'details',
    '',
    {},
    element('summary', '', {}, ...label, element('span', 'json-count', {}, summary)),
  );
  const fill = (): void => {
    if (!details.open || details.childElementCount > 1) return;
    details.append(...members.slice(0, mostMembers).map(([key, member]) => node(key, member, depth + 1)));
    if (members.length > mostMembers)
      details.append(element('div', 'json-leaf', {}, `… ${members.length - mostMembers}`));
  };
  details.addEventListener('toggle', fill);
  details.open = depth < openDepth;
  fill();
  return details;
}

function leaf(value: unknown): HTMLElement {
  const kind = value === null ? 'null' : typeof value;
  return element('span', `json-${kind}`, {}, visibleLines(JSON.stringify(value)));
}
