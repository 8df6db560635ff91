/**
 * `data/jarvis.db`: main operational store: treasury positions/trades, scorecards, picks, plus leftovers of an example
 * script.
 */
export const jarvisSchema = /* sql */ `
CREATE TABLE positions (
  id TEXT PRIMARY KEY,
  symbol TEXT NOT NULL,
  token_mint TEXT NOT NULL,
  entry_price REAL NOT NULL,
  entry_amount_sol REAL NOT NULL,
  entry_amount_tokens REAL NOT NULL,
  take_profit_price REAL,
  stop_loss_price REAL,
  tp_order_id TEXT,
  sl_order_id TEXT,
  status TEXT,
  exit_price REAL,
  exit_amount_sol REAL,
  pnl_sol REAL,
  pnl_pct REAL,
  opened_at TEXT,
  closed_at TEXT,
  tx_signature_entry TEXT,
  tx_signature_exit TEXT,
  user_id INTEGER DEFAULT 0
);
CREATE INDEX idx_positions_status ON positions (status);

CREATE TABLE trades (
  id TEXT PRIMARY KEY,
  symbol TEXT NOT NULL,
  token_mint TEXT NOT NULL,
  side TEXT NOT NULL,
  amount_sol REAL NOT NULL,
  amount_tokens REAL NOT NULL,
  price REAL NOT NULL,
  timestamp TEXT NOT NULL,
  tx_signature TEXT,
  position_id TEXT,
  user_id INTEGER DEFAULT 0
);

CREATE TABLE scorecard (
  id INTEGER PRIMARY KEY CHECK (id = 1),
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
  last_updated TEXT DEFAULT ''
);

CREATE TABLE treasury_orders (
  order_id TEXT PRIMARY KEY,
  order_json TEXT NOT NULL
);

CREATE TABLE daily_stats (
  date TEXT PRIMARY KEY,
  trades_opened INTEGER DEFAULT 0,
  trades_closed INTEGER DEFAULT 0,
  wins INTEGER DEFAULT 0,
  losses INTEGER DEFAULT 0,
  total_pnl_sol REAL DEFAULT 0,
  total_pnl_percent REAL DEFAULT 0,
  largest_win REAL DEFAULT 0,
  largest_loss REAL DEFAULT 0,
  win_rate REAL DEFAULT 0
);

CREATE TABLE treasury_stats (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  total_trades INTEGER DEFAULT 0,
  total_wins INTEGER DEFAULT 0,
  total_losses INTEGER DEFAULT 0,
  current_streak INTEGER DEFAULT 0,
  best_win_streak INTEGER DEFAULT 0,
  worst_loss_streak INTEGER DEFAULT 0,
  all_time_pnl_sol REAL DEFAULT 0,
  largest_win_sol REAL DEFAULT 0,
  largest_win_token TEXT DEFAULT '',
  largest_loss_sol REAL DEFAULT 0,
  largest_loss_token TEXT DEFAULT '',
  updated_at TEXT DEFAULT CURRENT_TIMESTAMP
);

CREATE TABLE trade_learnings (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  trade_id TEXT,
  token_symbol TEXT,
  token_type TEXT,
  learning_type TEXT,
  insight TEXT NOT NULL,
  confidence REAL DEFAULT 0.5,
  applied_count INTEGER DEFAULT 0,
  created_at TEXT DEFAULT CURRENT_TIMESTAMP
);
CREATE INDEX idx_learnings_type ON trade_learnings (learning_type);

CREATE TABLE error_logs (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  error_type TEXT NOT NULL,
  component TEXT NOT NULL,
  message TEXT NOT NULL,
  context TEXT,
  stack_trace TEXT,
  resolved INTEGER DEFAULT 0,
  created_at TEXT DEFAULT CURRENT_TIMESTAMP
);
CREATE INDEX idx_errors_component ON error_logs (component);

CREATE TABLE pick_performance (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  pick_date TEXT NOT NULL,
  symbol TEXT NOT NULL,
  asset_class TEXT NOT NULL,
  contract TEXT,
  conviction_score INTEGER DEFAULT 0,
  entry_price REAL DEFAULT 0,
  target_price REAL DEFAULT 0,
  stop_loss REAL DEFAULT 0,
  timeframe TEXT,
  current_price REAL DEFAULT 0,
  max_price REAL DEFAULT 0,
  min_price REAL DEFAULT 0,
  pnl_pct REAL DEFAULT 0,
  max_gain_pct REAL DEFAULT 0,
  hit_target INTEGER DEFAULT 0,
  hit_stop INTEGER DEFAULT 0,
  outcome TEXT DEFAULT 'PENDING',
  reasoning TEXT,
  days_held INTEGER DEFAULT 0,
  last_updated TEXT DEFAULT CURRENT_TIMESTAMP,
  UNIQUE (pick_date, symbol)
);

CREATE TABLE users (
  id INTEGER PRIMARY KEY,
  name TEXT,
  email TEXT
);

CREATE TABLE items (
  id INTEGER PRIMARY KEY,
  value TEXT
);

CREATE TABLE test (
  id INTEGER PRIMARY KEY
);

CREATE TABLE memory_entries (
  id TEXT PRIMARY KEY,
  type TEXT,
  content TEXT,
  context TEXT,
  tags TEXT,
  confidence TEXT,
  timestamp TEXT,
  session_id TEXT,
  imported_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP
);
`;
