import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  displayWidth,
  mermaidLabel,
  show,
  showPlain,
  splitMessage,
  visible,
} from '../../../../src/core/report/display';

describe('report: display', () => {
  const cases: readonly [name: string, value: string, shown: string][] = [
    ['a plain name', 'llm_usage', 'llm_usage'],
    ['letters of any script', '表格 é żółw', '表格 é żółw'],
    ['a bidi override', 'abc\u202Efdp', 'abc\\u{202E}fdp'],
    ['zero-width characters', 'a\u200Bb\uFEFF', 'a\\u{200B}b\\u{FEFF}'],
    ['line breaks and tabs', 'a\r\n\tb', 'a\\u{D}\\u{A}\\u{9}b'],
    ['NUL and ESC', '\0\u001B[31m', '\\u{0}\\u{1B}[31m'],
    ['a no-break space', 'a\u00A0b', 'a\\u{A0}b'],
    ['spaces that HTML would swallow', ' a  b ', '\\u{20}a \\u{20}b\\u{20}'],
    ['a lone surrogate', 'a\uD800', 'a\\u{D800}'],
    ['a combining mark with nothing to sit on', '\u0301a', '\\u{301}a'],
    ['marks heaped on one letter', `e${'\u0301'.repeat(6)}`, `e${'\u0301'.repeat(4)}\\u{301}\\u{301}`],
    ['a tag character', 'a\u{E0041}', 'a\\u{E0041}'],
    ['a Hangul filler', 'a\u3164', 'a\\u{3164}'],
    ['an escape spelt out', '\\u{202E}', '\\u{5C}u{202E}'],
    ['a backslash before a pipe', 'a\\|b', 'a\\u{5C}|b'],
    ['any other backslash', 'C:\\data\\x', 'C:\\data\\x'],
  ];
  for (const [name, value, shown] of cases) {
    it(`shows ${name}`, () => assert.deepEqual(show(value), { text: shown, cutFrom: null }));
  }

  it('shows two different short values differently', () => {
    const short = fc.string({ unit: 'binary', maxLength: 8 });
    fc.assert(
      fc.property(short, short, (a, b) => {
        if (a !== b) assert.notEqual(show(a).text, show(b).text);
      }),
      { numRuns: 2000 },
    );
    assert.notEqual(visible('\u202E'), visible('\\u{202E}'));
  });

  it('cuts a long value and says how long it is', () => {
    assert.deepEqual(show('x'.repeat(1234), 10), { text: `${'x'.repeat(9)}…`, cutFrom: 1234 });
    assert.deepEqual(show('x'.repeat(10), 10), { text: 'x'.repeat(10), cutFrom: null });
    assert.equal(showPlain('🙂'.repeat(11), 10), `${'🙂'.repeat(9)}… (11 characters)`);
  });

  it('cuts a value whose escapes are long', () => {
    const shown = show('\u202E'.repeat(70));
    assert.equal(shown.cutFrom, 70);
    assert.ok(shown.text.length <= 3 * 72 + 1);
  });

  it('is quick with a value of ten million characters', function () {
    this.timeout(2000);
    assert.equal(show('y'.repeat(10_000_000)).cutFrom, 10_000_000);
  });

  it('sets paths and names in a message as code and leaves the sentence alone', () => {
    // A table's name is code too where it follows its database, whatever word it is.
    assert.deepEqual(splitMessage('data/a.db users: 1 row was added to it.'), [
      { kind: 'code', value: 'data/a.db users' },
      { kind: 'text', value: ': 1 row was added to it.' },
    ]);
    assert.deepEqual(splitMessage('Cannot read data/a.db llm_usage (3 rows): run `x --y`.'), [
      { kind: 'text', value: 'Cannot read ' },
      { kind: 'code', value: 'data/a.db llm_usage' },
      { kind: 'text', value: ' (3 rows): run ' },
      { kind: 'code', value: 'x --y' },
      { kind: 'text', value: '.' },
    ]);
  });

  it('escapes a Mermaid label, and leaves a path readable', () => {
    assert.equal(mermaidLabel('data/llm_costs.db'), 'data/llm_costs.db');
    assert.equal(mermaidLabel('a"] --> b'), 'a#34;#93; #45;#45;#62; b');
    assert.equal(mermaidLabel('1. x'), '1#46; x');
    assert.equal(mermaidLabel('#quot;'), '#35;quot#59;');
    assert.equal(mermaidLabel('🙂'), '#128578;');
  });

  it('counts wide characters as two columns', () => {
    assert.equal(displayWidth('✓ passed'), 8);
    assert.equal(displayWidth('表格🙂e\u0301'), 7);
  });
});
