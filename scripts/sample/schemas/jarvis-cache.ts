/**
 * `data/jarvis_cache.db`: consolidated: rate limits, sessions and cached answers; expired rows are purged by triggers.
 */
export const jarvisCacheSchema = /* sql */ `
CREATE TABLE rate_limit_state (
  id TEXT PRIMARY KEY,
  request_count INTEGER DEFAULT 0,
  window_start TEXT DEFAULT CURRENT_TIMESTAMP,
  last_request TEXT DEFAULT CURRENT_TIMESTAMP,
  blocked_until TEXT
);
CREATE INDEX idx_rate_limit_window ON rate_limit_state (window_start);

CREATE TABLE rate_limit_violations (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  identifier TEXT NOT NULL,
  api_name TEXT,
  violation_count INTEGER DEFAULT 1,
  blocked_duration_seconds INTEGER,
  violated_at TEXT DEFAULT CURRENT_TIMESTAMP
);
CREATE INDEX idx_violations_identifier ON rate_limit_violations (identifier);
CREATE INDEX idx_violations_api ON rate_limit_violations (api_name);

CREATE TABLE session_cache (
  session_id TEXT PRIMARY KEY,
  user_id INTEGER,
  session_type TEXT,
  data_json TEXT NOT NULL,
  created_at TEXT DEFAULT CURRENT_TIMESTAMP,
  expires_at TEXT NOT NULL,
  last_accessed TEXT DEFAULT CURRENT_TIMESTAMP
);
CREATE INDEX idx_session_user ON session_cache (user_id);
CREATE INDEX idx_session_expires ON session_cache (expires_at);

CREATE TABLE websocket_subscriptions (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  connection_id TEXT NOT NULL,
  user_id INTEGER,
  subscription_type TEXT NOT NULL,
  params_json TEXT,
  created_at TEXT DEFAULT CURRENT_TIMESTAMP
);
CREATE INDEX idx_ws_connection ON websocket_subscriptions (connection_id);
CREATE INDEX idx_ws_user ON websocket_subscriptions (user_id);
CREATE INDEX idx_ws_type ON websocket_subscriptions (subscription_type);

CREATE TABLE api_cache (
  cache_key TEXT PRIMARY KEY,
  api_name TEXT NOT NULL,
  endpoint TEXT,
  response_data TEXT NOT NULL,
  status_code INTEGER DEFAULT 200,
  cached_at TEXT DEFAULT CURRENT_TIMESTAMP,
  expires_at TEXT NOT NULL,
  hit_count INTEGER DEFAULT 0
);
CREATE INDEX idx_cache_api ON api_cache (api_name);
CREATE INDEX idx_cache_expires ON api_cache (expires_at);

CREATE TABLE price_cache (
  token_mint TEXT PRIMARY KEY,
  price_usd REAL NOT NULL,
  price_sol REAL,
  volume_24h_usd REAL,
  price_change_24h_pct REAL,
  source TEXT,
  cached_at TEXT DEFAULT CURRENT_TIMESTAMP
);
CREATE INDEX idx_price_cached ON price_cache (cached_at);

CREATE TABLE file_cache (
  file_path TEXT PRIMARY KEY,
  file_hash TEXT NOT NULL,
  file_size_bytes INTEGER,
  mime_type TEXT,
  storage_location TEXT,
  cached_at TEXT DEFAULT CURRENT_TIMESTAMP,
  accessed_at TEXT DEFAULT CURRENT_TIMESTAMP,
  access_count INTEGER DEFAULT 0,
  expires_at TEXT
);
CREATE INDEX idx_file_hash ON file_cache (file_hash);
CREATE INDEX idx_file_expires ON file_cache (expires_at);

CREATE TABLE spam_users (
  user_id INTEGER PRIMARY KEY,
  telegram_user_id INTEGER UNIQUE,
  spam_score REAL DEFAULT 0,
  message_count_24h INTEGER DEFAULT 0,
  last_message_at TEXT,
  is_banned BOOLEAN DEFAULT 0,
  ban_reason TEXT,
  banned_at TEXT
);
CREATE INDEX idx_spam_score ON spam_users (spam_score DESC);
CREATE INDEX idx_spam_banned ON spam_users (is_banned);

CREATE TABLE spam_patterns (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  pattern_type TEXT NOT NULL,
  pattern_value TEXT NOT NULL,
  severity INTEGER DEFAULT 1,
  action TEXT DEFAULT 'flag',
  created_at TEXT DEFAULT CURRENT_TIMESTAMP,
  is_active BOOLEAN DEFAULT 1
);
CREATE INDEX idx_patterns_active ON spam_patterns (is_active);

CREATE TABLE user_reputation (
  user_id INTEGER PRIMARY KEY,
  reputation_score INTEGER DEFAULT 100,
  trust_level TEXT DEFAULT 'new',
  reports_received INTEGER DEFAULT 0,
  reports_made INTEGER DEFAULT 0,
  helpful_count INTEGER DEFAULT 0,
  last_updated TEXT DEFAULT CURRENT_TIMESTAMP
);
CREATE INDEX idx_reputation_score ON user_reputation (reputation_score DESC);
CREATE INDEX idx_reputation_trust ON user_reputation (trust_level);

CREATE TABLE computation_cache (
  computation_id TEXT PRIMARY KEY,
  computation_type TEXT NOT NULL,
  input_hash TEXT NOT NULL,
  result_json TEXT NOT NULL,
  computation_time_ms INTEGER,
  cached_at TEXT DEFAULT CURRENT_TIMESTAMP,
  expires_at TEXT,
  hit_count INTEGER DEFAULT 0
);
CREATE INDEX idx_comp_type ON computation_cache (computation_type);
CREATE INDEX idx_comp_hash ON computation_cache (input_hash);
CREATE INDEX idx_comp_expires ON computation_cache (expires_at);

CREATE TABLE telegram_state (
  user_id INTEGER PRIMARY KEY,
  conversation_state TEXT,
  state_data_json TEXT,
  created_at TEXT DEFAULT CURRENT_TIMESTAMP,
  expires_at TEXT
);
CREATE INDEX idx_tg_state_expires ON telegram_state (expires_at);

CREATE TABLE telegram_message_cache (
  message_id INTEGER PRIMARY KEY,
  chat_id INTEGER NOT NULL,
  user_id INTEGER,
  message_text TEXT,
  has_inline_keyboard BOOLEAN DEFAULT 0,
  sent_at TEXT DEFAULT CURRENT_TIMESTAMP,
  expires_at TEXT
);
CREATE INDEX idx_tg_msg_chat ON telegram_message_cache (chat_id);
CREATE INDEX idx_tg_msg_expires ON telegram_message_cache (expires_at);

CREATE TABLE kv_cache (
  key TEXT PRIMARY KEY,
  value TEXT NOT NULL,
  category TEXT,
  created_at TEXT DEFAULT CURRENT_TIMESTAMP,
  expires_at TEXT
);
CREATE INDEX idx_kv_category ON kv_cache (category);
CREATE INDEX idx_kv_expires ON kv_cache (expires_at);

CREATE VIEW v_cache_stats AS
SELECT 'api' AS cache_type, count(*) AS entry_count, sum(hit_count) AS total_hits, avg(hit_count) AS avg_hits
FROM api_cache
UNION ALL
SELECT 'price', count(*), NULL, NULL FROM price_cache
UNION ALL
SELECT 'file', count(*), sum(access_count), avg(access_count) FROM file_cache
UNION ALL
SELECT 'computation', count(*), sum(hit_count), avg(hit_count) FROM computation_cache;

CREATE VIEW v_active_sessions AS
SELECT
  session_id, user_id, session_type, created_at, expires_at, last_accessed,
  (julianday(expires_at) - julianday('now')) * 24 AS hours_remaining
FROM session_cache
WHERE expires_at > datetime('now');
`;

/**
 * The purge triggers of `data/jarvis_cache.db`. They compare times as text, with the clock, and so delete
 * the very row being inserted if it has expired already. Apart from the tables because the sample rows go in before the
 * triggers are there.
 */
export const jarvisCacheTriggers = /* sql */ `
CREATE TRIGGER cleanup_expired_sessions AFTER INSERT ON session_cache
BEGIN
  DELETE FROM session_cache WHERE expires_at < datetime('now');
END;

CREATE TRIGGER cleanup_expired_api_cache AFTER INSERT ON api_cache
BEGIN
  DELETE FROM api_cache WHERE expires_at < datetime('now');
END;

CREATE TRIGGER cleanup_expired_computations AFTER INSERT ON computation_cache
BEGIN
  DELETE FROM computation_cache WHERE expires_at < datetime('now');
  DELETE FROM computation_cache WHERE cached_at < datetime('now', '-7 days') AND hit_count = 0;
END;

CREATE TRIGGER cleanup_old_rate_limits AFTER INSERT ON rate_limit_state
BEGIN
  DELETE FROM rate_limit_state WHERE window_start < datetime('now', '-1 hour');
END;

CREATE TRIGGER cleanup_expired_telegram_state AFTER INSERT ON telegram_state
BEGIN
  DELETE FROM telegram_state WHERE expires_at < datetime('now');
END;

CREATE TRIGGER cleanup_old_telegram_messages AFTER INSERT ON telegram_message_cache
BEGIN
  DELETE FROM telegram_message_cache WHERE expires_at < datetime('now');
  DELETE FROM telegram_message_cache WHERE sent_at < datetime('now', '-24 hours');
END;
`;
