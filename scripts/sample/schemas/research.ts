/** `data/research.db`: research notes and knowledge graph. */
export const researchSchema = /* sql */ `
CREATE TABLE research_notes (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  topic TEXT NOT NULL,
  url TEXT,
  title TEXT,
  content TEXT,
  insights TEXT,
  timestamp DATETIME DEFAULT CURRENT_TIMESTAMP,
  processed BOOLEAN DEFAULT FALSE
);

CREATE TABLE knowledge_graph (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  concept TEXT NOT NULL,
  related_concepts TEXT,
  summary TEXT,
  examples TEXT,
  applications TEXT,
  confidence REAL DEFAULT 0.0,
  timestamp DATETIME DEFAULT CURRENT_TIMESTAMP
);

CREATE TABLE research_log (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  action TEXT,
  details TEXT,
  timestamp DATETIME DEFAULT CURRENT_TIMESTAMP
);
`;
