/** `data/ai_memory.db`: AI runtime key-value memory. */
export const aiMemorySchema = /* sql */ `
CREATE TABLE memories (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  namespace TEXT NOT NULL,
  key TEXT NOT NULL,
  value TEXT NOT NULL,
  created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
  accessed_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
  access_count INTEGER DEFAULT 0,
  UNIQUE (namespace, key)
);
CREATE INDEX idx_namespace ON memories (namespace);
CREATE INDEX idx_created ON memories (created_at);
`;
