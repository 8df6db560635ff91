import { DAY, MINUTE, day, rows, pythonTime, type Row, type TableRows, type Variant } from '../values.js';

/** The limits as the application ships them: configuration, though it lies in a database. */
const LIMITS = [
  {
    name: 'jupiter_api',
    requests_per_second: 10,
    burst_size: 20,
    strategy: 'token_bucket',
    scope: 'global',
    retry_after_seconds: 1,
    enabled: 1,
    priority: 10,
    metadata: { docs: 'https://station.jup.ag/docs', owner: 'trading' },
  },
  {
    name: 'birdeye_api',
    requests_per_second: 1.6666666666666667,
    burst_size: 5,
    strategy: 'sliding_window',
    scope: 'global',
    retry_after_seconds: 2.5,
    enabled: 1,
    priority: 5,
    metadata: null,
  },
  {
    name: 'telegram_send',
    requests_per_second: 30,
    burst_size: 30,
    strategy: 'token_bucket',
    scope: 'user',
    retry_after_seconds: 1,
    enabled: 1,
    priority: 8,
    metadata: { note: 'Telegram: höchstens 30/s – sonst 429' },
  },
  {
    name: 'twitter_post',
    requests_per_second: 0.005,
    burst_size: 2,
    strategy: 'fixed_window',
    scope: 'endpoint',
    retry_after_seconds: 900,
    enabled: 1,
    priority: 0,
    metadata: null,
  },
  {
    name: 'llm_requests',
    requests_per_second: 0.5,
    burst_size: 3,
    strategy: 'adaptive',
    scope: 'global',
    retry_after_seconds: 10,
    enabled: 0,
    priority: 0,
    metadata: {},
  },
] as const;

export function rateLimiterRows(variant: Variant): TableRows[] {
  return [
    { table: 'rate_configs', rows: rows(variant.count(LIMITS.length), (index) => rateConfig(variant, index)) },
    { table: 'request_log', rows: rows(variant.extra(4), (index) => request(variant, index)) },
    { table: 'limit_stats', rows: rows(variant.extra(2), (index) => limitStats(variant, index)) },
  ];
}

function rateConfig(variant: Variant, index: number): Row {
  const limit = LIMITS[index % LIMITS.length] ?? LIMITS[0];
  const name = index < LIMITS.length ? limit.name : `${limit.name}_${Math.floor(index / LIMITS.length) + 1}`;
  return {
    ...limit,
    name,
    burst_size: limit.burst_size + variant.number,
    metadata: variant.metadata(limit.metadata),
  };
}

function request(variant: Variant, index: number): Row {
  const limited = index === 3;
  return {
    request_id: variant.hex('request', index, 32),
    endpoint: '/v6/quote',
    scope_key: 'global',
    timestamp: pythonTime(index * MINUTE),
    allowed: limited ? 0 : 1,
    wait_time_ms: limited ? variant.real('request.wait', index, 100, 900) : 0,
    limit_name: index === 0 ? null : 'jupiter_api',
  };
}

function limitStats(variant: Variant, index: number): Row {
  return {
    name: 'jupiter_api',
    date: day(index * DAY),
    total_requests: 4,
    allowed_requests: 3,
    limited_requests: 1,
    avg_wait_time_ms: variant.real('stats.wait', index, 1, 300),
  };
}
