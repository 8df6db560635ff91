import { fullTextTable, fullTextTriggers } from './full-text.js';

const factsText = ['entity', 'fact'];
const reflectionsText = ['trigger', 'lesson', 'new_approach'];

/** `data/jarvis_memory.db`: self-improving memory with FTS5. */
export const jarvisMemorySchema = /* sql */ `
CREATE TABLE schema_version (
  version INTEGER PRIMARY KEY,
  applied_at TEXT DEFAULT CURRENT_TIMESTAMP
);

CREATE TABLE entities (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL,
  entity_type TEXT NOT NULL,
  attributes TEXT DEFAULT '{}',
  created_at TEXT DEFAULT CURRENT_TIMESTAMP,
  updated_at TEXT DEFAULT CURRENT_TIMESTAMP,
  UNIQUE (name, entity_type)
);
CREATE INDEX idx_entities_type ON entities (entity_type);
CREATE INDEX idx_entities_name ON entities (name);

CREATE TABLE facts (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  entity TEXT NOT NULL,
  entity_id INTEGER REFERENCES entities (id),
  fact TEXT NOT NULL,
  confidence REAL DEFAULT 0.8,
  source TEXT DEFAULT 'conversation',
  learned_at TEXT DEFAULT CURRENT_TIMESTAMP,
  UNIQUE (entity, fact)
);
CREATE INDEX idx_facts_entity ON facts (entity);
CREATE INDEX idx_facts_entity_id ON facts (entity_id);

CREATE TABLE reflections (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  trigger TEXT NOT NULL,
  what_happened TEXT,
  why_failed TEXT,
  lesson TEXT NOT NULL,
  new_approach TEXT,
  applied INTEGER DEFAULT 0,
  applied_count INTEGER DEFAULT 0,
  created_at TEXT DEFAULT CURRENT_TIMESTAMP
);
CREATE INDEX idx_reflections_applied ON reflections (applied);
CREATE INDEX idx_reflections_created ON reflections (created_at);

CREATE TABLE predictions (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  prediction TEXT NOT NULL,
  confidence REAL NOT NULL,
  domain TEXT DEFAULT 'general',
  deadline TEXT,
  outcome TEXT,
  was_correct INTEGER,
  created_at TEXT DEFAULT CURRENT_TIMESTAMP,
  resolved_at TEXT
);
CREATE INDEX idx_predictions_domain ON predictions (domain);
CREATE INDEX idx_predictions_resolved ON predictions (was_correct);

CREATE TABLE interactions (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  user_input TEXT NOT NULL,
  jarvis_response TEXT,
  feedback TEXT,
  session_id TEXT,
  timestamp TEXT DEFAULT CURRENT_TIMESTAMP,
  metadata TEXT DEFAULT '{}'
);
CREATE INDEX idx_interactions_timestamp ON interactions (timestamp);
CREATE INDEX idx_interactions_feedback ON interactions (feedback);
CREATE INDEX idx_interactions_session ON interactions (session_id);

CREATE TABLE trust (
  domain TEXT PRIMARY KEY,
  level INTEGER DEFAULT 0,
  successes INTEGER DEFAULT 0,
  failures INTEGER DEFAULT 0,
  last_success TEXT,
  last_failure TEXT,
  updated_at TEXT DEFAULT CURRENT_TIMESTAMP
);

CREATE TABLE settings (
  key TEXT PRIMARY KEY,
  value TEXT,
  updated_at TEXT DEFAULT CURRENT_TIMESTAMP
);
${fullTextTable('facts_fts', factsText, 'facts')}${fullTextTable('reflections_fts', reflectionsText, 'reflections')}`;

/** After the rows: the engine that writes them could not run these. */
export const jarvisMemoryTriggers = [
  fullTextTriggers('facts_fts', factsText, 'facts', ['INSERT', 'DELETE', 'UPDATE']),
  fullTextTriggers('reflections_fts', reflectionsText, 'reflections', ['INSERT', 'DELETE']),
].join('');
