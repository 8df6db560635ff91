/** Workspaces of any size for the benchmarks: `llm_usage` filled inside SQLite, the same rows for the same number. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import initSqlJs from 'sql.js';
import { jarvisAnalyticsSchema } from '../sample/schemas/jarvis-analytics';
import { llmCostsSchema } from '../sample/schemas/llm-costs';

export const legacyPath = join('data', 'llm_costs.db');
export const targetPath = join('data', 'jarvis_analytics.db');

/** As the sample's rows are: prices, NULLs and texts of every column, one call in 37 failed. */
const usageRows = (rows: number): string => `
WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < ${rows} - 1)
INSERT INTO llm_usage
SELECT
  i + 1,
  strftime('%Y-%m-%dT%H:%M:%S', 1700000000 + i * 53, 'unixepoch') || printf('.%06d+00:00', i * 7919 % 1000000),
  CASE i % 5 WHEN 1 THEN 'anthropic' WHEN 2 THEN 'openai' WHEN 4 THEN 'ollama' ELSE 'groq' END,
  CASE i % 5 WHEN 0 THEN 'llama-3.3-70b-versatile' WHEN 1 THEN 'claude-3-5-sonnet-20241022' WHEN 2 THEN 'gpt-4o-mini'
    WHEN 3 THEN 'llama-3.1-8b-instant' ELSE 'qwen2.5:7b' END,
  40 + i * 7919 % 6160,
  CASE WHEN i % 37 = 5 THEN 0 ELSE 8 + i * 104729 % 1890 END,
  (40 + i * 7919 % 6160) * 0.59e-6 + (8 + i * 104729 % 1890) * 0.79e-6,
  CASE WHEN i % 37 <> 5 THEN 180 + i * 15485863 % 922000 / 100.0 END,
  i % 37 <> 5,
  CASE WHEN i % 37 = 5 THEN '429 Too Many Requests: rate limit reached for model, retry in 7.66s' END,
  CASE i % 6 WHEN 1 THEN '{"feature": "tweet_writer", "attempt": 1}'
    WHEN 3 THEN '{"feature": "telegram_reply", "chat_id": -1001234500077, "text": "gm ☀️ — jarvis™"}'
    WHEN 4 THEN '{"feature": "sentiment", "symbols": ["SOL", "BONK"], "temperature": 0.7}' WHEN 5 THEN '{}' END,
  strftime('%Y-%m-%d %H:%M:%S', 1700000000 + i * 53, 'unixepoch')
FROM n;
`;

/** @returns bytes of both databases */
export async function makeWorkspace(folder: string, rows: number): Promise<number> {
  const sql = await initSqlJs();
  await mkdir(join(folder, 'data'), { recursive: true });
  let bytes = 0;
  for (const [path, script] of [
    [legacyPath, llmCostsSchema + usageRows(rows)],
    [targetPath, jarvisAnalyticsSchema],
  ] as const) {
    const database = new sql.Database();
    try {
      database.run('PRAGMA journal_mode = OFF; BEGIN');
      database.run(script);
      database.run('COMMIT');
      const image = database.export();
      bytes += image.length;
      await writeFile(join(folder, path), image);
    } finally {
      database.close();
    }
  }
  return bytes;
}
