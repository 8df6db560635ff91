import {
  DAY,
  HOUR,
  MINUTE,
  day,
  pythonTime,
  rows,
  sqliteTime,
  type Row,
  type TableRows,
  type Variant,
} from '../values.js';

/** Price in dollars per million tokens, in and out. */
const MODELS = [
  { provider: 'groq', model: 'llama-3.3-70b-versatile', input: 0.59, output: 0.79 },
  { provider: 'anthropic', model: 'claude-3-5-sonnet-20241022', input: 3, output: 15 },
  { provider: 'openai', model: 'gpt-4o-mini', input: 0.15, output: 0.6 },
  { provider: 'groq', model: 'llama-3.1-8b-instant', input: 0.05, output: 0.08 },
  { provider: 'ollama', model: 'qwen2.5:7b', input: 0, output: 0 },
] as const;

/** Failed calls, by their index in `llm_usage`: no latency, no output, and what the provider said. */
const ERRORS: ReadonlyMap<number, string> = new Map([
  [5, '429 Too Many Requests: rate limit reached for model, retry in 7.66s'],
  [11, 'ReadTimeout: 30.0 s'],
  [17, "APIError: {'type': 'error', 'message': 'Überlastet – später erneut versuchen'}"],
]);

/** What the callers noted, in turn; NULL is as frequent as anything else. */
const METADATA: readonly (object | null)[] = [
  null,
  { feature: 'tweet_writer', attempt: 1 },
  null,
  { feature: 'telegram_reply', chat_id: -1001234500077, text: 'gm ☀️ — jarvis™' },
  { feature: 'sentiment', symbols: ['SOL', 'BONK'], temperature: 0.7 },
  {},
];

/** The documented call, of which the report of the first migration shows every column. */
const DOCUMENTED_CALL: Row = {
  timestamp: '2026-01-24T01:09:04.119226+00:00',
  provider: 'groq',
  model: 'llama-3.3-70b-versatile',
  input_tokens: 100,
  output_tokens: 50,
  cost_usd: 9.9e-5,
};

export function llmCostsRows(variant: Variant): TableRows[] {
  return [
    { table: 'llm_usage', rows: rows(variant.count(25), (index) => usage(variant, index)) },
    { table: 'llm_daily_stats', rows: rows(variant.count(3), (index) => dailyStats(variant, index)) },
    // Two alerts went off once and were cleared: the sequence remembers them.
    {
      table: 'budget_alerts',
      rows: rows(variant.extra(2), (index) => budgetAlert(variant, index)),
      sequence: variant.id(1),
    },
  ];
}

function usage(variant: Variant, index: number): Row {
  const at = index * 73 * MINUTE + variant.number * 5 * DAY;
  const error = ERRORS.get(index) ?? null;
  const { provider, model, ...price } = MODELS[index % MODELS.length] ?? MODELS[0];
  const input = variant.integer('llm.input', index, 40, 6200);
  const output = error === null ? variant.integer('llm.output', index, 8, 1900) : 0;
  return {
    id: variant.id(index),
    timestamp: pythonTime(at, variant.integer('llm.micro', index, 0, 999)),
    provider,
    model,
    input_tokens: input,
    output_tokens: output,
    cost_usd: error === null ? (input / 1e6) * price.input + (output / 1e6) * price.output : 0,
    latency_ms: error === null ? variant.real('llm.latency', index, 180, 9400) : null,
    success: error === null ? 1 : 0,
    error,
    metadata: variant.metadata(METADATA[index % METADATA.length] ?? null),
    created_at: sqliteTime(at),
    ...(index === 0 && variant.isDocumented ? DOCUMENTED_CALL : {}),
  };
}

function dailyStats(variant: Variant, index: number): Row {
  const { provider, model } = MODELS[index % MODELS.length] ?? MODELS[0];
  const requests = variant.integer('stats.requests', index, 2, 9);
  return {
    id: variant.id(index),
    date: day(variant.number * 5 * DAY + Math.floor(index / 2) * DAY),
    provider,
    model,
    total_requests: requests,
    successful_requests: requests - (index === 1 ? 1 : 0),
    total_input_tokens: variant.integer('stats.input', index, 900, 24000),
    total_output_tokens: variant.integer('stats.output', index, 300, 7800),
    total_cost_usd: variant.real('stats.cost', index, 0.0001, 0.09),
    avg_latency_ms: index === 2 ? null : variant.real('stats.latency', index, 250, 4100),
  };
}

function budgetAlert(variant: Variant, index: number): Row {
  return {
    id: variant.id(index),
    alert_name: index === 0 ? 'daily_warning' : 'daily_limit',
    threshold_usd: index === 0 ? 5 : 10,
    actual_usd: variant.real('alert.actual', index, 10, 12),
    period: 'daily',
    triggered_at: pythonTime(variant.number * 5 * DAY + index * 3 * HOUR),
  };
}
