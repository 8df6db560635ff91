import assert from 'node:assert/strict';
import type { DatabaseComparison, TableComparison } from '../../../src/core/compare/model';
import { textsOf } from '../../../src/shell/comparison-text';

const side = {
  database: '',
  sha256: '',
  size: 0,
  applied: null,
  encoding: 'UTF-8',
  userVersion: 0,
  applicationId: 0,
  tables: 0,
};

const orders: TableComparison = {
  table: 'orders',
  key: ['id'],
  columns: ['id', 'state'],
  leftColumns: [],
  rightColumns: [],
  leftRows: 3,
  rightRows: 2,
  onlyLeft: 2,
  onlyRight: 0,
  different: 1,
  equal: 0,
  problem: null,
  shown: [
    { kind: 'different', key: ['1'], times: 1, cells: [{ column: 'sta\nte', left: "'a'", right: 'NULL' }] },
    {
      kind: 'onlyLeft',
      key: ['2'],
      times: 1,
      cells: [
        { column: 'id', left: '2', right: null },
        { column: 'state', left: "'c'", right: null },
      ],
    },
  ],
};

const comparison: DatabaseComparison = {
  format: 1,
  outcome: 'different',
  left: side,
  right: side,
  objects: [
    {
      type: 'table',
      name: 't',
      table: 't',
      kind: 'onlyRight',
      left: null,
      right: 'CREATE TABLE t (a)',
      columns: [],
      rows: 0,
    },
  ],
  tables: [orders, { ...orders, table: 'same', onlyLeft: 0, different: 0, equal: 3, shown: [] }],
  warnings: [],
};

describe('the texts of a comparison', () => {
  it('are the schema and each table that differs, with the same headings on both sides', () => {
    assert.deepEqual(textsOf(comparison), [
      { name: 'schema.sql', left: '-- table t\n', right: '-- table t\nCREATE TABLE t (a);\n' },
      {
        name: 'orders.sql',
        left:
          "-- different: 1\n\nid = 1\n    sta\\nte = 'a'\n\n" +
          "-- only left: 2, the first 1 are shown\n\nid = 2\n    state = 'c'\n",
        right: '-- different: 1\n\nid = 1\n    sta\\nte = NULL\n\n-- only left: 2, the first 1 are shown\n',
      },
    ]);
  });

  it('say how often a row without key is there', () => {
    const bag: TableComparison = {
      ...orders,
      key: [],
      different: 0,
      shown: [{ kind: 'onlyLeft', key: [], times: 2, cells: [{ column: 'a', left: '1', right: null }] }],
    };
    const [text] = textsOf({ ...comparison, objects: [], tables: [bag] });
    assert.equal(text?.left, '-- only left: 2\n\nrow × 2\n    a = 1\n');
  });
});
