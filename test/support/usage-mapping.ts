/** What must become of `llm_usage`, written down once more and apart from the plan: a plan that is wrong must not agree with itself. */
/** Target column of `llm_costs` → expression over a row of `llm_usage`. */
export const usageMapping: Readonly<Record<string, string>> = {
  id: 'id',
  user_id: 'NULL',
  provider: 'provider',
  model: 'model',
  prompt_tokens: 'input_tokens',
  completion_tokens: 'output_tokens',
  total_tokens: 'input_tokens + output_tokens',
  cost_usd: 'cost_usd',
  feature: "'legacy_import'",
  timestamp: 'coalesce(timestamp, created_at)',
  metadata_json: 'metadata',
};

/** What the sidecar holds: the key, and the columns that `llm_costs` has no place for. */
export const usageResidual = ['id', 'latency_ms', 'success', 'error', 'created_at'];
