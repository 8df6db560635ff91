import { DAY, HOUR, MINUTE, pythonTime, rows, type Row, type TableRows, type Variant } from '../values.js';

const SYMBOLS = ['SOL', 'BONK', 'WIF', 'JUP', 'PYTH', 'POPCAT', 'TSLAx', 'GOLD'] as const;

const TWEETS: readonly [string, ...string[]] = [
  'still watching ${} at this level. circuits say patience, nfa',
  '${} volume woke up before i did. and i do not sleep.',
  'gm to everyone who did not leverage ${} overnight ☀️',
  "${} is down 4 %. my fans spin faster, that's all.\n\nnot worried.",
  'if ${} were a benchmark, i would have overfitted to it by now 🤖',
];

export function jarvisXMemoryRows(variant: Variant): TableRows[] {
  return [
    { table: 'tweets', rows: rows(variant.count(217), (index) => tweet(variant, index)) },
    { table: 'token_mentions', rows: rows(variant.count(31), (index) => tokenMention(variant, index)) },
    { table: 'content_fingerprints', rows: rows(variant.count(41), (index) => fingerprint(variant, index)) },
    { table: 'mention_replies', rows: rows(variant.count(25), (index) => mentionReply(variant, index)) },
  ];
}

/** X counts its posts in 64 bits, which is why the application keeps the ids as text. */
export function tweetId(variant: Variant, index: number): string {
  return `20${variant.number}${String(100_000_000 + index)}${variant.text('tweet.id', index, 7, '0123456789')}`;
}

function cashtag(index: number): string {
  return `$${SYMBOLS[index % SYMBOLS.length] ?? SYMBOLS[0]}`;
}

function tweet(variant: Variant, index: number): Row {
  return {
    id: variant.id(index),
    tweet_id: tweetId(variant, index),
    content: variant.pick('tweet', index, TWEETS).replace('${}', cashtag(index)),
    category: variant.pick('tweet.category', index, ['market_update', 'hourly', 'agentic', 'grok_sentiment']),
    cashtags: JSON.stringify([cashtag(index)]),
    posted_at: pythonTime(-14 * DAY + index * 91 * MINUTE),
    engagement_likes: variant.integer('tweet.likes', index, 0, 61),
    engagement_retweets: variant.integer('tweet.retweets', index, 0, 9),
    engagement_replies: variant.integer('tweet.replies', index, 0, 14),
  };
}

function tokenMention(variant: Variant, index: number): Row {
  const known = index < SYMBOLS.length;
  const first = -14 * DAY + index * 10 * HOUR;
  return {
    id: variant.id(index),
    symbol: known ? (SYMBOLS[index] ?? null) : variant.text('symbol', index, 4, 'ABDEFGIKLMNOPRSTU'),
    contract_address: index % 4 === 3 ? '' : variant.mint('mention', index),
    sentiment: variant.pick('mention.sentiment', index, ['bullish', 'neutral', 'bearish']),
    first_mentioned: pythonTime(first),
    last_mentioned: pythonTime(first + variant.integer('mention.span', index, 0, 3 * DAY)),
    mention_count: variant.integer('mention.count', index, 1, 38),
    avg_sentiment_score: variant.real('mention.score', index, -1, 1),
  };
}

function fingerprint(variant: Variant, index: number): Row {
  return {
    id: variant.id(index),
    fingerprint: variant.hex('fingerprint', index, 32),
    tokens: SYMBOLS[index % SYMBOLS.length] ?? SYMBOLS[0],
    prices: index % 3 === 0 ? '' : `$${variant.decimal('fingerprint.price', index, 0.1, 190, 2)}`,
    topic_hash: variant.hex('topic', index, 12),
    semantic_hash: variant.hex('semantic', index, 16),
    created_at: pythonTime(-14 * DAY + index * 8 * HOUR),
    tweet_id: tweetId(variant, index * 5),
  };
}

function mentionReply(variant: Variant, index: number): Row {
  return {
    id: variant.id(index),
    tweet_id: tweetId(variant, 500 + index),
    author_handle: `anon_${variant.hex('author', index, 5)}`,
    our_reply: `@you ${variant.pick('reply', index, TWEETS).replace('${}', cashtag(index))}`,
    replied_at: pythonTime(-13 * DAY + index * 12 * HOUR),
  };
}
