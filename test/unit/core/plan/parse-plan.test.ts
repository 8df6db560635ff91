import assert from 'node:assert/strict';
import { jarvisPlan } from '../../../../src/core/plan/jarvis-plan';
import { largestPlan, parsePlan, positionsOf, type PlanProblem } from '../../../../src/core/plan/parse-plan';
import { printPlan } from '../../../../src/core/plan/print-plan';
import type { MapStep } from '../../../../src/core/plan/schema';

const map = (columns: string): string =>
  `{"version": 1, "steps": [{"domain": "core", "strategy": "map", "legacy": {"database": "a.db", "table": "t"}, "target": {"database": "b.db", "table": "u"}, "columns": ${columns}}]}`;

function columnsOf(text: string): Readonly<Record<string, string>> {
  const { plan, problems } = parsePlan(text);
  assert.deepEqual(problems, []);
  return (plan?.steps[0] as MapStep).columns;
}

/** The problems as `code: the text that is marked`. */
function marks(text: string): readonly string[] {
  return parsePlan(text).problems.map(({ code, offset, length }) => `${code}: ${text.slice(offset, offset + length)}`);
}

describe('parsePlan', () => {
  it('takes comments, trailing commas and a byte order mark, and keeps offsets those of the text', () => {
    const text = '\uFEFF// mine\n{ "version": 1, /* all */ "steps": [], "criteria": [], }\n';
    const parsed = parsePlan(text);
    const { plan, problems } = parsed;
    assert.deepEqual([plan, problems], [{ version: 1, steps: [], criteria: [] }, []]);
    const { offset, length } = parsed.locate(['steps'], 'key');
    assert.equal(text.slice(offset, offset + length), '"steps"');
    assert.deepEqual(positionsOf(text)(offset), { line: 2, column: 27 });
  });

  it('fills in the defaults', () => {
    const { plan } = parsePlan(map('{"id": "id"}'));
    assert.deepEqual(plan?.steps[0], {
      domain: 'core',
      strategy: 'map',
      legacy: { database: 'a.db', table: 't' },
      target: { database: 'b.db', table: 'u' },
      columns: { id: 'id' },
      takenKeys: 'shift',
      otherwise: 'reject',
      references: {},
      parents: [],
      rebuild: {},
      residual: 'sidecar',
    });
  });

  it('reads back what is printed of the built-in plan', () => {
    for (const dataFolder of ['data', '.', 'my data']) {
      const plan = jarvisPlan(dataFolder);
      const parsed = parsePlan(printPlan(plan));
      assert.deepEqual([parsed.problems, parsed.plan], [[], plan]);
    }
  });

  const wrong: readonly (readonly [what: string, text: string, expected: readonly string[]])[] = [
    ['nothing', '', ['syntax: ']],
    ['no JSON', 'hello', ['syntax: hello', 'syntax: ']],
    ['an unfinished object', '{"version": 1, "steps": [}', ['syntax: }', 'syntax: ', 'syntax: ']],
    ['no object', '[]', ['wrong-type: []']],
    ['a missing key', '{"version": 1}', ['missing-key: {']],
    ['another version', '{"version": 2, "steps": []}', ['wrong-value: 2']],
    ['an unknown key', '{"version": 1, "steps": [], "step": []}', ['unknown-key: "step"']],
    ['an unknown strategy', '{"version": 1, "steps": [{"strategy": "move"}]}', ['wrong-value: "move"']],
    ['a column of a number', map('{"id": 1}'), ['wrong-type: 1']],
    ['an empty expression', map('{"id": ""}'), ['empty: ""']],
    ['a NUL', map('{"id": "1\\u0000"}'), ['nul-character: "1\\u0000"']],
    ['a key twice', map('{"id": "1", "id": "2"}'), ['duplicate-key: "id"']],
    ['a key twice, once in disguise', map('{"id": "1", "\\u0069d": "2"}'), ['duplicate-key: "\\u0069d"']],
  ];
  for (const [what, text, expected] of wrong) {
    it(`marks ${what}`, () => {
      assert.deepEqual(marks(text), expected);
      assert.equal(parsePlan(text).plan, null);
    });
  }

  it('says in words what is wrong', () => {
    const words = (text: string): readonly string[] => parsePlan(text).problems.map(({ message }) => message);
    assert.deepEqual(words('{"version": 1}'), ['"steps" is missing.']);
    assert.deepEqual(words('{"version": 1, "steps": [{"strategy": "move"}]}'), [
      'This must be "map", "adopt", "config" or "skip".',
    ]);
    const criterion = (rest: string): string => `{"version": 1, "steps": [], "criteria": [{"label": "x", ${rest}}]}`;
    assert.deepEqual(words(criterion('"database": "b.db", "sql": "SELECT 1", "expect": "19"')), [
      'This must be an operator and a number, such as ">= 19", "= 0" or "< 5".',
    ]);
    assert.deepEqual(words(criterion('"expect": "= 1"')), [
      'A criterion has either "database" and "sql", or "accountedFor".',
    ]);
  });

  describe('X4: a hostile plan file', () => {
    it('a column may be called __proto__, constructor or toString: none pollutes, none is dropped', () => {
      const columns = columnsOf(
        map('{"__proto__": "a", "constructor": "b", "toString": "c", "\\u005f_proto__x": "d"}'),
      );
      assert.deepEqual(Object.entries(columns), [
        ['__proto__', 'a'],
        ['constructor', 'b'],
        ['toString', 'c'],
        ['__proto__x', 'd'],
      ]);
      assert.equal(Object.getPrototypeOf(columns), Object.prototype);
      assert.equal(({} as Record<string, unknown>)['a'], undefined);
      const text = printPlan(parsePlan(map('{"__proto__": "a"}')).plan!);
      assert.deepEqual(Object.keys(columnsOf(text)), ['__proto__']);
    });

    it('the value of a __proto__ key is checked like any other', () => {
      assert.deepEqual(marks(map('{"__proto__": {"polluted": true}}')), ['wrong-type: {"polluted": true}']);
      assert.equal(({} as Record<string, unknown>)['polluted'], undefined);
    });

    it('elsewhere, __proto__ and constructor are unknown keys', () => {
      assert.deepEqual(marks('{"version": 1, "steps": [], "__proto__": {"criteria": []}, "constructor": 1}'), [
        'unknown-key: "__proto__"',
        'unknown-key: "constructor"',
      ]);
      assert.deepEqual([...marks('{"__proto__": {"version": 1, "steps": []}}')].sort(), [
        'missing-key: {',
        'missing-key: {',
        'unknown-key: "__proto__"',
      ]);
    });

    it('too much text is not parsed', () => {
      const { problems } = parsePlan(' '.repeat(largestPlan + 1));
      assert.deepEqual(codes(problems), ['too-large']);
    });

    it('a million brackets are bounded, open or closed', () => {
      for (const text of ['['.repeat(1e6), `${'['.repeat(1e6)}${']'.repeat(1e6)}`, '{"a":'.repeat(5e5)])
        assert.deepEqual(codes(parsePlan(text).problems), ['too-deep']);
      assert.deepEqual(codes(parsePlan(`{"version": 1, "steps": [], "$schema": "${'['.repeat(1e5)}"}`).problems), []);
    });

    it('a million mistakes are not a million problems', function () {
      this.timeout(20_000);
      const keys = Array.from({ length: 100_000 }, (_, i) => `"k${i}": 1`).join(',');
      for (const text of [`{${keys}}`, map(`{${keys}}`), '}'.repeat(1e5), `{"steps": [${'1,'.repeat(1e5)}1]}`]) {
        const { plan, problems } = parsePlan(text);
        assert.equal(plan, null);
        assert.ok(problems.length > 0 && problems.length <= 200);
      }
    });
  });

  it('locates what is there, and the holder of what is not', () => {
    const text = map('{"id": "a", "n": "b"}');
    const parsed = parsePlan(text);
    const locate: typeof parsed.locate = (path, what) => parsed.locate(path, what);
    const at = (range: { offset: number; length: number }): string =>
      text.slice(range.offset, range.offset + range.length);
    assert.equal(at(locate(['steps', 0, 'columns', 'n'])), '"b"');
    assert.equal(at(locate(['steps', 0, 'columns', 'n'], 'key')), '"n"');
    assert.equal(at(locate(['steps', 0, 'residual'])), '{');
    assert.equal(locate(['steps', 0, 'residual']).offset, text.indexOf('{"domain"'));
    assert.equal(locate(['steps', 7, 'columns']).offset, text.indexOf('[{"domain"'));
  });
});

function codes(problems: readonly PlanProblem[]): readonly string[] {
  return problems.map(({ code }) => code);
}
