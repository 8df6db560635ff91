/** `data/backtests.db`: backtest results and trades. */
export const backtestsSchema = /* sql */ `
CREATE TABLE backtest_results (
  id TEXT PRIMARY KEY,
  symbol TEXT,
  strategy_name TEXT,
  start_date TEXT,
  end_date TEXT,
  initial_capital REAL,
  final_capital REAL,
  total_return_pct REAL,
  sharpe_ratio REAL,
  max_drawdown REAL,
  win_rate REAL,
  total_trades INTEGER,
  total_fees REAL,
  parameters_json TEXT,
  metrics_json TEXT,
  created_at TEXT
);
CREATE INDEX idx_bt_symbol ON backtest_results (symbol);
CREATE INDEX idx_bt_strategy ON backtest_results (strategy_name);

CREATE TABLE backtest_trades (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  backtest_id TEXT NOT NULL REFERENCES backtest_results (id),
  trade_id TEXT,
  timestamp TEXT,
  side TEXT,
  price REAL,
  quantity REAL,
  value REAL,
  fee REAL,
  pnl REAL,
  cumulative_pnl REAL,
  reason TEXT
);
CREATE INDEX idx_trades_bt ON backtest_trades (backtest_id);
`;
