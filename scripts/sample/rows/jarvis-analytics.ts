import { HOUR, MINUTE, rows, sqliteTime, type Row, type TableRows, type Variant } from '../values.js';

const METRICS = [
  { metric_name: 'cpu_percent', metric_unit: '%', low: 2, high: 71 },
  { metric_name: 'memory_mb', metric_unit: 'MB', low: 310, high: 890 },
  { metric_name: 'queue_length', metric_unit: null, low: 0, high: 14 },
] as const;

const SERVICES = ['telegram', 'twitter', 'solana_rpc', 'groq'] as const;

/** What the monitor wrote before any migration, in tables no sample row goes to: it must be there, unchanged, afterwards. */
export function jarvisAnalyticsRows(variant: Variant): TableRows[] {
  return [
    { table: 'system_metrics', rows: rows(variant.count(12), (index) => systemMetric(variant, index)) },
    { table: 'health_checks', rows: rows(variant.count(8), (index) => healthCheck(variant, index)) },
    { table: 'market_conditions', rows: rows(variant.count(2), (index) => marketCondition(variant, index)) },
    // Three calls were logged by a trial run and deleted: the ids 1 to 3 are used up, though the table is empty.
    { table: 'api_usage', rows: [], sequence: 3 },
  ];
}

function systemMetric(variant: Variant, index: number): Row {
  const { metric_name, metric_unit, low, high } = METRICS[index % METRICS.length] ?? METRICS[0];
  return {
    id: variant.id(index),
    metric_name,
    metric_value: variant.real('metric', index, low, high),
    metric_unit,
    component: index % 4 === 3 ? null : 'supervisor',
    timestamp: sqliteTime(-10 * HOUR + index * 5 * MINUTE),
  };
}

function healthCheck(variant: Variant, index: number): Row {
  const status = index === 5 ? 'down' : index === 2 ? 'degraded' : 'healthy';
  return {
    id: variant.id(index),
    service_name: SERVICES[index % SERVICES.length] ?? SERVICES[0],
    status,
    response_time_ms: status === 'down' ? null : variant.integer('health.response', index, 12, 1480),
    error_message: status === 'down' ? 'connection refused – api.twitter.com:443' : null,
    checked_at: sqliteTime(-9 * HOUR + index * 15 * MINUTE),
  };
}

function marketCondition(variant: Variant, index: number): Row {
  return {
    id: variant.id(index),
    condition_type: index === 0 ? 'sideways' : 'bear',
    sol_price_usd: variant.decimal('market.sol', index, 118, 142, 2),
    btc_price_usd: variant.decimal('market.btc', index, 86000, 91000, 2),
    market_cap_total_usd: variant.real('market.cap', index, 2.9e12, 3.2e12),
    volume_24h_usd: variant.real('market.volume', index, 8e10, 1.4e11),
    fear_greed_index: variant.integer('market.fear', index, 18, 55),
    recorded_at: sqliteTime(-8 * HOUR + index * 4 * HOUR),
  };
}
