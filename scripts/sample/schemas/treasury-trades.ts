/** `data/treasury_trades.db`: treasury trades in integer base units. */
export const treasuryTradesSchema = /* sql */ `
CREATE TABLE treasury_trades (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  timestamp TEXT NOT NULL,
  token_mint TEXT NOT NULL,
  side TEXT NOT NULL,
  amount_in INTEGER NOT NULL,
  amount_out INTEGER NOT NULL,
  pnl INTEGER DEFAULT 0,
  success INTEGER DEFAULT 1,
  signature TEXT,
  metadata_json TEXT,
  created_at TEXT DEFAULT CURRENT_TIMESTAMP
);
CREATE INDEX idx_trades_timestamp ON treasury_trades (timestamp);
CREATE INDEX idx_trades_token ON treasury_trades (token_mint);

CREATE TABLE daily_snapshots (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  date TEXT NOT NULL UNIQUE,
  starting_balance INTEGER NOT NULL,
  ending_balance INTEGER,
  total_pnl INTEGER DEFAULT 0,
  trade_count INTEGER DEFAULT 0,
  created_at TEXT DEFAULT CURRENT_TIMESTAMP
);
`;
