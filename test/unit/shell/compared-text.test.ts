import assert from 'node:assert/strict';
import type { MismatchReport } from '../../../src/core/report/model';
import { textOfRows } from '../../../src/shell/compared-text';

const mismatch = (key: string, column: string, legacy: string, consolidated: string): MismatchReport => ({
  database: 'data/llm_costs.db',
  table: 'llm_usage',
  tier: 'conflict',
  key,
  column,
  legacy,
  consolidated,
});

describe('textOfRows', () => {
  it('has a line for each cell on both sides, so that the diff stands row by row', () => {
    const rows = [
      mismatch('2', 'model', "'a'", "'b'"),
      mismatch('7', 'error', "'two\nlines'", 'NULL'),
      mismatch('2', 'cost', '1.0', '2.0'),
    ];
    assert.equal(
      textOfRows(rows, 'legacy'),
      "key 2\n    model = 'a'\n    cost = 1.0\n\nkey 7\n    error = 'two\\nlines'\n",
    );
    assert.equal(
      textOfRows(rows, 'consolidated'),
      "key 2\n    model = 'b'\n    cost = 2.0\n\nkey 7\n    error = NULL\n",
    );
  });

  it('says a cell once that several tiers found', () => {
    const cell = mismatch('2', 'model', "'a'", "'b'");
    assert.equal(textOfRows([cell, { ...cell, tier: 'cells' }], 'legacy'), "key 2\n    model = 'a'\n");
  });
});
