import { DAY, MINUTE, naiveTime, rows, type Row, type TableRows, type Variant } from '../values.js';

interface User {
  readonly user_id: number;
  readonly username: string | null;
}

/** Telegram ids do not fit into 32 bits; group chats are negative. */
const OWNER: User = { user_id: 7000000088, username: 'owner_88' };
const USERS: readonly [User, ...User[]] = [
  OWNER,
  { user_id: 6500004321, username: 'pixel_ünicorn' },
  { user_id: 1234567890, username: null },
];
const GROUP = -1001234500077;

const QUESTIONS: readonly [string, ...string[]] = [
  'jarvis what is the sentiment on $BONK today?',
  'can you check why the treasury bot did not take profit on POPCAT yesterday evening',
  'gm ☀️',
  "what's my pnl this week? and don't round it",
  'run `SELECT * FROM trades | head` and tell me what you see <3',
  'Wie steht es um SOL? 🇩🇪',
  'remind me tomorrow at 9 to look at the *unlock schedule* of [JUP](https://jup.ag)',
  'これは何ですか？',
];

const ANSWERS: readonly [string, ...string[]] = [
  'sentiment reads 0.64, mildly bullish. volume is thin though, so i would not lean on it. nfa.',
  'the order was placed, but the price was there for less than a second.\nno fill, no profit. want a trailing stop instead?',
  'gm. circuits warm, coffee unnecessary.',
  'up 4.2718 % since monday, most of it from one trade. consistency is still pending.',
  'done. 27 rows, nothing that should not be there — except your entry timing 😉',
  'Rund 127 $, seitwärts. Ich bleibe wach.',
  'noted. i will ping you at 09:00.',
  '"What is this?" — a question i ask about most charts.',
];

const TOPICS = ['trading', 'preferences', 'schedule', 'humour'] as const;

export function telegramMemoryRows(variant: Variant): TableRows[] {
  return [
    { table: 'messages', rows: rows(variant.count(1734), (index) => message(variant, index)) },
    { table: 'memories', rows: rows(variant.count(1), (index) => memory(variant, index)) },
    { table: 'instructions', rows: rows(variant.extra(1), (index) => instruction(variant, index)) },
    { table: 'learnings', rows: rows(variant.count(25), (index) => learning(variant, index)) },
  ];
}

/** Question and answer in turn, so that both of a pair belong to the same user and chat. */
function message(variant: Variant, index: number): Row {
  const asks = index % 2 === 0;
  const pair = Math.floor(index / 2);
  const user = variant.pick('message.user', pair, USERS);
  const topic = variant.integer('message.topic', pair, 0, QUESTIONS.length - 1);
  const text = (asks ? QUESTIONS : ANSWERS)[topic] ?? '';
  return {
    id: variant.id(index),
    user_id: user.user_id,
    username: asks ? user.username : 'jarvis',
    role: asks ? 'user' : 'assistant',
    content: `${text} (${pair + 1})`,
    timestamp: naiveTime(
      -18 * DAY + pair * 29 * MINUTE + (asks ? 0 : 3),
      variant.integer('message.micro', index, 0, 999),
    ),
    chat_id: variant.chance('message.group', pair, 0.7) ? GROUP : user.user_id,
  };
}

function memory(variant: Variant, index: number): Row {
  return {
    id: variant.id(index),
    user_id: OWNER.user_id,
    key: index === 0 ? 'timezone' : `timezone_${index + 1}`,
    value: 'Europe/Berlin',
    created_at: naiveTime(-12 * DAY),
    updated_at: naiveTime(-3 * DAY),
  };
}

function instruction(variant: Variant, index: number): Row {
  return {
    id: variant.id(index),
    instruction: 'Answer in lower case, and never give financial advice.',
    created_by: OWNER.user_id,
    created_at: naiveTime(-11 * DAY),
    active: 1,
  };
}

function learning(variant: Variant, index: number): Row {
  const topic = TOPICS[index % TOPICS.length] ?? TOPICS[0];
  return {
    id: variant.id(index),
    topic,
    content: `Learnt about ${topic}: ${variant.pick('learning', index, QUESTIONS)}`,
    source_type: index % 3 === 2 ? 'manual' : 'conversation',
    source_id: index % 3 === 2 ? null : String(variant.id(index * 60)),
    created_at: naiveTime(-17 * DAY + index * 16 * 60 * MINUTE),
    confidence: index % 5 === 0 ? 0.5 : variant.decimal('learning.confidence', index, 0.3, 0.95, 2),
  };
}
