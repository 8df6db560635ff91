/** `data/memory/long_term.db`: long-term memory store with BLOB embeddings. */
export const longTermSchema = /* sql */ `
CREATE TABLE memories (
  id TEXT PRIMARY KEY,
  content TEXT NOT NULL,
  content_hash TEXT NOT NULL,
  memory_type TEXT NOT NULL,
  priority INTEGER NOT NULL,
  source TEXT,
  tags TEXT,
  metadata TEXT,
  embedding BLOB,
  related_ids TEXT,
  created_at TEXT NOT NULL,
  accessed_at TEXT NOT NULL,
  updated_at TEXT NOT NULL,
  access_count INTEGER DEFAULT 0,
  importance_score REAL DEFAULT 0.5,
  confidence REAL DEFAULT 1.0,
  is_archived INTEGER DEFAULT 0
);
CREATE INDEX idx_memory_type ON memories (memory_type);
CREATE INDEX idx_priority ON memories (priority);
CREATE INDEX idx_created_at ON memories (created_at);
CREATE INDEX idx_content_hash ON memories (content_hash);
CREATE INDEX idx_is_archived ON memories (is_archived);

CREATE TABLE memory_relations (
  source_id TEXT NOT NULL REFERENCES memories (id),
  target_id TEXT NOT NULL REFERENCES memories (id),
  relation_type TEXT NOT NULL,
  strength REAL DEFAULT 1.0,
  created_at TEXT NOT NULL,
  PRIMARY KEY (source_id, target_id, relation_type)
);

CREATE TABLE consolidation_log (
  id TEXT PRIMARY KEY,
  timestamp TEXT NOT NULL,
  memories_processed INTEGER,
  memories_merged INTEGER,
  memories_archived INTEGER,
  memories_deleted INTEGER,
  summary_id TEXT
);
`;
