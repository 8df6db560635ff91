import { DAY, HOUR, MINUTE, naiveTime, rows, type Row, type TableRows, type Variant } from '../values.js';

const SYMBOLS = ['BONK', 'WIF', 'POPCAT', 'FARTCOIN', 'KR8TIV', 'ai16z', 'MOODENG'] as const;

export function callTrackingRows(variant: Variant): TableRows[] {
  return [
    { table: 'calls', rows: rows(variant.count(550), (index) => call(variant, index)) },
    { table: 'trades', rows: rows(variant.count(14), (index) => trade(variant, index)) },
  ];
}

function callId(variant: Variant, index: number): string {
  return `call_${variant.hex('call', index, 12)}`;
}

function call(variant: Variant, index: number): Row {
  const symbol = SYMBOLS[index % SYMBOLS.length] ?? SYMBOLS[0];
  const score = variant.decimal('call.score', index, -1, 1, 3);
  return {
    id: callId(variant, index),
    timestamp: naiveTime(-12 * DAY + index * 31 * MINUTE, variant.integer('call.micro', index, 0, 999)),
    source: variant.pick('call.source', index, ['sentiment_report', 'telegram', 'trending']),
    symbol,
    contract: index % 8 === 7 ? null : variant.mint(symbol, 0),
    verdict: score > 0.3 ? 'BULLISH' : score < -0.3 ? 'BEARISH' : 'NEUTRAL',
    score,
    price_at_call: variant.real('call.price', index, 0.00001, 0.8),
    reasoning: index % 5 === 4 ? null : 'Buyers outnumber sellers; momentum over 24 h is ≥ the median.',
    change_24h_at_call: variant.real('call.change', index, -45, 210),
    buy_sell_ratio: variant.decimal('call.ratio', index, 0.4, 3.2, 4),
    volume_24h: variant.real('call.volume', index, 2e4, 9e7),
    market_cap: variant.real('call.cap', index, 1e5, 2e9),
    liquidity: variant.real('call.liquidity', index, 1e4, 4e7),
    holders: index % 4 === 3 ? null : variant.integer('call.holders', index, 80, 420_000),
    market_regime: variant.pick('call.regime', index, ['bull', 'bear', 'sideways']),
  };
}

function trade(variant: Variant, index: number): Row {
  const of = call(variant, index * 31);
  const open = index === 13;
  const gain = variant.real('call.trade.gain', index, -40, 95);
  const entry = variant.real('call.trade.entry', index, 0.00001, 0.8);
  return {
    id: `trade_${variant.hex('call.trade', index, 12)}`,
    call_id: of['id'] ?? null,
    symbol: of['symbol'] ?? null,
    contract: of['contract'] ?? null,
    entry_time: naiveTime(-12 * DAY + index * 16 * HOUR),
    exit_time: open ? null : naiveTime(-12 * DAY + index * 16 * HOUR + 5 * HOUR),
    entry_price: entry,
    exit_price: open ? null : entry * (1 + gain / 100),
    position_size: 50,
    pnl_pct: open ? null : gain,
    pnl_usd: open ? null : gain / 2,
    status: open ? 'open' : 'closed',
    exit_reason: open ? null : gain > 0 ? 'take_profit' : 'stop_loss',
  };
}
