import type { SampleDatabase } from './database-image.js';
import { callTrackingRows } from './rows/call-tracking.js';
import { jarvisAdminRows } from './rows/jarvis-admin.js';
import { jarvisAnalyticsRows } from './rows/jarvis-analytics.js';
import { jarvisCacheRows } from './rows/jarvis-cache.js';
import { jarvisCoreRows } from './rows/jarvis-core.js';
import { jarvisMemoryRows } from './rows/jarvis-memory.js';
import { jarvisXMemoryRows } from './rows/jarvis-x-memory.js';
import { jarvisRows } from './rows/jarvis.js';
import { llmCostsRows } from './rows/llm-costs.js';
import { metricsRows } from './rows/metrics.js';
import { rateLimiterRows } from './rows/rate-limiter.js';
import * as small from './rows/small-databases.js';
import { telegramMemoryRows } from './rows/telegram-memory.js';
import { treasuryTradesRows } from './rows/treasury-trades.js';
import * as schemas from './schemas/index.js';

/** The legacy databases of the first migration. */
export const FIRST_LEGACY: readonly SampleDatabase[] = [
  { path: 'data/jarvis.db', journalMode: 'wal', schema: schemas.jarvisSchema, rows: jarvisRows },
  {
    path: 'data/telegram_memory.db',
    journalMode: 'delete',
    schema: schemas.telegramMemorySchema,
    rows: telegramMemoryRows,
  },
  { path: 'data/llm_costs.db', journalMode: 'delete', schema: schemas.llmCostsSchema, rows: llmCostsRows },
  { path: 'data/metrics.db', journalMode: 'delete', schema: schemas.metricsSchema, rows: metricsRows },
  { path: 'data/rate_limiter.db', journalMode: 'delete', schema: schemas.rateLimiterSchema, rows: rateLimiterRows },
];

/** The legacy databases that later migrations take in. Those without rows are documented as empty. */
export const LATER_LEGACY: readonly SampleDatabase[] = [
  { path: 'data/jarvis_x_memory.db', journalMode: 'wal', schema: schemas.jarvisXMemorySchema, rows: jarvisXMemoryRows },
  { path: 'data/jarvis_admin.db', journalMode: 'delete', schema: schemas.jarvisAdminSchema, rows: jarvisAdminRows },
  {
    path: 'data/jarvis_memory.db',
    journalMode: 'wal',
    schema: schemas.jarvisMemorySchema,
    rows: jarvisMemoryRows,
    triggers: schemas.jarvisMemoryTriggers,
  },
  { path: 'data/call_tracking.db', journalMode: 'delete', schema: schemas.callTrackingSchema, rows: callTrackingRows },
  { path: 'data/raid_bot.db', journalMode: 'delete', schema: schemas.raidBotSchema, rows: small.raidBotRows },
  { path: 'data/sentiment.db', journalMode: 'delete', schema: schemas.sentimentSchema, rows: small.sentimentRows },
  { path: 'data/tax.db', journalMode: 'delete', schema: schemas.taxSchema, rows: small.taxRows },
  { path: 'data/whales.db', journalMode: 'delete', schema: schemas.whalesSchema },
  {
    path: 'data/jarvis_spam_protection.db',
    journalMode: 'delete',
    schema: schemas.jarvisSpamProtectionSchema,
    rows: small.jarvisSpamProtectionRows,
  },
  { path: 'data/alerts.db', journalMode: 'delete', schema: schemas.alertsSchema },
  { path: 'data/backtests.db', journalMode: 'delete', schema: schemas.backtestsSchema },
  { path: 'data/bot_health.db', journalMode: 'delete', schema: schemas.botHealthSchema },
  {
    path: 'data/treasury_trades.db',
    journalMode: 'delete',
    schema: schemas.treasuryTradesSchema,
    rows: treasuryTradesRows,
  },
  { path: 'data/ai_memory.db', journalMode: 'delete', schema: schemas.aiMemorySchema },
  { path: 'data/health.db', journalMode: 'delete', schema: schemas.healthSchema },
  { path: 'data/distributions.db', journalMode: 'delete', schema: schemas.distributionsSchema },
  { path: 'data/research.db', journalMode: 'delete', schema: schemas.researchSchema },
  { path: 'data/custom.db', journalMode: 'wal', schema: schemas.customSchema, rows: small.customRows },
  // A valid database without a table, left behind by an example script.
  { path: 'data/recycle_test.db', journalMode: 'wal', schema: '' },
  {
    path: 'data/cache/file_cache.db',
    journalMode: 'delete',
    schema: schemas.fileCacheSchema,
    rows: small.fileCacheRows,
  },
  { path: 'data/community/achievements.db', journalMode: 'delete', schema: schemas.achievementsSchema },
  { path: 'data/memory/long_term.db', journalMode: 'delete', schema: schemas.longTermSchema },
  { path: 'bots/twitter/engagement.db', journalMode: 'delete', schema: schemas.engagementSchema },
  // A stray copy in the project root: the tables of the call tracking, and nothing in them.
  { path: 'database.db', journalMode: 'delete', schema: schemas.callTrackingSchema },
];

/** The databases they are consolidated into. */
export const CONSOLIDATED: readonly SampleDatabase[] = [
  { path: 'data/jarvis_core.db', journalMode: 'wal', schema: schemas.jarvisCoreSchema, rows: jarvisCoreRows },
  {
    path: 'data/jarvis_analytics.db',
    journalMode: 'wal',
    schema: schemas.jarvisAnalyticsSchema,
    rows: jarvisAnalyticsRows,
  },
  {
    path: 'data/jarvis_cache.db',
    journalMode: 'wal',
    schema: schemas.jarvisCacheSchema,
    rows: jarvisCacheRows,
    triggers: schemas.jarvisCacheTriggers,
  },
];
