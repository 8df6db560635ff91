import { DAY, HOUR, MINUTE, rows, sqliteTime, type Row, type TableRows, type Variant } from '../values.js';

/**
 * What was in the cache before any migration. The cached answers and the rate limits have long expired: the first insert
 * that sets off their purge trigger deletes them, which a migration must not.
 */
export function jarvisCacheRows(variant: Variant): TableRows[] {
  return [
    { table: 'spam_patterns', rows: rows(variant.count(3), (index) => spamPattern(variant, index)) },
    { table: 'kv_cache', rows: rows(variant.count(2), (index) => keyValue(variant, index)) },
    { table: 'api_cache', rows: rows(variant.count(2), (index) => cachedAnswer(variant, index)) },
    { table: 'rate_limit_state', rows: rows(variant.count(2), (index) => rateLimit(variant, index)) },
  ];
}

function spamPattern(variant: Variant, index: number): Row {
  return {
    id: variant.id(index),
    pattern_type: 'regex',
    pattern_value: variant.pick('pattern', index, ['(?i)airdrop.*claim', 't\\.me/\\+\\w{16}', '🚀{4,}']),
    severity: 1 + (index % 3),
    action: index === 2 ? 'ban' : 'flag',
    created_at: sqliteTime(-2 * DAY),
    is_active: 1,
  };
}

function keyValue(variant: Variant, index: number): Row {
  return {
    key: `dexscreener:trending:${index}`,
    value: JSON.stringify({ pairs: [variant.mint('pair', index)] }),
    category: index === 0 ? 'trending' : null,
    created_at: sqliteTime(-5 * HOUR),
    expires_at: index === 0 ? sqliteTime(-4 * HOUR) : null,
  };
}

function cachedAnswer(variant: Variant, index: number): Row {
  return {
    cache_key: variant.hex('cache', index, 32),
    api_name: 'birdeye',
    endpoint: '/defi/price',
    response_data: JSON.stringify({ value: variant.real('cache.price', index, 110, 140), success: true }),
    status_code: 200,
    cached_at: sqliteTime(-3 * HOUR),
    expires_at: sqliteTime(-3 * HOUR + 5 * MINUTE),
    hit_count: 4 * index,
  };
}

function rateLimit(variant: Variant, index: number): Row {
  return {
    id: `user:${variant.integer('limit.user', index, 1e9, 4e9)}`,
    request_count: 3 + index,
    window_start: sqliteTime(-6 * HOUR),
    last_request: sqliteTime(-6 * HOUR + MINUTE),
    blocked_until: index === 0 ? null : sqliteTime(-5 * HOUR),
  };
}
