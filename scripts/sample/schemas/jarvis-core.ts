/** `data/jarvis_core.db`: consolidated: users, positions, trades, orders and their settings. */
export const jarvisCoreSchema = /* sql */ `
CREATE TABLE users (
  user_id INTEGER PRIMARY KEY,
  telegram_user_id INTEGER NOT NULL UNIQUE,
  telegram_username TEXT,
  first_name TEXT,
  last_name TEXT,
  wallet_address TEXT UNIQUE,
  is_premium BOOLEAN DEFAULT 0,
  is_admin BOOLEAN DEFAULT 0,
  is_banned BOOLEAN DEFAULT 0,
  created_at TEXT DEFAULT CURRENT_TIMESTAMP,
  last_active_at TEXT,
  settings_json TEXT DEFAULT '{}'
);
CREATE INDEX idx_users_telegram ON users (telegram_user_id);
CREATE INDEX idx_users_wallet ON users (wallet_address);

CREATE TABLE user_sessions (
  session_id TEXT PRIMARY KEY,
  user_id INTEGER NOT NULL REFERENCES users (user_id) ON DELETE CASCADE,
  session_data TEXT,
  created_at TEXT DEFAULT CURRENT_TIMESTAMP,
  expires_at TEXT NOT NULL
);
CREATE INDEX idx_sessions_user ON user_sessions (user_id);
CREATE INDEX idx_sessions_expires ON user_sessions (expires_at);

CREATE TABLE admin_actions (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  admin_user_id INTEGER NOT NULL REFERENCES users (user_id),
  action_type TEXT NOT NULL,
  target_user_id INTEGER REFERENCES users (user_id),
  reason TEXT,
  metadata_json TEXT,
  created_at TEXT DEFAULT CURRENT_TIMESTAMP
);
CREATE INDEX idx_admin_actions_admin ON admin_actions (admin_user_id);
CREATE INDEX idx_admin_actions_target ON admin_actions (target_user_id);
CREATE INDEX idx_admin_actions_type ON admin_actions (action_type);

CREATE TABLE positions (
  id TEXT PRIMARY KEY,
  user_id INTEGER NOT NULL DEFAULT 0 REFERENCES users (user_id) ON DELETE CASCADE,
  symbol TEXT NOT NULL,
  token_mint TEXT NOT NULL,
  entry_price REAL NOT NULL,
  entry_amount_sol REAL NOT NULL,
  entry_amount_tokens REAL NOT NULL,
  take_profit_price REAL,
  stop_loss_price REAL,
  tp_order_id TEXT,
  sl_order_id TEXT,
  status TEXT DEFAULT 'open',
  exit_price REAL,
  exit_amount_sol REAL,
  pnl_sol REAL,
  pnl_pct REAL,
  opened_at TEXT DEFAULT CURRENT_TIMESTAMP,
  closed_at TEXT,
  tx_signature_entry TEXT,
  tx_signature_exit TEXT,
  metadata_json TEXT
);
CREATE INDEX idx_positions_user ON positions (user_id);
CREATE INDEX idx_positions_token ON positions (token_mint);
CREATE INDEX idx_positions_status ON positions (status);
CREATE INDEX idx_positions_opened ON positions (opened_at);
CREATE INDEX idx_positions_user_status ON positions (user_id, status);

CREATE TABLE trades (
  id TEXT PRIMARY KEY,
  user_id INTEGER NOT NULL DEFAULT 0 REFERENCES users (user_id) ON DELETE CASCADE,
  symbol TEXT NOT NULL,
  token_mint TEXT NOT NULL,
  side TEXT NOT NULL CHECK (side IN ('buy', 'sell')),
  amount_sol REAL NOT NULL,
  amount_tokens REAL NOT NULL,
  price REAL NOT NULL,
  slippage_pct REAL DEFAULT 1.0,
  priority_fee_lamports INTEGER DEFAULT 5000,
  timestamp TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP,
  tx_signature TEXT UNIQUE,
  position_id TEXT REFERENCES positions (id) ON DELETE SET NULL,
  status TEXT DEFAULT 'pending',
  error_message TEXT,
  execution_time_ms INTEGER
);
CREATE INDEX idx_trades_user ON trades (user_id);
CREATE INDEX idx_trades_token ON trades (token_mint);
CREATE INDEX idx_trades_timestamp ON trades (timestamp);
CREATE INDEX idx_trades_position ON trades (position_id);
CREATE INDEX idx_trades_user_timestamp ON trades (user_id, timestamp DESC);

CREATE TABLE orders (
  order_id TEXT PRIMARY KEY,
  user_id INTEGER NOT NULL REFERENCES users (user_id) ON DELETE CASCADE,
  position_id TEXT REFERENCES positions (id) ON DELETE CASCADE,
  order_type TEXT NOT NULL CHECK (order_type IN ('take_profit', 'stop_loss', 'limit', 'market')),
  side TEXT NOT NULL CHECK (side IN ('buy', 'sell')),
  token_mint TEXT NOT NULL,
  trigger_price REAL,
  limit_price REAL,
  amount_tokens REAL NOT NULL,
  status TEXT DEFAULT 'active',
  created_at TEXT DEFAULT CURRENT_TIMESTAMP,
  triggered_at TEXT,
  filled_at TEXT,
  cancelled_at TEXT,
  tx_signature TEXT
);
CREATE INDEX idx_orders_user ON orders (user_id);
CREATE INDEX idx_orders_position ON orders (position_id);
CREATE INDEX idx_orders_status ON orders (status);
CREATE INDEX idx_orders_type ON orders (order_type);
CREATE INDEX idx_orders_user_status ON orders (user_id, status);

CREATE TABLE bot_config (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  user_id INTEGER NOT NULL UNIQUE REFERENCES users (user_id) ON DELETE CASCADE,
  trading_enabled BOOLEAN DEFAULT 1,
  max_position_size_sol REAL DEFAULT 10.0,
  max_positions INTEGER DEFAULT 5,
  default_slippage_pct REAL DEFAULT 1.0,
  auto_take_profit_pct REAL DEFAULT 100.0,
  auto_stop_loss_pct REAL DEFAULT 50.0,
  risk_level TEXT DEFAULT 'medium' CHECK (risk_level IN ('low', 'medium', 'high', 'degen')),
  notifications_enabled BOOLEAN DEFAULT 1,
  created_at TEXT DEFAULT CURRENT_TIMESTAMP,
  updated_at TEXT DEFAULT CURRENT_TIMESTAMP
);

CREATE TABLE token_metadata (
  token_mint TEXT PRIMARY KEY,
  symbol TEXT,
  name TEXT,
  decimals INTEGER DEFAULT 9,
  logo_url TEXT,
  coingecko_id TEXT,
  dexscreener_pair TEXT,
  market_cap_usd REAL,
  liquidity_usd REAL,
  holder_count INTEGER,
  cached_at TEXT DEFAULT CURRENT_TIMESTAMP,
  is_verified BOOLEAN DEFAULT 0,
  is_scam BOOLEAN DEFAULT 0,
  metadata_json TEXT
);
CREATE INDEX idx_token_symbol ON token_metadata (symbol);
CREATE INDEX idx_token_verified ON token_metadata (is_verified);
CREATE INDEX idx_token_cached ON token_metadata (cached_at);

CREATE TABLE user_scorecard (
  user_id INTEGER PRIMARY KEY REFERENCES users (user_id) ON DELETE CASCADE,
  total_trades INTEGER DEFAULT 0,
  winning_trades INTEGER DEFAULT 0,
  losing_trades INTEGER DEFAULT 0,
  total_pnl_sol REAL DEFAULT 0,
  total_pnl_usd REAL DEFAULT 0,
  largest_win_sol REAL DEFAULT 0,
  largest_loss_sol REAL DEFAULT 0,
  current_streak INTEGER DEFAULT 0,
  best_streak INTEGER DEFAULT 0,
  worst_streak INTEGER DEFAULT 0,
  avg_win_pct REAL DEFAULT 0,
  avg_loss_pct REAL DEFAULT 0,
  win_rate REAL DEFAULT 0,
  sharpe_ratio REAL,
  max_drawdown_pct REAL,
  last_updated TEXT DEFAULT CURRENT_TIMESTAMP
);

CREATE TABLE daily_pnl (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  user_id INTEGER NOT NULL REFERENCES users (user_id) ON DELETE CASCADE,
  date TEXT NOT NULL,
  trades_opened INTEGER DEFAULT 0,
  trades_closed INTEGER DEFAULT 0,
  wins INTEGER DEFAULT 0,
  losses INTEGER DEFAULT 0,
  total_pnl_sol REAL DEFAULT 0,
  total_pnl_percent REAL DEFAULT 0,
  largest_win REAL DEFAULT 0,
  largest_loss REAL DEFAULT 0,
  win_rate REAL DEFAULT 0,
  UNIQUE (user_id, date)
);
CREATE INDEX idx_daily_pnl_user_date ON daily_pnl (user_id, date);

CREATE VIEW v_active_positions AS
SELECT
  p.id, p.user_id, p.symbol, p.token_mint, p.entry_price, p.entry_amount_sol, p.entry_amount_tokens,
  p.take_profit_price, p.stop_loss_price, p.tp_order_id, p.sl_order_id, p.status,
  p.exit_price, p.exit_amount_sol, p.pnl_sol, p.pnl_pct, p.opened_at, p.closed_at,
  p.tx_signature_entry, p.tx_signature_exit, p.metadata_json,
  m.symbol AS token_symbol,
  m.name AS token_name,
  u.telegram_username,
  (SELECT count(*) FROM trades t WHERE t.position_id = p.id) AS trade_count
FROM positions p
LEFT JOIN token_metadata m ON m.token_mint = p.token_mint
LEFT JOIN users u ON u.user_id = p.user_id
WHERE p.status = 'open';

CREATE VIEW v_user_portfolio AS
SELECT
  u.user_id,
  u.telegram_username,
  count(p.id) AS open_positions,
  coalesce(sum(p.entry_amount_sol), 0) AS total_invested_sol,
  coalesce(sum(p.pnl_sol), 0) AS unrealized_pnl_sol,
  s.win_rate,
  s.total_pnl_sol AS realized_pnl_sol
FROM users u
LEFT JOIN positions p ON p.user_id = u.user_id AND p.status = 'open'
LEFT JOIN user_scorecard s ON s.user_id = u.user_id
GROUP BY u.user_id;
`;
