/** `data/community/achievements.db`: community badges. */
export const achievementsSchema = /* sql */ `
CREATE TABLE user_badges (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  user_id TEXT,
  badge_id TEXT,
  earned_at TEXT,
  notified INTEGER DEFAULT 0,
  UNIQUE (user_id, badge_id)
);

CREATE TABLE badge_progress (
  user_id TEXT PRIMARY KEY,
  trade_count INTEGER DEFAULT 0,
  win_streak INTEGER DEFAULT 0,
  best_win_streak INTEGER DEFAULT 0,
  total_pnl REAL DEFAULT 0,
  win_rate REAL DEFAULT 0,
  unique_tokens_analyzed INTEGER DEFAULT 0,
  referral_count INTEGER DEFAULT 0,
  vote_count INTEGER DEFAULT 0,
  has_10x_trade INTEGER DEFAULT 0,
  has_alpha_discovery INTEGER DEFAULT 0,
  updated_at TEXT
);
`;
