/** `data/metrics.db`: per-component request metrics. */
export const metricsSchema = /* sql */ `
CREATE TABLE metrics_1m (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  timestamp TEXT NOT NULL,
  component TEXT NOT NULL,
  total_requests INTEGER,
  failed_requests INTEGER,
  error_rate REAL,
  latency_p50 REAL,
  latency_p95 REAL,
  latency_p99 REAL,
  latency_min REAL,
  latency_max REAL,
  latency_mean REAL,
  UNIQUE (timestamp, component)
);
CREATE INDEX idx_metrics_1m_time ON metrics_1m (timestamp);

CREATE TABLE metrics_1h (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  timestamp TEXT NOT NULL,
  component TEXT NOT NULL,
  total_requests INTEGER,
  failed_requests INTEGER,
  error_rate REAL,
  latency_p50 REAL,
  latency_p95 REAL,
  latency_p99 REAL,
  latency_min REAL,
  latency_max REAL,
  latency_mean REAL,
  UNIQUE (timestamp, component)
);
CREATE INDEX idx_metrics_1h_time ON metrics_1h (timestamp);

CREATE TABLE alert_history (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  timestamp TEXT NOT NULL,
  threshold_name TEXT NOT NULL,
  component TEXT NOT NULL,
  metric TEXT NOT NULL,
  value REAL,
  threshold REAL,
  severity TEXT,
  resolved_at TEXT
);
`;
