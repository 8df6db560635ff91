/** How one cell looks in a row: NULL apart from empty, what cannot be seen made visible, numbers to the right. */
import type { Cell } from '../../core/browse/model';
import { visibleText } from '../../core/visible-text';
import { element } from './dom';
import type { Words } from './words';

export function formatSize(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  const units = ['KiB', 'MiB', 'GiB'];
  let [size, unit] = [bytes / 1024, 0];
  for (; size >= 1024 && unit < units.length - 1; unit++) size /= 1024;
  return `${size < 10 ? Number(size.toFixed(1)) : Math.round(size)} ${units[unit] ?? ''}`;
}

/** What is read aloud, and what a search looks at. */
export function cellWords(cell: Cell, words: Words): string {
  switch (cell.type) {
    case 'null':
      return words.null;
    case 'blob':
      return `BLOB ${formatSize(cell.size ?? 0)}`;
    case 'text':
      return cell.text === '' ? words.empty : visibleText(cell.text);
    case 'integer':
    case 'real':
      return cell.text;
  }
}

/** @param search the text that is being looked for, folded to lower case; empty for none */
export function drawCell(target: HTMLElement, cell: Cell | undefined, words: Words, search: string): void {
  target.classList.toggle('pending', cell === undefined);
  target.classList.toggle('number', cell?.type === 'integer' || cell?.type === 'real');
  if (cell === undefined) {
    target.replaceChildren();
    return;
  }
  switch (cell.type) {
    case 'null':
      target.replaceChildren(element('span', 'null', {}, words.null));
      return;
    case 'blob':
      target.replaceChildren(
        element('span', 'tag', {}, `BLOB ${formatSize(cell.size ?? 0)}`),
        // Read aloud digit by digit, it would hide what kind of value this is.
        element('span', 'hex', { 'aria-hidden': 'true' }, cell.text),
      );
      return;
    case 'text':
      if (cell.text === '') target.replaceChildren(element('span', 'null', {}, words.empty));
      else {
        target.replaceChildren(...marked(visibleText(cell.text), search));
        if (cell.size !== undefined) target.append(element('span', 'tag', {}, formatSize(cell.size)));
      }
      return;
    case 'integer':
    case 'real':
      target.replaceChildren(...marked(cell.text, search));
  }
}

function marked(text: string, search: string): (Node | string)[] {
  if (search === '') return [text];
  const folded = foldAscii(text);
  const parts: (Node | string)[] = [];
  let from = 0;
  for (let at = folded.indexOf(search); at >= 0; at = folded.indexOf(search, from)) {
    parts.push(text.slice(from, at), element('mark', '', {}, text.slice(at, at + search.length)));
    from = at + search.length;
  }
  return [...parts, text.slice(from)];
}

/** As the search of the engine compares: without regard to the case of ASCII letters. */
export function foldAscii(text: string): string {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}
