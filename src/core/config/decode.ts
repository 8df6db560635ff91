/**
 * The bytes of a configuration file as rows, and where further rows would go.
 *
 * Numbers are taken from the text as it stands, never as numbers of JavaScript. The file may be anybody's: what is not
 * ours is refused in words, and nothing in it is expanded (an alias is looked up, never unfolded).
 */
import { parseTree, printParseErrorCode, type Node as JsonNode, type ParseError } from 'jsonc-parser';
import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  visit,
  type Document,
  type Node,
  type Pair,
  type YAMLMap,
} from 'yaml';
import { CoreError, messageOf, type CoreErrorCode } from '../errors';
import type { ConfigFormat } from './encode';
import { numberValue, taggedValue, textValue, type ConfigValue } from './value';

/** Null for an entry of the list that is no row: it stays, and equals nothing. */
export type ConfigRow = ReadonlyMap<string, ConfigValue> | null;

/** Where rows go. Offsets are in {@link ConfigDocument.text}. */
export type ConfigPlace =
  /** Nothing is in the file but comments: a whole document goes to the end. */
  | { readonly kind: 'document' }
  /** The file has no such table: it goes in as an entry of its own. */
  | {
      readonly kind: 'table';
      readonly style: 'block' | 'flow';
      readonly at: number;
      readonly first: boolean;
      readonly indent: string;
    }
  | {
      readonly kind: 'rows';
      readonly style: 'block' | 'flow';
      readonly at: number;
      readonly first: boolean;
      readonly indent: string;
    }
  /** `table: null` is replaced by a list. */
  | { readonly kind: 'null'; readonly at: number; readonly end: number };

export interface ConfigDocument {
  readonly format: ConfigFormat;
  /** Without the byte order mark, if there was one. */
  readonly text: string;
  readonly mark: string;
  readonly rows: readonly ConfigRow[];
  readonly place: ConfigPlace;
}

/** Cells that are looked at in one file: aliases can make a short file name very many. */
const maximumCells = 2_000_000;
const maximumBytes = 16 * 1024 ** 2;

/** @param file its name, for messages @throws CoreError `unreadable`, `too-large` or `target-conflict` */
export function decodeConfig(bytes: Uint8Array, format: ConfigFormat, table: string, file: string): ConfigDocument {
  if (bytes.length > maximumBytes)
    throw refuse(
      'too-large',
      file,
      `has ${bytes.length.toLocaleString('en')} bytes, too many for a configuration file`,
    );
  let content: string;
  try {
    content = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    throw refuse('unreadable', file, 'is not valid UTF-8', error);
  }
  const mark = content.startsWith('\ufeff') ? '\ufeff' : '';
  const text = content.slice(mark.length);
  try {
    const { rows, place } = format === 'json' ? readJson(text, table, file) : readYaml(text, table, file);
    return { format, text, mark, rows, place };
  } catch (error) {
    if (error instanceof CoreError) throw error;
    throw refuse('unreadable', file, `cannot be parsed: ${messageOf(error)}`, error);
  }
}

type Reading = Pick<ConfigDocument, 'rows' | 'place'>;

function readYaml(text: string, table: string, file: string): Reading {
  const lineCounter = new LineCounter();
  // The failsafe schema leaves every scalar as it is written. Keys are compared here: the parser's own way is quadratic.
  const document = parseDocument(text, { schema: 'failsafe', uniqueKeys: false, prettyErrors: false, lineCounter });
  const [problem] = document.errors;
  if (problem !== undefined) {
    const { line, col } = lineCounter.linePos(problem.pos[0]);
    throw refuse('unreadable', file, `cannot be parsed (line ${line}, column ${col}): ${problem.message}`);
  }
  const { contents } = document;
  if (contents === null || (isScalar(contents) && isNothing(contents) && contents.source === ''))
    return { rows: [], place: { kind: 'document' } };
  if (!isMap(contents)) throw notOurs(file, 'does not hold a mapping of tables');
  const pair = findPair(contents, table, file);
  if (pair === null) return { rows: [], place: placeOfTable(text, contents) };
  const value: unknown = pair.value;
  if (value === null || (isScalar(value) && isNothing(value))) {
    const [at, end] = isScalar(value) ? rangeOf(value) : [0, 0];
    if (value !== null && end > at) return { rows: [], place: { kind: 'null', at, end } };
    const line = lineEnd(text, rangeOf(pair.key)[1]);
    const indent = `${indentAt(text, rangeOf(contents)[0])}  `;
    if (contents.flow === true) throw notOurs(file, `has no list under ${table}`);
    return { rows: [], place: { kind: 'rows', style: 'block', at: line, first: true, indent } };
  }
  if (!isSeq(value)) throw notOurs(file, `has something else than a list under ${table}`);
  const [start, end] = rangeOf(value);
  const last = value.items.at(-1);
  const place: ConfigPlace =
    value.flow === true
      ? {
          kind: 'rows',
          style: 'flow',
          at: last === undefined ? text.indexOf('[', start) + 1 : rangeOf(last)[1],
          first: last === undefined,
          indent: '',
        }
      : { kind: 'rows', style: 'block', at: lineEnd(text, end), first: false, indent: indentAt(text, start) };
  const anchors = collectAnchors(document);
  let cells = 0;
  const rows = value.items.map((item): ConfigRow => {
    const row = isAlias(item) ? anchors.get(item) : item;
    if (!isMap(row) || !isUntagged(row, 'map')) return null;
    cells += row.items.length;
    if (cells > maximumCells) throw refuse('too-large', file, `names more than ${maximumCells} values`);
    const values = new Map<string, ConfigValue>();
    for (const { key, value: cell } of row.items) {
      const name = isScalar(key) && typeof key.value === 'string' ? key.value : null;
      if (name === null) return null;
      if (values.has(name)) throw notOurs(file, `names ${JSON.stringify(name)} twice in one row`);
      values.set(name, yamlValue(isAlias(cell) ? anchors.get(cell) : cell));
    }
    return values;
  });
  return { rows, place };
}

/** What each alias stands for: the last node before it that carries the anchor. */
function collectAnchors(document: Document): ReadonlyMap<unknown, Node> {
  const named = new Map<string, Node>();
  const found = new Map<unknown, Node>();
  visit(document, {
    Node(_, node) {
      if (isAlias(node)) {
        const meant = named.get(node.source);
        if (meant !== undefined) found.set(node, meant);
      } else if (node.anchor !== undefined) named.set(node.anchor, node);
    },
  });
  return found;
}

function findPair(map: YAMLMap, name: string, file: string): Pair<Node, Node | null> | null {
  const pairs = map.items.filter(({ key }) => isScalar(key) && key.value === name);
  if (pairs.length > 1) throw notOurs(file, `names ${JSON.stringify(name)} twice`);
  return (pairs[0] as Pair<Node, Node | null> | undefined) ?? null;
}

function placeOfTable(text: string, map: YAMLMap): ConfigPlace {
  const [start] = rangeOf(map);
  const last = map.items.at(-1);
  if (map.flow === true) {
    const end = last === undefined ? text.indexOf('{', start) + 1 : rangeOf(last.value ?? last.key)[1];
    return { kind: 'table', style: 'flow', at: end, first: last === undefined, indent: '' };
  }
  return { kind: 'table', style: 'block', at: documentEnd(text), first: false, indent: indentAt(text, start) };
}

/** The end of the text, or the marker `...` that ends the document before it. */
export function documentEnd(text: string): number {
  const marker = /^\.\.\.(?=\s|$)/m.exec(text);
  return marker === null ? text.length : marker.index;
}

function rangeOf(node: unknown): readonly [start: number, end: number] {
  const { range } = node as Node;
  if (range === undefined || range === null) throw new TypeError('A parsed node has a range.');
  return [range[0], range[1]];
}

/** Where the next line begins, or the end of the text. */
function lineEnd(text: string, offset: number): number {
  if (offset > 0 && text[offset - 1] === '\n') return offset;
  const end = text.indexOf('\n', offset);
  return end === -1 ? text.length : end + 1;
}

/** As many spaces as there are columns before the offset. */
function indentAt(text: string, offset: number): string {
  return ' '.repeat(offset - (text.lastIndexOf('\n', offset - 1) + 1));
}

function isUntagged(node: Node, kind: 'map' | 'str'): boolean {
  return node.tag === undefined || node.tag === `tag:yaml.org,2002:${kind}`;
}

/** `null` in any of its spellings. */
function isNothing(node: unknown): boolean {
  return (
    isScalar(node) &&
    node.type === 'PLAIN' &&
    node.tag === undefined &&
    typeof node.value === 'string' &&
    /^(?:|~|null|Null|NULL)$/.test(node.value)
  );
}

/** Plain text that some version of YAML takes for a truth value, a number in another base, a date or a time. */
const ambiguous = /^(?:y|n|yes|no|true|false|on|off|<<|=|[-+]?\.(?:nan|inf)|[-+]?[.0-9][0-9a-fxob_:.,+\-tz ]*)$/i;

function yamlValue(node: unknown): ConfigValue {
  if (node === null) return { type: 'null' };
  if (isMap(node)) return yamlTagged(node) ?? { type: 'foreign', source: 'a mapping' };
  if (!isScalar(node)) return { type: 'foreign', source: isSeq(node) ? 'a list' : 'an alias' };
  if (node.tag === 'tag:yaml.org,2002:binary') return binaryValue(node.source ?? '');
  const text = node.value;
  if (!isUntagged(node, 'str') || typeof text !== 'string')
    return { type: 'foreign', source: `${node.tag ?? ''} ${node.source ?? ''}`.trim() };
  if (node.type !== 'PLAIN' || node.tag !== undefined) return textValue(text);
  if (isNothing(node)) return { type: 'null' };
  if (/^[-+]?\.(?:inf|Inf|INF)$/.test(text))
    return { type: 'real', digits: text.startsWith('-') ? '-Infinity' : 'Infinity' };
  return numberValue(text) ?? (ambiguous.test(text) ? { type: 'foreign', source: text } : textValue(text));
}

function yamlTagged(map: YAMLMap): ConfigValue | null {
  const [pair, more] = map.items;
  if (pair === undefined || more !== undefined || !isUntagged(map, 'map')) return null;
  const { key, value } = pair;
  if (!isScalar(key) || !isScalar(value) || typeof key.value !== 'string' || typeof value.value !== 'string')
    return null;
  return taggedValue(key.value, value.value);
}

function binaryValue(source: string): ConfigValue {
  const base64 = source.replace(/\s+/g, '');
  const bytes = Buffer.from(base64, 'base64');
  // Buffer reads over what is no base64; only what reads back the same was meant.
  return bytes.toString('base64') === base64
    ? { type: 'blob', hex: bytes.toString('hex') }
    : { type: 'foreign', source: `!!binary ${source}` };
}

function readJson(text: string, table: string, file: string): Reading {
  if (text.trim() === '') return { rows: [], place: { kind: 'document' } };
  const errors: ParseError[] = [];
  const root = parseTree(text, errors, { allowTrailingComma: true });
  const [problem] = errors;
  if (problem !== undefined) {
    const line = text.slice(0, problem.offset).split('\n').length;
    throw refuse('unreadable', file, `cannot be parsed (line ${line}): ${printParseErrorCode(problem.error)}`);
  }
  if (root?.type !== 'object') throw notOurs(file, 'does not hold an object of tables');
  const properties = propertiesOf(root).filter(([name]) => name === table);
  if (properties.length > 1) throw notOurs(file, `names ${JSON.stringify(table)} twice`);
  const list = properties[0]?.[1];
  if (list === undefined) {
    return { rows: [], place: { kind: 'table', style: 'flow', ...afterLast(root), indent: '' } };
  }
  if (list.type === 'null')
    return { rows: [], place: { kind: 'null', at: list.offset, end: list.offset + list.length } };
  if (list.type !== 'array') throw notOurs(file, `has something else than a list under ${table}`);
  const rows = (list.children ?? []).map((item): ConfigRow => {
    if (item.type !== 'object') return null;
    const values = new Map<string, ConfigValue>();
    for (const [name, cell] of propertiesOf(item)) {
      if (values.has(name)) throw notOurs(file, `names ${JSON.stringify(name)} twice in one row`);
      values.set(name, jsonValue(cell, text));
    }
    return values;
  });
  return { rows, place: { kind: 'rows', style: 'flow', ...afterLast(list), indent: '' } };
}

function propertiesOf({ children }: JsonNode): readonly (readonly [name: string, value: JsonNode])[] {
  return (children ?? []).flatMap(({ children: parts }) => {
    const [name, value] = parts ?? [];
    return name === undefined || value === undefined ? [] : [[String(name.value), value] as const];
  });
}

function afterLast({ offset, children }: JsonNode): { readonly at: number; readonly first: boolean } {
  const last = children?.at(-1);
  return last === undefined ? { at: offset + 1, first: true } : { at: last.offset + last.length, first: false };
}

function jsonValue(node: JsonNode, text: string): ConfigValue {
  const source = text.slice(node.offset, node.offset + node.length);
  if (node.type === 'null') return { type: 'null' };
  if (node.type === 'string') return textValue(String(node.value));
  if (node.type === 'number') return numberValue(source) ?? { type: 'foreign', source };
  const [property, more] = node.type === 'object' ? propertiesOf(node) : [];
  const tagged =
    property?.[1].type === 'string' && more === undefined ? taggedValue(property[0], String(property[1].value)) : null;
  return tagged ?? { type: 'foreign', source };
}

function notOurs(file: string, cause: string): CoreError {
  return refuse('target-conflict', file, `${cause}: it is no configuration file of the step`);
}

function refuse(code: CoreErrorCode, file: string, cause: string, error?: unknown): CoreError {
  return new CoreError(code, `${file} ${cause}.`, {
    path: file,
    hint: 'Correct the file, move it away, or name another one in the plan. It was not changed.',
    cause: error,
  });
}
