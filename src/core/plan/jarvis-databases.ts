/**
 * The databases that a Jarvis installation is known to have. A name here is how the data folder is recognised and how
 * the tree tells legacy from consolidated; what a file holds is read from the file.
 */
import type { Domain } from '../report/model';

export interface KnownDatabase {
  /** `data` files are relative to the data folder, `workspace` files to the workspace folder. */
  readonly base: 'data' | 'workspace';
  readonly path: string;
  readonly role: 'legacy' | 'consolidated';
  /** The domain that most of its tables belong to; null where it has none. The plan has the last word, table by table. */
  readonly domain: Domain | null;
}

const legacy = (domain: Domain | null, ...paths: readonly string[]): readonly KnownDatabase[] =>
  paths.map((path) => ({ base: 'data', path, role: 'legacy', domain }));

export const knownDatabases: readonly KnownDatabase[] = [
  { base: 'data', path: 'jarvis_core.db', role: 'consolidated', domain: 'core' },
  { base: 'data', path: 'jarvis_analytics.db', role: 'consolidated', domain: 'analytics' },
  { base: 'data', path: 'jarvis_cache.db', role: 'consolidated', domain: 'cache' },
  ...legacy('core', 'jarvis.db', 'telegram_memory.db', 'jarvis_admin.db', 'treasury_trades.db'),
  ...legacy(
    'analytics',
    'llm_costs.db',
    'metrics.db',
    'jarvis_x_memory.db',
    'jarvis_memory.db',
    'call_tracking.db',
    'raid_bot.db',
    'sentiment.db',
    'tax.db',
    'whales.db',
    'backtests.db',
    'bot_health.db',
    'ai_memory.db',
    'health.db',
    'distributions.db',
    'research.db',
    'community/achievements.db',
    'alerts.db',
    'memory/long_term.db',
  ),
  ...legacy('cache', 'rate_limiter.db', 'jarvis_spam_protection.db', 'custom.db', 'cache/file_cache.db'),
  // Left behind by an example script: a valid database without a table.
  ...legacy(null, 'recycle_test.db'),
  { base: 'workspace', path: 'bots/twitter/engagement.db', role: 'legacy', domain: 'analytics' },
  { base: 'workspace', path: 'database.db', role: 'legacy', domain: 'analytics' },
];
