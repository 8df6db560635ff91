/** `data/bot_health.db`: bot health history, errors, activity. */
export const botHealthSchema = /* sql */ `
CREATE TABLE bot_health_history (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  bot_name TEXT NOT NULL,
  bot_type TEXT NOT NULL,
  status TEXT NOT NULL,
  is_running INTEGER,
  messages_processed INTEGER,
  commands_executed INTEGER,
  errors_count INTEGER,
  uptime_seconds REAL,
  avg_response_time_ms REAL,
  message TEXT,
  recorded_at TEXT NOT NULL
);
CREATE INDEX idx_bot_health_name ON bot_health_history (bot_name);
CREATE INDEX idx_bot_health_time ON bot_health_history (recorded_at);

CREATE TABLE bot_errors (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  bot_name TEXT NOT NULL,
  error_type TEXT,
  error_message TEXT,
  stack_trace TEXT,
  recorded_at TEXT NOT NULL
);
CREATE INDEX idx_bot_errors_time ON bot_errors (recorded_at);

CREATE TABLE bot_activity (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  bot_name TEXT NOT NULL,
  activity_type TEXT NOT NULL,
  details TEXT,
  recorded_at TEXT NOT NULL
);
`;
