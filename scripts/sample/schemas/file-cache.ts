/** `data/cache/file_cache.db`: on-disk cache with BLOB values. */
export const fileCacheSchema = /* sql */ `
CREATE TABLE cache_entries (
  key TEXT PRIMARY KEY,
  value BLOB NOT NULL,
  created_at REAL NOT NULL,
  expires_at REAL NOT NULL,
  namespace TEXT DEFAULT 'default',
  tags TEXT
);
CREATE INDEX idx_expires ON cache_entries (expires_at);
CREATE INDEX idx_namespace ON cache_entries (namespace);
`;
