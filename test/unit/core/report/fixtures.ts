/** Runs as the engine reports them, put together by hand after the sample data folder. */
import type {
  ColumnMapping,
  DatabaseState,
  RejectReport,
  RunReport,
  StepReport,
  StepValidation,
  TargetReport,
} from '../../../../src/core/report/model';

const hash = (digit: string): string => digit.repeat(64);

export const allPassed: StepValidation = { schema: 'passed', counts: 'passed', cells: 'passed', rebuilt: 'passed' };
export const noneRun: StepValidation = { schema: 'notRun', counts: 'notRun', cells: 'notRun', rebuilt: 'notRun' };

const same = (name: string): ColumnMapping => ({ legacy: name, target: name, transformation: 'unchanged' });

export const llmUsage: StepReport = {
  domain: 'analytics',
  strategy: 'map',
  legacy: { database: 'data/llm_costs.db', table: 'llm_usage', rows: 25 },
  target: { database: 'data/jarvis_analytics.db', table: 'llm_costs' },
  inserted: 25,
  alreadyPresent: 0,
  conflicts: 0,
  rejected: 0,
  leftBehind: 0,
  residual: {
    columns: ['latency_ms', 'success', 'error', 'created_at'],
    kept: 'legacy_llm_usage',
    lostValues: 0,
    lost: [],
  },
  keyOffset: '0',
  parents: [],
  reason: null,
  validation: allPassed,
  mapping: [
    same('id'),
    {
      legacy: 'timestamp',
      target: 'timestamp',
      transformation: 'computed: coalesce("timestamp", "created_at")',
    },
    same('provider'),
    same('model'),
    { legacy: 'input_tokens', target: 'prompt_tokens', transformation: 'renamed' },
    { legacy: 'output_tokens', target: 'completion_tokens', transformation: 'renamed' },
    { legacy: null, target: 'total_tokens', transformation: 'computed: input_tokens + output_tokens' },
    same('cost_usd'),
    { legacy: null, target: 'feature', transformation: "constant: 'legacy_import'" },
    { legacy: null, target: 'user_id', transformation: 'constant: NULL' },
    { legacy: 'metadata', target: 'metadata_json', transformation: 'renamed' },
    { legacy: 'latency_ms', target: null, transformation: 'kept in legacy_llm_usage' },
    { legacy: 'success', target: null, transformation: 'kept in legacy_llm_usage' },
    { legacy: 'error', target: null, transformation: 'kept in legacy_llm_usage' },
    { legacy: 'created_at', target: null, transformation: 'kept in legacy_llm_usage' },
  ],
  sample: {
    legacy: {
      columns: [
        'id',
        'timestamp',
        'provider',
        'model',
        'input_tokens',
        'output_tokens',
        'cost_usd',
        'latency_ms',
        'success',
        'error',
        'metadata',
        'created_at',
      ],
      values: [
        '1',
        "'2026-01-24T01:09:04.119226+00:00'",
        "'groq'",
        "'llama-3.3-70b-versatile'",
        '100',
        '50',
        '9.9e-05',
        '412.5',
        '1',
        'NULL',
        "'{}'",
        "'2026-01-24 01:09:04'",
      ],
    },
    target: {
      columns: [
        'id',
        'timestamp',
        'provider',
        'model',
        'prompt_tokens',
        'completion_tokens',
        'total_tokens',
        'cost_usd',
        'feature',
        'user_id',
        'metadata_json',
      ],
      values: [
        '1',
        "'2026-01-24T01:09:04.119226+00:00'",
        "'groq'",
        "'llama-3.3-70b-versatile'",
        '100',
        '50',
        '150',
        '9.9e-05',
        "'legacy_import'",
        'NULL',
        "'{}'",
      ],
    },
  },
};

/** A table that moves as it is. */
export function adopted(database: string, table: string, rows: number, columns: readonly string[]): StepReport {
  const values = columns.map((_, index) => String(index + 1));
  return {
    domain: 'analytics',
    strategy: 'adopt',
    legacy: { database, table, rows },
    target: { database: 'data/jarvis_analytics.db', table },
    inserted: rows,
    alreadyPresent: 0,
    conflicts: 0,
    rejected: 0,
    leftBehind: 0,
    residual: { columns: [], kept: null, lostValues: 0, lost: [] },
    keyOffset: '0',
    parents: [],
    reason: null,
    validation: allPassed,
    mapping: columns.map(same),
    sample: rows === 0 ? null : { legacy: { columns, values }, target: { columns, values } },
  };
}

const metrics = ['id', 'timestamp', 'component', 'total_requests', 'failed_requests', 'error_rate'];

export const analyticsSteps: readonly StepReport[] = [
  llmUsage,
  adopted('data/llm_costs.db', 'llm_daily_stats', 3, [
    'id',
    'date',
    'provider',
    'model',
    'total_requests',
    'successful_requests',
    'total_input_tokens',
    'total_output_tokens',
    'total_cost_usd',
    'avg_latency_ms',
  ]),
  adopted('data/llm_costs.db', 'budget_alerts', 0, [
    'id',
    'alert_name',
    'threshold_usd',
    'actual_usd',
    'period',
    'triggered_at',
  ]),
  adopted('data/metrics.db', 'metrics_1m', 0, metrics),
  adopted('data/metrics.db', 'metrics_1h', 0, metrics),
  adopted('data/metrics.db', 'alert_history', 0, ['id', 'timestamp', 'alert_name', 'severity', 'message']),
];

const target: TargetReport = {
  database: 'data/jarvis_analytics.db',
  sizeBefore: 344064,
  sizeAfter: 380928,
  sha256Before: hash('a'),
  sha256After: hash('b'),
  untouchedRows: 'passed',
  integrity: 'passed',
  foreignKeys: 'passed',
  undone: 'passed',
};

const still = (name: string, rows: number): DatabaseState['tables'][number] => ({
  name,
  rows,
  rowsAfter: rows,
  created: false,
});
const created = (name: string, rowsAfter: number): DatabaseState['tables'][number] => ({
  name,
  rows: 0,
  rowsAfter,
  created: true,
});

const legacyDatabases: readonly DatabaseState[] = [
  {
    database: 'data/llm_costs.db',
    role: 'legacy',
    size: 45056,
    sizeAfter: 45056,
    sha256: hash('1'),
    fingerprint: hash('1'),
    tables: [still('budget_alerts', 0), still('llm_daily_stats', 3), still('llm_usage', 25), still('model_prices', 4)],
  },
  {
    database: 'data/metrics.db',
    role: 'legacy',
    size: 28672,
    sizeAfter: 28672,
    sha256: hash('2'),
    fingerprint: hash('2'),
    tables: [still('alert_history', 0), still('metrics_1h', 0), still('metrics_1m', 0)],
  },
];

const analyticsBefore: DatabaseState = {
  database: 'data/jarvis_analytics.db',
  role: 'consolidated',
  size: 344064,
  sizeAfter: 344064,
  sha256: hash('a'),
  fingerprint: hash('a'),
  tables: [still('error_logs', 12), still('llm_costs', 0), still('system_metrics', 0), still('token_calls', 0)],
};

const analyticsAfter: DatabaseState = {
  ...analyticsBefore,
  sizeAfter: 380928,
  tables: [
    created('alert_history', 0),
    created('budget_alerts', 0),
    still('error_logs', 12),
    created('jarvis_migration_history', 1),
    created('legacy_llm_usage', 25),
    { name: 'llm_costs', rows: 0, rowsAfter: 25, created: false },
    created('llm_daily_stats', 3),
    created('metrics_1h', 0),
    created('metrics_1m', 0),
    still('system_metrics', 0),
    still('token_calls', 0),
  ],
};

/** The analytics domain of the sample, migrated for the first time. */
export const committed: RunReport = {
  format: 1,
  run: '20260126_130239',
  mode: 'migrate',
  dryRun: false,
  outcome: 'committed',
  workspace: '/home/jarvis/work/jarvis',
  dataFolder: 'data',
  backup: 'data/backups/20260126_130239',
  steps: analyticsSteps,
  targets: [target],
  criteria: [
    { label: 'llm_usage records in analytics', expected: '>= 19', actual: 25, status: 'passed', required: false },
    { label: 'rate_configs accounted for', expected: '>= 5', actual: null, status: 'notRun', required: false },
    { label: 'Row counts match', expected: 'match', actual: '28 = 28', status: 'passed', required: false },
    { label: 'Rows lost', expected: '0', actual: 0, status: 'passed', required: false },
    { label: 'Values lost', expected: '0', actual: 0, status: 'passed', required: false },
  ],
  lost: { rows: 0, values: 0 },
  warnings: [
    {
      code: 'unplanned-table',
      message:
        'data/llm_costs.db model_prices (4 rows): no step of the plan names this table; its rows stay where they are.',
    },
  ],
  rejects: [],
  rejectsFile: null,
  mismatches: [],
  plan: 'built in',
  error: null,
  startedAt: '2026-01-26T13:02:39.120Z',
  finishedAt: '2026-01-26T13:02:39.940Z',
  databases: [...legacyDatabases, analyticsAfter],
  backedUp: [
    { path: 'data/llm_costs.db', size: 45056, sha256: hash('1') },
    { path: 'data/metrics.db', size: 28672, sha256: hash('2') },
    { path: 'data/jarvis_analytics.db', size: 344064, sha256: hash('a') },
  ],
  phases: [
    { name: 'read', milliseconds: 140 },
    { name: 'plan', milliseconds: 31 },
    { name: 'back up', milliseconds: 96 },
    { name: 'apply', milliseconds: 120 },
    { name: 'validate', milliseconds: 305 },
    { name: 'publish', milliseconds: 118 },
  ],
  versions: { extension: '0.1.0', sqlite: '3.54.1' },
};

export const dryRun: RunReport = {
  ...committed,
  mode: 'dryRun',
  dryRun: true,
  backup: null,
  backedUp: [],
};

/** The same run again: every row is there already. */
export const nothingToDo: RunReport = {
  ...committed,
  run: '20260126_130512',
  outcome: 'nothingToDo',
  backup: 'data/backups/20260126_130512',
  steps: analyticsSteps.map((step) => ({ ...step, inserted: 0, alreadyPresent: step.legacy.rows })),
  targets: [{ ...target, sizeBefore: 380928, sha256Before: hash('b') }],
  warnings: [],
  startedAt: '2026-01-26T13:05:12.000Z',
  finishedAt: '2026-01-26T13:05:12.410Z',
  databases: [
    ...legacyDatabases,
    {
      ...analyticsAfter,
      size: 380928,
      sha256: hash('b'),
      fingerprint: hash('b'),
      tables: analyticsAfter.tables.map((table) => still(table.name, table.rowsAfter)),
    },
  ],
  backedUp: [],
};

/** The application had the legacy database open. */
export const refused: RunReport = {
  ...committed,
  outcome: 'refused',
  backup: 'data/backups/20260126_130239',
  steps: [],
  targets: [],
  criteria: committed.criteria.map((criterion) => ({ ...criterion, actual: null, status: 'notRun' as const })),
  warnings: [],
  error: {
    code: 'wal-live',
    message: 'data/llm_costs.db-wal holds 8 frames of a transaction that another program is still writing.',
    path: 'data/llm_costs.db',
    hint: 'Stop Jarvis (or close the program that has the database open) and run the migration again.',
  },
  databases: [],
  backedUp: [],
  phases: [{ name: 'read', milliseconds: 52 }],
};

const reject = (rowid: string): RejectReport => ({
  database: 'data/llm_costs.db',
  table: 'llm_usage',
  rowid,
  key: rowid,
  reason: 'NOT NULL constraint failed: llm_costs.provider',
});

/** Two rows of `llm_usage` have no provider; the target insists on one. */
export const rolledBack: RunReport = {
  ...committed,
  outcome: 'rolledBack',
  steps: analyticsSteps.map((step, index) => ({
    ...step,
    inserted: 0,
    leftBehind: step.legacy.rows,
    rejected: index === 0 ? 2 : 0,
    residual: { ...step.residual, kept: null },
    validation: index === 0 ? { ...noneRun, schema: 'passed', counts: 'failed' } : noneRun,
    sample: null,
  })),
  targets: [
    {
      ...target,
      sizeAfter: 344064,
      sha256After: hash('a'),
      untouchedRows: 'notRun',
      integrity: 'notRun',
      foreignKeys: 'notRun',
      undone: 'notRun',
    },
  ],
  criteria: committed.criteria.map((criterion) => ({ ...criterion, actual: null, status: 'notRun' as const })),
  warnings: [],
  rejects: [reject('7'), reject('19')],
  error: {
    code: 'rejected-rows',
    message: 'The target refuses 2 rows of data/llm_costs.db llm_usage.',
    path: 'data/llm_costs.db',
    hint: 'Correct the rows, or set `jarvis.rejects` to `collect`.',
  },
  databases: [...legacyDatabases, analyticsBefore],
};

/** All domains and every strategy: most tables empty, rows collected as rejects, a column dropped, keys shifted. */
export const allDomains: RunReport = {
  ...committed,
  steps: [
    {
      ...llmUsage,
      residual: { columns: ['latency_ms', 'error'], kept: 'metadata_json', lostValues: 0, lost: [] },
      mapping: [
        same('id'),
        { legacy: null, target: 'metadata_json', transformation: 'computed: residual columns as JSON under "legacy"' },
        { legacy: 'latency_ms', target: null, transformation: 'kept in metadata_json' },
        { legacy: 'error', target: null, transformation: 'kept in metadata_json' },
      ],
    },
    ...analyticsSteps.slice(1),
    ...Array.from({ length: 12 }, (_, i): StepReport => {
      const table = `table_${String(i)}`;
      const step = adopted(`data/empty_${String(i % 4)}.db`, table, 0, ['id', 'value']);
      return i % 6 === 0
        ? { ...step, target: { database: 'data/jarvis_analytics.db', table: `empty_${table}` } }
        : step;
    }),
    {
      ...adopted('data/jarvis_admin.db', 'users', 70, ['user_id', 'username']),
      domain: 'core',
      strategy: 'map',
      target: { database: 'data/jarvis_core.db', table: 'users' },
      inserted: 68,
      rejected: 2,
      residual: { columns: ['notes'], kept: null, lostValues: 3, lost: [{ column: 'notes', values: 3 }] },
      mapping: [same('user_id'), same('username'), { legacy: 'notes', target: null, transformation: 'dropped' }],
    },
    {
      ...adopted('data/jarvis.db', 'positions', 33, ['id', 'user_id']),
      domain: 'core',
      target: { database: 'data/jarvis_core.db', table: 'positions' },
      parents: [{ table: 'users', inserted: 1 }],
      keyOffset: '1200',
    },
    {
      ...adopted('data/jarvis_admin.db', 'engagement', 325, ['id']),
      domain: 'core',
      strategy: 'skip',
      target: null,
      inserted: 0,
      leftBehind: 325,
      reason: 'Counters that are computed again from messages.',
      validation: noneRun,
      mapping: [],
      sample: null,
    },
    {
      ...adopted('data/rate_limiter.db', 'rate_configs', 5, ['name', 'burst_size']),
      domain: 'cache',
      strategy: 'config',
      target: { file: 'config/rate_limits.yaml' },
      inserted: 4,
      conflicts: 1,
    },
  ],
  targets: [target, { ...target, database: 'data/jarvis_core.db', sha256Before: hash('c'), sha256After: hash('d') }],
  backedUp: [...committed.backedUp, { path: 'data/jarvis_core.db', size: 208896, sha256: hash('c') }],
  lost: { rows: 0, values: 3 },
  rejects: ['17', '42'].map((rowid) => ({
    database: 'data/jarvis_admin.db',
    table: 'users',
    rowid,
    key: rowid,
    reason: 'CHECK constraint failed: username',
  })),
  rejectsFile: 'data/backups/20260126_130239/rejects.db',
  mismatches: [
    {
      database: 'data/rate_limiter.db',
      table: 'rate_configs',
      tier: 'conflict',
      key: "'jupiter_api'",
      column: 'burst_size',
      legacy: '20',
      consolidated: '25',
    },
  ],
  plan: 'plans/all.plan.json',
};

/** Names and values that try everything. */
export const hostileTexts: readonly string[] = [
  'a|b\\|c',
  '`` ` ```',
  '[click](command:workbench.action.terminal.new)',
  '<img src=x onerror=alert(1)>',
  '![i](https://evil.example/i.png)',
  'https://evil.example/x www.evil.example me@evil.example',
  'line one\nline two\r\n| three | four |',
  'abc\u202Efdp.exe\u202C',
  'zero\u200Bwidth\uFEFF',
  '\u0000\u001B[31mred\u001B[0m',
  '"] --> x\nclick n1 "https://evil.example" %%{init: {}}%% #quot; <b>',
  '\\u{202E}',
  '  two  spaces  ',
  '',
  'é́́́́́́ ́',
  '| --- | --- |',
  '```js',
  '- [ ] task',
  '# heading',
  '&lt;b&gt; &#58;',
  '*a* _b_ ~~c~~',
  '\uD800 lone',
  'x'.repeat(300),
  '表格🙂',
];

/** The committed run with every name, value and message of the run replaced by a hostile one. */
export function withNames(texts: readonly string[]): RunReport {
  let next = 0;
  const text = (): string => texts[next++ % texts.length] ?? '';
  const steps = texts.map((name, index): StepReport => {
    const columns = [name, text()];
    return {
      ...llmUsage,
      strategy: index % 3 === 0 ? 'adopt' : 'map',
      legacy: { database: text(), table: name, rows: 25 },
      target: index % 5 === 0 ? { file: text() } : { database: text(), table: text() },
      conflicts: index % 2,
      residual: {
        columns: [text(), text()],
        kept: text(),
        lostValues: index % 2,
        lost: [{ column: text(), values: index % 2 }],
      },
      keyOffset: String(index % 4),
      parents: [{ table: text(), inserted: index % 2 }],
      reason: text(),
      rejected: 2,
      mapping: [
        { legacy: name, target: text(), transformation: `computed: ${text()}` },
        { legacy: text(), target: null, transformation: `kept in ${text()}` },
        { legacy: null, target: text(), transformation: text() },
      ],
      sample: { legacy: { columns, values: [text(), text()] }, target: { columns, values: [text(), text()] } },
    };
  });
  return {
    ...committed,
    run: text(),
    workspace: text(),
    dataFolder: text(),
    backup: text(),
    steps,
    targets: texts.slice(0, 4).map((database) => ({ ...target, database })),
    criteria: texts.map((label) => ({ label, expected: text(), actual: text(), status: 'passed', required: false })),
    warnings: texts.map((message) => ({ code: text(), message: `The table "${message}" has ${text()} in it.` })),
    rejects: texts.map((database) => ({ database, table: text(), rowid: text(), key: text(), reason: text() })),
    rejectsFile: text(),
    mismatches: texts.map((database, index) => ({
      database,
      table: text(),
      tier: index % 2 === 0 ? 'conflict' : 'cells',
      key: text(),
      column: text(),
      legacy: text(),
      consolidated: text(),
    })),
    plan: text(),
    error: { code: 'internal', message: text(), path: text(), hint: text() },
    startedAt: text(),
    databases: texts.map((database) => ({
      ...analyticsAfter,
      database,
      tables: [{ name: text(), rows: 1, rowsAfter: 2, created: false }],
    })),
    backedUp: texts.map((path) => ({ path, size: 1, sha256: hash('c') })),
    phases: [{ name: text(), milliseconds: 5 }],
    versions: { extension: text(), sqlite: text() },
  };
}

/** A plan of many tables in several databases. */
export function large(steps: number): RunReport {
  return {
    ...committed,
    steps: Array.from({ length: steps }, (_, i) =>
      adopted(`data/legacy_${String(i % 7)}.db`, `table_${String(i)}`, i, ['id', 'value']),
    ),
  };
}
