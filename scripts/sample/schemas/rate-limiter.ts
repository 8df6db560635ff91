/** `data/rate_limiter.db`: API rate limit configuration and request log. */
export const rateLimiterSchema = /* sql */ `
CREATE TABLE rate_configs (
  name TEXT PRIMARY KEY,
  requests_per_second REAL NOT NULL,
  burst_size INTEGER NOT NULL,
  strategy TEXT NOT NULL,
  scope TEXT NOT NULL,
  retry_after_seconds REAL NOT NULL,
  enabled INTEGER DEFAULT 1,
  priority INTEGER DEFAULT 0,
  metadata TEXT
);

CREATE TABLE request_log (
  request_id TEXT PRIMARY KEY,
  endpoint TEXT NOT NULL,
  scope_key TEXT NOT NULL,
  timestamp TEXT NOT NULL,
  allowed INTEGER NOT NULL,
  wait_time_ms REAL NOT NULL,
  limit_name TEXT
);
CREATE INDEX idx_requests_time ON request_log (timestamp);
CREATE INDEX idx_requests_endpoint ON request_log (endpoint);

CREATE TABLE limit_stats (
  name TEXT NOT NULL,
  date TEXT NOT NULL,
  total_requests INTEGER DEFAULT 0,
  allowed_requests INTEGER DEFAULT 0,
  limited_requests INTEGER DEFAULT 0,
  avg_wait_time_ms REAL DEFAULT 0,
  PRIMARY KEY (name, date)
);
`;
