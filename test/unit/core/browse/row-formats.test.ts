import assert from 'node:assert/strict';
import initSqlJs from 'sql.js';
import type { ExactCell } from '../../../../src/core/browse/cell-sql';
import type { RowFormat } from '../../../../src/core/browse/model';
import { createRowWriter } from '../../../../src/core/browse/row-formats';

const cell = (type: ExactCell['type'], text = '', bytes: Uint8Array | null = null): ExactCell => ({
  type,
  text,
  bytes,
});
const text = (value: string): ExactCell => cell('text', value);

function write(format: RowFormat, rows: readonly (readonly ExactCell[])[], columns = ['a', 'b']): string {
  const writer = createRowWriter(format, 'we"ird', columns);
  return writer.begin() + rows.map((cells, index) => writer.row(cells, index === 0)).join('') + writer.end();
}

/** RFC 4180, as any reader does it, and then one leading apostrophe away. */
function readCsvField(field: string): string {
  const plain = field.startsWith('"') ? field.slice(1, -1).replaceAll('""', '"') : field;
  return plain.replace(/^'/, '');
}

describe('rows as text', () => {
  it('X3: no text of a CSV file is a formula, and each comes back by taking one apostrophe away', () => {
    for (const value of [
      '=1+1',
      '+1',
      '-1',
      '@SUM(A1)',
      '\t=1',
      '\r=1',
      "'quoted",
      "''=1",
      '',
      'plain',
      ' =1',
      'a,b',
      'a"b',
      'a\r\nb',
      '"=1"',
    ]) {
      const [, line = ''] = /^a\r\n([^]*)\r\n$/.exec(write('csv', [[text(value)]], ['a'])) ?? [];
      const seen = line.startsWith('"') ? line.slice(1, -1).replaceAll('""', '"') : line;
      assert.doesNotMatch(seen, /^[=+\-@\t\r]/, JSON.stringify(value));
      assert.equal(readCsvField(line), value);
    }
  });

  it('CSV tells NULL from empty, and leaves numbers as they are', () => {
    assert.equal(
      write('csv', [
        [cell('null'), text('')],
        [cell('integer', '-9223372036854775808'), cell('real', '-1.5')],
        [cell('blob', '', Uint8Array.of(1, 255)), text('x')],
      ]),
      'a,b\r\n,""\r\n-9223372036854775808,-1.5\r\nx\'01ff\',x\r\n',
    );
  });

  it('JSON keeps integers that a reader would round as text', () => {
    const rows = [
      [cell('integer', '9007199254740993'), cell('integer', '9007199254740991')],
      [cell('real', 'Inf'), cell('real', '1.0e+20')],
      [cell('null'), text('a"\n\u2028')],
      [cell('blob', '', Uint8Array.of(255)), text('')],
    ];
    const read = JSON.parse(write('json', rows)) as unknown;
    assert.deepEqual(read, [
      { a: '9007199254740993', b: 9007199254740991 },
      { a: 'Inf', b: 1e20 },
      { a: null, b: 'a"\n\u2028' },
      { a: { blob: '/w==' }, b: '' },
    ]);
    const lines = write('jsonLines', rows).trimEnd().split('\n');
    assert.deepEqual(
      lines.map((line) => JSON.parse(line) as unknown),
      read,
    );
    assert.deepEqual(JSON.parse(write('json', [])), []);
  });

  it('X2: a Markdown table holds any value in its cell', () => {
    const lines = write('markdown', [[text('a|b\n[x](command:y)'), cell('null')]]).split('\n');
    assert.equal(lines[0], '| a | b |');
    assert.equal(lines[2], '| a\\|b<br>\\[x\\]\\(command:y\\) | NULL |');
    assert.equal(lines.length, 4);
  });

  it('INSERT gives the same values in the same storage classes', async () => {
    const sql = await initSqlJs();
    const database = new sql.Database();
    try {
      database.run('CREATE TABLE "we""ird" (a, b)');
      database.run(
        write('sql', [
          [cell('integer', '-9223372036854775808'), cell('integer', '9223372036854775807')],
          [cell('real', '1.0'), cell('real', '-Inf')],
          [text("it's"), cell('text', 'a\ufffd', Uint8Array.of(97, 0, 255))],
          [cell('blob', '', Uint8Array.of(0, 1)), cell('null')],
        ]),
      );
      const [result] = database.exec(`SELECT typeof(a) || quote(a), typeof(b) || hex(b) FROM "we""ird"`);
      assert.deepEqual(result?.values, [
        ['integer-9223372036854775808', 'integer39323233333732303336383534373735383037'],
        ['real1.0', 'real2D496E66'],
        ["text'it''s'", 'text6100FF'],
        ["blobX'0001'", 'null'],
      ]);
    } finally {
      database.close();
    }
  });
});
