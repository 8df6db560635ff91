import { DAY, HOUR, day, naiveTime, rows, sqliteTime, type Row, type TableRows, type Variant } from '../values.js';

const TOKENS = ['BONK', 'WIF', 'JUP', 'POPCAT', 'PYTH', 'KR8TIV', 'FARTCOIN'] as const;

const PICKS = [
  { symbol: 'SOL', asset_class: 'token', price: 127.4 },
  { symbol: 'JUP', asset_class: 'token', price: 0.21 },
  { symbol: 'BONK', asset_class: 'token', price: 0.0000089 },
  { symbol: 'WIF', asset_class: 'token', price: 0.34 },
  { symbol: 'NVDAx', asset_class: 'stock', price: 187.67 },
  { symbol: 'TSLAx', asset_class: 'stock', price: 449.06 },
  { symbol: 'AAPLx', asset_class: 'stock', price: 248.35 },
  { symbol: 'SPYx', asset_class: 'index', price: 689.23 },
  { symbol: 'QQQx', asset_class: 'index', price: 622.72 },
  { symbol: 'GOLD', asset_class: 'commodity', price: 4987.3 },
  { symbol: 'SILVER', asset_class: 'commodity', price: 103.19 },
  { symbol: 'CRUDE OIL', asset_class: 'commodity', price: 61.07 },
] as const;

/** Somebody who was allowed to try the bot: a Telegram id, beyond 32 bits. */
const GUEST = 6500004321;

export function jarvisRows(variant: Variant): TableRows[] {
  const picks = variant.count(636);
  return [
    { table: 'positions', rows: rows(variant.count(33), (index) => position(variant, index)) },
    { table: 'trades', rows: rows(variant.count(27), (index) => trade(variant, index)) },
    { table: 'scorecard', rows: [scorecard(variant)] },
    { table: 'treasury_orders', rows: rows(variant.extra(2), (index) => treasuryOrder(variant, index)) },
    { table: 'daily_stats', rows: rows(variant.extra(3), (index) => dailyStats(variant, index)) },
    { table: 'treasury_stats', rows: [treasuryStats(variant)] },
    { table: 'trade_learnings', rows: rows(variant.count(1), (index) => tradeLearning(variant, index)) },
    { table: 'error_logs', rows: rows(variant.count(1), (index) => errorLog(variant, index)) },
    // Picks of days long gone were deleted: the last id is used up.
    { table: 'pick_performance', rows: rows(picks, (index) => pick(variant, index)), sequence: variant.id(picks + 11) },
    // What an example script left behind.
    { table: 'items', rows: rows(variant.count(10), (index) => ({ id: variant.id(index), value: `value_${index}` })) },
    { table: 'test', rows: rows(variant.count(1), (index) => ({ id: variant.id(index) })) },
  ];
}

function positionId(variant: Variant, index: number): string {
  return variant.hex('position', index, 8);
}

/** Before there were users, a position had none; later it is the owner's, who is user 0, or that of a guest. */
function userId(index: number): number | null {
  if (index % 5 === 4) return null;
  return index % 11 === 10 ? GUEST : 0;
}

function isOpen(index: number): boolean {
  return index % 4 === 3;
}

function position(variant: Variant, index: number): Row {
  const symbol = TOKENS[index % TOKENS.length] ?? TOKENS[0];
  const open = isOpen(index);
  const opened = -20 * DAY + index * 13 * HOUR;
  const price = variant.real('position.price', index, 0.000008, 0.9);
  const sol = variant.decimal('position.sol', index, 0.05, 2.5, 4);
  const gain = variant.real('position.gain', index, -0.6, 1.8);
  return {
    id: positionId(variant, index),
    symbol,
    token_mint: variant.mint(symbol, 0),
    entry_price: price,
    entry_amount_sol: sol,
    entry_amount_tokens: (sol * 127.4) / price,
    take_profit_price: price * 1.5,
    stop_loss_price: index % 6 === 5 ? null : price * 0.8,
    tp_order_id: open ? variant.hex('order.tp', index, 16) : null,
    sl_order_id: open ? variant.hex('order.sl', index, 16) : null,
    status: open ? 'OPEN' : 'CLOSED',
    exit_price: open ? null : price * (1 + gain),
    exit_amount_sol: open ? null : sol * (1 + gain),
    pnl_sol: open ? 0 : sol * gain,
    pnl_pct: open ? 0 : gain * 100,
    opened_at: naiveTime(opened, variant.integer('position.micro', index, 0, 999)),
    closed_at: open ? null : naiveTime(opened + 7 * HOUR),
    tx_signature_entry: variant.signature('entry', index),
    tx_signature_exit: open ? null : variant.signature('exit', index),
    user_id: userId(index),
  };
}

function trade(variant: Variant, index: number): Row {
  // Two trades for each closed position: in and out again. The last one was made by hand and belongs to none.
  const positionIndex = Math.floor(index / 2) + Math.floor(Math.floor(index / 2) / 3);
  const buys = index % 2 === 0;
  const byHand = index === variant.count(27) - 1;
  // The positions of the first version were cleaned up; their trades still name them.
  const orphaned = index % 13 === 6;
  const held = position(variant, positionIndex);
  return {
    id: variant.hex('trade', index, 8),
    symbol: held['symbol'] ?? null,
    token_mint: held['token_mint'] ?? null,
    side: buys ? 'BUY' : 'SELL',
    amount_sol: (buys ? held['entry_amount_sol'] : held['exit_amount_sol']) ?? 0,
    amount_tokens: held['entry_amount_tokens'] ?? null,
    price: (buys ? held['entry_price'] : held['exit_price']) ?? 0,
    timestamp: (buys ? held['opened_at'] : held['closed_at']) ?? naiveTime(0),
    // A dry run of the trading engine signs nothing and leaves the empty string.
    tx_signature: index % 9 === 8 ? '' : variant.signature(buys ? 'entry' : 'exit', positionIndex),
    position_id: byHand ? null : orphaned ? variant.hex('position.gone', index, 8) : (held['id'] ?? null),
    user_id: held['user_id'] ?? null,
  };
}

function scorecard(variant: Variant): Row {
  return {
    id: 1,
    total_trades: variant.count(25),
    winning_trades: 14,
    losing_trades: variant.count(11),
    total_pnl_sol: variant.real('scorecard.sol', 0, 0.5, 6),
    total_pnl_usd: variant.real('scorecard.usd', 0, 60, 800),
    largest_win_sol: 1.3472,
    largest_loss_sol: -0.4118,
    current_streak: 2,
    best_streak: 5,
    worst_streak: -3,
    avg_win_pct: variant.real('scorecard.win', 0, 20, 90),
    avg_loss_pct: variant.real('scorecard.loss', 0, -40, -10),
    win_rate: 0.56,
    // The DEFAULT of a column that the first version did not have.
    last_updated: variant.number % 2 === 0 ? '' : naiveTime(-2 * HOUR),
  };
}

function treasuryOrder(variant: Variant, index: number): Row {
  const order = {
    order_type: index === 0 ? 'take_profit' : 'stop_loss',
    side: 'sell',
    trigger_price: 0.42 - index / 4,
  };
  return {
    order_id: variant.hex('treasury.order', index, 16),
    order_json: JSON.stringify({
      ...order,
      token_mint: variant.mint('JUP', 0),
      amount_tokens: 1250.5,
      status: 'active',
    }),
  };
}

function dailyStats(variant: Variant, index: number): Row {
  return {
    date: day(-3 * DAY + index * DAY),
    trades_opened: 3,
    trades_closed: 2,
    wins: 1,
    losses: 1,
    total_pnl_sol: variant.real('daily.sol', index, -1, 1),
    total_pnl_percent: variant.real('daily.percent', index, -20, 20),
    largest_win: 0.31,
    largest_loss: -0.12,
    win_rate: 0.5,
  };
}

function treasuryStats(variant: Variant): Row {
  return {
    id: 1,
    total_trades: variant.count(25),
    total_wins: 14,
    total_losses: variant.count(11),
    current_streak: 2,
    best_win_streak: 5,
    worst_loss_streak: 3,
    all_time_pnl_sol: variant.real('scorecard.sol', 0, 0.5, 6),
    largest_win_sol: 1.3472,
    largest_win_token: 'POPCAT',
    largest_loss_sol: -0.4118,
    largest_loss_token: '',
    updated_at: sqliteTime(-2 * HOUR),
  };
}

function tradeLearning(variant: Variant, index: number): Row {
  return {
    id: variant.id(index),
    trade_id: variant.hex('trade', 1 + index, 8),
    token_symbol: 'WIF',
    token_type: 'meme',
    learning_type: 'exit_timing',
    insight: 'Take half off at +60 %; the second leg rarely comes within 6 h.',
    confidence: 0.65,
    applied_count: 3,
    created_at: sqliteTime(-6 * DAY),
  };
}

function errorLog(variant: Variant, index: number): Row {
  return {
    id: variant.id(index),
    error_type: 'RPCError',
    component: 'treasury.trader',
    message: 'Blockhash not found',
    context: JSON.stringify({ retries: 3, endpoint: 'https://api.mainnet-beta.solana.com' }),
    stack_trace:
      'Traceback (most recent call last):\n  File "trader.py", line 412, in execute\nRPCError: Blockhash not found\n',
    resolved: 1,
    created_at: sqliteTime(-9 * DAY),
  };
}

function pick(variant: Variant, index: number): Row {
  const { symbol, asset_class, price } = PICKS[index % PICKS.length] ?? PICKS[0];
  const picked = -53 * DAY + Math.floor(index / PICKS.length) * DAY;
  const entry = price * variant.real('pick.entry', index, 0.9, 1.1);
  const gain = variant.real('pick.gain', index, -22, 31);
  const outcome = gain > 15 ? 'WIN' : gain < -12 ? 'LOSS' : 'PENDING';
  return {
    id: variant.id(index),
    pick_date: day(picked),
    symbol,
    asset_class,
    contract: asset_class === 'token' ? variant.mint(symbol, 0) : null,
    conviction_score: variant.integer('pick.conviction', index, 35, 95),
    entry_price: entry,
    target_price: entry * 1.15,
    stop_loss: entry * 0.88,
    timeframe: variant.pick('pick.timeframe', index, ['short', 'medium', 'long']),
    current_price: entry * (1 + gain / 100),
    max_price: entry * (1 + Math.max(gain, 0) / 100),
    min_price: entry * (1 + Math.min(gain, 0) / 100),
    pnl_pct: gain,
    max_gain_pct: Math.max(gain, 0),
    hit_target: outcome === 'WIN' ? 1 : 0,
    hit_stop: outcome === 'LOSS' ? 1 : 0,
    outcome,
    reasoning: index % 7 === 6 ? null : variant.pick('pick.reasoning', index, REASONINGS),
    days_held: variant.integer('pick.days', index, 0, 14),
    last_updated: sqliteTime(picked + DAY),
  };
}

const REASONINGS: readonly [string, ...string[]] = [
  'Volume up 3×, holders growing, no unlock within 30 days.',
  'Relative strength against the index; earnings due next week.',
  "It's oversold on the 4h chart – a bounce to the mean is likely.",
  'Safe-haven bid while real yields fall.',
];
