import { DAY, HOUR, MINUTE, naiveTime, rows, type Row, type TableRows, type Variant } from '../values.js';

const GROUP = -1001234500077;

const TEXTS: readonly [string, ...string[]] = [
  'wen moon',
  'gm fam ☀️☀️',
  'anyone else seeing the bot lag?',
  'Claim your AIRDROP now 👉 https://example.com/claim?x=1&y=<2>',
  "it's | the | pipe | test, ignore",
  '/help',
  '',
];

const IDEAS: readonly [string, ...string[]] = [
  'Show the PnL per week, not only in total.',
  'Let the raid bot announce in two groups.',
  'A dark theme for the charts – bitte!',
];

export function jarvisAdminRows(variant: Variant): TableRows[] {
  return [
    { table: 'users', rows: rows(variant.count(70), (index) => user(variant, index)) },
    { table: 'messages', rows: rows(variant.count(706), (index) => message(variant, index)) },
    { table: 'mod_actions', rows: rows(variant.count(3), (index) => modAction(variant, index)) },
    { table: 'upgrade_ideas', rows: rows(variant.count(5), (index) => upgradeIdea(variant, index)) },
    { table: 'engagement', rows: rows(variant.count(325), (index) => engagement(variant, index)) },
  ];
}

/** Telegram user ids go beyond 32 bits; the stride keeps them apart. */
function userId(variant: Variant, index: number): number {
  return 100_000_000 + index * 117_000_000 + variant.integer('admin.user', index, 0, 99_999_999);
}

function username(variant: Variant, index: number): string | null {
  return index % 6 === 5 ? null : `user_${variant.hex('admin.name', index, 6)}`;
}

function user(variant: Variant, index: number): Row {
  const spammer = index === 13;
  return {
    user_id: userId(variant, index),
    username: username(variant, index),
    first_seen: naiveTime(-16 * DAY + index * 5 * HOUR),
    message_count: variant.integer('admin.messages', index, 1, 44),
    warning_count: spammer ? 3 : 0,
    is_banned: spammer ? 1 : 0,
    is_trusted: index < 4 ? 1 : 0,
    spam_score: spammer ? 0.97 : variant.decimal('admin.spam', index, 0, 0.3, 3),
    last_message_at: index % 9 === 8 ? null : naiveTime(-1 * DAY - index * 17 * MINUTE),
    notes: index === 0 ? 'owner 👑' : null,
  };
}

function message(variant: Variant, index: number): Row {
  const author = variant.integer('admin.author', index, 0, 69);
  const text = variant.pick('admin.text', index, TEXTS);
  const deleted = text.includes('AIRDROP');
  return {
    id: variant.id(index),
    message_id: 48_000 + variant.number + index * 3,
    user_id: userId(variant, author),
    username: username(variant, author),
    text,
    timestamp: naiveTime(-15 * DAY + index * 28 * MINUTE),
    chat_id: GROUP,
    was_deleted: deleted ? 1 : 0,
    deletion_reason: deleted ? 'spam: airdrop link' : null,
  };
}

function modAction(variant: Variant, index: number): Row {
  return {
    id: variant.id(index),
    action_type: index === 0 ? 'ban' : 'delete',
    user_id: offender(variant, index),
    message_id: index === 0 ? null : 48_000 + index * 3,
    reason: 'spam: airdrop link',
    timestamp: naiveTime(-4 * DAY + index * HOUR),
    reversed: index === 2 ? 1 : 0,
  };
}

/** A spammer, an anonymous admin who has no id, or Telegram's own account, which posts for channels and never joined. */
function offender(variant: Variant, index: number): number | null {
  if (index % 3 === 1) return null;
  return index % 3 === 2 ? 777000 : userId(variant, 13);
}

function upgradeIdea(variant: Variant, index: number): Row {
  return {
    id: variant.id(index),
    idea: variant.pick('idea', index, IDEAS),
    source_user_id: userId(variant, index * 7),
    source_message: `jarvis, idea: ${variant.pick('idea', index, IDEAS)}`,
    detected_at: naiveTime(-7 * DAY + index * 20 * HOUR),
    status: index === 0 ? 'done' : 'pending',
    priority: index % 3,
  };
}

function engagement(variant: Variant, index: number): Row {
  return {
    id: variant.id(index),
    user_id: userId(variant, variant.integer('engagement.user', index, 0, 69)),
    action_type: variant.pick('engagement.type', index, ['message', 'reaction', 'command', 'join']),
    timestamp: naiveTime(-15 * DAY + index * 61 * MINUTE),
    chat_id: GROUP,
    details: index % 3 === 0 ? null : JSON.stringify({ length: variant.integer('engagement.length', index, 1, 240) }),
  };
}
