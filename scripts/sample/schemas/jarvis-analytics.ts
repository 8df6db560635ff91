/**
 * `data/jarvis_analytics.db`: consolidated: costs, metrics, conversations, sentiment, research and everything else
 * that is only ever added to.
 */
export const jarvisAnalyticsSchema = /* sql */ `
CREATE TABLE llm_costs (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  user_id INTEGER,
  provider TEXT NOT NULL,
  model TEXT NOT NULL,
  prompt_tokens INTEGER DEFAULT 0,
  completion_tokens INTEGER DEFAULT 0,
  total_tokens INTEGER DEFAULT 0,
  cost_usd REAL DEFAULT 0,
  feature TEXT,
  timestamp TEXT DEFAULT CURRENT_TIMESTAMP,
  metadata_json TEXT
);
CREATE INDEX idx_llm_costs_user ON llm_costs (user_id);
CREATE INDEX idx_llm_costs_provider ON llm_costs (provider);
CREATE INDEX idx_llm_costs_timestamp ON llm_costs (timestamp);

CREATE TABLE api_usage (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  api_name TEXT NOT NULL,
  endpoint TEXT,
  method TEXT,
  status_code INTEGER,
  response_time_ms INTEGER,
  error_message TEXT,
  user_id INTEGER,
  timestamp TEXT DEFAULT CURRENT_TIMESTAMP
);
CREATE INDEX idx_api_usage_api ON api_usage (api_name);
CREATE INDEX idx_api_usage_timestamp ON api_usage (timestamp);

CREATE TABLE system_metrics (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  metric_name TEXT NOT NULL,
  metric_value REAL NOT NULL,
  metric_unit TEXT,
  component TEXT,
  timestamp TEXT DEFAULT CURRENT_TIMESTAMP
);
CREATE INDEX idx_metrics_name ON system_metrics (metric_name);
CREATE INDEX idx_metrics_component ON system_metrics (component);
CREATE INDEX idx_metrics_timestamp ON system_metrics (timestamp);

CREATE TABLE health_checks (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  service_name TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('healthy', 'degraded', 'down')),
  response_time_ms INTEGER,
  error_message TEXT,
  checked_at TEXT DEFAULT CURRENT_TIMESTAMP
);
CREATE INDEX idx_health_service ON health_checks (service_name);
CREATE INDEX idx_health_timestamp ON health_checks (checked_at);

CREATE TABLE error_logs (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  error_type TEXT NOT NULL,
  component TEXT NOT NULL,
  message TEXT NOT NULL,
  context TEXT,
  stack_trace TEXT,
  user_id INTEGER,
  resolved BOOLEAN DEFAULT 0,
  created_at TEXT DEFAULT CURRENT_TIMESTAMP
);
CREATE INDEX idx_errors_type ON error_logs (error_type);
CREATE INDEX idx_errors_component ON error_logs (component);
CREATE INDEX idx_errors_resolved ON error_logs (resolved);
CREATE INDEX idx_errors_created ON error_logs (created_at);

CREATE TABLE conversation_memory (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  user_id INTEGER NOT NULL,
  platform TEXT NOT NULL,
  role TEXT NOT NULL CHECK (role IN ('user', 'assistant', 'system')),
  content TEXT NOT NULL,
  tokens INTEGER,
  timestamp TEXT DEFAULT CURRENT_TIMESTAMP
);
CREATE INDEX idx_conversation_user ON conversation_memory (user_id);
CREATE INDEX idx_conversation_platform ON conversation_memory (platform);
CREATE INDEX idx_conversation_timestamp ON conversation_memory (timestamp);

CREATE TABLE trade_learnings (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  trade_id TEXT,
  token_symbol TEXT,
  token_type TEXT,
  learning_type TEXT,
  insight TEXT NOT NULL,
  confidence REAL DEFAULT 0.5,
  applied_count INTEGER DEFAULT 0,
  success_rate REAL,
  created_at TEXT DEFAULT CURRENT_TIMESTAMP
);
CREATE INDEX idx_learnings_token ON trade_learnings (token_symbol);
CREATE INDEX idx_learnings_type ON trade_learnings (learning_type);
CREATE INDEX idx_learnings_confidence ON trade_learnings (confidence DESC);

CREATE TABLE user_preferences (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  user_id INTEGER NOT NULL,
  platform TEXT NOT NULL,
  preference_key TEXT NOT NULL,
  preference_value TEXT NOT NULL,
  updated_at TEXT DEFAULT CURRENT_TIMESTAMP,
  UNIQUE (user_id, platform, preference_key)
);
CREATE INDEX idx_prefs_user ON user_preferences (user_id);

CREATE TABLE token_sentiment (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  token_mint TEXT NOT NULL,
  symbol TEXT,
  sentiment_score REAL,
  bullish_count INTEGER DEFAULT 0,
  bearish_count INTEGER DEFAULT 0,
  neutral_count INTEGER DEFAULT 0,
  total_mentions INTEGER DEFAULT 0,
  sources_json TEXT,
  analyzed_at TEXT DEFAULT CURRENT_TIMESTAMP
);
CREATE INDEX idx_sentiment_token ON token_sentiment (token_mint);
CREATE INDEX idx_sentiment_analyzed ON token_sentiment (analyzed_at);

CREATE TABLE social_signals (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  token_mint TEXT NOT NULL,
  platform TEXT NOT NULL,
  signal_type TEXT,
  signal_strength REAL,
  metadata_json TEXT,
  detected_at TEXT DEFAULT CURRENT_TIMESTAMP
);
CREATE INDEX idx_signals_token ON social_signals (token_mint);
CREATE INDEX idx_signals_platform ON social_signals (platform);
CREATE INDEX idx_signals_detected ON social_signals (detected_at);

CREATE TABLE user_achievements (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  user_id INTEGER NOT NULL,
  achievement_type TEXT NOT NULL,
  achievement_name TEXT NOT NULL,
  description TEXT,
  icon_emoji TEXT,
  earned_at TEXT DEFAULT CURRENT_TIMESTAMP
);
CREATE INDEX idx_achievements_user ON user_achievements (user_id);
CREATE INDEX idx_achievements_type ON user_achievements (achievement_type);

CREATE TABLE leaderboard (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  period TEXT NOT NULL,
  metric TEXT NOT NULL,
  user_id INTEGER NOT NULL,
  rank INTEGER,
  score REAL,
  updated_at TEXT DEFAULT CURRENT_TIMESTAMP,
  UNIQUE (period, metric, user_id)
);
CREATE INDEX idx_leaderboard_period_metric ON leaderboard (period, metric, rank);

CREATE TABLE whale_wallets (
  wallet_address TEXT PRIMARY KEY,
  label TEXT,
  total_balance_sol REAL,
  token_count INTEGER,
  first_seen TEXT DEFAULT CURRENT_TIMESTAMP,
  last_active TEXT,
  is_monitored BOOLEAN DEFAULT 1,
  metadata_json TEXT
);

CREATE TABLE whale_transactions (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  wallet_address TEXT NOT NULL REFERENCES whale_wallets (wallet_address),
  tx_signature TEXT NOT NULL UNIQUE,
  tx_type TEXT,
  token_mint TEXT,
  amount_sol REAL,
  amount_tokens REAL,
  price REAL,
  timestamp TEXT DEFAULT CURRENT_TIMESTAMP
);
CREATE INDEX idx_whale_tx_wallet ON whale_transactions (wallet_address);
CREATE INDEX idx_whale_tx_token ON whale_transactions (token_mint);
CREATE INDEX idx_whale_tx_timestamp ON whale_transactions (timestamp);

CREATE TABLE token_research (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  token_mint TEXT NOT NULL,
  symbol TEXT,
  research_type TEXT,
  findings TEXT,
  risk_score INTEGER,
  opportunity_score INTEGER,
  analyst TEXT,
  created_at TEXT DEFAULT CURRENT_TIMESTAMP
);
CREATE INDEX idx_research_token ON token_research (token_mint);
CREATE INDEX idx_research_type ON token_research (research_type);

CREATE TABLE token_calls (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  token_mint TEXT NOT NULL,
  symbol TEXT,
  caller_id TEXT,
  platform TEXT,
  call_type TEXT,
  target_price REAL,
  confidence INTEGER,
  called_at TEXT DEFAULT CURRENT_TIMESTAMP,
  outcome TEXT,
  actual_price REAL
);
CREATE INDEX idx_calls_token ON token_calls (token_mint);
CREATE INDEX idx_calls_platform ON token_calls (platform);
CREATE INDEX idx_calls_outcome ON token_calls (outcome);

CREATE TABLE backtest_results (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  strategy_name TEXT NOT NULL,
  parameters_json TEXT,
  start_date TEXT,
  end_date TEXT,
  total_trades INTEGER,
  win_rate REAL,
  total_pnl_sol REAL,
  sharpe_ratio REAL,
  max_drawdown_pct REAL,
  run_at TEXT DEFAULT CURRENT_TIMESTAMP
);
CREATE INDEX idx_backtest_strategy ON backtest_results (strategy_name);
CREATE INDEX idx_backtest_run ON backtest_results (run_at);

CREATE TABLE market_conditions (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  condition_type TEXT,
  sol_price_usd REAL,
  btc_price_usd REAL,
  market_cap_total_usd REAL,
  volume_24h_usd REAL,
  fear_greed_index INTEGER,
  recorded_at TEXT DEFAULT CURRENT_TIMESTAMP
);
CREATE INDEX idx_market_recorded ON market_conditions (recorded_at);

CREATE TABLE tax_events (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  user_id INTEGER NOT NULL,
  event_type TEXT NOT NULL,
  token_mint TEXT,
  amount_tokens REAL,
  cost_basis_usd REAL,
  fair_market_value_usd REAL,
  capital_gain_usd REAL,
  tx_signature TEXT,
  event_date TEXT NOT NULL,
  tax_year INTEGER
);
CREATE INDEX idx_tax_user ON tax_events (user_id);
CREATE INDEX idx_tax_year ON tax_events (tax_year);
CREATE INDEX idx_tax_event_date ON tax_events (event_date);

CREATE TABLE airdrops (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  token_mint TEXT NOT NULL,
  symbol TEXT,
  user_wallet TEXT,
  amount_tokens REAL,
  claimed BOOLEAN DEFAULT 0,
  claimed_at TEXT,
  airdrop_date TEXT DEFAULT CURRENT_TIMESTAMP
);
CREATE INDEX idx_airdrops_token ON airdrops (token_mint);
CREATE INDEX idx_airdrops_wallet ON airdrops (user_wallet);

CREATE TABLE raid_campaigns (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  campaign_name TEXT NOT NULL,
  target_platform TEXT,
  target_url TEXT,
  hashtags TEXT,
  participant_count INTEGER DEFAULT 0,
  status TEXT DEFAULT 'active',
  started_at TEXT DEFAULT CURRENT_TIMESTAMP,
  ended_at TEXT
);
CREATE INDEX idx_raids_status ON raid_campaigns (status);

CREATE TABLE raid_participants (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  campaign_id INTEGER NOT NULL REFERENCES raid_campaigns (id),
  user_id INTEGER NOT NULL,
  contribution_count INTEGER DEFAULT 0,
  points_earned INTEGER DEFAULT 0,
  joined_at TEXT DEFAULT CURRENT_TIMESTAMP,
  UNIQUE (campaign_id, user_id)
);
CREATE INDEX idx_raid_users_campaign ON raid_participants (campaign_id);

CREATE TABLE twitter_engagement (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  tweet_id TEXT NOT NULL UNIQUE,
  author_username TEXT,
  content TEXT,
  likes INTEGER DEFAULT 0,
  retweets INTEGER DEFAULT 0,
  replies INTEGER DEFAULT 0,
  engagement_score REAL,
  posted_at TEXT,
  analyzed_at TEXT DEFAULT CURRENT_TIMESTAMP
);
CREATE INDEX idx_twitter_author ON twitter_engagement (author_username);
CREATE INDEX idx_twitter_score ON twitter_engagement (engagement_score DESC);

CREATE VIEW v_daily_llm_costs AS
SELECT
  date(timestamp) AS date,
  provider,
  sum(total_tokens) AS total_tokens,
  sum(cost_usd) AS total_cost_usd,
  count(*) AS request_count
FROM llm_costs
GROUP BY date(timestamp), provider;

CREATE VIEW v_top_tokens_by_sentiment AS
SELECT symbol, token_mint, sentiment_score, total_mentions, analyzed_at
FROM token_sentiment
WHERE analyzed_at > datetime('now', '-24 hours')
ORDER BY sentiment_score DESC;
`;
