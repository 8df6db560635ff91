/**
 * How names and values that come out of a database are shown: visibly, on one line, and inert.
 *
 * A table name or a cell is data. It may hold a line break, a bidi override that reverses what follows it, HTML, a
 * `command:` link or the end of a Mermaid label. Nothing here loses a character silently: what cannot be shown as it is
 * becomes a visible escape such as `\u{202E}`, and what is too long is cut with its true length beside it.
 */

/** The number of characters of a name or value that are shown before it is cut. */
export const valueLimit = 72;

/** A message is prose of ours with names in it; one longer than this is cut. */
const messageLimit = 2000;

/**
 * What a reader cannot see, or sees in the wrong place: control, format, private and unassigned characters, lone
 * surrogates, line and paragraph separators, every space but U+0020, fillers that draw nothing, and combining marks
 * that have no letter to sit on or are heaped on one. A backslash that would look like an escape of ours is among them,
 * so that a value that spells out `\u{202E}` differs from one that contains the character.
 */
const hidden =
  /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]|(?! )\p{Zs}|(?<![\p{L}\p{N}]\p{M}{0,3})\p{M}|\\(?=u\{)/gu;

/** Spaces that HTML or a code span would swallow, and a backslash that would unescape the pipe after it. */
const swallowed = /^ +| +$|(?<= ) +|\\(?=\|)/gu;

/** The text with every invisible character as a visible escape. It has no line break and no control character. */
export function visible(text: string): string {
  return text.replace(hidden, escapeEach);
}

function escapeEach(characters: string): string {
  return Array.from(characters, (c) => `\\u{${(c.codePointAt(0) ?? 0).toString(16).toUpperCase()}}`).join('');
}

/** A name or value as it is shown on one line. */
export interface Shown {
  /** Never longer than about three times the limit; empty only if the value is. */
  readonly text: string;
  /** The true length in characters (code points) if the text was cut; else null. */
  readonly cutFrom: number | null;
}

/** Shows a name or value on one line, at most `limit` characters of it. */
export function show(value: string, limit: number = valueLimit): Shown {
  const whole = firstCharacters(value, limit + 1);
  if (whole.length === value.length) {
    const text = showInline(value);
    if (countCharacters(value) <= limit && text.length <= 3 * limit) return { text, cutFrom: null };
  }
  let kept = limit - 1;
  let text = showInline(firstCharacters(value, kept));
  while (text.length > 3 * limit) {
    kept = Math.floor(kept / 2);
    text = showInline(firstCharacters(value, kept));
  }
  return { text: `${text}…`, cutFrom: countCharacters(value) };
}

/** {@link show} as plain text, for logs and terminals: the true length follows in parentheses. */
export function showPlain(value: string, limit?: number): string {
  const shown = show(value, limit);
  const text = shown.text === '' ? '(empty)' : shown.text;
  return shown.cutFrom === null ? text : `${text} (${shown.cutFrom} characters)`;
}

function showInline(value: string): string {
  return visible(value).replace(swallowed, escapeEach);
}

function firstCharacters(value: string, count: number): string {
  let end = 0;
  for (let i = 0; i < count && end < value.length; i++) end += (value.codePointAt(end) ?? 0) > 0xffff ? 2 : 1;
  return value.slice(0, end);
}

function countCharacters(value: string): number {
  let count = 0;
  for (let i = 0; i < value.length; i += (value.codePointAt(i) ?? 0) > 0xffff ? 2 : 1) count++;
  return count;
}

/** A stretch of a message: words that can be set as text, or something that must be set as code. */
export interface Segment {
  readonly kind: 'text' | 'code';
  readonly value: string;
}

/** A word that no Markdown dialect reads as anything but a word: `3,000`, `run-time`, `(see`, `below).` */
const plainWord =
  /^["'(“‘]*(?:\p{L}[\p{L}\p{M}\p{N}]*(?:['’-][\p{L}\p{M}\p{N}]+)*|\d{1,3}(?:,\d{3})+|\d+(?:\.\d+)?%?|e\.g|i\.e|[→—–=+≥≤]|-)["'”’)]*[.,;:!?…]*["'”’)]*$/u;

/** A word to be set as code, without the punctuation that belongs to the sentence. */
const wrapped = /^(["'(“‘]*)(.*?)(["'”’),.;:!?…]*)$/su;

/** What is a name by the marks around it, or by its place: `data/a.db users: …`. */
const named = /(`[^`]+`|(?<!\S)[^\s"'(“‘`]\S*\.db [^\s:]+(?=: ))/;

/**
 * Splits a message into text and code. Text holds plain words only, so that a table name inside a message of another
 * module can neither be a link nor HTML: a word with anything else in it (a path, a URL, a tag, a backslash) is code.
 */
export function splitMessage(message: string): readonly Segment[] {
  const kept = firstCharacters(message, messageLimit);
  const segments: Segment[] = [];
  const spans = kept.split(named);
  for (const [index, span] of spans.entries()) {
    if (index % 2 === 1) segments.push({ kind: 'code', value: span.startsWith('`') ? span.slice(1, -1) : span });
    else segments.push(...splitWords(span));
  }
  if (kept.length < message.length) {
    segments.push({ kind: 'text', value: `… (${countCharacters(message)} characters)` });
  }
  return joinSegments(segments);
}

function splitWords(text: string): Segment[] {
  const segments: Segment[] = [];
  for (const word of text.split(/( +)/)) {
    if (word === '') continue;
    if (word.trim() === '' && /^ +$/.test(word)) segments.push({ kind: 'text', value: ' ' });
    else if (word.length <= valueLimit && plainWord.test(word) && visible(word) === word) {
      segments.push({ kind: 'text', value: word });
    } else {
      const [, before = '', core = '', after = ''] = wrapped.exec(word) ?? [];
      // Nothing but punctuation: what follows a span in backticks.
      if (core === '') segments.push({ kind: 'text', value: word });
      else {
        segments.push({ kind: 'text', value: before }, { kind: 'code', value: core }, { kind: 'text', value: after });
      }
    }
  }
  return segments.filter((segment) => segment.value !== '');
}

/** Neighbours of one kind become one; two code words with a space between them are one piece of code. */
function joinSegments(segments: readonly Segment[]): readonly Segment[] {
  const joined: Segment[] = [];
  for (const segment of segments) {
    const last = joined.at(-1);
    const beforeLast = joined.at(-2);
    if (segment.kind === 'code' && last?.value === ' ' && last.kind === 'text' && beforeLast?.kind === 'code') {
      joined.splice(-2, 2, { kind: 'code', value: `${beforeLast.value} ${segment.value}` });
    } else if (last?.kind === segment.kind) {
      joined.splice(-1, 1, { kind: segment.kind, value: last.value + segment.value });
    } else joined.push(segment);
  }
  return joined;
}

/**
 * A name or value inside a quoted Mermaid label. All but letters, digits and inner `_ . / -` becomes Mermaid's own
 * `#code;` entity: a quote would end the label, `%%{` would be a directive, a backtick or `1. ` would be Markdown.
 */
export function mermaidLabel(value: string, limit = 48): string {
  return showPlain(value, limit).replace(outsideLabel, (c) => `#${String(c.codePointAt(0))};`);
}

/**
 * `_`, `.`, `/` and `-` stay where a letter or digit stands on both sides: `data/llm_costs.db` is readable as it is. A
 * comma means nothing inside quotes and stays anywhere: `1,760 rows, 4 tables`.
 */
const outsideLabel = /(?!(?<=[\p{L}\p{N}])[_./-](?=[\p{L}\p{N}]))[^\p{L}\p{M}\p{N} ,]/gu;

/** Columns that the text takes in a fixed-width font; used to line up tables. */
export function displayWidth(text: string): number {
  // Nearly every text, and a hundred times as quick.
  if (asciiOnly.test(text)) return text.length;
  let width = 0;
  for (const { segment } of graphemes.segment(text)) width += wide.test(segment) ? 2 : 1;
  return width;
}

const asciiOnly = /^[ -~]*$/;

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** East Asian wide and full-width blocks, and what is drawn as an emoji. */
const wide =
  /^[\u{1100}-\u{115F}\u{2E80}-\u{303E}\u{3041}-\u{A4CF}\u{AC00}-\u{D7A3}\u{F900}-\u{FAFF}\u{FE30}-\u{FE6F}\u{FF00}-\u{FF60}\u{FFE0}-\u{FFE6}\u{20000}-\u{3FFFD}\p{Emoji_Presentation}]/u;
