/** Strategy `config`: every value comes back from the file, and nothing of the user's is changed. */
import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { parse } from 'yaml';
import { rehearseConfig, type ConfigResult } from '../../../../src/core/migration/config/config-step';
import type { ConfigStep } from '../../../../src/core/plan/schema';
import type { SqliteConnection, SqliteEngine } from '../../../../src/core/sqlite/engine';
import { CoreError } from '../../../../src/core/errors';
import { loadEngine } from '../../../fixtures/publication';

const files = ['config/rates.yaml', 'config/rates.json'] as const;
const rateConfigs = `
  CREATE TABLE rate_configs (name TEXT PRIMARY KEY, requests_per_second REAL NOT NULL, burst_size INTEGER NOT NULL,
    strategy TEXT NOT NULL, enabled INTEGER DEFAULT 1, metadata TEXT);
  INSERT INTO rate_configs VALUES
    ('twitter', 0.5, 5, 'token_bucket', 1, NULL), ('anthropic', 10, 20, 'sliding window', 0, '{"tier": "yes"}');`;

function stepOf(file: string, table = 'rate_configs'): ConfigStep {
  const legacy = { database: 'data/rate_limiter.db', table };
  return { domain: 'cache', strategy: 'config', legacy, target: { file } };
}

async function withLegacy(sql: string, body: (legacy: SqliteConnection) => void): Promise<void> {
  const legacy = (await loadEngine()).open(new Uint8Array(), 'data/rate_limiter.db');
  try {
    legacy.execute(sql);
    body(legacy);
  } finally {
    legacy.close();
  }
}

let engine: SqliteEngine;
before(async () => {
  engine = await loadEngine();
});

interface Options {
  readonly file?: string;
  readonly table?: string;
  readonly existing?: string | Uint8Array | null;
  readonly write?: boolean;
}

function rehearse(
  legacy: SqliteConnection,
  { file = files[0], table, existing = null, write = true }: Options = {},
): ConfigResult {
  const bytes = typeof existing === 'string' ? new TextEncoder().encode(existing) : existing;
  return rehearseConfig(engine, { step: stepOf(file, table), legacy, existing: bytes, write });
}

function textOf({ bytes }: ConfigResult): string {
  assert.ok(bytes !== null);
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
}

function counts({ report }: ConfigResult): readonly number[] {
  const { inserted, alreadyPresent, conflicts, leftBehind } = report;
  return [inserted, alreadyPresent, conflicts, leftBehind];
}

const allPassed = { schema: 'passed', counts: 'passed', cells: 'passed', rebuilt: 'passed' };

function assertProved(result: ConfigResult): void {
  assert.deepEqual(result.findings, []);
  assert.deepEqual(result.report.validation, allPassed);
}

/** Rows go into a new file; a second run finds them all. */
function roundTrip(legacy: SqliteConnection, options: Options): ConfigResult {
  const first = rehearse(legacy, options);
  assertProved(first);
  const again = rehearse(legacy, { ...options, existing: first.bytes });
  assertProved(again);
  assert.equal(again.bytes, null);
  assert.deepEqual(counts(again), [0, first.report.legacy.rows, 0, 0]);
  return first;
}

describe('config step', function () {
  this.timeout(60_000);

  it('writes YAML that people edit: a comment, the table, rows in key order, columns in their order', () =>
    withLegacy(rateConfigs, (legacy) => {
      const result = roundTrip(legacy, {});
      assert.equal(
        textOf(result),
        `# rate_configs of data/rate_limiter.db: one entry for each row.
# Edit freely: a migration adds rows that are missing and never changes what is here.
rate_configs:
  - name: anthropic
    requests_per_second: 10.0
    burst_size: 20
    strategy: sliding window
    enabled: 0
    metadata: "{\\"tier\\": \\"yes\\"}"
  - name: twitter
    requests_per_second: 0.5
    burst_size: 5
    strategy: token_bucket
    enabled: 1
    metadata: null
`,
      );
      assert.deepEqual(counts(result), [2, 0, 0, 0]);
      assert.deepEqual(result.report.mapping[0], { legacy: 'name', target: 'name', transformation: 'unchanged' });
      assert.deepEqual(result.report.sample?.legacy, result.report.sample?.target);
      assert.deepEqual(result.report.sample?.legacy.values.slice(0, 3), ["'anthropic'", '10.0', '20']);
      // The same rows give the same bytes.
      assert.deepEqual(rehearse(legacy).bytes, result.bytes);
    }));

  it('writes JSON by the ending of the file', () =>
    withLegacy(rateConfigs, (legacy) => {
      const text = textOf(roundTrip(legacy, { file: files[1] }));
      const parsed = JSON.parse(text) as { rate_configs: Record<string, unknown>[] };
      assert.deepEqual(parsed.rate_configs[1], {
        name: 'twitter',
        requests_per_second: 0.5,
        burst_size: 5,
        strategy: 'token_bucket',
        enabled: 1,
        metadata: null,
      });
      assert.match(text, /"requests_per_second": 10\.0,/);
    }));

  const awkward = [
    'NULL',
    ...['0', '-1', '2147483648', '9007199254740993', '-9223372036854775808', '9223372036854775807'],
    ...['1.0', '0.0', '-0.0', '0.1 + 0.2', '1e21', '1e-7', '5e-324', '1.7976931348623157e308', '9e999', '-9e999'],
    ...['', '007', '1', '1.0', '-1', '0x10', '0o7', '1_000', '1e3', '.5', '12:30:00', '2026-01-26', '.inf', '-.INF'],
    ...['yes', 'No', 'on', 'TRUE', 'null', '~', 'NaN', 'y', '<<', '=', '---', '...', '- a', 'a: b', 'a #b', '#c'],
    ...[
      "it's",
      '"',
      '\\',
      ' lead',
      'trail ',
      '\t',
      'a\nb',
      'a\r\nb\n',
      '!!str x',
      '*a',
      '&a',
      '%x',
      '@x',
      '`',
      '{',
      '[',
    ],
    ...['$blob', '{"$blob":"00"}', '{ $text: "00" }', 'é', '😀', '\u2028', '\u0085', '\u202e', '\ufffd', '\u200b'].map(
      String,
    ),
  ];
  // Numbers above are SQL; everything from the empty text on is text.
  const firstText = awkward.indexOf('');
  const literals = awkward.map((value, index) => (index < firstText ? value : `'${value.replaceAll("'", "''")}'`));
  const bytes = [
    ...["x''", "x'00ff'", "x'fffe'", 'zeroblob(100)'],
    ...['00', '6100', '6100620a', 'ff', 'c328', 'efbbbf', 'efbbbf61', 'eda080', '07', '1b5b306d', '7f', 'c285'].map(
      (hex) => `CAST(x'${hex}' AS TEXT)`,
    ),
  ];

  for (const file of files) {
    for (const encoding of ['UTF-8', 'UTF-16le', 'UTF-16be']) {
      it(`V1 to V4: every awkward value comes back from ${file.slice(-4)}, from a database in ${encoding}`, () =>
        withLegacy(`PRAGMA encoding = '${encoding}'; CREATE TABLE t (id INTEGER PRIMARY KEY, v);`, (legacy) => {
          for (const literal of [...literals, ...bytes]) legacy.execute(`INSERT INTO t (v) VALUES (${literal})`);
          const result = roundTrip(legacy, { file, table: 't' });
          assert.deepEqual(counts(result), [literals.length + bytes.length, 0, 0, 0]);
        }));
    }

    it(`every value is its own key in ${file.slice(-4)}: no two are taken for one`, () =>
      withLegacy(
        `CREATE TABLE t (v PRIMARY KEY) WITHOUT ROWID; ${[...literals.slice(1), ...bytes].map((literal) => `INSERT OR IGNORE INTO t VALUES (${literal});`).join(' ')}`,
        (legacy) => void roundTrip(legacy, { file, table: 't' }),
      ));

    it(`S1: hostile names come back from ${file.slice(-4)}`, () => {
      const names = [
        '__proto__',
        'constructor',
        'a"b',
        "it's",
        'a\nb',
        '',
        'yes',
        '1',
        '~',
        '<<',
        'a: b',
        '$blob',
        '😀',
        '\u202e',
        '# c',
        '- x',
        '{',
        'rowid',
        'k',
        'c0',
        'F',
        'n',
      ];
      const quoted = names.map((name) => `"${name.replaceAll('"', '""')}"`);
      const table = '__proto__\n# "x": *y';
      return withLegacy(
        `CREATE TABLE "${table.replaceAll('"', '""')}" (${quoted.join(', ')});
         INSERT INTO "${table.replaceAll('"', '""')}" VALUES (${names.map((_, index) => index).join(', ')});`,
        (legacy) => void roundTrip(legacy, { file, table }),
      );
    });

    it(`random values and names come back from ${file.slice(-4)}`, () => {
      const value = fc.oneof(
        fc.constant('NULL'),
        fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String),
        fc.double({ noNaN: true }).map((number) => {
          if (!Number.isFinite(number)) return number > 0 ? '9e999' : '-9e999';
          const digits = Object.is(number, -0) ? '-0.0' : String(number);
          return /[.e]/.test(digits) ? digits : `${digits}.0`;
        }),
        fc.string({ unit: 'binary' }).map((text) => `CAST(x'${Buffer.from(text).toString('hex')}' AS TEXT)`),
        fc.string().map((text) => `'${text.replaceAll("'", "''").replaceAll('\0', '')}'`),
        fc.uint8Array().map((blob) => `CAST(x'${Buffer.from(blob).toString('hex')}' AS TEXT)`),
        fc.uint8Array().map((blob) => `x'${Buffer.from(blob).toString('hex')}'`),
      );
      const name = fc
        .string({ unit: 'grapheme' })
        .map((text) => `"${text.replaceAll('"', '""').replaceAll('\0', '')}"`);
      const names = fc.uniqueArray(name, { minLength: 1, maxLength: 4, selector: (text) => text.toLowerCase() });
      fc.assert(
        fc.property(
          names,
          fc.array(fc.array(value, { minLength: 4, maxLength: 4 }), { maxLength: 8 }),
          (columns, rows) => {
            const legacy = engine.open(new Uint8Array(), 'random');
            try {
              legacy.execute(`CREATE TABLE t (${columns.join(', ')})`);
              for (const row of rows)
                legacy.execute(`INSERT INTO t VALUES (${row.slice(0, columns.length).join(', ')})`);
              if (rows.length > 0) roundTrip(legacy, { file, table: 't' });
            } finally {
              legacy.close();
            }
          },
        ),
        { numRuns: 300 },
      );
    });
  }

  it('what is written is what readers of YAML 1.1 and 1.2 and of JSON take it for', () =>
    withLegacy('CREATE TABLE t (id INTEGER PRIMARY KEY, v)', (legacy) => {
      const texts = awkward.slice(firstText).filter((text) => !/[\u0085\u2028]/.test(text));
      for (const text of texts) legacy.execute('INSERT INTO t (v) VALUES (?)', [text]);
      for (const version of ['1.1', '1.2'] as const) {
        const { t } = parse(textOf(rehearse(legacy, { table: 't' })), { version }) as { t: { v: unknown }[] };
        assert.deepEqual(
          t.map(({ v }) => v),
          texts,
        );
      }
      const { t } = JSON.parse(textOf(rehearse(legacy, { table: 't', file: files[1] }))) as { t: { v: unknown }[] };
      assert.deepEqual(
        t.map(({ v }) => v),
        texts,
      );
    }));

  it('a real has the same bits for SQLite and for a reader that rounds by the book', () =>
    withLegacy('CREATE TABLE t (id INTEGER PRIMARY KEY, v)', (legacy) => {
      const doubles = fc
        .sample(fc.double({ noNaN: true, noDefaultInfinity: true }), 2000)
        .map((n) => (n === 0 ? 0.5 : n));
      legacy.execute('BEGIN');
      for (const number of doubles) {
        const bits = Number.isInteger(number) ? `CAST(${number} AS REAL)` : '?';
        legacy.execute(`INSERT INTO t (v) VALUES (${bits})`, bits === '?' ? [number] : []);
      }
      legacy.execute('COMMIT');
      const kept = legacy.all('SELECT v FROM t ORDER BY id').map((row) => row['v']);
      const { t } = JSON.parse(textOf(roundTrip(legacy, { table: 't', file: files[1] }))) as { t: { v: unknown }[] };
      assert.deepEqual(
        t.map(({ v }) => v),
        kept,
      );
    }));

  it('S8: a table of 2,000 columns', () => {
    const columns = Array.from({ length: 2000 }, (_, index) => `column_${index}`);
    return withLegacy(
      `CREATE TABLE t (${columns.join(', ')}); INSERT INTO t (column_0, column_1999) VALUES (1, 'x'), (1, 'x'), (2, NULL);`,
      (legacy) => void roundTrip(legacy, { table: 't' }),
    );
  });

  it('rows without a primary key, or with NULL in it, are told apart by all their columns, equal ones by their number', () =>
    withLegacy(
      `CREATE TABLE t (a PRIMARY KEY, b); INSERT INTO t VALUES (NULL, 1), (NULL, 1), (1, 2), (NULL, 3);`,
      (legacy) => {
        const { bytes } = roundTrip(legacy, { table: 't' });
        legacy.execute('INSERT INTO t VALUES (NULL, 1)');
        const more = rehearse(legacy, { table: 't', existing: bytes });
        assertProved(more);
        assert.deepEqual(counts(more), [1, 4, 0, 0]);
      },
    ));

  it('an empty table and no file: nothing to write, and no tier claims to have compared', () =>
    withLegacy('CREATE TABLE t (a PRIMARY KEY)', (legacy) => {
      const result = rehearse(legacy, { table: 't' });
      assert.equal(result.bytes, null);
      assert.deepEqual(result.findings, []);
      assert.deepEqual(result.report.validation, {
        schema: 'notRun',
        counts: 'passed',
        cells: 'notRun',
        rebuilt: 'notRun',
      });
    }));

  it('only looking adds nothing and says what is missing', () =>
    withLegacy(rateConfigs, (legacy) => {
      const without = rehearse(legacy, { write: false });
      assert.deepEqual(counts(without), [0, 0, 0, 2]);
      assert.deepEqual(without.findings, ['rate_configs: counts']);
      const { bytes } = rehearse(legacy);
      assertProved(rehearse(legacy, { write: false, existing: bytes }));
      legacy.execute("INSERT INTO rate_configs VALUES ('x', 1, 1, 'x', 1, NULL)");
      const later = rehearse(legacy, { write: false, existing: bytes });
      assert.deepEqual(counts(later), [0, 2, 0, 1]);
      assert.equal(later.bytes, null);
      assert.equal(later.report.validation.cells, 'failed');
    }));
});

describe('config step on a file that is there', function () {
  this.timeout(60_000);
  const two = "CREATE TABLE t (id INTEGER PRIMARY KEY, v); INSERT INTO t VALUES (1, 'a'), (2, 1.5);";

  /** The file as it is, and what stands in it where rows were added: `|` marks the place. */
  const kept: readonly (readonly [what: string, file: string, existing: string, added: string])[] = [
    [
      'comments and blank lines',
      files[0],
      '# mine\n\nt: # the list\n\n    # first\n    - v: "a"   # swapped\n      id: 1\n|\n    # the end\nother: {a: 1}   # kept\n',
      '    - id: 2\n      v: 1.5\n',
    ],
    ['no newline at the end', files[0], 't:\n- id: 1\n  v: a|', '\n- id: 2\n  v: 1.5\n'],
    [
      'Windows line ends and a byte order mark',
      files[0],
      '\ufefft:\r\n  - id: 1\r\n    v: a\r\n|',
      '  - id: 2\r\n    v: 1.5\r\n',
    ],
    [
      'a block scalar at the end',
      files[0],
      't:\n  - id: 1\n    v: a\n  - id: 7\n    v: |\n      text\n§other: 1\n',
      '  - id: 2\n    v: 1.5\n',
    ],
    ['a flow sequence', files[0], 't: [ {id: 1, v: a}|, ] # , ]\n', ', { "id": 2, "v": 1.5 }'],
    ['aliases', files[0], 'a: &one {id: 1, v: &x a}\nt:\n  - *one\n|', '  - id: 2\n    v: 1.5\n'],
    ['the end of a document', files[0], '%YAML 1.2\n---\nt:\n  - {id: 1, v: a}\n|...\n', '  - id: 2\n    v: 1.5\n'],
    [
      'JSON',
      files[1],
      '{"x": [1,2],\n "t": [{"id": 1, "v": "\\u0061"}|]\n}',
      ',\n    {\n      "id": 2,\n      "v": 1.5\n    }',
    ],
    [
      'JSON with comments',
      files[1],
      '{ // mine\n "t": [{"id": 1, "v": "a"}|, /* ] */ ] }',
      ',\n    {\n      "id": 2,\n      "v": 1.5\n    }',
    ],
  ];
  for (const [what, file, marked, added] of kept) {
    it(`adds what is missing and keeps every byte: ${what}`, () =>
      withLegacy(two, (legacy) => {
        const mark = marked.includes('§') ? '§' : '|';
        const [head = '', tail = ''] = marked.split(mark);
        const result = rehearse(legacy, { table: 't', file, existing: head + tail });
        assert.equal(textOf(result), head + added + tail);
        assertProved(result);
        assert.deepEqual(counts(result), [1, 1, 0, 0]);
      }));
  }

  for (const [what, file, existing] of [
    ['a file of comments', files[0], '# mine\n# and more'],
    ['an empty file', files[0], ''],
    ['an empty list', files[0], 't: []\n'],
    ['no list yet', files[0], 't:   # to come\nu: 1\n'],
    ['no list, and no newline', files[0], 'u: 1\nt:'],
    ['null for a list', files[0], 'u: 1\nt: ~ # nothing\n'],
    ['another table', files[0], 'u:\n  - a: |\n      text\n'],
    ['an indented mapping', files[0], '  u: 1\n  v: 2'],
    ['a flow mapping', files[0], '{u: 1,}\n'],
    ['an empty flow mapping', files[0], '{}'],
    ['a document that ends', files[0], '---\nu: 1\n...\n'],
    ['an empty JSON file', files[1], '\n'],
    ['an empty JSON object', files[1], '{}'],
    ['an empty JSON list', files[1], '{"t": [ ]}'],
    ['null for a JSON list', files[1], '{"t": null, "u": 1}'],
    ['another JSON table', files[1], '{"u": [1]}'],
  ] as const) {
    it(`puts all rows into ${what}`, () =>
      withLegacy(two, (legacy) => {
        const result = rehearse(legacy, { table: 't', file, existing });
        assertProved(result);
        assert.deepEqual(counts(result), [2, 0, 0, 0]);
        const again = rehearse(legacy, { table: 't', file, existing: result.bytes });
        assertProved(again);
        assert.equal(again.bytes, null);
        if (existing.includes('u')) assert.match(textOf(result), /u/);
      }));
  }

  for (const [what, row, differs] of [
    ['another value', '{id: 1, v: b}', [['v', "'a'", "'b'"]]],
    ['another storage class', '{id: 1.0, v: a}', [['id', '1', '1.0']]],
    ['a truth value', '{id: 1, v: true}', [['v', "'a'", 'true']]],
    ['a column less', '{id: 1}', [['v', "'a'", 'not there']]],
    ['a list', '{id: 1, v: [a]}', [['v', "'a'", 'a list']]],
    ['a date', '{id: 1, v: 2026-01-26}', [['v', "'a'", '2026-01-26']]],
    ['a number out of range', '{id: 1, v: 99999999999999999999}', [['v', "'a'", '99999999999999999999']]],
    ['two rows of one key', '{id: 1, v: a}, {id: 1, v: c}', [['v', "'a'", "'c'"]]],
  ] as const) {
    it(`a row that was changed is a conflict, listed and left alone: ${what}`, () =>
      withLegacy(two, (legacy) => {
        const existing = `t: [${row}, {id: 2, v: 1.50}, {id: 9}, 7]\n`;
        const result = rehearse(legacy, { table: 't', existing });
        assertProved(result);
        assert.deepEqual(counts(result), [0, 1, 1, 0]);
        assert.equal(result.bytes, null);
        assert.deepEqual(
          result.mismatches.map(({ tier, key, column, legacy: was, consolidated }) => [
            tier,
            key,
            column,
            was,
            consolidated,
          ]),
          differs.map((line) => ['conflict', '1', ...line]),
        );
        assert.match(result.warnings[0]?.message ?? '', /1 row differs from config\/rates\.yaml now/);
      }));
  }

  it('a further entry in a row, another order and other quotes are no conflict', () =>
    withLegacy(two, (legacy) => {
      const existing = "t:\n- {v: !!str a, note: [mine], id: 1}\n- v: 15e-1\n  'id': +2\n";
      const result = rehearse(legacy, { table: 't', existing });
      assertProved(result);
      assert.deepEqual(counts(result), [0, 2, 0, 0]);
    }));

  it('two tables share a file', () =>
    withLegacy(`${two} CREATE TABLE u (a); INSERT INTO u VALUES (1);`, (legacy) => {
      for (const file of files) {
        const first = rehearse(legacy, { table: 't', file });
        const both = rehearse(legacy, { table: 'u', file, existing: first.bytes });
        assertProved(both);
        assertProved(rehearse(legacy, { table: 't', file, existing: both.bytes }));
      }
    }));

  for (const [what, code, file, existing] of [
    ['is no UTF-8', 'unreadable', files[0], new Uint8Array([0x74, 0xff])],
    ['is no YAML', 'unreadable', files[0], 't: [\n'],
    ['has tabs', 'unreadable', files[0], 't:\n\t- a: 1\n'],
    ['holds two documents', 'unreadable', files[0], 'a: 1\n---\nt: 1\n'],
    ['is no JSON', 'unreadable', files[1], '{"t": }'],
    ['is nested without end', 'unreadable', files[0], '['.repeat(200_000)],
    ['is JSON nested without end', 'unreadable', files[1], '['.repeat(200_000)],
    ['is a list', 'target-conflict', files[0], '- a\n'],
    ['is a JSON list', 'target-conflict', files[1], '[]'],
    ['has a mapping in our place', 'target-conflict', files[0], 't: {a: 1}\n'],
    ['has text in our place', 'target-conflict', files[1], '{"t": "x"}'],
    ['names us twice', 'target-conflict', files[0], 't: []\nt: []\n'],
    ['names us twice in JSON', 'target-conflict', files[1], '{"t": [], "t": []}'],
    ['names a column twice', 'target-conflict', files[0], 't:\n- {id: 1, id: 2}\n'],
    ['names a JSON column twice', 'target-conflict', files[1], '{"t": [{"id": 1, "id": 2}]}'],
    ['is too large', 'too-large', files[0], new Uint8Array(17 * 1024 ** 2)],
  ] as const) {
    it(`refuses a file that ${what}, in words`, () =>
      withLegacy(two, (legacy) => {
        assert.throws(
          () => rehearse(legacy, { table: 't', file, existing }),
          (error) => error instanceof CoreError && error.code === code && error.path === file && error.hint !== null,
        );
      }));
  }

  it('X4: aliases of aliases are not unfolded, nor very many of one row', () =>
    withLegacy(two, (legacy) => {
      const bomb = Array.from(
        { length: 30 },
        (_, level) => `a${level + 1}: &a${level + 1} [${`*a${level},`.repeat(9)}]`,
      );
      const result = rehearse(legacy, {
        table: 't',
        existing: `a0: &a0 x\n${bomb.join('\n')}\nt: [*a30, {id: 1, v: *a30}]\n`,
      });
      assertProved(result);
      assert.deepEqual(counts(result), [1, 0, 1, 0]);
      const wide = `r: &r {${Array.from({ length: 2000 }, (_, index) => `c${index}: 1`).join(', ')}}\nt: [${'*r,'.repeat(2000)}]\n`;
      assert.throws(() => rehearse(legacy, { table: 't', existing: wide }), /more than 2000000 values/);
    }));

  it('a table too large for a file is refused', () =>
    withLegacy(
      'CREATE TABLE t (a); WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 100001) INSERT INTO t SELECT n FROM c;',
      (legacy) => assert.throws(() => rehearse(legacy, { table: 't' }), /100,001 rows/),
    ));
});
