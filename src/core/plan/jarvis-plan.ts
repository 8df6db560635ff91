/**
 * The built-in plan: what becomes of each table of a real Jarvis installation. A table is mapped where a consolidated one
 * was made for its rows; every other is adopted, so that nothing is homeless and no constraint can refuse a row. Tables
 * that foreign keys tie together move together, parents before children.
 */
import { analyticsSteps } from './jarvis/analytics';
import { cacheSteps } from './jarvis/cache';
import { coreSteps } from './jarvis/core';
import { placesOf } from './jarvis/steps';
import { planSchema, type Plan } from './schema';

export interface JarvisPlanOptions {
  /** Where `rate_configs` goes: to `config/rate_limits.yaml` (the default), or into the cache database. */
  readonly rateLimits?: 'file' | 'database';
}

/** The built-in plan for a data folder, given relative to the workspace folder (`data`) or absolute. */
export function jarvisPlan(dataFolder: string, options: JarvisPlanOptions = {}): Plan {
  const places = placesOf(dataFolder);
  return planSchema.parse({
    version: 1,
    steps: [...analyticsSteps(places), ...coreSteps(places), ...cacheSteps(places, options.rateLimits ?? 'file')],
    criteria: [
      {
        label: 'llm_usage records in analytics',
        domain: 'analytics',
        database: places.analytics,
        sql: "SELECT count(*) FROM llm_costs WHERE feature = 'legacy_import'",
        expect: '>= 19',
      },
      {
        label: 'rate_configs accounted for',
        domain: 'cache',
        accountedFor: { database: places.inData('rate_limiter.db'), table: 'rate_configs' },
        expect: '>= 5',
      },
    ],
  });
}
