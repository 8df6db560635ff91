/** What our run is compared with: the same rows moved by others, without any of our proofs. */
import { join } from 'node:path';
import { legacyPath, targetPath } from './data';
import { ask, measure, type Measurement } from './measure';

export interface Peer {
  readonly name: string;
  readonly what: string;
  /** Ours / theirs: what must be reached, and what is aimed at. */
  readonly bar: number;
  readonly aim: number;
  /** The version; null where the peer is not on this machine. */
  find(): Promise<string | null>;
  run(workspace: string): Promise<Measurement>;
}

const columns =
  'id, user_id, provider, model, prompt_tokens, completion_tokens, total_tokens, cost_usd, feature, timestamp, metadata_json';

/** What the predecessor did: every row through Python, and a comparison of counts at the end. */
const script = `
import sqlite3, sys
source = sqlite3.connect(sys.argv[1])
source.row_factory = sqlite3.Row
target = sqlite3.connect(sys.argv[2])
rows = source.execute("SELECT * FROM llm_usage").fetchall()
for row in rows:
    target.execute(
        "INSERT INTO llm_costs (${columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (row["id"], None, row["provider"], row["model"], row["input_tokens"], row["output_tokens"],
         row["input_tokens"] + row["output_tokens"], row["cost_usd"], "legacy_import",
         row["timestamp"] or row["created_at"], row["metadata"]),
    )
target.commit()
if target.execute("SELECT count(*) FROM llm_costs").fetchone()[0] != len(rows):
    sys.exit("the counts differ")
`;

const statement = (legacy: string): string => `
ATTACH '${legacy.replaceAll("'", "''")}' AS legacy;
INSERT INTO llm_costs (${columns})
SELECT id, NULL, provider, model, input_tokens, output_tokens, input_tokens + output_tokens, cost_usd, 'legacy_import',
  coalesce(timestamp, created_at), metadata FROM legacy.llm_usage;
`;

export const peers: readonly Peer[] = [
  {
    name: 'python',
    what: 'row by row with python3, counts compared',
    bar: 0.6,
    aim: 0.25,
    find: () =>
      ask('python3', ['-c', 'import sqlite3, sys; print(sys.version.split()[0], "sqlite", sqlite3.sqlite_version)']),
    run: (workspace) => measure('python3', ['-c', script, join(workspace, legacyPath), join(workspace, targetPath)]),
  },
  {
    name: 'sqlite3',
    what: 'bare sqlite3 INSERT … SELECT, no checks, no backup',
    bar: 2.1,
    aim: 1,
    find: async () => (await ask('sqlite3', ['--version']))?.split(' ')[0] ?? null,
    run: (workspace) =>
      measure('sqlite3', ['-bail', join(workspace, targetPath), statement(join(workspace, legacyPath))]),
  },
];
