/** The analytics domain: what is only ever added to. Costs, metrics, conversations, research, social media. */
import { adopting, same, type Places, type StepSource } from './steps';

export function analyticsSteps({ inData, analytics }: Places): readonly StepSource[] {
  const llmCosts = inData('llm_costs.db');
  const jarvis = inData('jarvis.db');
  const adopt = adopting('analytics', analytics);

  return [
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
    ...adopt(llmCosts, 'llm_daily_stats', 'budget_alerts'),
    ...adopt(inData('metrics.db'), 'metrics_1m', 'metrics_1h', 'alert_history'),
    {
      domain: 'analytics',
      strategy: 'map',
      otherwise: 'adopt',
      legacy: { database: jarvis, table: 'trade_learnings' },
      target: { database: analytics, table: 'trade_learnings' },
      columns: same(
        'id',
        'trade_id',
        'token_symbol',
        'token_type',
        'learning_type',
        'insight',
        'confidence',
        'applied_count',
        'created_at',
      ),
    },
    {
      domain: 'analytics',
      strategy: 'map',
      otherwise: 'adopt',
      legacy: { database: jarvis, table: 'error_logs' },
      target: { database: analytics, table: 'error_logs' },
      columns: same('id', 'error_type', 'component', 'message', 'context', 'stack_trace', 'resolved', 'created_at'),
    },
    ...adopt(
      inData('jarvis_x_memory.db'),
      'tweets',
      'interactions',
      'token_mentions',
      'content_fingerprints',
      'users',
      'content_queue',
      'mention_replies',
      'external_replies',
    ),
    // Entities before the facts about them, and each full-text index after the table whose rows it finds.
    ...adopt(
      inData('jarvis_memory.db'),
      'schema_version',
      'entities',
      'facts',
      'facts_fts',
      'reflections',
      'reflections_fts',
      'predictions',
      'interactions',
      'trust',
      'settings',
    ),
    ...adopt(inData('call_tracking.db'), ...callTracking),
    ...adopt(inData('raid_bot.db'), 'raid_users', 'raids', 'raid_participations', 'raid_config', 'weekly_winners'),
    ...adopt(
      inData('sentiment.db'),
      'sentiment_readings',
      'aggregated_sentiment',
      'predictions',
      'weight_history',
      'component_correlations',
    ),
    ...adopt(inData('tax.db'), 'tax_lots', 'sales', 'wash_sales'),
    ...adopt(inData('whales.db'), 'whale_wallets', 'whale_movements', 'whale_alerts'),
    ...adopt(inData('alerts.db'), 'alerts', 'alert_triggers', 'webhook_configs'),
    ...adopt(inData('backtests.db'), 'backtest_results', 'backtest_trades'),
    ...adopt(inData('bot_health.db'), 'bot_health_history', 'bot_errors', 'bot_activity'),
    ...adopt(inData('ai_memory.db'), 'memories'),
    ...adopt(inData('health.db'), 'health_history', 'system_snapshots'),
    ...adopt(inData('distributions.db'), 'distributions'),
    ...adopt(inData('research.db'), 'research_notes', 'knowledge_graph', 'research_log'),
    ...adopt(inData('community/achievements.db'), 'user_badges', 'badge_progress'),
    ...adopt(inData('memory/long_term.db'), 'memories', 'memory_relations', 'consolidation_log'),
    ...adopt('bots/twitter/engagement.db', 'tweet_metrics', 'metrics_history', 'audience_snapshots', 'threads'),
    // The stray copy comes after the original, which so gets the names.
    ...adopt('database.db', ...callTracking),
  ];
}

const callTracking = ['calls', 'outcomes', 'factor_stats', 'trades', 'probability_model'] as const;
