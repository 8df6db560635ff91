/** What the values of a column are like: how many, of which kind, from where to where, and which ones most. */
import type { Cell } from '../../core/browse/model';
import type { ColumnProfile } from '../../core/browse/profile';
import { cellWords } from './cell-view';
import { element } from './dom';
import type { Words } from './words';

const mostCharacters = 60;

export function profileList(profile: ColumnProfile, words: Words): HTMLElement {
  const fact = (name: string, ...value: readonly (Node | string)[]): readonly HTMLElement[] => [
    element('dt', '', {}, name),
    element('dd', '', {}, ...value),
  ];
  const { rows, distinct, classes, least, greatest } = profile;
  if (rows === 0) return element('dl', '', {}, ...fact(words.rowCount, count(0)));
  return element(
    'dl',
    '',
    {},
    ...fact(words.rowCount, count(rows)),
    ...fact(words.distinct, count(distinct)),
    ...fact(
      words.storageClasses,
      classes.map((one) => `${one.type.toUpperCase()} ${withShare(one.rows, rows)}`).join(', '),
    ),
    ...(least === null ? [] : fact(words.least, shorten(cellWords(least, words)))),
    ...(greatest === null ? [] : fact(words.greatest, shorten(cellWords(greatest, words)))),
    ...fact(words.mostFrequent, ...mostFrequent(profile, words)),
  );
}

/** Where no value is there twice, the first ones of them would say nothing. */
function mostFrequent({ top, rows }: ColumnProfile, words: Words): readonly (Node | string)[] {
  const most = top[0]?.rows ?? 0;
  return most <= 1 && rows > 1
    ? [element('span', 'null', {}, words.eachOnce)]
    : [element('ul', 'frequent', {}, ...top.map((one) => bar(one, rows, words)))];
}

/** The bar is as long as the value's share of all rows. */
function bar(value: { readonly cell: Cell; readonly rows: number }, rows: number, words: Words): HTMLElement {
  const filled = element('span', 'filled', {});
  filled.style.width = `${(value.rows / rows) * 100}%`;
  const text = cellWords(value.cell, words);
  return element(
    'li',
    '',
    {},
    element('span', value.cell.type === 'null' ? 'value null' : 'value', { title: text }, shorten(text)),
    element('span', 'bar', { 'aria-hidden': 'true' }, filled),
    element('span', 'share', {}, withShare(value.rows, rows)),
  );
}

function count(value: number): string {
  return value.toLocaleString(document.documentElement.lang);
}

/** `25 (33 %)`, as the language writes it; all of them need no share. */
function withShare(part: number, all: number): string {
  if (part === all) return count(part);
  const share = (part / all).toLocaleString(document.documentElement.lang, {
    style: 'percent',
    maximumSignificantDigits: 2,
  });
  return `${count(part)} (${share})`;
}

function shorten(text: string): string {
  return text.length > mostCharacters ? `${text.slice(0, mostCharacters)}…` : text;
}
