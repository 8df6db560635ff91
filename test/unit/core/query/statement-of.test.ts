/** The statement of a viewer finds the rows that the viewer's filters find. */
import assert from 'node:assert/strict';
import { filterCondition } from '../../../../src/core/browse/filter-sql';
import type { ColumnFilter } from '../../../../src/core/browse/model';
import type { SqlValue } from '../../../../src/core/sqlite/engine';
import { statementOf } from '../../../../src/core/query/statement-of';
import { loadSql } from '../../../support/sqlite';

const setUp = `CREATE TABLE "we""ird" (id INTEGER PRIMARY KEY, "te xt" TEXT, n REAL);
  INSERT INTO "we""ird" VALUES (1, 'a_b', 1.5), (2, 'axb', NULL), (3, NULL, -2), (4, 'it''s 50%', 9007199254740993),
    (5, '', 0), (6, '12', 12)`;

const cases: readonly (readonly [column: string, operator: ColumnFilter['operator'], value: string])[] = [
  ['te xt', 'contains', 'a_'],
  ['te xt', 'contains', 'X'],
  ['te xt', 'notContains', 'b'],
  ['te xt', 'startsWith', "it's"],
  ['te xt', 'equals', ''],
  ['te xt', 'equals', '12'],
  ['te xt', 'notEquals', 'axb'],
  ['te xt', 'isNull', ''],
  ['te xt', 'isNotNull', ''],
  ['n', 'equals', '12'],
  ['n', 'less', '0'],
  ['n', 'lessOrEqual', '1.5'],
  ['n', 'greater', '1.5'],
  ['n', 'greaterOrEqual', '12'],
  ['id', 'notEquals', '3'],
];

describe('the statement of what a viewer shows', () => {
  for (const [column, operator, value] of cases) {
    it(`${column} ${operator} ${value}`, async () => {
      const SQL = await loadSql();
      const database = new SQL.Database();
      try {
        database.run(setUp);
        const filter = { column, operator, value };
        const { sql, parameters } = filterCondition([filter], {
          expressionOf: (name) => `"${name}"`,
          registerExpression: () => 0,
        });
        const idsOf = (query: string, bound: readonly SqlValue[] = []): readonly unknown[] =>
          database.exec(query, [...bound])[0]?.values.map(([id]) => id) ?? [];
        const expected = idsOf(`SELECT id FROM "we""ird" WHERE ${sql}`, parameters);
        const statement = statementOf('we"ird', { sort: [], filters: [filter] });
        const found = idsOf(statement);
        assert.ok(expected.length > 0 && expected.length < 6, String(expected));
        assert.deepEqual(found, expected, statement);
      } finally {
        database.close();
      }
    });
  }

  it('sorts, and says what it leaves out', () => {
    const sort = [
      { column: 'a', descending: true },
      { column: 'b', descending: false },
    ];
    const filters = [
      { column: 'c', operator: 'matches' as const, value: 'x\n; DROP TABLE t' },
      { column: 'd', operator: 'isNull' as const, value: '' },
      { column: 'e', operator: 'greater' as const, value: '5' },
    ];
    assert.equal(
      statementOf('t', { sort, filters }),
      '-- c ~ /x ; DROP TABLE t/\nSELECT *\nFROM "t"\nWHERE "d" IS NULL\n  AND "e" > 5\nORDER BY "a" DESC, "b"\nLIMIT 100;\n',
    );
    assert.equal(statementOf('t', { sort: [], filters: [] }), 'SELECT *\nFROM "t"\nLIMIT 100;\n');
  });
});
