import { DAY, HOUR, rows, naiveTime, sqliteTime, type Row, type TableRows, type Variant } from '../values.js';

export function treasuryTradesRows(variant: Variant): TableRows[] {
  return [{ table: 'treasury_trades', rows: rows(variant.count(28), (index) => trade(variant, index)) }];
}

/** Amounts are whole base units, and some of them more than a double can hold: they survive as INTEGER only. */
function trade(variant: Variant, index: number): Row {
  const at = -11 * DAY + index * 9 * HOUR;
  const buys = index % 2 === 0;
  const failed = index % 10 === 9;
  const lamports = variant.integer('treasury.lamports', index, 50_000_000, 2_400_000_000);
  const tokens = `9007199254${variant.text('treasury.tokens', index, 7, '13579')}`;
  return {
    id: variant.id(index),
    timestamp: naiveTime(at),
    token_mint: variant.mint('treasury', index % 5),
    side: buys ? 'buy' : 'sell',
    amount_in: buys ? lamports : tokens,
    amount_out: buys ? tokens : lamports,
    pnl: buys ? 0 : variant.integer('treasury.pnl', index, -400_000_000, 700_000_000),
    success: failed ? 0 : 1,
    signature: failed ? null : variant.signature('treasury', index),
    metadata_json: index % 3 === 0 ? variant.metadata({ slippage_bps: 100, route: 'Raydium → Orca' }) : null,
    created_at: sqliteTime(at),
  };
}
