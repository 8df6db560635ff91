/** `data/raid_bot.db`: Telegram raid coordination. */
export const raidBotSchema = /* sql */ `
CREATE TABLE raid_users (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  telegram_id INTEGER NOT NULL UNIQUE,
  telegram_username TEXT,
  twitter_handle TEXT NOT NULL,
  twitter_id TEXT,
  is_verified INTEGER DEFAULT 0,
  is_blue INTEGER DEFAULT 0,
  weekly_points INTEGER DEFAULT 0,
  total_points INTEGER DEFAULT 0,
  created_at TEXT DEFAULT CURRENT_TIMESTAMP,
  updated_at TEXT DEFAULT CURRENT_TIMESTAMP
);
CREATE INDEX idx_users_telegram ON raid_users (telegram_id);
CREATE INDEX idx_users_twitter ON raid_users (twitter_handle);
CREATE INDEX idx_users_weekly_points ON raid_users (weekly_points DESC);
CREATE INDEX idx_users_total_points ON raid_users (total_points DESC);

CREATE TABLE raids (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  tweet_id TEXT NOT NULL UNIQUE,
  tweet_url TEXT NOT NULL,
  tweet_author TEXT,
  tweet_text TEXT,
  started_at TEXT NOT NULL,
  ended_at TEXT,
  status TEXT DEFAULT 'active',
  announcement_message_id INTEGER,
  announcement_chat_id INTEGER,
  total_participants INTEGER DEFAULT 0,
  total_points_awarded INTEGER DEFAULT 0
);
CREATE INDEX idx_raids_status ON raids (status);
CREATE INDEX idx_raids_tweet ON raids (tweet_id);

CREATE TABLE raid_participations (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  raid_id INTEGER NOT NULL REFERENCES raids (id),
  user_id INTEGER NOT NULL REFERENCES raid_users (id),
  liked INTEGER DEFAULT 0,
  retweeted INTEGER DEFAULT 0,
  commented INTEGER DEFAULT 0,
  points_earned INTEGER DEFAULT 0,
  verified_at TEXT DEFAULT CURRENT_TIMESTAMP,
  UNIQUE (raid_id, user_id)
);
CREATE INDEX idx_participations_raid ON raid_participations (raid_id);
CREATE INDEX idx_participations_user ON raid_participations (user_id);

CREATE TABLE raid_config (
  key TEXT PRIMARY KEY,
  value TEXT NOT NULL,
  updated_at TEXT DEFAULT CURRENT_TIMESTAMP
);

CREATE TABLE weekly_winners (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  week_start TEXT NOT NULL,
  week_end TEXT NOT NULL,
  user_id INTEGER NOT NULL REFERENCES raid_users (id),
  rank INTEGER NOT NULL,
  points INTEGER NOT NULL,
  reward_amount REAL,
  created_at TEXT DEFAULT CURRENT_TIMESTAMP
);
`;
