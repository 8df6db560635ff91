/** `data/health.db`: component health history. */
export const healthSchema = /* sql */ `
CREATE TABLE health_history (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  component TEXT NOT NULL,
  status TEXT NOT NULL,
  latency_ms REAL,
  message TEXT,
  checked_at TEXT NOT NULL
);
CREATE INDEX idx_health_component ON health_history (component);
CREATE INDEX idx_health_time ON health_history (checked_at);

CREATE TABLE system_snapshots (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  status TEXT NOT NULL,
  healthy_count INTEGER,
  degraded_count INTEGER,
  unhealthy_count INTEGER,
  uptime_seconds REAL,
  snapshot_json TEXT,
  recorded_at TEXT NOT NULL
);
`;
