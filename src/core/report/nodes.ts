/**
 * Building blocks of the Markdown tree. The report is built as a tree and serialised once, so that no text of a
 * database is ever concatenated into Markdown.
 *
 * {@link say} makes this hold by construction: the literal parts of the template are our words, an interpolated
 * *string* is data and becomes inline code, an interpolated number is set with thousands separators.
 */
import type { AlignType, Heading, List, PhrasingContent, RootContent, Table } from 'mdast';
import { show, splitMessage } from './display';
import { formatCount, formatNumber } from './format';

export type Inline = readonly PhrasingContent[];

/** Our own words in a paragraph with names, values and numbers of the run. */
export function say(literals: TemplateStringsArray, ...values: readonly (Inline | string | number)[]): Inline {
  const nodes: PhrasingContent[] = [];
  for (const [index, literal] of literals.entries()) {
    nodes.push(...words(literal));
    const value = values[index];
    if (typeof value === 'string') nodes.push(...code(value));
    else if (typeof value === 'number') nodes.push(...words(formatNumber(value)));
    else if (value !== undefined) nodes.push(...value);
  }
  return joinText(nodes);
}

/** Our own words, never data. */
export function words(text: string): Inline {
  return text === '' ? [] : [{ type: 'text', value: text }];
}

/** Our own words, set in bold. */
export function bold(text: string): Inline {
  return [{ type: 'strong', children: [{ type: 'text', value: text }] }];
}

/** A name or value: inline code, invisible characters escaped, cut where it is long. */
export function code(value: string, limit?: number): Inline {
  const shown = show(value, limit);
  // An empty code span does not exist in Markdown: its two backticks would be text.
  if (shown.text === '') return [{ type: 'emphasis', children: [{ type: 'text', value: 'empty' }] }];
  const node: PhrasingContent = { type: 'inlineCode', value: shown.text };
  return shown.cutFrom === null ? [node] : [node, ...words(` (${formatNumber(shown.cutFrom)} characters)`)];
}

/** A command whole, however long: one that is cut cannot be run. */
export function command(text: string): Inline {
  return code(text, Infinity);
}

/**
 * A value as a SQL literal that SQLite may have cut already: its length here says nothing of the value's, so none is
 * given, and the cut is marked.
 */
export function literal(text: string): Inline {
  const { text: shown } = show(text);
  if (shown === '') return code('');
  const isOpen = /^X?'/i.test(text) && !/^X?'.*'$/is.test(text) && !shown.endsWith('…');
  return [{ type: 'inlineCode', value: isOpen ? `${shown}…` : shown }];
}

/** A message of another module, which may have names and values in it. */
export function message(text: string): Inline {
  // The serialiser would have to write spaces at either end as entities.
  const segments = splitMessage(text.replace(/^ +| +$/g, ''));
  if (segments.length === 0) return code('');
  return joinText(segments.flatMap(({ kind, value }) => (kind === 'code' ? code(value) : words(value))));
}

export function join(items: readonly Inline[], separator = ', ', last = ' and '): Inline {
  return joinText(
    items.flatMap((item, index) => {
      if (index === 0) return item;
      return [...words(index === items.length - 1 ? last : separator), ...item];
    }),
  );
}

function joinText(nodes: readonly PhrasingContent[]): PhrasingContent[] {
  const joined: PhrasingContent[] = [];
  for (const node of nodes) {
    const last = joined.at(-1);
    if (node.type === 'text' && last?.type === 'text') {
      joined.splice(-1, 1, { type: 'text', value: last.value + node.value });
    } else joined.push(node);
  }
  return joined;
}

/** Names in a row; above the limit the others are counted. */
export function namesOf(names: readonly Inline[], limit = Infinity): Inline {
  if (names.length <= limit) return join(names);
  return join([...names.slice(0, limit), words(formatCount(names.length - limit, 'other'))]);
}

/** The nodes as plain text, for terminals. */
export function plainText(nodes: Inline): string {
  return nodes
    .map((node) => ('value' in node ? node.value : 'children' in node ? plainText(node.children) : ''))
    .join('');
}

export function heading(depth: Heading['depth'], content: Inline): RootContent {
  return { type: 'heading', depth, children: [...content] };
}

export function paragraph(content: Inline): RootContent {
  return { type: 'paragraph', children: [...content] };
}

export function list(items: readonly Inline[], ordered = false): List {
  return {
    type: 'list',
    ordered,
    spread: false,
    children: items.map((item) => ({
      type: 'listItem',
      spread: false,
      children: [{ type: 'paragraph', children: [...item] }],
    })),
  };
}

export function fence(lang: string, lines: readonly string[]): RootContent {
  return { type: 'code', lang, value: lines.join('\n') };
}

export interface Column {
  readonly head: string;
  readonly align?: AlignType;
}

/** A heading of a column of numbers. */
export function right(head: string): Column {
  return { head, align: 'right' };
}

/** A table; a column head that is a plain string is set to the left. */
export function table(columns: readonly (Column | string)[], rows: readonly (readonly Inline[])[]): Table {
  const heads = columns.map((column) => (typeof column === 'string' ? { head: column } : column));
  return {
    type: 'table',
    align: heads.map((column) => column.align ?? null),
    children: [heads.map((column) => words(column.head)), ...rows].map((cells) => ({
      type: 'tableRow',
      children: cells.map((cell) => ({ type: 'tableCell', children: [...cell] })),
    })),
  };
}
