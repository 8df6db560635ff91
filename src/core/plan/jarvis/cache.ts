/** The cache domain: rate limits, spam protection, cached values. */
import { adopting, type Places, type StepSource } from './steps';

export function cacheSteps({ inData, cache }: Places, rateLimits: 'file' | 'database'): readonly StepSource[] {
  const rateLimiter = inData('rate_limiter.db');
  const adopt = adopting('cache', cache);

  return [
    ...(rateLimits === 'database'
      ? adopt(rateLimiter, 'rate_configs')
      : [
          {
            domain: 'cache' as const,
            strategy: 'config' as const,
            legacy: { database: rateLimiter, table: 'rate_configs' },
            target: { file: 'config/rate_limits.yaml' },
          },
        ]),
    ...adopt(rateLimiter, 'request_log', 'limit_stats'),
    ...adopt(inData('jarvis_spam_protection.db'), 'blocked_users', 'scanned_quotes', 'jarvis_tweets'),
    {
      domain: 'cache',
      strategy: 'map',
      otherwise: 'adopt',
      legacy: { database: inData('cache/file_cache.db'), table: 'cache_entries' },
      target: { database: cache, table: 'kv_cache' },
      columns: {
        key: 'key',
        // What Python pickled moves bit for bit; to unpickle it would be to run it.
        value: 'value',
        category: 'namespace',
        created_at: unixTimeAsText('created_at'),
        expires_at: unixTimeAsText('expires_at'),
      },
      takenKeys: 'conflict',
    },
    ...adopt(inData('custom.db'), 'products'),
  ];
}

/** As CURRENT_TIMESTAMP writes it, because `kv_cache` compares times as text. Fractions stay behind, in the sidecar. */
function unixTimeAsText(column: string): string {
  return `strftime('%Y-%m-%d %H:%M:%S', ${column}, 'unixepoch')`;
}
