/** `data/jarvis_admin.db`: Telegram moderation: users, messages, actions. */
export const jarvisAdminSchema = /* sql */ `
CREATE TABLE users (
  user_id INTEGER PRIMARY KEY,
  username TEXT,
  first_seen TEXT,
  message_count INTEGER DEFAULT 0,
  warning_count INTEGER DEFAULT 0,
  is_banned INTEGER DEFAULT 0,
  is_trusted INTEGER DEFAULT 0,
  spam_score REAL DEFAULT 0.0,
  last_message_at TEXT,
  notes TEXT
);

CREATE TABLE messages (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  message_id INTEGER,
  user_id INTEGER,
  username TEXT,
  text TEXT,
  timestamp TEXT,
  chat_id INTEGER,
  was_deleted INTEGER DEFAULT 0,
  deletion_reason TEXT
);

CREATE TABLE mod_actions (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  action_type TEXT,
  user_id INTEGER,
  message_id INTEGER,
  reason TEXT,
  timestamp TEXT,
  reversed INTEGER DEFAULT 0
);

CREATE TABLE upgrade_ideas (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  idea TEXT,
  source_user_id INTEGER,
  source_message TEXT,
  detected_at TEXT,
  status TEXT DEFAULT 'pending',
  priority INTEGER DEFAULT 0
);

CREATE TABLE engagement (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  user_id INTEGER,
  action_type TEXT,
  timestamp TEXT,
  chat_id INTEGER,
  details TEXT
);
CREATE INDEX idx_engagement_user ON engagement (user_id, timestamp);
`;
