/**
 * The built-in plan: what becomes of each table of a real Jarvis installation.
 *
 * So far it covers the analytics domain. `llm_usage` fits the consolidated `llm_costs`; the other tables have no home
 * there and move with their own schema.
 */
import type { Plan, PlanStep } from './schema';

/** The built-in plan for a data folder, given relative to the workspace folder (`data`) or absolute. */
export function jarvisPlan(dataFolder: string): Plan {
  const inData = (name: string): string => (dataFolder === '.' ? name : `${dataFolder}/${name}`);
  const llmCosts = inData('llm_costs.db');
  const metrics = inData('metrics.db');
  const analytics = inData('jarvis_analytics.db');

  const adopt = (database: string, table: string): PlanStep => ({
    domain: 'analytics',
    strategy: 'adopt',
    legacy: { database, table },
    target: { database: analytics },
  });

  return {
    version: 1,
    steps: [
      {
        domain: 'analytics',
        strategy: 'map',
        legacy: { database: llmCosts, table: 'llm_usage' },
        target: { database: analytics, table: 'llm_costs' },
        columns: {
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
        },
        rebuild: { timestamp: 'timestamp' },
        residual: 'sidecar',
      },
      adopt(llmCosts, 'llm_daily_stats'),
      adopt(llmCosts, 'budget_alerts'),
      adopt(metrics, 'metrics_1m'),
      adopt(metrics, 'metrics_1h'),
      adopt(metrics, 'alert_history'),
    ],
    criteria: [
      {
        label: 'llm_usage records in analytics',
        domain: 'analytics',
        database: analytics,
        sql: "SELECT count(*) FROM llm_costs WHERE feature = 'legacy_import'",
        expect: '>= 19',
        required: false,
      },
      {
        label: 'rate_configs accounted for',
        domain: 'cache',
        accountedFor: { database: inData('rate_limiter.db'), table: 'rate_configs' },
        expect: '>= 5',
        required: false,
      },
    ],
  };
}
