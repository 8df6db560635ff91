/** `data/jarvis_spam_protection.db`: X spam quotes and blocked users. */
export const jarvisSpamProtectionSchema = /* sql */ `
CREATE TABLE blocked_users (
  user_id TEXT PRIMARY KEY,
  username TEXT,
  reason TEXT,
  spam_score REAL,
  blocked_at TEXT,
  quote_tweet_id TEXT
);

CREATE TABLE scanned_quotes (
  tweet_id TEXT PRIMARY KEY,
  author_id TEXT,
  is_spam INTEGER,
  scanned_at TEXT
);

CREATE TABLE jarvis_tweets (
  tweet_id TEXT PRIMARY KEY,
  posted_at TEXT,
  last_scanned TEXT
);
`;
