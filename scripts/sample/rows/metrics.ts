import { HOUR, MINUTE, pythonTime, rows, type Row, type TableRows, type Variant } from '../values.js';

const COMPONENTS = ['telegram_bot', 'twitter_bot', 'trading_engine'] as const;

/** Documented as three empty tables: the monitor was switched off after an alert had been cleared. */
export function metricsRows(variant: Variant): TableRows[] {
  return [
    { table: 'metrics_1m', rows: rows(variant.extra(6), (index) => metric(variant, 'metrics_1m', index, MINUTE)) },
    { table: 'metrics_1h', rows: rows(variant.extra(3), (index) => metric(variant, 'metrics_1h', index, HOUR)) },
    { table: 'alert_history', rows: rows(variant.extra(1), (index) => alert(variant, index)), sequence: variant.id(0) },
  ];
}

function metric(variant: Variant, table: string, index: number, seconds: number): Row {
  const requests = variant.integer(`${table}.requests`, index, 1, 240);
  const failed = index % 3 === 2 ? 1 : 0;
  const p50 = variant.real(`${table}.p50`, index, 20, 180);
  const idle = index === 1;
  return {
    id: variant.id(index),
    timestamp: pythonTime(Math.floor(index / COMPONENTS.length) * seconds, 0),
    component: COMPONENTS[index % COMPONENTS.length] ?? COMPONENTS[0],
    total_requests: idle ? 0 : requests,
    failed_requests: idle ? 0 : failed,
    error_rate: idle ? null : failed / requests,
    latency_p50: idle ? null : p50,
    latency_p95: idle ? null : p50 * 2.5,
    latency_p99: idle ? null : p50 * 4.25,
    latency_min: idle ? null : p50 / 8,
    latency_max: idle ? null : p50 * 6,
    latency_mean: idle ? null : p50 * 1.125,
  };
}

function alert(variant: Variant, index: number): Row {
  return {
    id: variant.id(index),
    timestamp: pythonTime(index * HOUR),
    threshold_name: 'high_latency',
    component: COMPONENTS[index % COMPONENTS.length] ?? COMPONENTS[0],
    metric: 'latency_p95',
    value: variant.real('alert.value', index, 500, 900),
    threshold: 500,
    severity: 'warning',
    resolved_at: index === 0 ? null : pythonTime(index * HOUR + 11 * MINUTE),
  };
}
