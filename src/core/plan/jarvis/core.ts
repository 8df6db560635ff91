/** The core domain: users, positions, trades, and what the moderation of the Telegram group knows about people. */
import { adopting, same, type Places, type StepSource } from './steps';

/** Legacy rows without a user belong to the owner, whom the application knows as user 0. */
const owner = { table: 'users', columns: { user_id: '0', telegram_user_id: '0' } };
const userOrOwner = 'coalesce(user_id, 0)';
const theirUser = { table: 'users', columns: { user_id: userOrOwner, telegram_user_id: userOrOwner } };

export function coreSteps({ inData, core }: Places): readonly StepSource[] {
  const jarvis = inData('jarvis.db');
  const admin = inData('jarvis_admin.db');
  const adopt = adopting('core', core);

  return [
    // Before every step that demands a user: who is known by name must not be taken for somebody known by number only.
    {
      domain: 'core',
      strategy: 'map',
      otherwise: 'adopt',
      legacy: { database: admin, table: 'users' },
      target: { database: core, table: 'users' },
      columns: {
        user_id: 'user_id',
        telegram_user_id: 'user_id',
        telegram_username: 'username',
        is_banned: 'is_banned',
        created_at: 'first_seen',
        last_active_at: 'last_message_at',
      },
      takenKeys: 'conflict',
    },
    {
      domain: 'core',
      strategy: 'map',
      otherwise: 'adopt',
      legacy: { database: jarvis, table: 'positions' },
      target: { database: core, table: 'positions' },
      columns: {
        user_id: userOrOwner,
        ...same(
          'id',
          'symbol',
          'token_mint',
          'entry_price',
          'entry_amount_sol',
          'entry_amount_tokens',
          'take_profit_price',
          'stop_loss_price',
          'tp_order_id',
          'sl_order_id',
          'status',
          'exit_price',
          'exit_amount_sol',
          'pnl_sol',
          'pnl_pct',
          'opened_at',
          'closed_at',
          'tx_signature_entry',
          'tx_signature_exit',
        ),
      },
      parents: [theirUser],
    },
    {
      domain: 'core',
      strategy: 'map',
      otherwise: 'adopt',
      legacy: { database: jarvis, table: 'trades' },
      target: { database: core, table: 'trades' },
      // Slippage, fee, status, error and execution time are nowhere in the legacy table: NULL, not what a DEFAULT invents.
      columns: {
        ...same('id', 'symbol', 'token_mint', 'amount_sol', 'amount_tokens', 'price', 'timestamp'),
        side: 'lower(side)',
        // A dry run of the trading engine signs nothing and leaves the empty string; signatures are unique.
        tx_signature: "nullif(tx_signature, '')",
        user_id: userOrOwner,
      },
      references: { position_id: { value: 'position_id', table: 'positions', column: 'id', orphans: 'null' } },
      parents: [theirUser],
    },
    {
      domain: 'core',
      strategy: 'map',
      otherwise: 'adopt',
      legacy: { database: jarvis, table: 'scorecard' },
      target: { database: core, table: 'user_scorecard' },
      columns: {
        user_id: '0',
        ...same(
          'total_trades',
          'winning_trades',
          'losing_trades',
          'total_pnl_sol',
          'total_pnl_usd',
          'largest_win_sol',
          'largest_loss_sol',
          'current_streak',
          'best_streak',
          'worst_streak',
          'avg_win_pct',
          'avg_loss_pct',
          'win_rate',
        ),
        last_updated: "nullif(last_updated, '')",
      },
      takenKeys: 'conflict',
      parents: [owner],
    },
    {
      domain: 'core',
      strategy: 'map',
      otherwise: 'adopt',
      legacy: { database: jarvis, table: 'daily_stats' },
      target: { database: core, table: 'daily_pnl' },
      columns: {
        user_id: '0',
        ...same(
          'date',
          'trades_opened',
          'trades_closed',
          'wins',
          'losses',
          'total_pnl_sol',
          'total_pnl_percent',
          'largest_win',
          'largest_loss',
          'win_rate',
        ),
      },
      key: ['user_id', 'date'],
      // Half of the key is an integer, but an owner shifted by an offset is nobody.
      takenKeys: 'conflict',
      parents: [owner],
    },
    {
      domain: 'core',
      strategy: 'map',
      otherwise: 'adopt',
      legacy: { database: admin, table: 'mod_actions' },
      target: { database: core, table: 'admin_actions' },
      columns: {
        id: 'id',
        admin_user_id: '0',
        action_type: 'action_type',
        target_user_id: 'user_id',
        reason: 'reason',
        created_at: 'timestamp',
      },
      parents: [owner, { table: 'users', columns: { user_id: 'user_id', telegram_user_id: 'user_id' } }],
    },
    ...adopt(
      jarvis,
      'treasury_orders',
      'treasury_stats',
      'pick_performance',
      'users',
      'items',
      'test',
      'memory_entries',
    ),
    ...adopt(inData('telegram_memory.db'), 'messages', 'memories', 'instructions', 'learnings'),
    ...adopt(admin, 'messages', 'upgrade_ideas', 'engagement'),
    ...adopt(inData('treasury_trades.db'), 'treasury_trades', 'daily_snapshots'),
  ];
}
