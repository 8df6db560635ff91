import { DAY, HOUR, naiveTime, rows, sqliteTime, unixTime, type TableRows, type Variant } from '../values.js';
import { tweetId } from './jarvis-x-memory.js';

/** `data/raid_bot.db`: its settings, and no raid yet. */
export function raidBotRows(variant: Variant): TableRows[] {
  const settings = {
    points_like: '1',
    points_retweet: '2',
    points_comment: '3',
    blue_multiplier: '1.5',
    raid_duration_minutes: String(30 + variant.number),
    weekly_reward: '{"sol": 0.5, "note": "für die ersten drei"}',
  };
  return [
    {
      table: 'raid_config',
      rows: Object.entries(settings).map(([key, value]) => ({ key, value, updated_at: sqliteTime(-10 * DAY) })),
    },
  ];
}

/** `data/sentiment.db`: one prediction whose outcome nobody recorded. */
export function sentimentRows(variant: Variant): TableRows[] {
  return [
    {
      table: 'predictions',
      rows: rows(variant.count(1), (index) => ({
        id: variant.hex('prediction', index, 12),
        symbol: 'SOL',
        timestamp: naiveTime(-3 * DAY + index * HOUR),
        components: JSON.stringify({ price_momentum: 0.41, volume: 0.2, social: -0.05 }),
        sentiment_score: variant.real('prediction.score', index, -1, 1),
        sentiment_grade: 'B+',
        weights_used: JSON.stringify({ price_momentum: 0.4, volume: 0.35, social: 0.25 }),
        predicted_direction: 'up',
        outcome_recorded_at: null,
        actual_price_change: null,
        outcome_correct: null,
      })),
    },
  ];
}

/** `data/tax.db`: one lot bought, half of it sold. */
export function taxRows(variant: Variant): TableRows[] {
  return [
    {
      table: 'tax_lots',
      rows: rows(variant.count(1), (index) => ({
        id: variant.id(index),
        symbol: 'SOL',
        quantity: 10,
        remaining_quantity: 5,
        cost_per_unit: 100.1,
        total_cost: 1001,
        fee: 0.25,
        purchase_date: naiveTime(-19 * DAY),
        tx_id: variant.signature('lot', index),
        adjusted_cost_basis: 1001.25,
        wash_sale_adjustment: 0,
      })),
    },
    {
      table: 'sales',
      rows: rows(variant.count(1), (index) => ({
        id: variant.id(index),
        symbol: 'SOL',
        quantity: 5,
        sale_price: 127.4,
        sale_date: naiveTime(-2 * DAY),
        proceeds: 637,
        cost_basis: 500.625,
        gain_loss: 136.375,
        fee: 0,
        is_long_term: 0,
        holding_period_days: 17,
        long_term_gain_loss: 0,
        short_term_gain_loss: 136.375,
        lots_used_json: JSON.stringify([{ lot_id: variant.id(index), quantity: 5 }]),
        tx_id: index === 1 ? null : variant.signature('sale', index),
      })),
    },
  ];
}

/** `data/jarvis_spam_protection.db`: which posts of ours were looked at. */
export function jarvisSpamProtectionRows(variant: Variant): TableRows[] {
  return [
    {
      table: 'scanned_quotes',
      rows: rows(variant.count(1), (index) => ({
        tweet_id: tweetId(variant, 900 + index),
        author_id: variant.text('quote.author', index, 19, '123456789'),
        is_spam: 0,
        scanned_at: naiveTime(-1 * DAY),
      })),
    },
    {
      table: 'jarvis_tweets',
      rows: rows(variant.count(77), (index) => ({
        tweet_id: tweetId(variant, index * 2),
        posted_at: naiveTime(-14 * DAY + index * 4 * HOUR),
        last_scanned: index % 7 === 6 ? null : naiveTime(-1 * DAY + index),
      })),
    },
  ];
}

/** `data/custom.db`: what an example script left behind. */
export function customRows(variant: Variant): TableRows[] {
  return [
    {
      table: 'products',
      rows: rows(variant.count(3), (index) => ({
        id: variant.id(index),
        name: `Product ${index + 1}`,
        price: 9.99 + index * 10,
      })),
    },
  ];
}

/** Values as Python pickles them (protocol 4): opaque bytes, zeros and invalid UTF-8 among them; never unpickle. */
const PICKLES = [
  // {'price': 127.41, 'symbol': 'SOL'}
  '80049525000000000000007d94288c0570726963659447405fda3d70a3d70a8c0673796d626f6c948c03534f4c94752e',
  // ['gm', '☀️']
  '80049513000000000000005d94288c02676d948c06e29880efb88f94652e',
  // b'\x00\xff\xfe'
  '8004950700000000000000430300fffe942e',
  // None
  '80044e2e',
] as const;

/** `data/cache/file_cache.db`: pickled values with the times as seconds since 1970. */
export function fileCacheRows(variant: Variant): TableRows[] {
  return [
    {
      table: 'cache_entries',
      rows: rows(variant.count(PICKLES.length), (index) => ({
        key: `price:${variant.mint('cached', index)}`,
        value: Uint8Array.from(Buffer.from(PICKLES[index % PICKLES.length] ?? PICKLES[0], 'hex')),
        created_at: unixTime(-5 * HOUR + index * 0.731),
        expires_at: unixTime(-4 * HOUR + index * 0.731),
        namespace: index === 3 ? 'llm' : 'default',
        tags: index === 0 ? JSON.stringify(['price', 'sol']) : null,
      })),
    },
  ];
}
