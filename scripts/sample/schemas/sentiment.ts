/** `data/sentiment.db`: sentiment readings and self tuning. */
export const sentimentSchema = /* sql */ `
CREATE TABLE sentiment_readings (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  source TEXT NOT NULL,
  symbol TEXT NOT NULL,
  score REAL NOT NULL,
  label TEXT,
  confidence REAL,
  timestamp TEXT,
  data_points INTEGER,
  metadata_json TEXT
);
CREATE INDEX idx_readings_symbol ON sentiment_readings (symbol);
CREATE INDEX idx_readings_time ON sentiment_readings (timestamp);

CREATE TABLE aggregated_sentiment (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  symbol TEXT NOT NULL,
  overall_score REAL,
  overall_label TEXT,
  overall_confidence REAL,
  source_scores_json TEXT,
  trend TEXT,
  trend_change REAL,
  timestamp TEXT,
  warning TEXT
);
CREATE INDEX idx_agg_symbol ON aggregated_sentiment (symbol);

CREATE TABLE predictions (
  id TEXT PRIMARY KEY,
  symbol TEXT NOT NULL,
  timestamp TEXT NOT NULL,
  components TEXT NOT NULL,
  sentiment_score REAL NOT NULL,
  sentiment_grade TEXT NOT NULL,
  weights_used TEXT NOT NULL,
  predicted_direction TEXT NOT NULL,
  outcome_recorded_at TEXT,
  actual_price_change REAL,
  outcome_correct INTEGER
);

CREATE TABLE weight_history (
  id TEXT PRIMARY KEY,
  timestamp TEXT NOT NULL,
  weights TEXT NOT NULL,
  trigger_type TEXT,
  performance_metric REAL
);

CREATE TABLE component_correlations (
  timestamp TEXT NOT NULL,
  component TEXT NOT NULL,
  correlation REAL NOT NULL,
  sample_size INTEGER NOT NULL
);
`;
