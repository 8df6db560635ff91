/** SAFETY case: names and cells with HTML, `command:` links, images and bidi marks are inert in the report. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { gfmTableToMarkdown } from 'mdast-util-gfm-table';
import { toMarkdown } from 'mdast-util-to-markdown';
import { show, splitMessage } from '../../../../src/core/report/display';
import { formatSummary, renderLog } from '../../../../src/core/report/log';
import { renderMarkdown } from '../../../../src/core/report/markdown';
import { code, message, paragraph, table, words } from '../../../../src/core/report/nodes';
import { hostileTexts, withNames } from './fixtures';
import { parseMarkdown } from './parse';

/** What breaks Markdown, HTML, Mermaid and terminals, glued together at random. */
const fragment = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      ...Array.from('|`\\"\'<>[]()!#*_~:;/.@&%{}$-+= \n\r\t\0\u001B\u202E\u2066\u200B\u00AD\uFEFF\uD800'),
    ),
  },
  fc.constantFrom(
    ...['https://a.example', 'www.a.example', 'a@b.example', 'command:x', '&#x3C;', '#quot;', '%%{init:{}}%%', '```'],
    ...['<b>', '-->', '[x]: y', '\\u{', 'end', 'click n1 "x"', '1. ', '- ', '| --- |', 'javascript:', '`\n\n# h'],
  ),
  fc.string({ unit: 'grapheme', maxLength: 4 }),
  fc.string({ unit: 'binary', maxLength: 4 }),
);
const hostile = fc.oneof(
  fc.constantFrom(...hostileTexts),
  fc.array(fragment, { maxLength: 12 }).map((parts) => parts.join('')),
);

/** Everything a reader cannot see, but for the line break. */
const unseen = /(?!\n)[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u;

describe('X2: hostile names and values in the report', function () {
  this.timeout(60_000);

  it('has the same tables, headings and lists as with harmless names, and nothing active', () => {
    fc.assert(
      fc.property(fc.uniqueArray(hostile, { minLength: 2, maxLength: 5 }), (names) => {
        const actual = parseMarkdown(renderMarkdown(withNames(names)));
        const expected = parseMarkdown(renderMarkdown(withNames(names.map((_, i) => `name_${String(i)}`))));
        assert.deepEqual(actual.active, []);
        assert.deepEqual(actual.tables, expected.tables);
        assert.equal(actual.headings.length, expected.headings.length);
        assert.equal(actual.listItems, expected.listItems);
        assert.deepEqual(
          actual.fences.map((fence) => fence.lang),
          expected.fences.map((fence) => fence.lang),
        );
      }),
      { numRuns: 60 },
    );
  });

  it('lets no invisible character through into report, log or summary', () => {
    fc.assert(
      fc.property(fc.array(hostile, { minLength: 1, maxLength: 4 }), (names) => {
        const report = withNames(names);
        for (const text of [renderMarkdown(report), renderLog(report, names), formatSummary(report)]) {
          assert.doesNotMatch(text, unseen);
        }
      }),
      { numRuns: 50 },
    );
  });

  it('shows in a table cell exactly what was to be shown', () => {
    fc.assert(
      fc.property(hostile, hostile, (a, b) => {
        const tree = table(['Name', 'Value'], [[code(a), code(b)]]);
        const parsed = parseMarkdown(toMarkdown(tree, { extensions: [gfmTableToMarkdown()] }));
        assert.deepEqual(
          parsed.codeSpans,
          [a, b].filter((text) => text !== '').map((text) => show(text).text),
        );
      }),
      { numRuns: 2000 },
    );
  });

  it('sets as text only words that no dialect can read as a link, HTML or emphasis', () => {
    fc.assert(
      fc.property(fc.array(hostile, { minLength: 1, maxLength: 3 }), (parts) => {
        const text = `The table ${parts.join(' and ')} has "${parts[0] ?? ''}" in it.`;
        for (const segment of splitMessage(text)) {
          if (segment.kind === 'text')
            assert.doesNotMatch(segment.value, /[<>[\]`*_\\@&#/|{}~\n]|www\.|:\S*\w|\w\.\p{L}{2}/u);
        }
        const parsed = parseMarkdown(
          toMarkdown({ type: 'root', children: [paragraph(message(text)), paragraph(words('end'))] }),
        );
        assert.deepEqual(parsed.active, []);
        assert.deepEqual(parsed.headings, []);
      }),
      { numRuns: 2000 },
    );
  });

  it('keeps every Mermaid line in our own grammar', () => {
    const label = '"(?:[\\p{L}\\p{M}\\p{N} ,_./-]|#\\d+;)*"';
    const line = new RegExp(
      `^(?:flowchart LR|  end|  subgraph g\\d+\\[${label}\\]| {2,4}n\\d+\\[${label}\\]|  n\\d+ (?:-->|-\\.->)\\|${label}\\| n\\d+)$`,
      'u',
    );
    fc.assert(
      fc.property(fc.uniqueArray(hostile, { minLength: 1, maxLength: 12 }), (names) => {
        const { fences } = parseMarkdown(renderMarkdown(withNames(names)));
        const diagram = fences.find((fence) => fence.lang === 'mermaid');
        assert.ok(diagram);
        for (const text of diagram.text.split('\n')) assert.match(text, line);
      }),
      { numRuns: 50 },
    );
  });
});
