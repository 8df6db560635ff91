import { DAY, rows, sqliteTime, type Row, type TableRows, type Variant } from '../values.js';

const TOKENS = [
  { symbol: 'SOL', name: 'Wrapped SOL', decimals: 9 },
  { symbol: 'BONK', name: 'Bonk', decimals: 5 },
  { symbol: 'KR8TIV', name: 'KR8TIV AI – クリエイティブ', decimals: 6 },
] as const;

/** What the application set up before any migration: the owner it files everything under, the tokens it has looked up. */
export function jarvisCoreRows(variant: Variant): TableRows[] {
  return [
    { table: 'users', rows: [owner(variant)] },
    { table: 'bot_config', rows: [botConfig(variant)] },
    { table: 'token_metadata', rows: rows(variant.count(TOKENS.length), (index) => tokenMetadata(variant, index)) },
  ];
}

/** Legacy positions and trades belong to user 0, and the consolidated ones may only refer to a user who is there. */
function owner(variant: Variant): Row {
  return {
    user_id: 0,
    telegram_user_id: 0,
    telegram_username: null,
    first_name: 'Jarvis',
    last_name: null,
    wallet_address: variant.mint('treasury', 0),
    is_premium: 0,
    is_admin: 1,
    is_banned: 0,
    created_at: sqliteTime(-2 * DAY),
    last_active_at: null,
    settings_json: '{}',
  };
}

function botConfig(variant: Variant): Row {
  return {
    id: variant.id(0),
    user_id: 0,
    trading_enabled: 1,
    max_position_size_sol: 2.5,
    max_positions: 50,
    default_slippage_pct: 1,
    auto_take_profit_pct: 30,
    auto_stop_loss_pct: 12,
    risk_level: 'medium',
    notifications_enabled: 1,
    created_at: sqliteTime(-2 * DAY),
    updated_at: sqliteTime(-1 * DAY),
  };
}

function tokenMetadata(variant: Variant, index: number): Row {
  const { symbol, name, decimals } = TOKENS[index % TOKENS.length] ?? TOKENS[0];
  return {
    token_mint: variant.mint(symbol, Math.floor(index / TOKENS.length)),
    symbol,
    name,
    decimals,
    logo_url: null,
    coingecko_id: index === 0 ? 'solana' : null,
    dexscreener_pair: null,
    market_cap_usd: variant.real('token.cap', index, 1e6, 7e10),
    liquidity_usd: variant.real('token.liquidity', index, 1e4, 9e8),
    holder_count: variant.integer('token.holders', index, 900, 980000),
    cached_at: sqliteTime(-1 * DAY),
    is_verified: index === 2 ? 0 : 1,
    is_scam: 0,
    metadata_json: null,
  };
}
